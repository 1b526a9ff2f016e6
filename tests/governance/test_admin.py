"""The administrator's pages for the calendar, and the look into the jobs."""

import json
import re
from datetime import date, datetime

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from governance import actions, calendar
from governance.identity import SYSTEM
from governance.models import CalendarYear, Event, Holiday, Job, WorkScheme

pytestmark = pytest.mark.django_db
LATIN, HAN = re.compile("[A-Za-z]{3}"), re.compile("[\u4e00-\u9fff]")
NOW = datetime(2026, 11, 22, 9, tzinfo=calendar.ZONE)
YEAR_2027 = {
    "source": {"2027": "国办发明电〔2026〕9号"},
    "rest": [{"date": "2027-01-01", "name": "元旦"}],
    "makeup_workdays": [],
}


@pytest.fixture
def defaults():
    actions.install_defaults(actor=SYSTEM, at=NOW)


def upload(client, text):
    file = SimpleUploadedFile("2027.json", text.encode())
    return client.post(reverse("admin:governance_holiday_import"), {"file": file})


def test_an_administrator_imports_a_year(admin_client):
    page = admin_client.get(reverse("admin:governance_holiday_changelist"))
    assert reverse("admin:governance_holiday_import") in page.content.decode()
    assert upload(admin_client, json.dumps(YEAR_2027)).status_code == 302
    assert CalendarYear.objects.get().year == 2027
    event = Event.objects.get(action="governance.import_holidays")
    assert event.actor["name"] == "admin"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "文件不是有效的 JSON"),
        (json.dumps({**YEAR_2027, "makeup_workdays": ["2027-01-04"]}), "是星期一"),
        (" " * 1_100_000, "文件过大"),
    ],
)
def test_a_faulty_file_is_named_on_the_page(admin_client, text, fault):
    answer = upload(admin_client, text)
    assert answer.status_code == 422
    assert fault in answer.content.decode()
    assert not CalendarYear.objects.exists()


def test_the_import_is_for_administrators(client):
    answer = client.get(reverse("admin:governance_holiday_import"))
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_a_local_rule_is_added_changed_and_dropped(admin_client, defaults):
    add = reverse("admin:governance_holiday_add")
    admin_client.post(add, {"date": "2026-10-10", "kind": "rest", "name": "市庆"})
    rule = Holiday.objects.get(date=date(2026, 10, 10), override=True)
    change = reverse("admin:governance_holiday_change", args=[rule.pk])
    admin_client.post(change, {"kind": "rest", "name": "市庆日"})
    rule.refresh_from_db()
    assert rule.name == "市庆日"
    drop = reverse("admin:governance_holiday_delete", args=[rule.pk])
    admin_client.post(drop, {"post": "yes"})
    assert not Holiday.objects.filter(override=True).exists()
    verbs = ["override_day", "override_day", "drop_override"]
    found = Event.objects.order_by("-seq").values_list("action", flat=True)[:3]
    assert list(found) == [f"governance.{verb}" for verb in reversed(verbs)]


def test_an_imported_day_is_only_looked_at(admin_client, defaults):
    day = Holiday.objects.get(date=date(2026, 10, 1))
    change = reverse("admin:governance_holiday_change", args=[day.pk])
    assert admin_client.get(change).status_code == 200
    answer = admin_client.post(change, {"kind": "work", "name": "x"})
    assert answer.status_code == 403
    drop = reverse("admin:governance_holiday_delete", args=[day.pk])
    assert admin_client.post(drop, {"post": "yes"}).status_code == 403


SUMMER = {
    "name": "夏令时",
    "starts_date": "2026-06-01",
    "ends_date": "2026-10-01",
    "weekdays": ["1", "2", "3", "4", "5"],
    "periods": "08:00-12:00，15:00-18:00",
}


