"""The scope that indexes answer is the one that the rule says, on random data."""

import random
import re
from datetime import timedelta

import pytest
from django.db import connection

from cases.models import (
    Case,
    CaseMember,
    SiteTask,
    Support,
    Whistle,
    WhistleAssignment,
)
from cases.querysets.confidential import (
    AFTERWARDS,
    AT_COMMUNITY,
    AT_STREET,
    COMMUNITY,
    DISTRICT,
    STREET,
    UNIT,
)
from cases.querysets.scope import AREA_ROLES, FIELD_ROLES, UNIT_ROLES
from cases.workflow import OPEN_STATES, State
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again

CASES = 120
LEVELS = {1: "city", 2: "district", 3: "street", 4: "community", 5: "grid"}


def sees(actor, case) -> bool:
    """`visible_to` in plain words, one row after the other."""
    return _let_in(actor, case) if case.confidential else _in_reach(actor, case)


def _in_reach(actor, case) -> bool:
    if actor.role in UNIT_ROLES:
        return _of_unit(actor, case)
    if actor.role in FIELD_ROLES:
        return (
            case.grid_id == actor.area_id
            or _reported(actor, case)
            or case.holder_user_id in actor.hands
            or case.site_tasks.filter(worker=actor.user_id).exists()
        )
    if actor.role in AREA_ROLES:
        placed = getattr(case, f"{LEVELS[actor.area_level]}_id")
        return placed == actor.area_id or _of_unit(actor, case)
    return actor.role == "hotline_agent" and _reported(actor, case)


def _reported(actor, case) -> bool:
    return (
        case.reporter_id == actor.user_id
        or case.merged.filter(reporter=actor.user_id).exists()
        or case.supports.filter(user=actor.user_id).exists()
    )


def _was_called(actor, case) -> bool:
    return WhistleAssignment.objects.filter(
        whistle__case=case, whistle__status="blown", organisation=actor.organisation_id
    ).exists()


def _of_unit(actor, case) -> bool:
    mine = actor.organisation_id
    return mine in (case.holder_org_id, case.first_handler_org_id) or _was_called(
        actor, case
    )


def _let_in(actor, case) -> bool:
    if case.reporter_id == actor.user_id or case.holder_user_id in actor.hands:
        return True
    members = CaseMember.objects.filter(case=case, removed_at=None)
    return members.filter(user=actor.user_id).exists() or _desk(actor, case)


def _desk(actor, case) -> bool:
    afterwards = case.state in AFTERWARDS
    communitys = case.resume_state == State.COMMUNITY_HANDLING
    if actor.role in COMMUNITY:
        stands = case.state in AT_COMMUNITY or (afterwards and communitys)
        return stands and case.community_id == actor.area_id
    if actor.role in STREET:
        stands = case.state in AT_STREET or (afterwards and not communitys)
        return stands and case.street_id == actor.area_id
    if actor.role in DISTRICT:
        waits = case.state in ("DISTRICT_COORD", "CITY_COORD")
        return (waits or case.void_requested_by_id is not None) and (
            case.district_id == actor.area_id
        )
    if actor.role == "city_command":
        return case.state == "CITY_COORD" and case.city_id == actor.area_id
    if actor.role not in UNIT:
        return False
    unclaimed = (
        case.holder_org_id == actor.organisation_id and case.holder_user_id is None
    )
    return unclaimed or (
        case.state in ("WHISTLED", "JOINT_HANDLING") and _was_called(actor, case)
    )


@pytest.fixture
def strewn(world, file_case, request):
    """Cases of every state, place, unit and person, by chance but repeatably."""
    dice = random.Random(17)
    first = file_case()
    users = [posting.user_id for posting in world.postings.values()]
    orgs = [org.pk for org in world.orgs.values()]
    grids = [area for area in world.areas.values() if area.level == 5]
    for number in range(CASES):
        _strew(dice, first, number, users, orgs, grids)
    made = list(Case.objects.exclude(pk=first.pk))
    for case in [one for one in made if one.state == "MERGED"]:
        case.master = dice.choice([one for one in made if one.state != "MERGED"])
        case.save()
    return world


