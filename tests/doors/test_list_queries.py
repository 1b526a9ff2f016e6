"""Ten rows of a list cost no more queries than two, at every list of the interface.

A list that comes new fails here until it says how its rows are made.
"""

from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
import yaml
from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.notes import leave_note
from cases.models import (
    AgendaItem,
    Case,
    Phrase,
    ResponsibilityGap,
    ResponsibilityItem,
    RoutingGap,
    SavedView,
    SiteTask,
    SupervisionOrder,
    Suspension,
)
from civics.models import Place
from duties.models import (
    Incident,
    IncidentLogEntry,
    Mediation,
    PatrolRecord,
    SituationReport,
    TaskReceiver,
    VisitRecord,
)
from exchange.models import Export, Import
from grids.models import AreaBoundary
from parties.models import Channel, Delivery, Notification, Posting
from tests.cases.conftest import COMMUNITY, MONDAY_9, SPOT, STREET, spot
from tests.cases.conftest import _category as category
from tests.cases.conftest import _condition as condition
from tests.cases.ruling_road import RulingRoad
from tests.duties.conftest import GRID_A, duties
from tests.duties.test_f6 import dispute
from tests.factories import OrganisationFactory, UserFactory, area_of

__all__ = ["dispute", "duties"]

FEW, MANY = 2, 10
WITHOUT_ROWS = {
    "list_boxes": "names of boxes, and one count of all",
    "list_bulk_actions": "names of steps",
    "list_import_lines": "lines of a file that waits on the disk",
    "list_listings": "names of lists",
    "list_queues": "names of queues, and one count of all",
    "list_tables": "names of tables",
    "list_unit_scores": "one row of a total for each unit",
}
LISTS = {}
numbers = count(1)


def rows_of(operation, who, name, *args, most=MANY, **query):
    """How the rows of a list are made: `fill(city, n)` makes n more."""

    def known(fill):
        LISTS[operation] = SimpleNamespace(
            who=who, name=name, args=args, most=most, query=query, fill=fill
        )
        return fill

    return known


@pytest.fixture
def city(world, file_case, photos, program, duties, request):
    return SimpleNamespace(
        world=world, road=RulingRoad(world, file_case, photos), duties=duties,
        program=cache(program), request=request,
    )  # fmt: skip


def copies(row, n, **own):
    """n more rows like it; `own` says what each has for itself."""
    for _one in range(n):
        row.pk, row._state.adding = None, True
        for name, value in own.items():
            setattr(row, name, value())
        row.save()


def filed(city, n, **more):
    return [city.road.reported("stall", **more) for _one in range(n)]


def moved(city, state):
    """A case that says it stands there."""
    case = city.road.reported("stall")
    Case.objects.filter(pk=case.pk).update(state=state)
    return case


@rows_of("list_cases", "acceptor", "api_cases")
@rows_of("cases_geojson", "acceptor", "api_cases_geojson")
@rows_of("list_queue", "acceptor", "api_queue", "reported")
@rows_of("list_board_rows", "dispatcher", "api_board_rows", "open")
def cases(city, n):
    filed(city, n)


@rows_of("list_box", "fire", "api_box", "pending")
@rows_of("list_figure_rows", "dispatcher", "api_figure_rows", "returning")
@rows_of("list_board_rows of whistles", "dispatcher", "api_board_rows", "absent")
def whistles(city, n):
    for _one in range(n):
        city.road.whistled()


@rows_of("list_alike_cases", "acceptor", "api_alike", most=5)
def alike(city, n):
    return [filed(city, n + 1)[0].pk]


@rows_of("list_notes", "acceptor", "api_notes")
def notes(city, n):
    case = Case.objects.first() or city.road.reported()
    for _one in range(n):
        leave_note(
            case_id=case.pk, opinion="请留意", actor=city.world.actor("acceptor"),
            at=MONDAY_9,
        )  # fmt: skip
    return [case.pk]


