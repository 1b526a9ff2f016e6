"""Several people at once, on a real database: one wins, nothing is lost or doubled."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from cases import actions
from cases.models import Case
from governance.errors import Refused
from governance.models import Event, Job
from tests.cases.conftest import MONDAY_9, SPOT
from tests.cases.road import Road

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 8


def at_once(attempts: list[Callable[[], Any]]) -> tuple[list[Any], list[Refused]]:
    """Run all at the same moment in threads of their own; (answers, refusals)."""
    ready = threading.Barrier(len(attempts))
    answers: list[Any] = []
    refusals: list[Refused] = []

    def run(attempt: Callable[[], Any]) -> None:
        try:
            ready.wait()
            answers.append(attempt())
        except Refused as refused:
            refusals.append(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[one]) for one in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, refusals


def test_one_of_many_conflicting_steps_wins(world: Any, file_case: Any) -> None:
    case = file_case()
    desk = world.actor("acceptor")
    said = {"case_id": case.pk, "actor": desk, "at": MONDAY_9, "opinion": "理由"}
    attempts: list[Callable[[], Any]] = []
    for _ in range(CROWD // 2):
        attempts.append(lambda: actions.raise_to_street(**said))
        attempts.append(lambda: actions.reject(**said, reason="not_ours"))
    answers, refusals = at_once(attempts)
    assert (len(answers), len(refusals)) == (1, CROWD - 1)
    steps = Event.objects.filter(chain=case.chain).count()
    assert steps == 2


def test_stale_page_is_told_who_was_faster(world: Any, file_case: Any) -> None:
    case = file_case()
    desk = world.actor("acceptor")
    said = {"case_id": case.pk, "actor": desk, "at": MONDAY_9, "opinion": "理由"}
    actions.send_to_verify(
        case_id=case.pk, worker_id=world.user_id("grid_a"), requirement="看",
        missing="地址不清", actor=desk, at=MONDAY_9, version=case.version,
    )  # fmt: skip
    with pytest.raises(Refused, match="有人先您一步：acceptor"):
        actions.raise_to_street(**said, version=case.version)


def test_same_submission_twenty_times_at_once_is_one_case(
    world: Any, photos: Any
) -> None:
    worker, key = world.actor("grid_a"), uuid.uuid4()
    report = actions.Report(
        category_id=world.categories["stall"].pk,
        description="门前摆摊占住了整条人行道。",
        address="和平路",
        lng=SPOT[0],
        lat=SPOT[1],
        photos=photos(worker, "report"),
    )
    send = lambda: actions.report(  # noqa: E731 - the same call twenty times
        submission_id=key, report=report, actor=worker, at=MONDAY_9
    )
    answers, refusals = at_once([send] * 20)
    assert not refusals
    assert len({case.pk for case in answers}) == 1
    assert Case.objects.count() == 1


def test_numbers_given_at_once_are_all_different(world: Any, file_case: Any) -> None:
    answers, refusals = at_once([lambda: file_case()] * CROWD)
    assert not refusals
    numbers = sorted(case.case_no[-5:] for case in answers)
    assert numbers == [f"{n:05d}" for n in range(1, CROWD + 1)]


def test_a_job_run_by_many_workers_happens_once(
    world: Any, file_case: Any, monkeypatch: Any
) -> None:
    from cases import tasks
    from governance import clock

    case = file_case("cover")
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)
    job = Job.objects.get(task="cases.tasks.route", subject=case.chain)
    answers, _ = at_once([lambda: tasks.route(job_id=job.pk)] * CROWD)
    assert answers.count(True) == 1
    raised = Event.objects.filter(chain=case.chain, action="cases.raise_to_street")
    assert raised.count() == 1


def test_merging_two_cases_into_each_other_leaves_one_master(
    world: Any, file_case: Any
) -> None:
    one, other = file_case(), file_case()
    desk = world.actor("acceptor")

    def into(child: Case, master: Case) -> Callable[[], Any]:
        return lambda: actions.merge(
            case_id=child.pk, master_id=master.pk, opinion="同一处", actor=desk,
            at=MONDAY_9,
        )  # fmt: skip

    answers, refusals = at_once([into(one, other), into(other, one)])
    assert (len(answers), len(refusals)) == (1, 1)
    assert Case.objects.filter(state="MERGED").count() == 1


def test_same_photo_sent_many_times_at_once_is_kept_once(
    world: Any, photos: Any, snapshot: bytes
) -> None:
    worker = world.actor("grid_a")
    photos(worker)
    sent: dict[str, Any] = {
        "photo_id": uuid.uuid4(), "batch": uuid.uuid4(), "stage": "report",
        "content": snapshot, "actor": worker, "at": MONDAY_9,
    }  # fmt: skip
    answers, _ = at_once([lambda: actions.upload_photo(**sent)] * 4)
    assert {one.pk for one in answers} == {sent["photo_id"]}
    assert len(answers) == 4


def test_two_claim_at_once_and_the_other_is_told_who(
    world: Any, file_case: Any, photos: Any
) -> None:
    """FEATURES 48."""
    case = Road(world, file_case, photos).whistled()
    actors = [world.hire(f"h{n}", "department_handler", "fire", "990101") for n in "ab"]
    answers, refusals = at_once(
        [
            lambda actor=actor: actions.claim(  # type: ignore[misc]
                case_id=case.pk, actor=actor, at=MONDAY_9
            )
            for actor in actors
        ]
    )
    assert (len(answers), len(refusals)) == (1, 1)
    winner = Case.objects.get(pk=case.pk).holder_user
    assert winner is not None and winner.name in str(refusals[0])
    claims = Event.objects.filter(chain=case.chain, action="cases.claim")
    assert [one.actor["user_id"] for one in claims] == [winner.pk]
