"""The tables a city works by: 权责清单, 工作日历 and 案件目录."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from cases.models import Category, FilingCondition, ResponsibilityItem
from exchange.models import Import
from governance.models import Holiday
from tests.exchange.conftest import (
    actions_of,
    filled,
    lines_of,
    reasons_of,
    turn,
)
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db
REAL = (
    Path(__file__).resolve().parents[3]
    / "shared/data/catalogue/filing_standard_components.xlsx"
)


# --- responsibilities -----------------------------------------------------------------


@pytest.fixture
def trading(bureau):
    category = Category.objects.create(
        standard_ref="某市2024版", kind="matter", code5="09006", name="占道经营",
        parent_code="09", major_name="街面秩序",
    )  # fmt: skip
    FilingCondition.objects.create(
        category=category, text="占用人行道", is_unparsed=True, raw_limit="看情况"
    )
    return category


DUTY = {
    "依据标准": "某市2024版", "类别": "事项", "小类代码": "09006", "责任层级": "区县",
    "责任单位": "城东区城市管理局", "适用区域编码": "990101", "主责或配合": "主责",
    "法律依据": "某条例", "生效日期": "2026-01-01",
}  # fmt: skip


def test_responsibilities_are_added_and_ended_never_rewritten(bring, trading):
    bring("responsibilities", filled("responsibilities", DUTY), confirm=True)
    item = ResponsibilityItem.objects.get()
    assert (item.role, item.valid_from) == ("lead", date(2026, 1, 1))
    again = bring("responsibilities", filled("responsibilities", DUTY))
    assert again.counts["same"] == 1
    street = DUTY | {"责任层级": "街道", "责任单位": None, "适用区域编码": "990101"}
    ending = DUTY | {"失效日期": "2026-06-01"}
    kept = bring(
        "responsibilities", filled("responsibilities", ending, street), confirm=True
    )
    assert kept.counts == {"new": 1, "changed": 1, "same": 0, "wrong": 0}
    item.refresh_from_db()
    assert item.valid_to == date(2026, 6, 1)
    verbs = actions_of("cases.assign_responsibility", "cases.end_responsibility")
    assert len(verbs) == 3


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"依据标准": "别的"}, "请先导入目录"),
        ({"小类代码": "09999"}, "请先导入目录"),
        ({"立案条件": "没有的"}, "没有这一条"),
        ({"责任单位": None}, "可以不填责任单位"),
        ({"责任单位": "没有"}, "没有名为"),
        ({"适用区域编码": "1"}, "没有编码"),
        ({"生效日期": "x"}, "日期应写作"),
        ({"失效日期": "2025-01-01"}, "晚于"),
        ({"主责或配合": "旁观"}, "可选值"),
    ],
)
def test_what_is_wrong_with_a_responsibility(bring, trading, more, word):
    kept = bring("responsibilities", filled("responsibilities", DUTY | more))
    assert word in reasons_of(kept)[0]
    assert not ResponsibilityItem.objects.exists()


def test_a_second_lead_is_wrong(bring, trading):
    other = OrganisationFactory(name="区住建局")
    rows = [DUTY, DUTY | {"责任单位": other.name}]
    kept = bring("responsibilities", filled("responsibilities", *rows))
    assert "已有主责" in reasons_of(kept)[0]


# --- calendar -------------------------------------------------------------------------

NOTICE = {"年度": "2026", "文号": "国办发明电〔2025〕7号", "类型": "放假"}
DAYS = [NOTICE | {"日期": f"2026-01-0{day}", "名称": "元旦"} for day in (1, 2, 3)] + [
    NOTICE | {"日期": "2026-01-04", "名称": "调休上班", "类型": "上班"}
]


def test_a_year_of_holidays_comes_in_whole(bring, db):
    local = {
        "年度": "2026", "日期": "2026-03-20", "名称": "市庆", "类型": "放假",
        "来源": "本地规定",
    }  # fmt: skip
    bring("calendar", filled("calendar", *DAYS, local), confirm=True)
    assert Holiday.objects.filter(override=False).count() == 4
    assert Holiday.objects.get(override=True).name == "市庆"
    verbs = actions_of("governance.import_holidays", "governance.override_day")
    assert verbs == ["governance.import_holidays", "governance.override_day"]
    fewer = bring("calendar", filled("calendar", *DAYS[1:]))
    notes = [one.note for one in lines_of(fewer, "same")]
    assert "2026-01-01" in notes[0]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"日期": "2026-13-01"}, "日期应写作"),
        ({"日期": "26-1-1"}, "日期应写作"),
        ({"日期": "99999999999999999999-1-1"}, "日期应写作"),
        ({"日期": "2027-05-01"}, "不属于"),
        ({"文号": None}, "文号"),
        ({"文号": "别的9号", "日期": "2026-02-17"}, "前面的文号"),
        ({"年度": "今年"}, "年度"),
        ({"类型": "睡觉"}, "可选值"),
        ({"类型": "上班", "日期": "2026-01-05"}, "星期六"),
        ({"日期": "2026-01-06"}, "不连续"),
        ({"日期": "2026-01-01"}, "重复"),
        ({"名称": None}, "不能为空"),
    ],
)
def test_what_is_wrong_with_a_day(bring, db, more, word):
    kept = bring("calendar", filled("calendar", *DAYS, DAYS[2] | more))
    assert word in "".join(reasons_of(kept))
    assert not Holiday.objects.exists()


# --- catalogue ------------------------------------------------------------------------

MANHOLE = {
    "大类代码": "01", "大类名称": "公用设施", "小类代码": "001", "小类名称": "上水井盖",
    "立案条件": "缺失", "处置时限": "2紧急工作时",
}  # fmt: skip
SHAKY = {"立案条件": "破损", "处置时限": "4小时"}


def test_a_standard_comes_in_and_what_is_unclear_is_flagged(admin, bring):
    kept = bring("catalogue", filled("catalogue", MANHOLE, SHAKY))
    assert kept.counts["new"] == 2
    assert "2 条" in kept.notes[0]
    page = admin.get(reverse("import_review", args=[kept.token])).content.decode()
    assert "夜间和节假日" in page
    bring("catalogue", filled("catalogue", MANHOLE, SHAKY), confirm=True)
    assert FilingCondition.objects.filter(is_unparsed=True).count() == 1
    settled = bring(
        "catalogue",
        filled("catalogue", MANHOLE, SHAKY),
        hours_mean="WORK_HOUR",
        confirm=True,
    )
    assert settled.counts == {"new": 0, "changed": 1, "same": 1, "wrong": 0}
    assert not FilingCondition.objects.filter(is_unparsed=True).exists()


def test_a_condition_that_is_gone_is_shown_and_retired(bring):
    bring("catalogue", filled("catalogue", MANHOLE, SHAKY), confirm=True)
    kept = bring("catalogue", filled("catalogue", MANHOLE), confirm=True)
    assert kept.counts["changed"] == 1
    assert not FilingCondition.objects.get(text="破损").is_active


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"小类代码": "x"}, "代码不对"),
        ({"小类名称": None}, "缺少小类名称"),
        ({"立案条件": None}, "缺少立案条件"),
        ({"社区事项": "也许"}, "社区事项"),
    ],
)
def test_what_is_wrong_with_a_condition(admin, bring, more, word):
    kept = bring("catalogue", filled("catalogue", MANHOLE | more))
    assert word in reasons_of(kept)[0]
    file = b"".join(admin.get(reverse("import_errors", args=[kept.token])))
    sheet = load_workbook(BytesIO(file))["部件"]
    assert word in sheet.cell(4, sheet.max_column).value
    assert not Category.objects.exists()


@pytest.mark.real_data
@pytest.mark.skipif(
    not REAL.exists(), reason="../shared/data is missing: no real catalogue to import"
)
def test_every_condition_of_a_real_city_is_accounted_for(admin, bring):
    kept = bring("catalogue", REAL.read_bytes())
    lines = lines_of(kept, "new")
    assert kept.counts == {"new": 375, "changed": 0, "same": 0, "wrong": 0}
    flagged = [one for one in lines if one.note]
    assert len(flagged) == 355
    assert all(one.values["limit"] in one.changes[0][2] for one in flagged)
    assert "375 条：20 条的时限已读懂，355 条" in kept.notes[0]
    admin.post(reverse("import_review", args=[kept.token]))
    turn()
    assert Import.objects.get().state == "done"
    assert FilingCondition.objects.count() == 375
    assert FilingCondition.objects.filter(is_unparsed=True).count() == 355