def test_a_scheme_is_made_changed_and_dropped(admin_client, defaults):
    admin_client.post(reverse("admin:governance_workscheme_add"), SUMMER)
    scheme = WorkScheme.objects.get(name="夏令时")
    assert scheme.periods == [["08:00", "12:00"], ["15:00", "18:00"]]
    change = reverse("admin:governance_workscheme_change", args=[scheme.pk])
    assert "08:00-12:00, 15:00-18:00" in admin_client.get(change).content.decode()
    admin_client.post(change, {**SUMMER, "name": "夏季"})
    assert WorkScheme.objects.get(pk=scheme.pk).name == "夏季"
    drop = reverse("admin:governance_workscheme_delete", args=[scheme.pk])
    admin_client.post(drop, {"post": "yes"})
    assert WorkScheme.objects.count() == 1


def test_an_impossible_scheme_is_refused_at_its_field(admin_client, defaults):
    add = reverse("admin:governance_workscheme_add")
    answer = admin_client.post(add, {**SUMMER, "periods": "12:00-08:00"})
    assert "工作时段应按先后写作" in answer.content.decode()
    answer = admin_client.post(add, {**SUMMER, "starts_date": "", "ends_date": ""})
    assert "默认方案只能有一个" in answer.content.decode()
    assert WorkScheme.objects.count() == 1


def test_the_default_scheme_cannot_be_deleted(admin_client, defaults):
    scheme = WorkScheme.objects.get()
    drop = reverse("admin:governance_workscheme_delete", args=[scheme.pk])
    assert admin_client.post(drop, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", ["job", "calendaryear"])
def test_what_the_system_writes_is_only_looked_at(admin_client, defaults, model):
    Job.objects.create(task="t", subject="case:1", run_at=NOW, created_at=NOW)
    url = reverse(f"admin:governance_{model}_changelist")
    assert admin_client.get(url).status_code == 200
    add = reverse(f"admin:governance_{model}_add")
    assert admin_client.get(add).status_code == 403


def test_the_journal_is_the_audit_administrators_and_not_here(admin_client):
    shown = {model.__name__ for model in admin.site._registry}
    assert "Job" in shown
    assert not {"Event", "Anchor"} & shown


@pytest.fixture
def november(monkeypatch):
    """The year is imported that runs, but not the next."""
    CalendarYear.objects.create(year=2026, source="国办", imported_at=NOW)
    monkeypatch.setattr("governance.clock.now", lambda: NOW)


def test_every_page_of_the_administration_says_which_year_is_missing(
    admin_client, november
):
    for name in ("admin:index", "admin:governance_job_changelist"):
        content = admin_client.get(reverse(name)).content.decode()
        assert "未导入2027年放假安排" in content and "未导入2026年" not in content
        assert f'href="{reverse("admin:governance_holiday_import")}"' in content
    upload(admin_client, json.dumps(YEAR_2027))
    assert (
        "未导入2027年" not in admin_client.get(reverse("admin:index")).content.decode()
    )


def test_a_year_that_is_far_off_is_not_asked_for(admin_client, november, monkeypatch):
    spring = datetime(2026, 4, 1, 9, tzinfo=calendar.ZONE)
    monkeypatch.setattr("governance.clock.now", lambda: spring)
    assert "未导入" not in admin_client.get(reverse("admin:index")).content.decode()


def test_the_login_page_says_nothing_of_it(client, november):
    content = client.get(reverse("admin:login"), follow=True).content.decode()
    assert "未导入" not in content


def labels(shown, form, columns, request):
    """What heads the columns and stands before the fields of a thing."""
    names = [*columns, *flatten_fieldsets(shown.get_fieldsets(request))]
    asked = {name: field.label for name, field in form.fields.items()}
    return {
        str(asked.get(name) or label_for_field(name, shown.model, shown))
        for name in names
        if name != "__str__"
    }


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda one: one.__name__)
def test_the_administration_names_everything_in_chinese(rf, model):
    request, page = rf.get("/"), admin.site._registry[model]
    request.user = get_user_model()(is_superuser=True, is_active=True)
    request.session = {}
    form = page.get_form(request)()
    said = labels(page, form, page.get_list_display(request), request)
    for inline in page.get_inline_instances(request):
        said |= labels(inline, inline.get_formset(request).form(), [], request)
    assert [one for one in said if LATIN.search(one) and not HAN.search(one)] == []