@rows_of("list_readers", "dispatcher", "api_readers")
def readers(city, n):
    case = Case.objects.first() or city.road.whistled()
    for _one in range(n):
        name = f"同事{next(numbers)}"
        city.world.hire(name, "department_handler", "fire", "990101")
    return [case.pk]


@rows_of("list_site_tasks", "grid_b", "api_site_tasks")
def site_tasks(city, n):
    for case in filed(city, n):
        SiteTask.objects.create(
            case=case, kind="verify", worker_id=city.world.user_id("grid_b"),
            requirement="请核实", sent_at=MONDAY_9,
        )  # fmt: skip


@rows_of("list_cases_for_meetings", "district", "api_meeting_waiting")
def waiting_for_meetings(city, n):
    for _one in range(n):
        moved(city, "DISTRICT_COORD")


@rows_of("list_meetings", "district", "api_meetings")
def meetings(city, n):
    for _one in range(n):
        city.road.convened()


@rows_of("read_meeting", "district", "api_meeting")
def agenda(city, n):
    item = AgendaItem.objects.first()
    meeting = item.meeting if item else city.road.convened()
    for case in filed(city, n):
        AgendaItem.objects.create(meeting=meeting, case=case, order=next(numbers))
    return [meeting.pk]


@rows_of("list_gaps", "district", "api_gaps")
@rows_of("list_routing_gaps", "district", "api_routing_gaps")
def gaps(city, n):
    for case in filed(city, n):
        more = {"case": case, "area": city.world.areas[STREET], "at": MONDAY_9}
        ResponsibilityGap.objects.create(category=case.category, note="无人", **more)
        RoutingGap.objects.create(missing="街道派遣员", **more)


@rows_of("list_supervision_orders", "district", "api_supervision")
def orders(city, n):
    for case in filed(city, n):
        number = next(numbers)
        SupervisionOrder.objects.create(
            case=case, sub_number=f"99010120261126{number:04}", year=2026,
            serial=number, district=city.world.areas["990101"], opinion="请办理",
            organisation=city.world.orgs["fire"], issued_at=MONDAY_9,
            due_at=MONDAY_9, status="issued",
        )  # fmt: skip


@rows_of("list_suspended", "district", "api_suspended")
def suspended(city, n):
    if not Suspension.objects.exists():
        city.road.suspended()
    copies(Suspension.objects.first(), n, case=lambda: moved(city, "SUSPENDED"))


@rows_of("read_case_file", "district", "api_case_file")
def case_file(city, n):
    case = city.road.reported() if n == FEW else Case.objects.first()
    at, users = MONDAY_9, city.world.user_id
    for _one in range(n):
        SiteTask.objects.create(
            case=case, kind="verify", worker_id=users("grid_b"), requirement="请核实",
            sent_at=at, submitted_at=at, position=spot(),
        )  # fmt: skip
        case.members.create(user=UserFactory(), role="调解员", added_at=at)
        merged = moved(city, "REPORTED")
        Case.objects.filter(pk=merged.pk).update(state="MERGED", master=case)
    return [case.pk]


@rows_of("list_views", "fire", "api_views")
def views(city, n):
    for _one in range(n):
        SavedView.objects.create(
            owner=UserFactory(), organisation=city.world.orgs["fire"],
            name=f"视图{next(numbers)}", query="box=pending", is_shared=True,
            created_at=MONDAY_9,
        )  # fmt: skip


@rows_of("list_phrases", "fire", "api_phrases")
def phrases(city, n):
    for _one in range(n):
        Phrase.objects.create(
            organisation=city.world.orgs["fire"], title="告知", text="已安排。",
            category=city.world.categories["stall"], changed_at=MONDAY_9,
        )  # fmt: skip


@rows_of("list_messages", "fire", "api_messages")
def messages(city, n):
    for _one in range(n):
        Notification.objects.create(
            user_id=city.world.user_id("fire"), kind="todo", title="待报到",
            key=str(uuid4()), created_at=MONDAY_9,
        )  # fmt: skip


