"""What the tables of units, people and areas bring in, and what they leave alone."""

import json
from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from exchange import marking
from exchange.blanks import template
from exchange.kinds import BY_CODE, KINDS
from governance.models import Event
from grids.models import Area
from parties.models import Address, Organisation, Post, Posting, User
from tests.exchange.conftest import (
    GRID,
    actions_of,
    filled,
    lines_of,
    reasons_of,
    send,
    turn,
)
from tests.factories import OrganisationFactory, PostingFactory, UserFactory, area_of

pytestmark = pytest.mark.django_db


# --- templates ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=lambda one: one.code)
def test_a_template_explains_itself(admin, kind):
    answer = admin.get(reverse("import_template", args=[kind.code]))
    book = load_workbook(BytesIO(answer.content))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == [one.heading for one in kind.columns]
    assert sheet["A2"].value.startswith("说明：")
    assert sheet["A3"].value.startswith("示例：")
    assert {cell.number_format for cell in sheet[3]} == {"@"}
    rules = sheet.data_validations.dataValidation
    assert len(rules) == sum(1 for one in kind.columns if one.choices())
    guide = book["填写说明"]
    told = {cell.value for row in guide.iter_rows() for cell in row}
    assert {str(one.explanation) for one in kind.columns} <= told
    assert any(str(kind.key) in str(text) for text in told)


def test_a_template_is_chinese_whoever_reads_the_page():
    from django.utils import translation

    with translation.override("en"):
        content = template(BY_CODE["organisations"])
    words = [cell.value for cell in load_workbook(BytesIO(content))["选项"]["D"]]
    assert "职能部门" in words


def test_only_the_system_administrator_has_these_pages(client):
    client.force_login(PostingFactory(post__role="street_dispatcher").user)
    for name, args in (
        ("tables", []),
        ("import_upload", ["areas"]),
        ("import_template", ["areas"]),
    ):
        assert client.get(reverse(name, args=args)).status_code == 404
    assert send(client, "areas", filled("areas")).status_code == 404


def test_another_administrator_does_not_see_the_file(bring, client):
    kept = bring("areas", filled("areas", {"编码": "9901", "名称": "示例市"}))
    client.force_login(PostingFactory(post__role="system_admin").user)
    page = reverse("import_review", args=[kept.token])
    assert client.get(page).status_code == 404
    assert client.post(page).status_code == 404


# --- organisations --------------------------------------------------------------------

BUREAU = {
    "单位名称": "城东区住建局", "简称": "区住建局", "类型": "职能部门", "层级": "区县",
    "所在区划编码": "990101", "管辖区划编码": "990101、990101001", "可被吹哨": "是",
    "电话": "0999-1234567",
}  # fmt: skip


def test_units_come_in_with_their_parents_and_areas(bring, bureau):
    child = {
        "单位名称": "质安站", "类型": "派驻站所", "层级": "区县",
        "上级单位": "城东区住建局",
    }  # fmt: skip
    kept = bring("organisations", filled("organisations", BUREAU, child), confirm=True)
    assert kept.state == "done"
    made = Organisation.objects.get(name="城东区住建局")
    assert made.phone == "0999-1234567"
    assert made.can_be_whistled
    codes = set(made.jurisdictions.values_list("code", flat=True))
    assert codes == {"990101", "990101001"}
    assert Organisation.objects.get(name="质安站").parent == made
    assert actions_of("parties.create") == ["parties.create"] * 2
    event = Event.objects.get(chain=f"organisation:{made.pk}")
    assert len(event.detail["after"]["jurisdictions"]) == 2


def test_the_same_file_again_changes_nothing(admin, bring, bureau):
    content = filled("organisations", BUREAU)
    bring("organisations", content, confirm=True)
    kept = bring("organisations", content)
    assert kept.counts == {"new": 0, "changed": 0, "same": 1, "wrong": 0}
    answer = admin.post(reverse("import_review", args=[kept.token]))
    assert answer.status_code == 422
    assert "完全一致" in answer.content.decode()


