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