def _strew(dice, first, number, users, orgs, grids) -> None:
    case = Case.objects.get(pk=first.pk)
    case.pk, case.case_no = None, f"990101{20260101 + number:08}{number:05}"
    case._state.adding = True
    place = dice.choice(grids)
    for column in ("grid", "community", "street", "district", "city"):
        setattr(case, column, place)
        place = place.parent
    case.state = dice.choice(State.values)
    case.resume_state = dice.choice(["", "COMMUNITY_HANDLING", "STREET_HANDLING"])
    case.confidential = dice.random() < 0.4
    maybe = [None, *users]
    case.reporter_id, case.holder_user_id = dice.choice(maybe), dice.choice(maybe)
    case.void_requested_by_id = dice.choice([None, None, dice.choice(users)])
    case.holder_org_id = dice.choice(orgs)
    case.first_handler_org_id = dice.choice([None, *orgs])
    case.master_id = first.pk if case.state == "MERGED" else None
    case.save()
    _hang_on(dice, case, number, users, orgs)


def _hang_on(dice, case, number, users, orgs) -> None:
    status = dice.choice(["draft", "blown", "blown", "withdrawn"])
    whistle = Whistle.objects.create(
        case=case, number=f"S{number}", kind="routine", status=status,
        drafted_at=MONDAY_9,
    )  # fmt: skip
    lines = dice.sample(orgs, dice.randint(0, 2))
    for role, organisation in zip(("lead", "support"), lines, strict=False):
        WhistleAssignment.objects.create(
            whistle=whistle, case=case, organisation_id=organisation, role=role,
            task="清理", status="pending",
        )  # fmt: skip
    if status == "blown":
        Case.objects.filter(pk=case.pk).update(called_ids=sorted(lines))
    CaseMember.objects.create(
        case=case, user_id=dice.choice(users), role="顾问", added_at=MONDAY_9,
        removed_at=dice.choice([None, MONDAY_9 + timedelta(hours=1)]),
    )  # fmt: skip
    SiteTask.objects.create(
        case=case, kind="check", worker_id=dice.choice(users), requirement="看",
        sent_at=MONDAY_9,
    )  # fmt: skip
    Support.objects.create(
        case=case, user_id=dice.choice(users), name="人", at=MONDAY_9
    )


def test_everybody_sees_exactly_what_the_rule_says(strewn) -> None:
    strewn.hire("hotline", "hotline_agent", "city", "9901")
    strewn.hire("archivist", "archivist", "street", "990101001")
    cases = list(Case.objects.all())
    for name in strewn.postings:
        actor = strewn.actor(name)
        visible = Case.objects.visible_to(actor)
        expected = {case.pk for case in cases if sees(actor, case)}
        assert set(visible.values_list("pk", flat=True)) == expected, name
        assert visible.count() == len(expected), name
        if name not in ("hotline", "archivist"):
            assert expected and len(expected) < len(cases), name


def test_called_units_are_written_by_whistle_and_support(
    world, file_case, photos
) -> None:
    road = Road(world, file_case, photos)
    assert road.drafted("urban").called_ids == []
    case = road.whistled("urban")
    lines = WhistleAssignment.objects.filter(case=case)
    called = sorted(lines.values_list("organisation", flat=True))
    assert case.called_ids == called and len(called) == 2
    assert again(case).called_ids == called


def plan_of(queryset) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    return queryset.explain()


UNIT_INDEXES = ("holder_org", "first_handler_org", "case_called")


@pytest.mark.parametrize(
    ("name", "indexes"),
    [
        ("dispatcher", ("street", *UNIT_INDEXES)),
        ("acceptor", ("community", *UNIT_INDEXES)),
        ("district", ("district", *UNIT_INDEXES)),
        ("fire", UNIT_INDEXES),
        ("grid_a", ("grid", "reporter", "holder_user")),
    ],
)
def test_every_part_of_a_scope_has_an_index(world, name, indexes) -> None:
    plan = plan_of(Case.objects.visible_to(world.actor(name)))
    assert "BitmapOr" in plan and "SubPlan" not in plan, plan
    for index in indexes:
        assert re.search(f"Bitmap Index Scan on .*{index}", plan), (index, plan)
    assert "Index Cond: (id = ANY" in plan, "members, supports and tasks"


def test_no_state_is_left_out(strewn) -> None:
    states = set(Case.objects.values_list("state", flat=True))
    assert states >= set(OPEN_STATES)
