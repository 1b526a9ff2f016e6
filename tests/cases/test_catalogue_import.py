from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from openpyxl import Workbook, load_workbook

from cases.actions.catalogue import FaultyRows, check_catalogue, import_catalogue
from cases.models import Category, FilingCondition
from cases.workbooks import COLUMNS, error_workbook, read_catalogue
from governance.calendar import Unit
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
REAL = (
    Path(settings.BASE_DIR).parent
    / "shared/data/catalogue/filing_standard_components.xlsx"
)
MEANT = {"小时": Unit.WORK_HOUR, "天": Unit.WORK_DAY}

PLAIN = [
    ("01", "公用设施", "003", "雨水井盖", "排水", "城管", "缺失", "补", "2紧急工作时"),
    (None, None, None, None, None, None, "破损", "换", "4工作时"),
    (None, None, "037", "路灯", None, None, "不亮", "修复", "2工作日"),
]


def book(*lines, sheet="部件", header=tuple(COLUMNS), merge=()):
    workbook = Workbook()
    worksheet = workbook.active
    worksheet.title = sheet
    worksheet.append(["立案、处置和结案标准"])
    worksheet.append(list(header))
    for line in lines:
        worksheet.append(list(line))
    for cells in merge:
        worksheet.merge_cells(cells)
    return saved(workbook)


def saved(workbook):
    out = BytesIO()
    workbook.save(out)
    out.seek(0)
    return out


def bring_in(*lines, units=None, standard="测试市标准", actor=None, **options):
    rows, faults = read_catalogue(book(*lines, **options))
    return import_catalogue(
        rows=rows,
        standard_ref=standard,
        units=units,
        faults=faults,
        actor=actor or Actor.system(),
        at=AT,
    )


def faults_of(*lines, **options):
    rows, faults = read_catalogue(book(*lines, **options))
    report = check_catalogue(rows=rows, standard_ref="测试市标准", faults=faults)
    return {fault.row: fault.message for fault in report.faults}


def test_blank_cells_take_over_the_category_from_above():
    rows, faults = read_catalogue(book(*PLAIN))
    assert not faults
    assert [(row.row, row.minor_code, row.name, row.condition) for row in rows] == [
        (3, "003", "雨水井盖", "缺失"),
        (4, "003", "雨水井盖", "破损"),
        (5, "037", "路灯", "不亮"),
    ]
    assert {row.major_name for row in rows} == {"公用设施"}
    assert rows[2].handling_unit == "排水"


def test_a_merged_cell_counts_for_every_row_it_covers():
    lines = [
        ("01", "公用设施", "003", "雨水井盖", "排水", "城管", "缺失", "补", "2工作日"),
        (None, None, None, None, None, None, "破损", None, None),
    ]
    rows, _faults = read_catalogue(book(*lines, merge=["H3:H4", "I3:I4"]))
    assert (rows[1].closing_condition, rows[1].limit) == ("补", "2工作日")


def test_a_blank_limit_that_is_not_merged_is_not_taken_over(db):
    report = bring_in(PLAIN[0], (*[None] * 6, "破损", "换", None))
    assert [one.row for one in report.flagged] == [4]
    assert FilingCondition.objects.get(text="破损").is_unparsed


def test_columns_are_found_by_their_names_in_any_order():
    header = tuple(reversed(COLUMNS))
    rows, _faults = read_catalogue(book(tuple(reversed(PLAIN[0])), header=header))
    assert rows[0].name == "雨水井盖"


def test_newlines_and_blanks_inside_names_go():
    line = (
        "01",
        "公用 设施",
        "3",
        "烟头收集器\n或灭烟处",
        "",
        "",
        "缺 失",
        "",
        "1工作日",
    )
    rows, _faults = read_catalogue(book(line))
    assert (rows[0].major_name, rows[0].name) == ("公用设施", "烟头收集器或灭烟处")
    assert rows[0].condition == "缺失"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("major", "minor", "code5", "code4"),
    [
        (1, 3, "01003", "0103"),
        ("01", "03", "01003", "0103"),
        ("01", "0103", "01003", "0103"),
        ("01", "003", "01003", ""),
        ("01", "01003", "01003", ""),
        (1.0, 37.0, "01037", "0137"),
    ],
)
def test_both_widths_of_codes_become_five_digits(major, minor, code5, code4):
    bring_in((major, "公用设施", minor, "某物", "", "", "缺失", "", "1工作日"))
    category = Category.objects.get()
    assert (category.code5, category.legacy_code4) == (code5, code4)
    assert category.parent_code == "01"