@rows_of("list_areas", "fire", "api_areas")
@rows_of("areas_geojson", "fire", "api_areas_geojson", level="grid")
def areas(city, n):
    for _one in range(n):
        shape = Polygon.from_bbox((*SPOT, SPOT[0] + 0.1, SPOT[1] + 0.1))
        AreaBoundary.objects.create(
            area=area_of(f"{COMMUNITY}{100 + next(numbers)}"), version=1,
            geometry=MultiPolygon(shape, srid=4490), valid_from=MONDAY_9, area_m2=1,
            source="测试",
        )  # fmt: skip


@rows_of("list_categories", "fire", "api_categories")
def categories(_city, n):
    for _one in range(n):
        number = next(numbers)
        condition(category(f"08{number:03}", f"类别{number}"), 2, "WORK_HOUR")


@rows_of("list_organisations", "fire", "api_organisations")
def organisations(_city, n):
    OrganisationFactory.create_batch(n)


@rows_of("list_responsibilities", "fire", "api_responsibilities")
def responsibilities(_city, n):
    copies(
        ResponsibilityItem.objects.filter(role="support").first(), n,
        organisation=OrganisationFactory,
    )  # fmt: skip


@rows_of("list_delegations", "acceptor", "api_delegations")
def delegations(city, n):
    own = city.world.postings["acceptor"]
    for _one in range(n):
        Posting.objects.create(
            user=UserFactory(), post=own.post, delegated_from=own, source="delegation",
            starts_at=MONDAY_9, ends_at=MONDAY_9 + timedelta(days=1),
        )  # fmt: skip


@rows_of("list_places", "acceptor", "api_places")
def places(city, n):
    if not Place.objects.exists():
        made = city.reader.post(
            "api_places",
            body={
                "name": "南门", "address": "幸福里", "lng": SPOT[0], "lat": SPOT[1],
                "crs": "cgcs2000",
            },
        )  # fmt: skip
        assert made.status_code == 201, made.json()
    copies(Place.objects.first(), n, code=lambda: f"a{next(numbers)}")


@rows_of("list_tasks", "dispatcher", "api_tasks")
def tasks(city, n):
    for _one in range(n):
        city.duties.drafted()


@rows_of("list_duties", "acceptor", "api_duties")
def receivers(city, n):
    for _one in range(n):
        city.duties.issued()


@rows_of("list_visits", "acceptor", "api_visits")
def visits(city, n):
    if not VisitRecord.objects.exists():
        city.duties.visited(city.duties.in_hand(), city.duties.target())
    copies(VisitRecord.objects.first(), n, submission=uuid4)


@rows_of("list_patrols", "acceptor", "api_patrols")
def patrols(city, n):
    for _one in range(n):
        PatrolRecord.objects.create(
            user_id=city.world.user_id("grid_a"), grid=city.world.areas[GRID_A],
            started_at=MONDAY_9, ended_at=MONDAY_9,
        )  # fmt: skip


@rows_of("list_admissions", "district", "api_admissions")
def admissions(city, n):
    for _one in range(n):
        city.duties.applied(item=f"事项{next(numbers)}")


@rows_of("list_care_targets", "acceptor", "api_care_targets")
def care_targets(city, n):
    for _one in range(n):
        city.duties.target(name=f"王{next(numbers)}", room=str(next(numbers)))


def started(city):
    """An emergency that reaches the grids."""
    body = {
        "title": "台风防御", "kind": "typhoon", "level": "orange",
        "requirement": "转移低洼地带人员。", "report_hours": 2,
        "expires_at": f"{MONDAY_9 + timedelta(days=1):%Y-%m-%d %H:%M}",
    }  # fmt: skip
    made = city.program("street_leader").post("api_incident_start", body=body)
    assert made.status_code == 201, made.json()
    return Incident.objects.get(pk=made.json()["id"])


@rows_of("list_incidents", "street_leader", "api_incidents")
def incidents(city, n):
    for _one in range(n):
        started(city)


