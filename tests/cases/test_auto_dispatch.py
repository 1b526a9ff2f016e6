"""自动派遣: the category says that the list's lead is whistled without a person."""

from typing import Any

import pytest

from cases import actions
from cases.models import Case, RoutingGap
from cases.workflow import State
from tests.cases.conftest import MONDAY_9


@pytest.fixture
def raised(world: Any, file_case: Any, turn: Any) -> Any:
    """A case of an automatic category, raised to the street and routed."""

    def raise_it() -> Case:
        world.categories["lane"].auto_dispatch = True
        world.categories["lane"].save(update_fields=["auto_dispatch"])
        case = file_case("lane")
        actions.raise_to_street(
            case_id=case.pk, opinion="社区无执法权", actor=world.actor("acceptor"),
            at=MONDAY_9,
        )  # fmt: skip
        turn(MONDAY_9)
        return Case.objects.get(pk=case.pk)

    return raise_it


def test_the_lead_of_the_list_is_whistled(world: Any, raised: Any) -> None:
    case = raised()
    assert (case.state, case.lead_org) == (State.WHISTLED, world.orgs["fire"])
    assert not RoutingGap.objects.exists()


def test_what_needs_a_person_waits_for_one_and_is_listed(
    world: Any, raised: Any
) -> None:
    world.orgs["fire"].can_be_whistled = False
    world.orgs["fire"].save(update_fields=["can_be_whistled"])
    case = raised()
    assert case.state == State.STREET_PENDING
    assert case.suggestion["lead"]["organisation_id"] == world.orgs["fire"].pk
    assert not case.whistles.exists()
    assert "区消防大队" in RoutingGap.objects.get().missing


def test_what_the_district_sends_back_waits_for_a_person(
    world: Any, raised: Any, turn: Any
) -> None:
    """Else the same department were called again at once, whatever was said."""
    case = raised()
    actions.check_in(
        case_id=case.pk, mode="online", position=None, remark="", at=MONDAY_9,
        actor=world.actor("fire"),
    )  # fmt: skip
    actions.escalate_to_district(
        case_id=case.pk, reason="beyond_power", matter="超出权限", work_done="已会商",
        proposal="请区级明确", at=MONDAY_9, actor=world.actor("shift_head"),
    )  # fmt: skip
    actions.send_back_to_street(
        case_id=case.pk, opinion="请街道重新研判", at=MONDAY_9,
        actor=world.actor("district"),
    )  # fmt: skip
    turn(MONDAY_9)
    case.refresh_from_db()
    assert (case.state, case.whistles.count()) == (State.STREET_PENDING, 1)


def test_an_urgent_case_is_never_dispatched_by_a_routine_whistle(
    world: Any, file_case: Any, turn: Any
) -> None:
    world.categories["lane"].auto_dispatch = True
    world.categories["lane"].save(update_fields=["auto_dispatch"])
    case = file_case("lane", urgent=True)
    turn(MONDAY_9)
    case.refresh_from_db()
    assert (case.state, case.whistles.count()) == (State.STREET_PENDING, 0)