def test_an_import_writes_categories_conditions_and_one_event(db):
    report = bring_in(*PLAIN)
    assert report.categories == {"new": 2}
    assert report.conditions == {"new": 3}
    cover = Category.objects.get(code5="01003")
    assert (cover.kind, cover.competent_unit) == ("component", "城管")
    missing, broken = cover.conditions.order_by("order")
    assert (missing.limit_n, missing.limit_unit) == (Decimal(2), Unit.URGENT_HOUR)
    assert (broken.closing_condition, broken.raw_limit) == ("换", "4工作时")
    event = Event.objects.get(chain="catalogue:测试市标准")
    assert event.action == "cases.import_catalogue"
    assert event.detail["conditions"] == {"new": 3}


def test_importing_the_same_again_changes_nothing(db):
    bring_in(*PLAIN)
    report = bring_in(*PLAIN)
    assert report.categories == {"unchanged": 2}
    assert report.conditions == {"unchanged": 3}
    assert Event.objects.count() == 1


def test_a_changed_limit_is_updated_and_a_dropped_condition_retired(db):
    bring_in(*PLAIN)
    report = bring_in((*PLAIN[0][:8], "1紧急工作时"), PLAIN[2])
    assert report.conditions == {"updated": 1, "retired": 1, "unchanged": 1}
    assert not FilingCondition.objects.get(text="破损").is_active
    change = Event.objects.latest("id").detail["changes"][0]
    assert change["fields"]["limit_n"] == ["2.0", "1"]
    assert bring_in(*PLAIN).conditions["updated"] == 2


def test_two_standards_keep_the_same_code_apart(db):
    bring_in(*PLAIN, standard="甲市标准")
    bring_in(*PLAIN, standard="乙市标准")
    assert Category.objects.filter(code5="01003").count() == 2


def test_an_unclear_limit_is_flagged_and_kept_as_written(db):
    report = bring_in((*PLAIN[0][:8], "种植季节15工作日"))
    assert [one.limit for one in report.flagged] == ["种植季节15工作日"]
    condition = FilingCondition.objects.get()
    assert condition.is_unparsed
    assert condition.limits == []
    assert condition.limit_text == "种植季节15工作日"


def test_a_meaning_given_later_settles_the_flagged_limits(db):
    line = (*PLAIN[0][:8], "4小时")
    bring_in(line)
    report = bring_in(line, units=MEANT)
    assert report.conditions == {"updated": 1}
    assert FilingCondition.objects.get().limit_text == "4 工作时"


def test_a_limit_settled_by_a_person_survives_the_next_import(db):
    line = (*PLAIN[0][:8], "4小时")
    bring_in(line)
    FilingCondition.objects.update(
        is_unparsed=False, limit_n=4, limit_unit=Unit.URGENT_HOUR
    )
    assert bring_in(line).conditions == {"unchanged": 1}
    assert bring_in((*line[:8], "5小时")).flagged
    assert FilingCondition.objects.get().is_unparsed


def test_staged_limits_are_stored_in_order(db):
    bring_in((*PLAIN[0][:8], "停工4工作时/处罚7工作日/拆除20工作日"))
    condition = FilingCondition.objects.get()
    assert [stage.name for stage in condition.limits] == ["停工", "处罚", "拆除"]
    assert condition.limit_text == "停工 4 工作时 / 处罚 7 工作日 / 拆除 20 工作日"


def test_one_faulty_row_keeps_all_out_and_is_named(db):
    with pytest.raises(FaultyRows) as refused:
        bring_in(
            *PLAIN, ("01", "公用设施", "003", "别的井盖", "", "", "响", "", "1工作日")
        )
    assert [fault.row for fault in refused.value.report.faults] == [6]
    assert "雨水井盖" in refused.value.report.faults[0].message
    assert not Category.objects.exists()
    assert not Event.objects.exists()


def one(**changes):
    return tuple({**dict(zip(COLUMNS, PLAIN[0], strict=True)), **changes}.values())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "word"),
    [
        (one(小类代码=None), "小类代码"),
        (one(小类代码="三"), "代码不对"),
        (one(小类代码="02003"), "代码不对"),
        (one(大类名称=None), "大类名称"),
        (one(小类名称=None), "小类名称"),
        (one(立案条件=None), "立案条件"),
        (one(小类名称="长" * 51), "超过 50 字"),
    ],
)
def test_what_a_row_must_have(line, word):
    assert word in faults_of(line)[3]


def test_a_new_name_without_a_code_is_a_fault(db):
    message = faults_of(PLAIN[0], (None, None, None, "路灯", *PLAIN[2][4:]))[4]
    assert message == "小类名称变了，但没有写小类代码"


def test_a_new_code_does_not_take_over_the_name_above(db):
    assert "小类名称" in faults_of(PLAIN[0], one(小类代码="004", 小类名称=None))[4]


def test_the_same_condition_twice_is_a_fault(db):
    assert faults_of(PLAIN[0], PLAIN[0]) == {4: "与第 3 行的立案条件重复"}