@rows_of("read_incident_log", "street_leader", "api_incident_log")
def incident_log(city, n):
    incident = Incident.objects.first() or started(city)
    copies(IncidentLogEntry.objects.filter(incident=incident).first(), n)
    return [incident.pk]


@rows_of("list_situations", "acceptor", "api_situations")
def situations(city, n):
    incident = Incident.objects.first() or started(city)
    part = TaskReceiver.objects.get(task=incident.task_id, area__code=COMMUNITY)
    for _one in range(n):
        SituationReport.objects.create(
            incident=incident, receiver=part, kind="safe", due_at=MONDAY_9,
            reported_at=MONDAY_9, reported_by_id=city.world.user_id("acceptor"),
        )  # fmt: skip
    return [part.pk]


@rows_of("list_mediations", "community_handler", "api_mediations")
def mediations(city, n):
    dispute = city.request.getfixturevalue("dispute")
    if not Mediation.objects.exists():
        dispute.opened()
    copies(Mediation.objects.first(), n, case=dispute.in_hand)


@rows_of("list_webhooks", "acceptor", "api_webhooks")
def webhooks(city, n):
    for _one in range(n):
        opened(city)


@rows_of("list_deliveries", "acceptor", "api_deliveries")
def deliveries(city, n):
    channel = Channel.objects.filter(deliveries__isnull=False).last() or opened(city)
    for _one in range(n):
        Delivery.objects.create(
            channel=channel, key=str(uuid4()), lane="case:1", importance="normal",
            title="接报", next_try_at=MONDAY_9, created_at=MONDAY_9,
        )  # fmt: skip
    return [channel.pk]


def opened(city):
    body = {"name": f"订阅{next(numbers)}", "url": "https://other.example.cn/hook"}
    made = city.reader.post("api_webhooks", body=body)
    assert made.status_code == 201, made.json()
    return Channel.objects.get(pk=made.json()["id"])


@rows_of("list_exports", "dispatcher", "api_exports")
def exports(city, n):
    posting = city.world.postings["dispatcher"]
    for _one in range(n):
        Export.objects.create(
            listing="desk", title="案件", format="csv", state="done", posting=posting,
            user=posting.user, created_at=MONDAY_9, expires_at=MONDAY_9,
        )  # fmt: skip


@rows_of("list_imports", "admin", "api_imports")
def imports(city, n):
    posting = city.world.postings["admin"]
    for _one in range(n):
        Import.objects.create(
            kind="organisations", name="单位.xlsx", state="done", posting=posting,
            user=posting.user, created_at=MONDAY_9,
        )  # fmt: skip


@pytest.mark.parametrize("operation", LISTS)
def test_ten_rows_cost_no_more_queries_than_two(operation, city, world):
    one = LISTS[operation]
    world.hire("admin", "system_admin", "street", "990101001")
    reader = city.reader = city.program(one.who)

    def listed(args):
        with CaptureQueriesContext(connection) as made:
            answer = reader.get(one.name, *args, **one.query)
        assert answer.status_code == 200, answer.json()
        return made.captured_queries, most_rows(answer.json())

    args = one.fill(city, FEW) or one.args
    listed(args)  # what is read once by a process is read
    few, n = listed(args)
    assert n >= FEW
    one.fill(city, one.most - FEW)
    many, n = listed(args)
    assert n >= one.most
    assert len(many) <= len(few), "\n".join(q["sql"][:200] for q in many)


def most_rows(found):
    """How long the longest list in it is."""
    inside = found.values() if isinstance(found, dict) else [found]
    return max(len(one) for one in inside if isinstance(one, list))


def test_every_list_says_how_its_rows_are_made():
    text = Path(settings.BASE_DIR, "docs", "openapi.yaml").read_text()
    named = {
        methods["get"]["operationId"]
        for methods in yaml.safe_load(text)["paths"].values()
        if "get" in methods
    }
    lists = {one for one in named if one.startswith("list_") or "_geojson" in one}
    assert lists - {one.split()[0] for one in LISTS} == set(WITHOUT_ROWS)
