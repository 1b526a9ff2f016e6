"""check_invariants: silent while all holds, one line with names for what does not."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from cases.management.commands.check_invariants import line
from cases.models import (
    Case,
    CaseClock,
    ClockAlert,
    Dispute,
    SiteTask,
    Submission,
    Support,
)
from cases.querysets import invariants
from cases.workflow import RUNNING, Stage, State, running_clocks
from governance.models import Job
from parties.models import Notification, Organisation
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again
from tests.parties.channel_road import a_webhook, tell

MINUTE = timedelta(minutes=1)


@pytest.fixture
def road(world: Any, file_case: Any, photos: Any, monkeypatch: Any) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def broken(at: Any = MONDAY_9, grace: timedelta = MINUTE) -> dict[str, tuple[str, ...]]:
    found = invariants.check(at=at, grace=grace)
    return {one.invariant.name: one.examples for one in found if not one.holds}


def sql(statement: str, *given: Any) -> None:
    """Behind the back of the actions, as a hand in the database would."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, given)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_nothing_is_broken_on_the_way_of_a_case(road: Road, turn: Any) -> None:
    road.drafted("urban")
    road.closed()
    case = road.reported()
    turn(MONDAY_9)
    assert again(case).version > 1
    assert broken() == {}


def test_clocks_that_run_out_break_nothing(road: Road, turn: Any) -> None:
    road.reported()
    road.joint()
    closed = road.closed()
    later = MONDAY_9 + timedelta(days=10)
    turn(later)
    assert again(closed).state == State.ARCHIVED
    assert broken(later) == {}


def test_the_table_says_which_clock_runs_where() -> None:
    """DOMAIN C.2, read off the transitions."""
    for state, sets in running_clocks().items():
        given = set(RUNNING.get(State(state), ())) - {Stage.CHECKIN}
        assert frozenset(given) in sets, state
        assert all(len(one) <= 1 for one in sets), state


def wrong_state(case: Case) -> None:
    sql("UPDATE cases_case SET state = 'JOINT_HANDLING' WHERE id = %s", case.pk)


def no_holder(case: Case) -> None:
    Organisation.objects.filter(pk=case.holder_org_id).update(is_active=False)


def clock_stopped(case: Case) -> None:
    CaseClock.objects.filter(case=case, stage="JUDGE").update(
        running_since=None, due_at=None, stopped_at=MONDAY_9
    )


def second_clock(case: Case) -> None:
    CaseClock.objects.create(
        case=case, stage="HANDLE", limit_n=1, base_n=1, limit_unit="WORK_HOUR",
        started_at=MONDAY_9, running_since=MONDAY_9, due_at=MONDAY_9,
    )  # fmt: skip


def event_gone(case: Case) -> None:
    sql("DELETE FROM governance_event WHERE chain = %s AND seq = 1", case.chain)


def event_unlinked(case: Case) -> None:
    sql("UPDATE governance_event SET prev_hash = repeat('0', 64) WHERE chain = %s "
        "AND seq = 2", case.chain)  # fmt: skip


def events_swapped(case: Case) -> None:
    sql("UPDATE governance_event SET seq = 3 - seq + 100 WHERE chain = %s", case.chain)
    sql("UPDATE governance_event SET seq = seq - 100 WHERE chain = %s", case.chain)


def event_from_elsewhere(case: Case) -> None:
    sql("UPDATE governance_event SET detail = jsonb_set(detail, '{from}', "
        "'\"CLOSED\"') WHERE chain = %s AND seq = 2", case.chain)  # fmt: skip


def stray_event(case: Case) -> None:
    sql("UPDATE governance_event SET chain = 'case:999999' WHERE chain = %s "
        "AND seq = 2", case.chain)  # fmt: skip


def told_twice(case: Case) -> None:
    user = case.reporter_id
    Notification.objects.create(user_id=user, kind="notice", title="上报",
                                key="case:1:1", created_at=MONDAY_9)  # fmt: skip


def filed_twice(case: Case) -> None:
    first = Submission.objects.get(case=case)
    first.pk = "00000000-0000-4000-8000-000000000001"
    first.save(force_insert=True)


