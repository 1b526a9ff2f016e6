"""On the last day of a year whose successor is not imported (DOMAIN C.4, rule 7)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from cases import actions
from cases.explain import explain, explain_to_resident
from cases.lamps import clock_rows, lamps_of
from cases.models import Case, CaseClock
from cases.querysets import invariants
from cases.querysets.journal import with_journal
from cases.replay import differences, replay
from cases.tasks import reckon_clock
from cases.workflow import State
from governance import calendar
from governance.calendar import MissingCalendar
from governance.errors import Refused
from governance.models import CalendarYear, Event, Job
from parties.acting import Actor
from tests.cases.conftest import SPOT, World, at
from tests.cases.road import ASKED, Road, again, signed_in

pytestmark = pytest.mark.django_db
LATE = at("2026-12-31 17:00")  # 2 工作时 reach into 2027


@pytest.fixture
def road(world: World, file_case: Any, photos: Any, monkeypatch: Any) -> Road:
    CalendarYear.objects.filter(year=2027).delete()
    monkeypatch.setattr("governance.clock.now", lambda: LATE)
    return Road(world, file_case, photos, LATE)


def imported() -> None:
    CalendarYear.objects.create(year=2027, source="通知", imported_at=LATE)


def accept_clock(case: Case) -> CaseClock:
    return CaseClock.objects.get(case=case, stage="ACCEPT")


def test_a_report_goes_through_without_a_deadline(road: Road) -> None:
    case = road.reported(**ASKED)
    clock = accept_clock(case)
    assert case.state == State.REPORTED and case.due_at is None
    assert clock.running_since == LATE and clock.due_at is None
    first = case.clocks.get(stage="FIRST_REPLY")  # day and night: needs no calendar
    assert first.due_at == LATE + timedelta(hours=24)
    assert Job.objects.filter(task="cases.tasks.reckon_clock", done_at=None).exists()
    names = ["nearest_deadline", "clocks_fit_state", "one_event_each"]
    assert all(
        one.holds for one in invariants.check(at=LATE, grace=timedelta(0), only=names)
    )


def test_done_on_the_spot_goes_through_too(road: Road) -> None:
    worker = road.world.actor("grid_a")
    case = actions.resolve_on_spot(
        submission_id=uuid.uuid4(),
        report=actions.Report(
            category_id=road.world.categories["stall"].pk,
            description="门前摆摊占住了整条人行道。", address="和平路",
            lng=SPOT[0], lat=SPOT[1], measures="已劝离",
            photos=road.photos(worker, "before", "after"),
        ),
        actor=worker, at=LATE,
    )  # fmt: skip
    assert case.state == State.SELF_REVIEW
    assert case.clocks.get(stage="REVIEW").due_at is None


def test_the_deadline_is_filled_in_when_the_year_is_there(road: Road) -> None:
    case = road.reported()
    clock = accept_clock(case)
    with pytest.raises(MissingCalendar):
        actions.reckon_clock(clock_id=clock.pk, at=LATE)
    job = Job.objects.get(task="cases.tasks.reckon_clock")
    assert not reckon_clock(job_id=job.pk)
    job.refresh_from_db()
    assert job.done_at is None and "未导入2027年放假安排" in job.error
    imported()
    seen = again(case).version
    assert reckon_clock(job_id=job.pk)
    clock.refresh_from_db()
    right = calendar.due_at(LATE, 2, "WORK_HOUR")
    assert clock.due_at == right == again(case).due_at
    assert again(case).version == seen
    event = Event.objects.get(chain=case.chain, action="cases.reckon_clock")
    assert event.detail["stage"] == "ACCEPT"
    waits = Job.objects.filter(task="cases.tasks.watch_clock", done_at=None)
    assert waits.filter(args={"clock_id": clock.pk, "percent": 100}).exists()
    [(found, facts)] = with_journal(Case.objects.filter(pk=case.pk))
    assert not list(differences(found.clock_rows, replay(facts, calendar.load(LATE))))
    actions.reckon_clock(clock_id=clock.pk, at=LATE)  # twice is once
    assert Event.objects.filter(action="cases.reckon_clock").count() == 1


def test_a_clock_that_was_stopped_meanwhile_needs_no_deadline(road: Road) -> None:
    case = road.reported()
    actions.reject(
        case_id=case.pk, reason="not_ours", opinion="不属本级",
        actor=road.world.actor("acceptor"), at=LATE + timedelta(minutes=20),
    )  # fmt: skip
    clock = accept_clock(case)
    assert clock.consumed_minutes == 20 and not clock.is_overdue
    actions.reckon_clock(clock_id=clock.pk, at=LATE + timedelta(days=3))
    assert accept_clock(case).due_at is None
    assert not Event.objects.filter(action="cases.reckon_clock").exists()


def test_steps_of_the_staff_are_refused_with_what_to_do(road: Road) -> None:
    case = road.reported()
    before = Event.objects.filter(chain=case.chain).count()
    with pytest.raises(Refused, match="未导入2027年放假安排") as refused:
        actions.raise_to_street(
            case_id=case.pk, opinion="社区无执法权",
            actor=road.world.actor("acceptor"), at=LATE,
        )  # fmt: skip
    assert refused.value.code == "missing_calendar"
    assert Event.objects.filter(chain=case.chain).count() == before


def test_a_resident_may_say_that_he_is_not_satisfied(
    world: World, file_case: Any, photos: Any
) -> None:
    road = Road(world, file_case, photos)
    case = road.rating()
    CalendarYear.objects.filter(year=2027).delete()
    actions.rate(
        case_id=case.pk, score="dissatisfied", solved=False, comment="又堵了",
        channel="portal", actor=Actor.resident("张三"), at=LATE,
    )  # fmt: skip
    clock = again(case).clocks.get(stage="CALL_BACK")
    assert clock.running_since == LATE and clock.due_at is None


def test_everybody_sees_that_it_cannot_be_reckoned(road: Road) -> None:
    case = road.reported(**ASKED)
    [row] = [one for one in clock_rows(case.clocks.all(), LATE) if one.stage == "接报"]
    assert row.lamp is not None and row.lamp.text == "无法计算到期时间"
    assert lamps_of([case], LATE)[case.pk].text == "无法计算到期时间"
    assert "放假安排尚未导入" in explain(case, LATE).now
    assert "放假安排公布后" in explain_to_resident(case, LATE)
    client = signed_in(road.world, "acceptor")
    page = client.get(reverse("case", args=[case.pk]))
    assert page.status_code == 200 and "无法计算到期时间" in page.content.decode()
    queue = client.get(reverse("desk_queue"))
    assert queue.status_code == 200 and case.display_no in queue.content.decode()