def test_a_change_is_shown_from_what_to_what_and_blanks_change_nothing(bring, bureau):
    bring("organisations", filled("organisations", BUREAU), confirm=True)
    row = {
        "单位名称": "城东区住建局", "类型": "职能部门", "层级": "区县",
        "电话": "0999-7654321",
    }  # fmt: skip
    kept = bring("organisations", filled("organisations", row))
    (line,) = lines_of(kept, "changed")
    assert line.changes == [("电话", "0999-1234567", "0999-7654321")]
    bring("organisations", filled("organisations", row), confirm=True)
    made = Organisation.objects.get(name="城东区住建局")
    assert (made.phone, made.short_name) == ("0999-7654321", "区住建局")


def test_a_known_credit_code_renames(bring):
    code = "11990101MB0000001X"
    OrganisationFactory(name="旧名", code=code)
    row = {
        "单位名称": "新名", "统一社会信用代码": code,
        "类型": "职能部门", "层级": "区县",
    }  # fmt: skip
    bring("organisations", filled("organisations", row), confirm=True)
    assert Organisation.objects.get(code=code).name == "新名"


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"单位名称": None}, "不能为空"),
        ({"类型": "衙门"}, "可选值"),
        ({"层级": "省"}, "可选值"),
        ({"上级单位": "没有的局"}, "上级单位"),
        ({"所在区划编码": "123456"}, "没有编码"),
        ({"管辖区划编码": "990101、1"}, "没有编码"),
        ({"电话": "打给我"}, "电话"),
        ({"统一社会信用代码": "123"}, "18 位"),
        ({"统一社会信用代码": 119901010000000018}, "末几位已丢失"),
        ({"可被吹哨": "也许"}, "可选值"),
        ({"简称": "长" * 41}, "超过 40 字"),
        ({"电话": date(2026, 1, 1)}, "日期"),
    ],
)
def test_what_is_wrong_with_a_unit(bring, bureau, more, word):
    kept = bring("organisations", filled("organisations", BUREAU | more))
    assert word in reasons_of(kept)[0]


def test_a_wrong_row_keeps_all_out_and_gives_the_file_back(admin, bring, bureau):
    before = Organisation.objects.count()
    bad = BUREAU | {"单位名称": "乙局", "类型": "衙门"}
    kept = bring("organisations", filled("organisations", BUREAU, bad, BUREAU))
    assert kept.counts == {"new": 1, "changed": 0, "same": 0, "wrong": 2}
    answer = admin.post(reverse("import_review", args=[kept.token]))
    assert answer.status_code == 422
    assert "2 行不能导入" in answer.content.decode()
    far = reverse("import_review", args=[kept.token]) + f"?page=000000001{'9' * 5000}"
    assert "衙门" in admin.get(far).content.decode()
    assert Organisation.objects.count() == before
    file = b"".join(admin.get(reverse("import_errors", args=[kept.token])))
    sheet = load_workbook(BytesIO(file))["单位"]
    column = len(BY_CODE["organisations"].columns) + 1
    assert sheet.cell(1, column).value == "错误原因"
    assert sheet.cell(4, column).value is None
    assert "可选值" in sheet.cell(5, column).value
    assert sheet.cell(6, column).value == "与第 4 行重复"
    assert sheet.cell(5, 1).value == "乙局"
    again = bring("organisations", file)
    assert again.wrong == 2


def test_the_error_file_of_commas_has_the_reason_too(admin, bring, bureau):
    text = "单位名称,类型,层级,简称\n@甲局,衙门,区县,\n"
    kept = bring("organisations", text.encode("gb18030"), "单位.csv")
    file = b"".join(admin.get(reverse("import_errors", args=[kept.token])))
    head, row = file.decode("utf-8-sig").splitlines()
    assert head.endswith("错误原因")
    assert row.startswith("'@甲局")
    assert "可选值" in row
    again = bring("organisations", file, "单位.csv")
    marked = b"".join(admin.get(reverse("import_errors", args=[again.token])))
    assert marked == file


