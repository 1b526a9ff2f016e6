"""The one table: whole, sound, and the only thing that decides."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from cases import actions
from cases.models import Case
from cases.views import offered
from cases.workflow import (
    HANDLING_STATES,
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
from tests.cases.conftest import MONDAY_9

SHARED = Path(__file__).resolve().parents[3] / "shared" / "domain"
ROLES = {*Role.values, "system", "resident", "device"}
OPERATIONS = {"start", "stop", "pause", "resume", "release"}
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
    assert set(Action.values) - set(calls(world, file_case("stall"))) == BEGINNINGS


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


@pytest.mark.real_data
def test_rows_agree_with_the_trade_s_own_table() -> None:
    source = SHARED / "case_state_machine.json"
    if not source.exists():
        pytest.skip("没有 ../shared/domain，跳过与领域状态机的对照")
    known: dict[str, list[dict[str, Any]]] = {}
    for row in json.loads(source.read_text(encoding="utf-8"))["transitions"]:
        known.setdefault(row["id"].split("-")[0], []).append(row)
    for row in TRANSITIONS:
        if not row.id.startswith("T"):  # a city's own
            continue
        theirs = known[row.id]
        sources = {state for one in theirs for state in one["from"]}
        assert set(row.sources) <= sources, row.id
        targets = {one["to"] for one in theirs}
        ours = set(HANDLING_STATES) if row.target == RESUME else {row.target}
        assert ours <= targets, row.id


def calls(world: Any, case: Case) -> dict[str, Callable[[Actor], Any]]:
    """Each action with arguments that would be right if the table allowed it."""
    urban = actions.Call(
        kind="routine",
        called=(actions.Called(world.orgs["urban"].pk, "lead", "处置"),),
        condition_id=case.category.conditions.get().pk,
    )
    common = {"case_id": case.pk, "at": MONDAY_9}
    said = {**common, "opinion": "同意办理"}
    condition = {"condition_id": case.category.conditions.get().pk}
    worker = {"worker_id": world.user_id("grid_b"), "requirement": "看一看"}
    done = {"measures": "清理", "photos": None}
    ruled = {**common, "ruling": "属其职责"}
    account = {"matter": "跨街道", "work_done": "已会商", "proposal": "请区级派遣"}

    def call(name: str, **given: Any) -> Callable[[Actor], Any]:
        return lambda actor: getattr(actions, name)(**given, actor=actor)

    return {
        "self_resolve": call("self_resolve", **common),
        "finish_self": call("finish_self", **common, **done),
        "hand_up": call("hand_up", **said),
        "approve_self": call("approve_self", **said),
        "return_self": call("return_self", **said),
        "send_to_verify": call("send_to_verify", **common, **worker),
        "submit_verification": call(
            "submit_verification", **common, result="untrue", remark="没有",
            position=None, photos=None,
        ),
        "accept": call(
            "accept", **common, **condition,
            handler_id=world.user_id("community_handler"),
        ),
        "raise_to_street": call("raise_to_street", **said),
        "reject": call("reject", **said, reason="not_ours"),
        "merge": call("merge", **said, master_id=0),
        "transfer": call("transfer", **said, destination="110", receipt="1"),
        "submit_result": call("submit_result", **common, **done, result="solved"),
        "send_down": call("send_down", **said, **condition),
        "handle_at_street": call(
            "handle_at_street", **said, **condition,
            organisation_id=world.orgs["station"].pk,
        ),
        "whistle": call("whistle", **common, call=urban),
        "check_in": call(
            "check_in", **common, mode="on_site", position=None, remark="",
        ),
        "feed_back": call("feed_back", **common, **done, result="solved", override=""),
        "send_to_check": call("send_to_check", **common, **worker),
        "return_result": call("return_result", **said),
        "confirm_check": call("confirm_check", **said, closing_met=True),
        "rework": call("rework", **said),
        "rate": call(
            "rate", **common, score="satisfied", solved=True, comment="",
            channel="portal",
        ),
        "rework_after_rating": call("rework_after_rating", **said, call_back="已回访"),
        "close_despite": call("close_despite", **said, reply="书面答复"),
        "archive": call("archive", **common),
        "reconsider": call("reconsider", **said),
        "split": call("split", **said),
        "reopen": call("reopen", **said, photos=None),
        "void": call("void", **said),
        "withdraw": call("withdraw", **said),
        "escalate_to_district": call(
            "escalate_to_district", **common, **account, reason="cross_street",
        ),
        "dispute": call(
            "dispute", **said, reason="other_unit", legal_basis="建筑法第七条",
            suggested="区住建局", suggested_organisation_id=None,
        ),
        "reassign": call("reassign", **ruled, call=urban),
        "uphold": call("uphold", **ruled),
        "take_over": call(
            "take_over", **ruled, organisation_id=world.orgs["station"].pk,
        ),
        "refer_to_district": call(
            "refer_to_district", **common, focus="谁主办", positions="各执一词",
            proposal="请区级裁定",
        ),
        "dispatch_by_ruling": call(
            "dispatch_by_ruling", **ruled, call=urban, days=None,
        ),
        "send_back_to_street": call("send_back_to_street", **said),
        "escalate_to_city": call("escalate_to_city", **common, **account),
        "send_down_to_district": call("send_down_to_district", **said, days=2),
        "escalate_dissatisfied": call("escalate_dissatisfied", **said),
        "suspend": call("suspend", **said),
        "resume_handling": call("resume_handling", **said),
    }  # fmt: skip


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
        for name, call in calls(world, standing).items():
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
        find(case, name, actor)
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
