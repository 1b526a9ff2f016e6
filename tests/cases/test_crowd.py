"""A crowd at one case, round after round: one wins, nobody waits for ever.

32 people try conflicting steps at the same moment, a thousand times. The threads keep
their connections, as the web processes do.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from cases import actions
from cases.models import Case
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, SPOT, World

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 32
ROUNDS = 1000
PAIRS = 20
Attempt = Callable[[], Any]


@pytest.fixture
def together() -> Iterator[Callable[[list[Attempt]], list[Any]]]:
    """Run one attempt in each of CROWD threads at once; answers or what was raised."""
    ready = Barrier(CROWD)

    def run(attempt: Attempt) -> Any:
        ready.wait(30)
        try:
            return attempt()
        except Exception as error:
            return error

    with ThreadPoolExecutor(CROWD) as pool:
        yield lambda attempts: list(pool.map(run, attempts))
        closing = Barrier(CROWD)

        def close(_n: int) -> None:
            closing.wait(30)
            connection.close()

        list(pool.map(close, range(CROWD)))


def told_by_resident(world: World) -> Case:
    return actions.report(
        submission_id=uuid.uuid4(),
        report=actions.Report(
            category_id=world.categories["stall"].pk,
            description="门前摆摊占住了整条人行道。",
            address="和平路",
            lng=SPOT[0],
            lat=SPOT[1],
        ),
        actor=Actor.resident(),
        at=MONDAY_9,
    )


def conflicting(world: World, case: Case) -> list[Attempt]:
    """CROWD steps out of 待接报, all meant for the same version of the case."""
    desk, worker = world.actor("acceptor"), world.actor("grid_a")
    street = world.actor("street_acceptor")
    seen: dict[str, Any] = {
        "case_id": case.pk, "version": case.version, "at": MONDAY_9,
    }  # fmt: skip
    said = {**seen, "opinion": "理由"}
    condition = case.category.conditions.get().pk
    steps: list[Attempt] = [
        lambda: actions.raise_to_street(**said, actor=desk),
        lambda: actions.reject(**said, reason="not_ours", actor=desk),
        lambda: actions.self_resolve(**seen, actor=worker),
        lambda: actions.accept(
            **seen, handler_id=world.user_id("community_handler"),
            condition_id=condition, actor=desk,
        ),
        lambda: actions.transfer(**said, destination="110", receipt="1", actor=street),
        lambda: actions.send_to_verify(
            **seen, worker_id=worker.user_id or 0, requirement="看一看",
            missing="地址不清", actor=desk,
        ),
    ]  # fmt: skip
    return [steps[n % len(steps)] for n in range(CROWD)]


def test_of_32_conflicting_steps_one_wins_a_thousand_times(
    world: World, together: Any
) -> None:
    winners: Counter[str] = Counter()
    for _round in range(ROUNDS):
        case = told_by_resident(world)
        answers = together(conflicting(world, case))
        refusals = [one for one in answers if isinstance(one, Refused)]
        faults = [one for one in answers if isinstance(one, Exception)]
        assert len(refusals) == len(faults) == CROWD - 1, faults
        assert {one.code for one in refusals} == {"stale"}
        assert all("有人先您一步" in str(one) for one in refusals)
        last, first = Event.objects.filter(chain=case.chain).order_by("-seq")
        assert (first.detail["to"], last.detail["from"]) == ("REPORTED", "REPORTED")
        assert str(refusals[0]).count(last.actor["post_name"]) == 1
        winners[last.action] += 1
    assert len(winners) > 1, "the crowd should not always have the same winner"


def test_merging_back_and_forth_never_deadlocks(world: World, together: Any) -> None:
    desk = world.actor("acceptor")

    def into(child: Case, master: Case) -> Attempt:
        return lambda: actions.merge(
            case_id=child.pk, master_id=master.pk, opinion="同一处", actor=desk,
            at=MONDAY_9,
        )  # fmt: skip

    for _round in range(PAIRS):
        three = [told_by_resident(world) for _ in range(3)]
        ways = [into(a, b) for a in three for b in three if a != b]
        answers = together([ways[n % len(ways)] for n in range(CROWD)])
        others = [
            one
            for one in answers
            if isinstance(one, Exception) and not isinstance(one, Refused)
        ]
        assert not others
        masters = Case.objects.filter(pk__in=[one.pk for one in three], master=None)
        assert masters.count() == 1
        assert masters.get().duplicates_count == 2
