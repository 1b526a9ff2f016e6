import json
from datetime import date, datetime

import pytest
from django.core.management import CommandError, call_command

from governance import actions, calendar
from governance.errors import Refused
from governance.identity import SYSTEM
from governance.models import CalendarYear, Event, Holiday, WorkScheme

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=calendar.ZONE)
NOTICE = "国办发明电〔2026〕9号"


def document(**changes):
    return {
        "source": {"2027": NOTICE},
        "rest": [
            {"date": "2026-12-31", "name": "元旦"},
            {"date": "2027-01-01", "name": "元旦"},
            {"date": "2027-01-02", "name": "元旦"},
            {"date": "2027-05-01", "name": "劳动节"},
        ],
        "makeup_workdays": ["2027-01-09"],
        **changes,
    }


def load(**changes):
    return actions.import_holidays(document=document(**changes), actor=SYSTEM, at=NOW)


def test_a_year_is_imported_with_its_notice_and_one_event():
    assert load() == {2027: NOTICE}
    assert CalendarYear.objects.get(year=2027).source == NOTICE
    assert Holiday.objects.get(date=date(2027, 1, 9)).kind == Holiday.Kind.WORK
    assert Holiday.objects.get(date=date(2026, 12, 31)).name == "元旦"
    event = Event.objects.get(action="governance.import_holidays")
    assert event.detail["sources"] == {"2027": NOTICE}


def test_importing_again_replaces_the_year_and_leaves_local_rules():
    load()
    actions.override_day(
        day=date(2027, 3, 1), kind="rest", name="市庆", actor=SYSTEM, at=NOW
    )
    load(rest=[{"date": "2027-01-01", "name": "元旦"}], makeup_workdays=[])
    days = Holiday.objects.filter(date__year=2027).order_by("date")
    assert [(day.date, day.override) for day in days] == [
        (date(2027, 1, 1), False),
        (date(2027, 3, 1), True),
    ]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"makeup_workdays": ["2027-01-11"]}, "调休上班日2027-01-11是星期一"),
        ({"makeup_workdays": ["2027-01-09", "2027-01-09"]}, "2027-01-09重复"),
        ({"makeup_workdays": ["2027-01-02"]}, "2027-01-02既是放假又是上班"),
        ({"source": {"2027": " "}}, "2027年缺少放假通知的文号"),
        ({"source": {}}, "缺少“source”"),
        ({"source": {"二七": "国办1号"}}, "年份“二七”不正确"),
        ({"rest": [{"date": "2027/1/1", "name": "元旦"}]}, "日期“2027/1/1”不正确"),
        ({"rest": [{"date": "2027-01-01"}]}, "2027-01-01缺少节日名称"),
        ({"rest": [{"date": "2028-01-01", "name": "元旦"}]}, "不属于文号所列的年份"),
        ({"rest": []}, "2027年没有任何放假日期"),
        ({"rest": None}, "缺少日期列表“rest”"),
        (
            {
                "rest": [
                    {"date": "2027-05-01", "name": "劳动节"},
                    {"date": "2027-05-03", "name": "劳动节"},
                ]
            },
            "2027年“劳动节”的放假日期不连续",
        ),
    ],
)
def test_a_faulty_document_is_named_and_changes_nothing(changes, fault):
    load()
    before = list(Holiday.objects.values_list("date", "kind").order_by("date"))
    with pytest.raises(Refused) as refused:
        load(**changes)
    assert fault in refused.value.message
    assert list(Holiday.objects.values_list("date", "kind").order_by("date")) == before
    assert Event.objects.count() == 1


def test_all_faults_are_named_at_once():
    with pytest.raises(Refused) as refused:
        load(makeup_workdays=["2027-01-11", "2027-01-12"], source={"2027": ""})
    assert len(refused.value.message.splitlines()) >= 4


def test_something_that_is_no_document_is_refused():
    with pytest.raises(Refused):
        actions.import_holidays(document=[], actor=SYSTEM, at=NOW)