def test_two_sheets_keep_the_same_code_as_two_kinds(db):
    workbook = load_workbook(book(*PLAIN))
    matters = workbook.create_sheet("事件")
    matters.append(["标准"])
    matters.append(list(COLUMNS))
    matters.append(["01", "公用设施类", "003", "雨水井盖异常", *PLAIN[0][4:]])
    workbook.create_sheet("说明").append(["无关"])
    rows, faults = read_catalogue(saved(workbook))
    import_catalogue(
        rows=rows, standard_ref="市", faults=faults, actor=Actor.system(), at=AT
    )
    kinds = Category.objects.filter(code5="01003").values_list("kind", flat=True)
    assert sorted(kinds) == ["component", "matter"]


def test_one_sheet_can_be_chosen_and_must_exist():
    with pytest.raises(Refused, match="只有：部件"):
        read_catalogue(book(*PLAIN), "事件")


def test_a_sheet_that_says_no_kind_is_refused():
    with pytest.raises(Refused, match="部件"):
        read_catalogue(book(*PLAIN, sheet="Sheet1"))


def test_a_missing_column_is_named():
    header = [name for name in COLUMNS if name != "处置时限"]
    with pytest.raises(Refused, match="处置时限"):
        read_catalogue(book(*PLAIN, header=header))


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04broken"])
def test_what_is_no_workbook_is_refused(content):
    with pytest.raises(Refused, match="xlsx"):
        read_catalogue(BytesIO(content))


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as packed:
        packed.writestr("[Content_Types].xml", "<broken")
    with pytest.raises(Refused, match="xlsx"):
        read_catalogue(tmp_path / "x.xlsx")


def test_only_the_system_administrator_imports(db):
    grid_worker = Actor(user_id=1, name="甲", role="grid_worker")
    with pytest.raises(Refused) as refused:
        bring_in(*PLAIN, actor=grid_worker)
    assert refused.value.code == "role"
    assert not Category.objects.exists()


def test_the_error_workbook_names_the_reason_and_runs_no_formula(db):
    source = book(PLAIN[0], one(小类代码=None, 小类名称="@SUM(A1)", 立案条件="-1+1"))
    rows, faults = read_catalogue(source)
    report = check_catalogue(rows=rows, standard_ref="市", faults=faults)
    marked = load_workbook(BytesIO(error_workbook(source, report.faults)))["部件"]
    assert marked.cell(2, 10).value == "错误原因"
    assert "小类代码" in marked.cell(4, 10).value
    assert marked.cell(3, 10).value is None
    texts = [cell.value for cell in marked[4] if isinstance(cell.value, str)]
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@"))]


def command(path, *options):
    out = StringIO()
    call_command(
        "import_catalogue", str(path), "--standard", "测试市", *options, stdout=out
    )
    return out.getvalue()


def test_the_command_checks_without_writing_then_writes(db, tmp_path):
    path = tmp_path / "标准.xlsx"
    path.write_bytes(book(*PLAIN, (*[None] * 6, "闪烁", "修复", "4小时")).getvalue())
    assert "没有写入" in command(path, "--dry-run")
    assert not Category.objects.exists()
    told = command(path)
    assert "小类：新增 2" in told
    assert "时限待人工认定：1" in told
    assert "部件 第6行 01037 路灯“4小时”" in told
    assert "更新 1" in command(path, "--unit", "小时=WORK_HOUR")


def test_the_command_refuses_faulty_rows_and_saves_them_marked(db, tmp_path):
    path, errors = tmp_path / "标准.xlsx", tmp_path / "错误.xlsx"
    path.write_bytes(book(PLAIN[0], PLAIN[0]).getvalue())
    with pytest.raises(CommandError, match="有 1 行不能导入"):
        command(path, "--errors", str(errors))
    assert load_workbook(errors)["部件"].cell(4, 10).value == "与第 3 行的立案条件重复"


@pytest.mark.parametrize("unit", ["小时", "小时=HOUR", "=WORK_HOUR"])
def test_the_command_refuses_an_unknown_unit(tmp_path, unit):
    path = tmp_path / "标准.xlsx"
    path.write_bytes(book(*PLAIN).getvalue())
    with pytest.raises(CommandError, match="WORK_HOUR"):
        command(path, "--unit", unit)


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.exists(), reason=f"没有真实数据 {REAL}")
def test_a_real_citys_standard_comes_in_whole(db):
    rows, faults = read_catalogue(REAL)

    def run(units):
        return import_catalogue(
            rows=rows,
            standard_ref="真实城市",
            units=units,
            faults=faults,
            actor=Actor.system(),
            at=AT,
        )

    report = run(None)
    assert Category.objects.values("parent_code").distinct().count() == 5
    assert report.categories == {"new": 92}
    assert report.conditions == {"new": 375}
    assert len(report.flagged) == 355
    assert FilingCondition.objects.filter(is_unparsed=False).count() == 20
    assert run(None).conditions == {"unchanged": 375}
    settled = run(MEANT)
    assert not settled.flagged
    assert settled.conditions == {"updated": 355, "unchanged": 20}
