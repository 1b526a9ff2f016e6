"""The one table: whole, sound, and the only thing that decides."""

from typing import Any

import pytest
from django.db import transaction

from cases import actions
from cases.models import Case
from cases.views import offered
from cases.workflow import (
    OPEN_STATES,
    RESUME,
    TRANSITIONS,
    Action,
    By,
    Stage,
    State,
    allowed,
    find,
    rows,
)
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.roles import Role
from tests.cases.deeds import SAID, deeds

ROLES = {*Role.values, "system", "resident", "device"}
OPERATIONS = {"start", "stop", "pause", "resume", "release", "pass_on"}
# These begin a case: no case is there to be locked.
BEGINNINGS = {"resolve_on_spot", "report"}
# And these have a page of their own, not a form on the case page.
OWN_PAGES = {*BEGINNINGS, "whistle", "reassign", "dispatch_by_ruling"}


def test_every_row_names_known_roles_states_and_clocks() -> None:
    for row in TRANSITIONS:
        assert {who.role for who in row.who} <= ROLES, row.id
        assert set(row.sources) <= set(State)
        assert row.target == RESUME or row.target in State
        assert {stage for _, stage in row.clocks} <= set(Stage)
        assert {name for name, _ in row.clocks} <= OPERATIONS


def test_every_action_of_the_table_has_a_function() -> None:
    names = {str(row.action) for row in TRANSITIONS}
    assert names == set(Action.values)
    assert not [name for name in names if not hasattr(actions, name)]


def test_every_action_is_tried_below(world: Any, file_case: Any) -> None:
    assert set(Action.values) - set(deeds(world, file_case("stall"))) == BEGINNINGS


def test_every_button_has_a_form_behind_it() -> None:
    assert set(Action.values) - set(offered.STEPS) == OWN_PAGES


def test_every_open_state_on_the_way_can_be_left() -> None:
    reached = {row.target for row in TRANSITIONS} - {RESUME}
    stuck = [
        state
        for state in reached
        if state in OPEN_STATES and not any(state in row.sources for row in TRANSITIONS)
    ]
    assert not stuck


def test_terminal_states_stay_terminal() -> None:
    for state in (State.ARCHIVED, State.TRANSFERRED, State.VOIDED):
        assert not [row.id for row in TRANSITIONS if state in row.sources]


def put(case: Case, state: str) -> Case:
    """Stand the case in a state, as far as the table's guards look at it."""
    Case.objects.filter(pk=case.pk).update(
        state=state,
        resume_state="" if state == State.REPORTED else State.STREET_HANDLING,
        master=case.pk if state == State.MERGED else None,
        holder_org=case.holder_org_id,
    )
    return Case.objects.select_related("category").get(pk=case.pk)


def test_every_action_from_every_state_is_refused_unless_the_table_has_it(
    world: Any, file_case: Any
) -> None:
    case = file_case("stall")
    actors = [world.actor(name) for name in world.postings]
    actors += [Actor.system(), Actor.resident("居民")]
    before = Event.objects.count()
    tried = 0
    for state in State:
        standing = put(case, state)
        for name, call in deeds(world, standing).items():
            # In a state without the row nobody may; two people stand for all.
            for actor in actors if rows(name, state) else actors[:2]:
                if _may(standing, name, actor):
                    continue
                with pytest.raises(Refused) as refused, transaction.atomic():
                    call(actor)
                assert str(refused.value).endswith("。"), (name, state, actor.role)
                tried += 1
    assert tried > 1_700
    assert Event.objects.count() == before


def _may(case: Case, name: str, actor: Actor) -> bool:
    try:
        find(case, name, actor, SAID)
    except Refused:
        return False
    return True


def test_buttons_are_what_find_allows(world: Any, file_case: Any) -> None:
    case = file_case("stall")
    for state in State:
        standing = put(case, state)
        for name in world.postings:
            actor = world.actor(name)
            shown = {str(row.action) for row in allowed(standing, actor)}
            found = {a for a in Action.values if _may(standing, a, actor)}
            assert shown == found, (state, name)


def test_role_reaches_its_own_area_but_not_beside_it(
    world: Any, file_case: Any
) -> None:
    case = put(file_case("stall"), State.STREET_PENDING)
    assert _may(case, "handle_at_street", world.actor("dispatcher"))
    assert not _may(case, "handle_at_street", world.actor("other_dispatcher"))
    assert not _may(case, "handle_at_street", world.actor("district"))


def test_scope_by_area_unit_and_errand(world: Any, file_case: Any) -> None:
    case = file_case("lane")
    seen = {
        name
        for name in world.postings
        if Case.objects.visible_to(world.actor(name)).filter(pk=case.pk).exists()
    }
    assert seen == {
        "grid_a", "acceptor", "community_handler", "community_leader",
        "street_acceptor", "dispatcher", "shift_head", "street_leader", "district",
        "assessor", "director", "city",
    }  # fmt: skip


def test_by_words_cover_every_row() -> None:
    known = {value for key, value in vars(By).items() if key.isupper()}
    assert {who.by for row in TRANSITIONS for who in row.who} <= known
