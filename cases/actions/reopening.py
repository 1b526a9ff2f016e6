"""重开 (T47), asked for by the resident, and 诉求人撤回 (X01): a case comes back, or is
taken back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.step import (
    Given,
    Holder,
    advance,
    aside,
    attach_photos,
    locked,
    require,
    unit_of,
)
from cases.actions.whistling import blown_assignments
from cases.models import Case, Photo, SiteTask, WhistleAssignment
from cases.workflow import Action, State, find
from governance.errors import Refused
from governance.models import Event
from grids.codes import Level
from parties.acting import Actor


@transaction.atomic
def reopen(
    *,
    case_id: int,
    opinion: str,
    photos: str | None,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """重开 (T47): it recurred before it was archived, and the street judges anew.

    The second round has clocks of its own; those of the first stay as they are, and
    with them every figure of that time. How often it is reworked counts
    anew: two reworks of the first round neither forbid one now (T43) nor raise the
    level at once.
    """
    case = locked(case_id, version)
    if case.state == State.ARCHIVED:
        raise Refused(
            _("本案已归档，不能重开。请作为新案件上报，再与本案建立“复发”关联。"),
            code="archived",
        )
    transition = find(case, Action.REOPEN, actor)
    require({"opinion": opinion}, {"opinion": _("请写明怎样复发、为什么重开。")})
    attach_photos(
        case=case,
        batch=photos,
        stage=Photo.Stage.REOPEN,
        actor=actor,
        least=1,
        field="photos",
    )
    _begin_again(case)
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.STREET)),
        given=Given(opinion, {"round": case.reopened_count + 1}),
    )
    return case


def _begin_again(case: Case) -> None:
    """What the first round left behind must not answer for the second: who led and did
    it then is history (首办 and `doers` stay), nobody has it in hand now."""
    case.reopened_count += 1
    case.rework_count = 0
    case.closed_at, case.closed_type = None, ""
    case.check_result, case.last_score = "", ""
    case.resume_state = ""
    case.lead_org_id = case.doer_id = None
    blown_assignments(case).exclude(status=WhistleAssignment.Status.DONE).update(
        status=WhistleAssignment.Status.CANCELLED
    )


def may_ask_again(case: Case, at: datetime) -> str:
    """What a resident may ask the street for: `reopen`, `reconsider` or nothing.

    While the street may still do it, and once for each time the case ended (DOMAIN C.3,
    T47 and T48); after that the matter is filed anew.
    """
    wish = {State.CLOSED: "reopen", State.REJECTED: "reconsider"}.get(State(case.state))
    if wish is None or not case.is_from_resident:
        return ""
    if wish == "reconsider":
        window = case.clocks.filter(stage="OBJECTION_WINDOW", stopped_at=None).first()
        if window is None or (window.due_at is not None and at > window.due_at):
            return ""
    last = Event.objects.filter(chain=case.chain).order_by("-seq")
    steps = last.filter(detail__has_key="transition").values_list("seq")[:1]
    asked = last.filter(action="cases.ask_again", seq__gt=steps[0][0] if steps else 0)
    return "" if asked.exists() else wish


@transaction.atomic
def ask_again(*, case_id: int, words: str, actor: Actor, at: datetime) -> Case:
    """诉求人申请重开 or 复核: the shift head is told and decides (T47, T48)."""
    case = locked(case_id)
    if not actor.is_resident:
        raise Refused(_("由诉求人提出；您可以直接办理重开或复核受理。"), code="role")
    require({"words": words}, {"words": _("请写明问题现在怎样了。")})
    wish = may_ask_again(case, at)
    if not wish:
        raise Refused(
            _(
                "现在不能申请：案件还在办理、已经申请过，或者已过期限。请作为新问题上报。"
            ),
            code="state",
        )
    aside(
        case,
        "ask_again",
        actor=actor,
        at=at,
        detail={"opinion": words.strip(), "wish": wish},
        tell=("street_shift_head",),
    )
    return case


@transaction.atomic
def withdraw(
    *,
    case_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """诉求人撤回 (X01): by the resident, or by the community's desk on his behalf.

    The case becomes 不予受理 with this reason, not 作废 (DOMAIN C.3, extra rules). What
    others asked for as well is not the one resident's to take back.
    """
    case = locked(case_id, version)
    transition = find(case, Action.WITHDRAW, actor)
    if not actor.is_resident:
        require(
            {"opinion": opinion},
            {"opinion": _("请写明诉求人何时、怎样表示撤回。")},
        )
    if case.merged.filter(state=State.MERGED).exists():
        raise Refused(
            _("还有别人反映了同一问题，已并入本案，须继续办理，不能撤回。"),
            code="guard",
        )
    case.site_tasks.filter(kind=SiteTask.Kind.VERIFY, submitted_at=None).update(
        result=SiteTask.Result.RECALLED, submitted_at=at
    )
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(None),
        given=Given(opinion, {"reason": "withdrawn"}),
    )
    return case
