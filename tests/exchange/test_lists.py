"""Any list can be taken out as it is narrowed, or it is written here why not."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from duties.models import CareTarget
from exchange.lists import BY_CODE, LISTINGS
from exchange.models import Export
from governance import clock
from governance.crypto import seal
from tests.cases.conftest import file_case, photos, snapshot, world
from tests.cases.road import signed_in
from tests.exchange.test_exports import ask, sheet_of
from tests.factories import UserFactory

__all__ = ["file_case", "photos", "snapshot", "world"]
TEMPLATES = Path(settings.BASE_DIR) / "templates"
# What draws a list: rows, a table, or the turning of its pages.
LIST = re.compile(
    r'_pager\.html|<table\b|class="(?:rows|orders|cards|case-rows)\b|class="pager"'
)
LEADS = re.compile(
    r"""_take_out\.html" with listing="([\w-]+)"|url ["']export["'] ["']([\w-]+)["']"""
)

OF_ONE_CASE = "a part of the page of one case, which prints as 案卷"
OF_ONE_TASK = (
    "a part of the page of one task; the list of tasks goes out with its counts"
)
OF_ONE = "a part of the page of one thing; the list of them goes out"
FIGURES = "figures; each leads to the list behind it, and that one goes out"
OWN = "a few things of one's own to choose from, kept for nobody else"
BEFORE = "what a file or a step is about to do, before it is confirmed"
GUIDE = "explains the platform itself"
OPEN = "for residents, who have no post in which to ask; the file signs for a person"
PART = "drawn by a page whose own template leads to the export"
PEOPLE = "人员与任职 of the tables has all accounts, and the posts they hold"
WHY_NOT = {
    "cases/_catalogue_preview.html": BEFORE,
    "cases/bulk/_bar.html": BEFORE,
    "cases/bulk/done.html": "what a step on many cases came to; the desk has them",
    "cases/case/_alike.html": OF_ONE_CASE,
    "cases/case/_difference.html": OF_ONE_CASE,
    "cases/case/_disputes.html": OF_ONE_CASE,
    "cases/case/_links.html": OF_ONE_CASE,
    "cases/case/_notes.html": OF_ONE_CASE,
    "cases/case/_requests.html": OF_ONE_CASE,
    "cases/case/_step.html": OF_ONE_CASE,
    "cases/case/_visits.html": OF_ONE_CASE,
    "cases/case/file.html": OF_ONE_CASE,
    "cases/catalogue_category.html": OF_ONE,
    "cases/desk/phone_export.html": BEFORE,
    "cases/inbox/views.html": OWN,
    "cases/meetings/meeting.html": "one meeting, which prints as its minutes",
    "cases/phone/_duplicates.html": BEFORE,
    "cases/phone/home.html": "what waits today; 我的案件 and 上级任务 have it whole",
    "cases/phone/outbox.html": "waits on the phone and is not on the server yet",
    "cases/phrases/phrases.html": OWN,
    "cases/report/_table.html": FIGURES,
    "cases/style.html": GUIDE,
    "cases/workflow/_workflow.html": GUIDE,
    "civics/data_desk.html": "what is held of one person; its own file signs for that",
    "civics/mine.html": OPEN,
    "civics/public_list.html": OPEN,
    "doors/bridges/order.html": OF_ONE,
    "doors/bridges/unplaced.html": "waits for a place; once filed it is in the lists",
    "doors/interface/_fields.html": GUIDE,
    "doors/interface/interface.html": GUIDE,
    "duties/_admission_rows.html": PART,
    "duties/_records.html": OF_ONE_TASK,
    "duties/desk/_tree.html": OF_ONE_TASK,
    "duties/incidents/_screen.html": "one incident; its log goes out as a table",
    "duties/incidents/report.html": OF_ONE_TASK,
    "duties/mediation/mediation.html": OF_ONE,
    "duties/mediation/parties.html": "opened once with a reason, never in a file",
    "duties/patrol.html": OF_ONE,
    "duties/phone/_home.html": "what waits today; 上级任务 has it whole",
    "duties/phone/duty.html": OF_ONE_TASK,
    "exchange/_review.html": BEFORE,
    "exchange/exports.html": "the files that went out are themselves exports",
    "exchange/tables.html": "the lists of an administrator are offered on it",
    "exchange/upload.html": "offers the same table as it stands, to be filled in",
    "grids/import_review.html": BEFORE,
    "oversight/_colours.html": FIGURES,
    "oversight/_month.html": FIGURES,
    "oversight/_shares.html": FIGURES,
    "oversight/_table.html": FIGURES,
    "oversight/audit/_checks.html": "what checks found is in the journal, taken out",
    "oversight/audit/checks.html": "anchors, which WANGGE_ANCHOR_FILE keeps elsewhere",
    "parties/_delegation_rows.html": OWN,
    "parties/channels/_deliveries.html": "the newest letters of one channel, sealed",
    "parties/channels/channels.html": "settings of an administrator, with secrets",
    "parties/notification_settings.html": OWN,
    "parties/security/account.html": OF_ONE,
    "parties/security/accounts.html": PEOPLE,
    "parties/security/check.html": "what is set on this instance, for who sets it",
    "parties/security/lockouts.html": "counts of half an hour, gone when it is over",
    "parties/security/posts.html": PEOPLE,
}


