"""Every step, from every state a case can stand in, by everybody there is.

The cases were brought where they stand by actions. What the table allows is done and
leads where the row says; all else is refused with a sentence and leaves no Event.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from cases import actions
from cases.models import Case, Photo
from cases.workflow import RESUME, State, find, rows
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from tests.cases.conftest import World, at
from tests.cases.deeds import SAID, deeds, side_deeds
from tests.cases.road import ASKED, Road, again

pytestmark = pytest.mark.django_db
# What the table allows, and the action's own guard refuses with this code.
ASKS_MORE = {
    ("待接报", "merge"): "cycle",  # others were merged into it
    ("部门处置中·协办未办结", "feed_back"): "supports",
    ("待评价", "rate"): "role",  # the street rates only from a call-back
    ("待评价·不满意", "rate"): "state",  # rated already
    ("待评价·两次返工", "rate"): "state",
    ("已结案", "archive"): "window",
    ("已结案·案卷缺照片", "archive"): "guard",  # found out by the press itself
}
LATER = at("2026-12-02 09:00")


@pytest.fixture
def road(world: World, file_case: Any, photos: Any) -> Road:
    for name, role, org, code in (
        ("archivist", "archivist", "city", "9901"),
        ("inspector", "inspector", "district", "990101"),
        ("fire_handler", "department_handler", "fire", "990101"),
    ):
        world.hire(name, role, org, code)
    return Road(world, file_case, photos)


Begin = Callable[[Road], Case]
DONE = ("grid_a:self_resolve", "grid_a:finish_self")
HANDLED = ("acceptor:accept", "community_handler:submit_result")
RAISED = "acceptor:raise_to_street"
UP = ("shift_head:escalate_to_district", "director:escalate_to_city")
SUSPENSION = ("fire:request_suspension", "dispatcher:review_suspension")


def stall(road: Road) -> Case:
    return road.reported("stall")


def asked(road: Road) -> Case:
    return road.reported("stall", **ASKED)


# A case in each state, in some states several that differ in what may be done: how it
# begins, and who did what then.
STATIONS: tuple[tuple[str, Begin, tuple[str, ...]], ...] = (
    ("待接报", stall, ()),
    ("待接报·紧急", lambda road: road.reported("stall", urgent=True), ()),
    ("待接报·有诉求人", asked, ()),
    ("待接报·申请作废", stall, ("shift_head:request_void",)),
    ("核实中", stall, ("acceptor:send_to_verify",)),
    ("网格自办中", stall, DONE[:1]),
    ("自办待审", stall, DONE),
    ("自办待审·有诉求人", asked, DONE),
    ("社区处置中", stall, HANDLED[:1]),
    ("反馈待审·社区", stall, HANDLED),
    ("待街道研判", stall, (RAISED,)),
    ("街道处置中", stall, (RAISED, "dispatcher:handle_at_street")),
    ("已吹哨", Road.whistled, ()),
    ("部门处置中", Road.joint, ()),
    ("部门处置中·协办未办结", lambda road: road.joint("urban"), ()),
    ("部门处置中·申请挂账", Road.joint, SUSPENSION),
    ("争议裁定中", Road.whistled, ("fire:dispute",)),
    ("区级协调中", Road.joint, UP[:1]),
    ("市级协调中", Road.joint, UP),
    ("挂账中", Road.suspended, ()),
    ("反馈待审", Road.fed_back, ()),
    ("核查中", Road.checking, ()),
    ("核查通过", Road.checked, ()),
    ("核查通过·有诉求人", lambda road: road.checked(**ASKED), ()),
    ("核查不通过", lambda road: road.checked("failed"), ()),
    ("待评价", Road.rating, ()),
    ("待评价·不满意", Road.rating, ("resident:dissatisfied",)),
    ("待评价·两次返工", lambda road: twice(road), ("resident:dissatisfied",)),
    ("已结案", Road.closed, ()),
    ("已结案·满七天", Road.closed, ()),
    ("已结案·案卷缺照片", lambda road: lacking(road), ()),
    ("已归档", lambda road: went_archived(road), ()),
    ("不予受理", stall, ("acceptor:reject",)),
    ("已转出", stall, ("acceptor:transfer",)),
    ("已并案", stall, ("acceptor:merge",)),
    ("已作废", stall, ("shift_head:request_void", "district:void")),
)


def brought(road: Road, begin: Begin, steps: tuple[str, ...]) -> Case:
    """The case after `who:deed`, one after the other."""
    case = begin(road)
    for step in steps:
        who, name = step.split(":")
        known = {**deeds(road.world, case), **side_deeds(road.world, case)}
        known[name](person(road.world, who))
        case = again(case)
    return case


def twice(road: Road) -> Case:
    case = road.rating()
    Case.objects.filter(pk=case.pk).update(rework_count=2)
    return again(case)


def lacking(road: Road) -> Case:
    """Closed, and a photo was lost since."""
    case = road.closed()
    Photo.objects.filter(case=case, stage=Photo.Stage.AFTER).update(case=None)
    return case


def went_archived(road: Road) -> Case:
    case = road.closed()
    actions.archive(case_id=case.pk, actor=Actor.system(), at=LATER)
    return again(case)


def person(world: World, name: str) -> Actor:
    if name == "resident":
        return Actor.resident("居民")
    return Actor.system() if name == "system" else world.actor(name)


def crowd(world: World) -> list[Actor]:
    return [
        *(world.actor(name) for name in world.postings),
        Actor.system(),
        Actor.resident("居民"),
        Actor.device("传感器"),
    ]


class Undo(Exception):
    """Ends a savepoint after what was done in it was looked at."""


def tried(case: Case, name: str, actor: Actor, act: Callable[[Actor], Any]) -> str:
    """`done`, or the code of the refusal; everything is as before afterwards."""
    try:
        row = find(case, name, actor, SAID)
    except Refused:
        row = None
    before = Event.objects.filter(chain=case.chain).count()
    try:
        with transaction.atomic():
            try:
                act(actor)
            except Refused as refused:
                assert Event.objects.filter(chain=case.chain).count() == before
                assert str(refused).endswith("。"), (name, str(refused))
                if row is None:
                    return "refused"
                return refused.code
            assert row is not None, f"{case.state}: {actor.role} may not {name}"
            moved = again(case)
            steps = Event.objects.filter(chain=case.chain).order_by("seq")[before:]
            passed = [one for one in steps if one.detail.get("transition")]
            target = case.resume_state if row.target == RESUME else row.target
            if passed or moved.state != case.state:
                assert [one.detail["transition"] for one in passed] == [row.id]
                assert moved.state == target, (name, moved.state)
            assert len(steps) == 1
            raise Undo
    except Undo:
        return "done"


def test_every_step_from_every_station_by_everybody(road: Road) -> None:
    counted = {"done": 0, "refused": 0}
    more: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    seen: set[str] = set()
    everybody = crowd(road.world)
    standing = [(label, brought(road, *way)) for label, *way in STATIONS]
    for label, case in standing:
        seen.add(case.state)
        known = deeds(road.world, case, LATER if label == "已结案·满七天" else road.at)
        for name, act in known.items():
            # Where no row begins, nobody may; two people stand for all.
            actors = everybody if rows(name, case.state) else everybody[:2]
            for actor in actors:
                answer = tried(case, name, actor, act)
                if answer in counted:
                    counted[answer] += 1
                else:
                    more[label, name] = answer
                if answer == "done":
                    taken.add(name)
    assert seen == set(State) - {State.DRAFT}
    assert set(known) == taken, "every step was taken by somebody"
    assert more == ASKS_MORE
    assert counted["refused"] > 4_000