def test_a_large_error_file_loses_no_column(tmp_path):
    book = Workbook()
    book.active.append(["编码", "错误原因", "备注"])
    book.active.append(["9901", "以前的", "=1"])
    book.active.append(["9902", None, "留", "无名"])
    book.save(source := tmp_path / "in.xlsx")
    faulty = iter([json.dumps([3, "重复"])])
    marking.mark_large(source, tmp_path / "out.xlsx", "Sheet", 1, faulty)
    rows = load_workbook(tmp_path / "out.xlsx").active.iter_rows(values_only=True)
    assert list(rows) == [
        ("编码", "错误原因", "备注", None),
        ("9901", None, "'=1", None),
        ("9902", "重复", "留", "无名"),
    ]


# --- people and forces ----------------------------------------------------------------

WORKER = {
    "账号": "wang-jia", "姓名": "王甲", "手机号": "13800000001",
    "单位": "城东区城市管理局", "角色": "网格员", "管理范围编码": GRID,
    "任职开始": "2026-01-01", "初始密码": "Ping-an-2026-x",
}  # fmt: skip


def test_people_come_in_with_post_and_phone(bring, bureau):
    liaison = WORKER | {"角色": "部门联络员", "管理范围编码": None, "主岗": "是"}
    bring("people", filled("people", WORKER, liaison), confirm=True)
    user = User.objects.get(username="wang-jia")
    assert user.must_change_password
    assert user.check_password("Ping-an-2026-x")
    held = Posting.objects.filter(user=user).order_by("pk")
    assert [one.post.role for one in held] == ["grid_worker", "department_liaison"]
    assert held[1].is_primary
    assert Address.objects.get(user=user).kind == "phone"
    verbs = actions_of("parties.create", "parties.appoint", "parties.register_phone")
    assert verbs.count("parties.appoint") == 2
    assert verbs.count("parties.register_phone") == 1
    texts = str(list(Event.objects.values_list("detail", flat=True)))
    assert "13800000001" not in texts
    assert "Ping-an" not in texts


def test_the_preview_masks_phones_and_shows_no_password(admin, bring, bureau):
    bring("people", filled("people", WORKER), confirm=True)
    row = WORKER | {"手机号": "13900000002"}
    kept = bring("people", filled("people", row))
    page = admin.get(reverse("import_review", args=[kept.token])).content.decode()
    assert "139****0002" in page
    assert "13900000002" not in page
    assert "Ping-an" not in page


def test_people_again_are_the_same_and_a_last_day_ends_the_post(bring, bureau):
    bring("people", filled("people", WORKER), confirm=True)
    assert bring("people", filled("people", WORKER)).counts["same"] == 1
    row = WORKER | {"任职结束": "2026-02-01", "姓名": "王甲甲"}
    kept = bring("people", filled("people", row), confirm=True)
    assert kept.state == "done"
    assert Posting.objects.get(user__username="wang-jia").ends_at is not None
    assert User.objects.get(username="wang-jia").name == "王甲甲"
    assert actions_of("parties.end_posting") == ["parties.end_posting"]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"账号": "Wang 甲"}, "账号"),
        ({"姓名": None}, "不能为空"),
        ({"手机号": "12345"}, "11 位"),
        ({"单位": "没有的局"}, "没有名为"),
        ({"角色": "皇帝"}, "可选值"),
        ({"角色": "系统管理员"}, "可选值"),
        ({"角色": None}, "要么都填"),
        ({"管理范围编码": "990101"}, "应填网格编码"),
        ({"任职开始": "昨天"}, "日期应写作"),
        ({"任职结束": "2025-01-01"}, "晚于任职开始"),
        ({"初始密码": "1234"}, "初始密码"),
    ],
)
def test_what_is_wrong_with_a_person(bring, bureau, more, word):
    kept = bring("people", filled("people", WORKER | more))
    assert word in reasons_of(kept)[0]
    assert not User.objects.filter(username="wang-jia").exists()


def test_an_ambiguous_unit_asks_for_its_code(bring, bureau):
    OrganisationFactory(name=bureau.name, parent=bureau)
    kept = bring("people", filled("people", WORKER))
    assert "统一社会信用代码" in reasons_of(kept)[0]


FORCE = {
    "账号": "min-jing", "姓名": "民警甲", "力量类型": "片区民警", "网格编码": GRID,
    "所属单位": "城东区城市管理局", "手机号": "13800000003", "职责": "治安巡防",
}  # fmt: skip