def lists():
    """Templates that draw one, with the exports they lead to."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        codes = [one or other for one, other in LEADS.findall(text)]
        if codes or (LIST.search(text) and path.name != "_pager.html"):
            yield str(path.relative_to(TEMPLATES)), codes


def test_every_list_has_an_export_or_a_reason():
    bare = {name for name, codes in lists() if not codes}
    assert sorted(bare) == sorted(WHY_NOT)


def test_every_export_is_reached_from_a_list():
    led = {code for _name, codes in lists() for code in codes}
    masters = {one.code for one in LISTINGS if one.page == "tables"}
    assert led == set(BY_CODE) - masters


def test_every_export_names_the_page_it_belongs_to():
    assert all(reverse(one.page) for one in LISTINGS)


LISTS = [
    ("grid_a", "phone", "?list=mine"),
    ("grid_a", "phone", "?list=hand"),
    ("grid_a", "phone", "?list=grid"),
    ("grid_a", "duties", ""),
    ("dispatcher", "supervision", "?tab=all"),
    ("dispatcher", "suspended", ""),
    ("district", "meetings", ""),
    ("district", "gaps", ""),
    ("dispatcher", "scores", "?month=2026-11"),
    ("dispatcher", "tasks", "?list=todo"),
    ("dispatcher", "tasks", "?list=review"),
    ("dispatcher", "tasks", "?list=issued"),
    ("dispatcher", "tasks", "?list=all"),
    ("acceptor", "admissions", ""),
    ("acceptor", "care", "?service=living_alone"),
    ("acceptor", "mediations", ""),
    ("street_leader", "incidents", ""),
    ("grid_a", "patrols", ""),
    ("acceptor", "places", ""),
    ("acceptor", "orders", "?status=held"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "code", "query"), LISTS)
def test_it_goes_out_from_its_page_and_leads_back(world, name, code, query):
    """The page leads to it with its narrowing, and what nobody has in it is empty."""
    client = signed_in(world, name)
    address = f"{reverse('export', args=[code])}{query}"
    page = client.get(address)
    assert page.status_code == 200
    assert f"{reverse(BY_CODE[code].page)}{query}" in page.content.decode()
    rows, _book = sheet_of(client, code, query)
    heading = 1 if page.context["outgoing"].sensitive else 0
    assert [one for one in rows[heading] if one] == page.context["outgoing"].headings
    export = Export.objects.get()
    assert export.listing == code
    assert bool(export.purpose) or not page.context["outgoing"].sensitive


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["meetings", "gaps", "suspended", "places", "orders"])
def test_who_has_not_the_page_has_not_its_export(world, code):
    client = signed_in(world, "grid_a")
    page = client.get(reverse(BY_CODE[code].page))
    answer = client.get(reverse("export", args=[code]))
    assert answer.status_code == page.status_code != 200
    assert not Export.objects.exists()


@pytest.mark.django_db
def test_own_cases_of_the_phone_are_those_of_the_page(world, file_case):
    case = file_case()
    mine, _book = sheet_of(signed_in(world, "grid_a"), "phone", "?list=mine")
    assert mine[2][0] == case.case_no
    other, _book = sheet_of(signed_in(world, "grid_b"), "phone", "?list=mine")
    assert not any(case.case_no in row for row in other)
    text = signed_in(world, "grid_a").get("/m/cases/?list=mine").content.decode()
    assert f"{reverse('export', args=['phone'])}?list=mine" in text


@pytest.mark.django_db
def test_people_in_care_leave_masked_and_with_a_mark(world):
    worker = world.postings["grid_a"]
    day = clock.now().date()
    CareTarget.objects.create(
        grid=worker.post.area,
        name=seal("欧阳大海"),
        telephone=seal("13900005678"),
        building="5 栋",
        room=seal("1203"),
        services=["living_alone"],
        legal_basis="statutory",
        worker=worker.user,
        every_days=7,
        next_visit_date=day,
        review_date=day,
        created_by=UserFactory(),
        created_at=clock.now(),
    )
    client = signed_in(world, "acceptor")
    answer = ask(client, "care", purpose="")
    assert answer.status_code == 422, "a purpose is asked for"
    rows, book = sheet_of(client, "care")
    text = str(rows)
    for secret in ("大海", "13900005678", "1203"):
        assert secret not in text
    assert "139****5678" in text
    assert "不得外传" in rows[0][0]
    assert str(Export.objects.get().token) in book.properties.description