def lost_submission(case: Case) -> None:
    Submission.objects.filter(case=case).update(case=None)


def own_master(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(master=case)


def counted_wrong(case: Case) -> None:
    Support.objects.create(case=case, name="居民", at=MONDAY_9)


def called_wrong(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(called_ids=[case.holder_org_id])


def forgotten_visit(case: Case) -> None:
    SiteTask.objects.create(
        case=case, kind="check", worker_id=case.reporter_id, sent_at=MONDAY_9,
        sent_by_id=case.reporter_id,
    )  # fmt: skip


def wrong_deadline(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(due_at=MONDAY_9)


def job_with_lease(case: Case) -> None:
    Job.objects.filter(subject=case.chain).update(
        done_at=MONDAY_9 + timedelta(days=90), leased_until=MONDAY_9
    )


def constraint_dropped(case: Case) -> None:
    sql("ALTER INDEX clock_one_open RENAME TO clock_one_lost")


@pytest.mark.parametrize(
    ("hurt", "names"),
    [
        (wrong_state, {"clocks_fit_state", "steps_connect", "lead_is_called"}),
        (no_holder, {"one_holder"}),
        (clock_stopped, {"clocks_fit_state", "nearest_deadline"}),
        (second_clock, {"clocks_fit_state", "nearest_deadline"}),
        (event_gone, {"chain_intact", "steps_connect", "one_event_each"}),
        (event_unlinked, {"chain_intact"}),
        (events_swapped, {"chain_intact", "steps_connect"}),
        (event_from_elsewhere, {"steps_connect"}),
        (stray_event, {"chain_intact", "steps_connect", "one_event_each"}),
        (told_twice, {"told_once"}),
        (filed_twice, {"submitted_once"}),
        (lost_submission, {"submitted_once"}),
        (own_master, {"merged_has_master", "counts_agree"}),
        (counted_wrong, {"counts_agree"}),
        (called_wrong, {"called_agree"}),
        (forgotten_visit, {"visits_fit_state"}),
        (wrong_deadline, {"nearest_deadline"}),
        (job_with_lease, {"jobs_end_clean"}),
        (constraint_dropped, {"constraints_stand"}),
    ],
)
def test_what_is_hurt_is_named(road: Road, hurt: Any, names: set[str]) -> None:
    case = road.pending()
    assert broken() == {}
    hurt(case)
    assert set(broken()) >= names
    assert set(broken()) - names <= {"one_event_each"}


def test_an_open_whistle_line_keeps_to_its_whistle(road: Road) -> None:
    case = road.joint("urban")
    assignment = case.assignments.get(role="lead")
    assignment.organisation = road.world.orgs["property"]
    assignment.save()
    assert set(broken()) == {"lead_is_called", "called_agree"}
    assignment.role = "support"
    assignment.save()
    assert set(broken()) == {"one_lead", "lead_is_called", "called_agree"}
    CaseClock.objects.filter(assignment=assignment).update(stopped_at=None)
    assert "lines_fit_case" in broken()


def test_a_checkin_clock_that_runs_on_in_a_dispute_is_named(road: Road) -> None:
    case = road.whistled("urban")
    Case.objects.filter(pk=case.pk).update(state=State.DISPUTED)
    assert f"{case.case_no} DISPUTED" in broken()["checkins_wait"]


def test_a_dispute_waits_only_while_it_is_ruled_on(road: Road) -> None:
    case = road.whistled()
    Dispute.objects.create(
        case=case, assignment=case.assignments.get(), raised_at=MONDAY_9,
        organisation=road.world.orgs["fire"], reason="not_our_duty",
    )  # fmt: skip
    assert broken() == {"one_dispute": (case.case_no,)}


def test_a_closed_case_with_a_clock_is_named(road: Road) -> None:
    case = road.closed()
    CaseClock.objects.filter(case=case, stage="HANDLE").update(stopped_at=None)
    assert broken() == {"closed_stands_still": (f"{case.case_no} HANDLE",)}


def test_a_rework_needs_a_way_back(road: Road) -> None:
    case = road.fed_back()
    Case.objects.filter(pk=case.pk).update(resume_state="")
    assert broken() == {"way_back_known": (case.case_no,)}


def test_a_due_clock_must_have_fired_or_have_a_job_that_waits(
    road: Road, turn: Any
) -> None:
    case = road.pending()
    clock = CaseClock.objects.get(case=case, stage="JUDGE")
    late = clock.due_at + timedelta(minutes=2)
    turn(MONDAY_9)
    assert set(broken(late)) == {"jobs_move"}
    Job.objects.filter(subject=case.chain).update(done_at=late)
    assert broken(late)["due_clocks_fired"] == (f"{case.case_no} JUDGE",)
    assert "due_clocks_fired" not in broken(clock.due_at + timedelta(seconds=30))
    ClockAlert.objects.create(clock=clock, percent=100, limit_n=clock.limit_n, at=late)
    assert "due_clocks_fired" not in broken(late)


def test_a_window_that_ran_out_must_have_moved_the_case(road: Road) -> None:
    case = road.closed()
    clock = CaseClock.objects.get(case=case, stage="ARCHIVE_AFTER")
    late = clock.due_at + timedelta(minutes=2)
    Job.objects.update(done_at=late)
    assert broken(late)["due_clocks_fired"] == (f"{case.case_no} ARCHIVE_AFTER",)


def test_command_says_each_in_one_line_and_fails_when_one_is_broken(
    road: Road, capsys: Any
) -> None:
    case = road.pending()
    call_command("check_invariants")
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(invariants.INVARIANTS) + 1
    assert all(one.startswith("✓ ") for one in said[:-1])
    assert "条全部成立" in said[-1]
    counted_wrong(case)
    with pytest.raises(CommandError, match="1 条不成立"):
        call_command("check_invariants")
    said = [one for one in capsys.readouterr().out.splitlines() if one[0] == "✗"]
    assert len(said) == 1 and f"：1 处，{case.case_no}" in said[0]


def test_command_speaks_json_and_checks_only_what_is_asked(
    road: Road, capsys: Any
) -> None:
    case = road.pending()
    counted_wrong(case)
    with pytest.raises(CommandError):
        call_command("check_invariants", "counts_agree", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    (one,) = told["invariants"]
    assert (one["name"], one["violations"]) == ("counts_agree", 1)
    assert one["examples"] == [case.case_no] and one["checked"] == Case.objects.count()
    with pytest.raises(CommandError, match="没有“nonsense”这一条"):
        call_command("check_invariants", "nonsense")


def test_full_reads_the_contents_of_the_journal_too(road: Road, capsys: Any) -> None:
    case = road.pending()
    call_command("check_invariants", "--full")
    sql("UPDATE governance_event SET detail = detail || '{\"opinion\": \"x\"}' "
        "WHERE chain = %s AND seq = 1", case.chain)  # fmt: skip
    call_command("check_invariants")
    with pytest.raises(CommandError, match="1 条不成立"):
        call_command("check_invariants", "--full")
    assert "流水被改动过" in capsys.readouterr().out


def test_no_more_than_five_are_named(road: Road) -> None:
    for _n in range(6):
        counted_wrong(road.reported())
    found = list(
        invariants.check(at=MONDAY_9, grace=MINUTE, only=["counts_agree"])
    )  # fmt: skip
    assert found[0].violations == 6 and len(found[0].examples) == 5
    assert line(found[0]).endswith("……")


def test_every_invariant_is_explained_to_the_operator() -> None:
    page = (settings.BASE_DIR / "docs" / "invariants.md").read_text(encoding="utf-8")
    for one in invariants.INVARIANTS:
        assert f"| `{one.name}` |" in page, one.name


def test_a_letter_that_nobody_sends_is_found(road: Road) -> None:
    road.reported()
    channel = a_webhook("https://a.example.cn/", MONDAY_9)
    tell([road.world.user_id("acceptor")], "a", MONDAY_9)
    late = MONDAY_9 + timedelta(hours=1)
    assert "letters_move" not in broken(late)
    Job.objects.filter(subject=channel.chain).update(done_at=MONDAY_9)
    delivery = channel.deliveries.get()
    assert broken(late)["letters_move"] == (f"#{delivery.pk} {delivery.title}",)
