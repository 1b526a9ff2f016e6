"""Random walks: legal and illegal steps, jumps in time, repeats, crowds (hypothesis).

Each walk files some cases and lets random people do random things to them, at times
the same thing twice or four things at once, while the platform's own jobs run. After
each step the case is one Event further or nothing happened; after each walk everything
in the database agrees (`check_invariants`) and the journal gives the same deadlines.
"""

import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from cases import actions
from cases.models import Case
from cases.offers import offers
from cases.querysets import invariants
from cases.workflow import Action, allowed, find
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, SPOT, World
from tests.cases.deeds import SAID, deeds, side_deeds, snapshots

pytestmark = pytest.mark.django_db(transaction=True)
WALKS, STEPS = 20, 50
# Walks differ in length: as many rounds of them as it takes to try so many steps.
ENOUGH, ROUNDS = 2000, 12
LAST_DAY = datetime(2027, 11, 1, tzinfo=MONDAY_9.tzinfo)
PLACES = st.integers(0, 10_000)
HOURS = st.sampled_from([0.1, 0.5, 1, 3, 8, 26, 75, 200])
Turn = Callable[[datetime], int]


class Walk(RuleBasedStateMachine):
    world: World
    everybody: list[Actor]
    turn: Turn
    taken: set[str] = set()
    counts: dict[str, int] = {}
    _hypothesis_internal_use_seed: int | None = None

    @initialize(kinds=st.lists(st.sampled_from(["stall", "lane", "cover"]), min_size=1,
                               max_size=3), asked=st.booleans())  # fmt: skip
    def begin(self, kinds: list[str], asked: bool) -> None:
        self.now = MONDAY_9
        self.cases = [self._file(kind, asked) for kind in kinds]
        self.again: tuple[str, int, Actor] | None = None

    def _file(self, kind: str, asked: bool) -> int:
        worker = self.world.actor("grid_a")
        person = {
            "complainant_name": "张三",
            "complainant_contact": "13800001234",
            "consent": "oral",
        }
        case = actions.report(
            submission_id=uuid.uuid4(),
            report=actions.Report(
                category_id=self.world.categories[kind].pk,
                description="门前摆摊占住了整条人行道。",
                address="和平路",
                lng=SPOT[0],
                lat=SPOT[1],
                photos=snapshots(worker, "report", at=self.now),
                **(person if asked else {}),
            ),
            actor=worker,
            at=self.now,
        )
        return case.pk

    def _case(self, place: int) -> Case:
        return Case.objects.get(pk=self.cases[place % len(self.cases)])

    def _known(self, case: Case) -> dict[str, Callable[[Actor], Any]]:
        return {
            **side_deeds(self.world, case, self.now),
            **deeds(self.world, case, self.now),
        }

    @rule(place=PLACES, choices=st.lists(PLACES, min_size=10, max_size=30))
    def do_what_is_offered(self, place: int, choices: list[int]) -> None:
        """One after the other, buttons that somebody sees."""
        for choice in choices:
            case = self._case(place)
            offered = self._offered(case, choice)
            if offered:
                self._try(case, *offered[choice % len(offered)])

    def _offered(self, case: Case, choice: int) -> list[tuple[str, Actor]]:
        """What moves the case on, by everybody; every third time all that one person
        may do, what changes no state included."""
        known, everybody = self._known(case), self.everybody
        if choice % 3:
            return [
                (str(row.action), actor)
                for actor in everybody
                for row in allowed(case, actor)
                if row.action in known
            ]
        actor = everybody[choice // 3 % len(everybody)]
        found = offers(case, actor, self.now)
        return [(offer.name, actor) for offer in found if offer.name in known]

    @rule(place=PLACES, choice=PLACES, who=PLACES)
    def do_anything(self, place: int, choice: int, who: int) -> None:
        case, everybody = self._case(place), self.everybody
        names = sorted(self._known(case))
        actor = everybody[who % len(everybody)]
        self._try(case, names[choice % len(names)], actor)

    @rule()
    def do_the_same_again(self) -> None:
        if self.again is not None:
            name, case_id, actor = self.again
            self._try(Case.objects.get(pk=case_id), name, actor)

    @rule(place=PLACES, seeds=st.lists(PLACES, min_size=4, max_size=4))
    def four_at_once(self, place: int, seeds: list[int]) -> None:
        """Four people press four buttons of one case at the same moment."""
        case = self._case(place)
        known, offered = self._known(case), self._offered(case, 1)
        if not offered:
            return
        chosen = [offered[seed % len(offered)] for seed in seeds]
        before = self._length(case)
        done, faults = together([
            lambda name=name, actor=actor: known[name](actor) for name, actor in chosen
        ])  # fmt: skip
        assert not faults, faults
        assert self._length(case) >= before + done - self._merged(chosen)

    def _merged(self, chosen: list[tuple[str, Actor]]) -> int:
        return sum(1 for name, _actor in chosen if name == "support")

    @rule(hours=HOURS)
    def let_time_pass(self, hours: float) -> None:
        self.now = min(self.now + timedelta(hours=hours), LAST_DAY)
        self.turn(self.now)

    def _length(self, case: Case) -> int:
        return Event.objects.filter(chain=case.chain).count()

    def _try(self, case: Case, name: str, actor: Actor) -> None:
        before, lawful = self._length(case), True
        if name in Action.values:
            try:
                find(case, name, actor, SAID)
            except Refused:
                lawful = False
        try:
            with transaction.atomic():
                self._known(case)[name](actor)
        except Refused as refused:
            assert str(refused).endswith("。"), (name, str(refused))
            assert self._length(case) == before
            self._count("refused")
            return
        assert lawful, f"{case.state}: {actor.role} did {name} against the table"
        added = self._length(case) - before
        assert added == 1 or (name == "support" and added == 0), (name, added)
        self.again = (name, case.pk, actor)
        self.taken.add(name)
        self._count("done")

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def teardown(self) -> None:
        if not hasattr(self, "now"):
            return
        self.turn(self.now)
        broken = [
            (one.invariant.name, one.examples)
            for one in invariants.check(at=self.now, grace=timedelta(0))
            if not one.holds
        ]
        assert not broken, broken


def together(attempts: list[Callable[[], Any]]) -> tuple[int, list[Exception]]:
    """How many went through, and what was raised besides refusals."""
    ready = threading.Barrier(len(attempts))
    done: list[bool] = []
    faults: list[Exception] = []

    def run(attempt: Callable[[], Any]) -> None:
        try:
            ready.wait(30)
            attempt()
            done.append(True)
        except Refused:
            pass
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[one]) for one in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done), faults


def test_after_every_random_walk_everything_agrees(world: World, turn: Turn) -> None:
    Walk.world, Walk.turn = world, staticmethod(turn)
    people = [world.actor(name) for name in world.postings]
    Walk.everybody = [*people, Actor.system(), Actor.resident("居民")]
    Walk.taken, Walk.counts = set(), {}
    for seed in range(ROUNDS):
        Walk._hypothesis_internal_use_seed = seed
        run_state_machine_as_test(
            Walk,
            settings=settings(
                max_examples=WALKS,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        if sum(Walk.counts.values()) > ENOUGH:
            break
    assert sum(Walk.counts.values()) > ENOUGH, Walk.counts
    assert Walk.counts["done"] > ENOUGH / 4
    assert len(Walk.taken) > 35, sorted(Walk.taken)