def test_defaults_are_installed_once():
    actions.install_defaults(actor=SYSTEM, at=NOW)
    actions.install_defaults(actor=SYSTEM, at=NOW)
    assert WorkScheme.objects.count() == 1
    assert set(CalendarYear.objects.values_list("year", flat=True)) == {2025, 2026}
    work = Holiday.objects.filter(date__year=2026, kind=Holiday.Kind.WORK)
    assert {f"{day.date:%m-%d}" for day in work} == {
        "01-04",
        "02-14",
        "02-28",
        "05-09",
        "09-20",
        "10-10",
    }
    assert Holiday.objects.filter(date__year=2026, kind="rest").count() == 33
    assert Event.objects.count() == 2


def test_defaults_leave_an_imported_year_alone():
    load(
        source={"2026": NOTICE},
        rest=[{"date": "2026-01-01", "name": "元旦"}],
        makeup_workdays=[],
    )
    actions.install_defaults(actor=SYSTEM, at=NOW)
    assert CalendarYear.objects.get(year=2026).source == NOTICE
    assert Holiday.objects.filter(date__year=2026).count() == 1


def test_the_command_imports_a_file_and_says_so(tmp_path, capsys):
    file = tmp_path / "2027.json"
    file.write_text(json.dumps(document()), encoding="utf-8")
    call_command("import_holidays", str(file))
    assert f"已导入2027年放假安排（{NOTICE}）。" in capsys.readouterr().out
    call_command("import_holidays")
    assert CalendarYear.objects.count() == 3


@pytest.mark.parametrize(
    ("text", "fault"),
    [(None, "无法读取文件"), ("{", "不是有效的 JSON"), ("{}", "放假安排有误")],
)
def test_the_command_says_what_is_wrong_with_a_file(tmp_path, text, fault):
    file = tmp_path / "2027.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=fault):
        call_command("import_holidays", str(file))
    assert not CalendarYear.objects.exists()


SCHEME = {
    "name": "夏令时",
    "starts_date": date(2026, 6, 1),
    "ends_date": date(2026, 10, 1),
    "weekdays": [1, 2, 3, 4, 5],
    "periods": [["08:00", "12:00"], ["15:00", "18:00"]],
}


def save(scheme_id=None, **changes):
    return actions.save_scheme(
        scheme_id=scheme_id, **{**SCHEME, **changes}, actor=SYSTEM, at=NOW
    )


def test_a_scheme_is_changed_with_before_and_after_in_the_journal():
    scheme = save()
    save(scheme_id=scheme.pk, name="夏令时（改）")
    detail = Event.objects.order_by("-seq")[0].detail
    assert detail["before"]["name"] == "夏令时"
    assert detail["after"]["name"] == "夏令时（改）"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_date": None}, "starts_date"),
        ({"ends_date": date(2026, 6, 1)}, "ends_date"),
        ({"starts_date": None, "ends_date": None}, "starts_date"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [0]}, "weekdays"),
        ({"periods": []}, "periods"),
        ({"periods": [["12:00", "08:00"]]}, "periods"),
        ({"periods": [["08:00", "12:00"], ["11:00", "18:00"]]}, "periods"),
        ({"periods": [["8", "12"]]}, "periods"),
        ({"periods": [["08:00"]]}, "periods"),
    ],
)
def test_an_impossible_scheme_is_refused(changes, field):
    actions.ensure_default_scheme(actor=SYSTEM, at=NOW)
    with pytest.raises(Refused) as refused:
        save(**changes)
    assert refused.value.field == field
    assert WorkScheme.objects.count() == 1


def test_a_local_rule_needs_a_known_kind_and_must_exist_to_be_dropped():
    with pytest.raises(Refused):
        actions.override_day(
            day=date(2026, 1, 1), kind="半天", name="x", actor=SYSTEM, at=NOW
        )
    with pytest.raises(Refused):
        actions.drop_override(day=date(2026, 1, 1), actor=SYSTEM, at=NOW)
