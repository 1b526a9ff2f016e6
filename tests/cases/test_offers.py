"""What is offered is what the actions accept; what is not offered they refuse."""

import pytest

from cases import actions
from cases.offers import SIDE_STEPS, offers
from cases.workflow import Action, allowed
from governance.errors import Refused
from tests.cases.conftest import MONDAY_9, PEOPLE, spot
from tests.cases.road import Road


@pytest.fixture
def road(world, file_case, photos) -> Road:
    return Road(world, file_case, photos)


def names(case, actor) -> list[str]:
    return [one.name for one in offers(case, actor, MONDAY_9)]


# From above, about a case in another's hands; `test_escalation.py` has who may.
FROM_ABOVE = {"urge", "supervise"}
CALLERS = ("dispatcher", "shift_head", "street_leader")
SCORERS = ("dispatcher", "shift_head", "street_acceptor")
STAGES = ("reported", "pending", "whistled", "joint", "fed_back", "checking", "closed")


BESIDE = {
    ("joint", "fire"): {"request_extension", "request_suspension"},
    **{("joint", who): {"add_support"} for who in CALLERS},
    **{("closed", who): {"score_unit"} for who in SCORERS},
}


NAMED = {"add_support", "score_unit", "request_extension", "request_suspension"}


@pytest.mark.parametrize("stage", STAGES)
def test_offers_are_the_rows_of_the_table_for_every_role(road, stage) -> None:
    case = getattr(road, stage)()
    for person in PEOPLE:
        actor = road.world.actor(person)
        table = {row.action.value for row in allowed(case, actor)}
        beside = set(names(case, actor)) - table - FROM_ABOVE
        assert set(names(case, actor)) >= table
        assert beside <= set(SIDE_STEPS), person
        assert ("submit_check" in beside) == ((stage, person) == ("checking", "grid_b"))
        mine = beside & NAMED
        assert mine == BESIDE.get((stage, person), set()), person


def test_exactly_one_offer_is_the_usual_next_thing(road) -> None:
    found = offers(road.reported(), road.world.actor("acceptor"), MONDAY_9)
    assert found[0].name == "accept"
    assert [one.name for one in found if one.is_primary] == ["accept"]
    assert {one.name for one in found if one.is_returning} >= {"reject", "merge"}


def test_a_drafted_whistle_is_signed_or_withdrawn_not_written_twice(road) -> None:
    case = road.drafted("urban")
    leader = road.world.actor("street_leader")
    dispatcher = road.world.actor("dispatcher")
    assert names(case, leader)[:2] == ["sign_whistle", "withdraw_whistle"]
    assert "whistle" not in names(case, leader)
    assert "sign_whistle" not in names(case, dispatcher)
    with pytest.raises(Refused, match="值班领导签发"):
        actions.sign_whistle(
            case_id=case.pk,
            whistle_id=case.whistles.get().pk,
            actor=dispatcher,
            at=MONDAY_9,
        )
    with pytest.raises(Refused, match="已有一份待签发"):
        actions.whistle(case_id=case.pk, call=road.call(), actor=leader, at=MONDAY_9)


def test_a_support_reports_for_duty_then_finishes_then_has_nothing_left(road) -> None:
    case = road.whistled("urban")
    support = road.world.actor("urban")
    assert names(case, support) == ["support_check_in"]
    case = road.check_in(case, "urban")
    assert names(case, support) == ["finish_support"]
    with pytest.raises(Refused, match="已经报到"):
        road.check_in(case, "urban")
    actions.finish_support(
        case_id=case.pk, opinion="完成", photos=None, actor=support, at=MONDAY_9
    )
    assert names(case, support) == []
    with pytest.raises(Refused):
        actions.finish_support(
            case_id=case.pk, opinion="完成", photos=None, actor=support, at=MONDAY_9
        )


def test_a_leader_of_a_department_and_others_are_offered_nothing(road) -> None:
    case = road.whistled("urban")
    for person in ("urban_leader", "property", "other_dispatcher", "assessor"):
        assert names(case, road.world.actor(person)) == []


def test_an_emergency_whistle_blown_first_is_offered_to_the_leader_once(
    road,
) -> None:
    case = road.pending()
    blown = actions.whistle(
        case_id=case.pk,
        call=road.call(kind="emergency", risk="人员被困"),
        actor=road.world.actor("shift_head"),
        at=MONDAY_9,
    )
    leader = road.world.actor("street_leader")
    case.refresh_from_db()
    offer = [
        one for one in offers(case, leader, MONDAY_9) if one.name == "confirm_whistle"
    ]
    assert [one.subject for one in offer] == [blown.pk]
    assert "confirm_whistle" not in names(case, road.world.actor("shift_head"))
    actions.confirm_whistle(
        case_id=case.pk, whistle_id=blown.pk, actor=leader, at=MONDAY_9
    )
    assert set(names(case, leader)) <= FROM_ABOVE


def test_only_the_worker_who_was_sent_submits_the_check(road) -> None:
    case = road.checking()
    assert "submit_check" in names(case, road.world.actor("grid_b"))
    other = road.world.actor("grid_a")
    assert "submit_check" not in names(case, other)
    with pytest.raises(Refused, match="派给了别人"):
        actions.submit_check(
            case_id=case.pk,
            result="passed",
            remark="",
            position=spot(),
            photos=None,
            actor=other,
            at=MONDAY_9,
        )
    assert Action.CONFIRM_CHECK not in names(case, road.world.actor("street_acceptor"))
