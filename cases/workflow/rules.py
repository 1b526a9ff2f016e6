"""Ask the table: which row applies, and which are open to a person now."""

from collections.abc import Container
from typing import Any

from django.utils.translation import gettext as _

from cases.workflow.states import State
from cases.workflow.steps import Action, By, Transition, Who
from cases.workflow.table import TRANSITIONS
from governance.errors import Refused


def stands(who: Who, case: Any, actor: Any) -> bool:
    """Whether the actor has that role and stands to the case as the row asks."""
    if who.role != actor.role:
        return False
    if who.by == By.AREA:
        return bool(actor.acts_in(case.placement_code))
    if who.by == By.HOLDER:
        return case.holder_user_id is not None and case.holder_user_id in actor.hands
    if who.by == By.UNIT:
        return case.holder_org_id == actor.organisation_id
    if who.by == By.LEAD:
        return case.lead_org_id == actor.organisation_id
    if who.by == By.SYSTEM:
        return bool(actor.is_system)
    return True


def rows(action: str, state: str) -> list[Transition]:
    return [t for t in TRANSITIONS if t.action == action and state in t.sources]


def find(case: Any, action: str, actor: Any, given: Container[str] = ()) -> Transition:
    """The row that applies, or Refused with the sentence of what is in the way.

    `given` names what comes with the step and may meet a guard (`Guard.unless`).
    """
    candidates = rows(action, case.state)
    if not candidates:
        raise Refused(
            _("案件现在是“%(state)s”，不能“%(action)s”，请刷新后再看。")
            % {"state": State(case.state).label, "action": Action(action).label},
            code="state",
        )
    mine = [t for t in candidates if any(stands(w, case, actor) for w in t.who)]
    if not mine:
        raise Refused(
            _("您当前的岗位不能对本案“%(action)s”。")
            % {"action": Action(action).label},
            code="role",
        )
    broken = mine[0].guards
    for transition in mine:
        broken = tuple(
            one for one in transition.guards if not one.admits(case, actor, given)
        )
        if not broken:
            return transition
    raise Refused(broken[0].said(case), code="guard", field=broken[0].unless or None)


def allowed(case: Any, actor: Any) -> list[Transition]:
    """The rows open to this person now, in table order; the buttons of a page."""
    found: dict[str, Transition] = {}
    for transition in TRANSITIONS:
        if (
            transition.action not in found
            and case.state in transition.sources
            and any(stands(who, case, actor) for who in transition.who)
            and all(guard.may_admit(case, actor) for guard in transition.guards)
        ):
            found[transition.action] = transition
    return list(found.values())