def test_forces_stand_in_their_grids(bring, bureau):
    area_of("990101001001002")
    second = FORCE | {"网格编码": "990101001001002"}
    bring("forces", filled("forces", FORCE, second), confirm=True)
    held = Posting.objects.filter(user__username="min-jing", post__role="grid_force")
    assert held.count() == 2
    assert set(held.values_list("reason", flat=True)) == {"治安巡防"}
    assert Post.objects.filter(name="片区民警").count() == 2


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"网格编码": "990101"}, "应填网格编码"),
        ({"力量类型": None}, "不能为空"),
        ({"所属单位": "没有"}, "没有名为"),
    ],
)
def test_what_is_wrong_with_a_force(bring, bureau, more, word):
    assert word in reasons_of(bring("forces", filled("forces", FORCE | more)))[0]


def test_an_account_that_is_off_can_be_switched_off_by_a_row(bring, bureau):
    UserFactory(username="wang-jia", name="王甲")
    row = {"账号": "wang-jia", "姓名": "王甲", "启用": "否"}
    bring("people", filled("people", row), confirm=True)
    assert not User.objects.get(username="wang-jia").is_active


# --- areas ----------------------------------------------------------------------------


def test_areas_come_in_by_code_and_are_renamed(bring):
    rows = [
        {"编码": "9901", "名称": "示例市"},
        {"编码": "990101", "名称": "城东区", "层级": "区县"},
    ]
    bring("areas", filled("areas", *rows), confirm=True)
    rows[1]["名称"] = "东城区"
    kept = bring("areas", filled("areas", *rows))
    assert lines_of(kept, "changed")[0].changes == [("名称", "城东区", "东城区")]
    bring("areas", filled("areas", *rows), confirm=True)
    assert Area.objects.get(code="990101").name == "东城区"
    assert actions_of("grids.create_area", "grids.rename_area") == [
        "grids.create_area", "grids.create_area", "grids.rename_area",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"编码": "99", "名称": "短"}, "位数"),
        ({"编码": "990202", "名称": "无上级"}, "上级 9902"),
        ({"编码": "9903", "名称": None}, "不能为空"),
        ({"编码": "9903", "名称": "市", "层级": "街道"}, "不符"),
        ({"编码": "9901", "名称": "停用"}, "已停用"),
    ],
)
def test_what_is_wrong_with_an_area(bring, row, word):
    Area.objects.create(
        level=1, code="9901", name="旧", valid_from=date(2020, 1, 1),
        valid_to=date(2021, 1, 1),
    )  # fmt: skip
    assert word in reasons_of(bring("areas", filled("areas", row)))[0]


def test_what_changed_after_the_preview_stops_the_import(admin, bring):
    kept = bring("areas", filled("areas", {"编码": "9901", "名称": "示例市"}))
    area_of("9901")
    admin.post(reverse("import_review", args=[kept.token]))
    turn()
    kept.refresh_from_db()
    assert kept.state == "refused"
    assert "预览之后" in kept.refusal
    assert not actions_of("grids.create_area")
    assert (
        "没有任何改动"
        in admin.get(reverse("import_review", args=[kept.token])).content.decode()
    )


def test_a_post_that_ended_meanwhile_writes_nothing(admin, administrator, bring):
    from django.utils import timezone

    kept = bring("areas", filled("areas", {"编码": "9901", "名称": "示例市"}))
    admin.post(reverse("import_review", args=[kept.token]))
    Posting.objects.filter(pk=administrator.pk).update(ends_at=timezone.now())
    turn()
    kept.refresh_from_db()
    assert kept.state == "refused"
    assert not Area.objects.filter(code="9901").exists()


def test_a_file_can_be_dropped_and_confirmed_only_once(admin, bring):
    content = filled("areas", {"编码": "9901", "名称": "示例市"})
    kept = bring("areas", content)
    page = reverse("import_review", args=[kept.token])
    admin.post(reverse("import_drop", args=[kept.token]))
    assert admin.post(page).status_code == 422
    assert not kept.place.folder.exists()
    assert not Area.objects.filter(code="9901").exists()
