"""What a person may do with a case now: the buttons of a page, the actions of the API.

The transitions come from the table alone (`workflow.allowed`). Beside them stand the
steps that change no state: signing, a support's check-in and end, and those of
`SIDE_STEPS`, each with the same guard as its action.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.actions.appeal import may_appeal_overdue, may_review_appeal
from cases.actions.archiving import may_complete_file
from cases.actions.assigning import may_assign_handler, may_claim, may_release
from cases.actions.calling_back import may_call_back, may_log_contact
from cases.actions.correcting import may_add_note, may_correct
from cases.actions.disputes import check_may_dispute
from cases.actions.duty import to_arrive
from cases.actions.escalation import may_urge
from cases.actions.extension import (
    may_request_extension,
    may_review_extension,
    may_withdraw_extension,
)
from cases.actions.gaps import check_may_find
from cases.actions.linking import may_link, may_unlink
from cases.actions.membership import may_change_members, may_remove_member
from cases.actions.replacing import may_replace_worker
from cases.actions.review import check_sent_to
from cases.actions.scoring import may_score
from cases.actions.stages import stages_left
from cases.actions.supervision import may_supervise, order_to_answer, order_to_review
from cases.actions.supports import (
    may_add_support,
    may_call_off,
    support_to_drop,
    support_to_sign,
)
from cases.actions.suspension import (
    may_decide_suspension,
    may_request_suspension,
    may_review_suspension,
    may_withdraw_suspension,
)
from cases.actions.voiding import may_refuse_void, may_request_void
from cases.actions.whistling import blown_assignments, may_blow
from cases.models import Case, Whistle, WhistleAssignment
from cases.workflow import CALLED, Action, State, WhistleKind, allowed
from governance.errors import Refused
from parties.acting import Actor

RETURNING = {
    "reject", "return_self", "return_result", "rework", "rework_after_rating",
    "withdraw_whistle", "transfer", "hand_up", "close_despite", "merge", "split",
    "withdraw", "request_void", "void",
    "dispute", "send_back_to_street",
    "reject_suspension", "withdraw_extension", "withdraw_suspension",
    "return_supervision",
    "call_off", "drop_support",
}  # fmt: skip
LABELS: dict[str, Any] = {
    "sign_whistle": _("签发吹哨单"),
    "withdraw_whistle": _("撤回吹哨单"),
    "confirm_whistle": _("补签应急哨"),
    "support_check_in": _("协办报到"),
    "finish_support": _("协办办结"),
}


@dataclass(frozen=True)
class SideStep:
    """A step that changes no state of the case.

    `may(case, actor, at)` is the guard that the action itself calls: it raises Refused
    with the sentence, or answers the row that the step is about, or None. What
    `is_aside` is seldom the next thing and stands behind the other buttons.
    """

    label: Any
    may: Callable[[Case, Actor, datetime], Any]
    is_aside: bool = False


SIDE_STEPS: dict[str, SideStep] = {
    "submit_check": SideStep(_("提交核查结论"), check_sent_to),
    "call_back": SideStep(_("回访"), may_call_back),
    "log_contact": SideStep(_("联系诉求人"), may_log_contact, is_aside=True),
    "claim": SideStep(_("认领"), may_claim),
    "replace_worker": SideStep(_("改派网格员"), may_replace_worker, is_aside=True),
    "assign_handler": SideStep(_("分派承办人"), may_assign_handler),
    "release": SideStep(_("释放"), may_release, is_aside=True),
    "correct_case": SideStep(_("更正信息"), may_correct, is_aside=True),
    "link": SideStep(_("关联案件"), may_link, is_aside=True),
    "unlink": SideStep(_("取消关联"), may_unlink, is_aside=True),
    "add_member": SideStep(_("增加办理成员"), may_change_members, is_aside=True),
    "remove_member": SideStep(_("移出办理成员"), may_remove_member, is_aside=True),
    "add_note": SideStep(_("补充说明"), may_add_note, is_aside=True),
    "refuse_void": SideStep(_("不批准作废"), may_refuse_void),
    "request_void": SideStep(_("申请作废"), may_request_void, is_aside=True),
    "find_responsibility": SideStep(_("责任认定"), check_may_find),
    "review_extension": SideStep(_("审核延期"), may_review_extension),
    "review_suspension": SideStep(_("初审挂账"), may_review_suspension),
    "reject_suspension": SideStep(_("不批准挂账"), may_decide_suspension),
    "review_appeal": SideStep(_("审核超期申诉"), may_review_appeal),
    "request_extension": SideStep(_("申请延期"), may_request_extension, is_aside=True),
    "withdraw_extension": SideStep(
        _("撤回延期申请"), may_withdraw_extension, is_aside=True
    ),
    "request_suspension": SideStep(
        _("申请挂账"), may_request_suspension, is_aside=True
    ),
    "withdraw_suspension": SideStep(
        _("撤回挂账申请"), may_withdraw_suspension, is_aside=True
    ),
    "appeal_overdue": SideStep(_("超期申诉"), may_appeal_overdue),
    "answer_supervision": SideStep(_("回复督办单"), order_to_answer),
    "finish_stage": SideStep(_("阶段完成"), stages_left),
    "accept_supervision": SideStep(_("督办办结"), order_to_review),
    "return_supervision": SideStep(_("退回督办回复"), order_to_review),
    "supervise": SideStep(_("督办"), may_supervise, is_aside=True),
    "urge": SideStep(_("催办"), may_urge, is_aside=True),
    "arrive": SideStep(_("到场"), to_arrive),
    "sign_support": SideStep(_("签发增派协办"), support_to_sign),
    "drop_support": SideStep(_("不增派协办"), support_to_drop),
    "add_support": SideStep(_("增派协办"), may_add_support),
    "call_off": SideStep(_("撤哨"), may_call_off),
    "complete_file": SideStep(_("补全案卷"), may_complete_file),
    "score_unit": SideStep(_("单位评分"), may_score),
}
CLOSER: dict[str, Callable[[Case, Actor, datetime], Any]] = {
    "dispute": check_may_dispute,
    "suspend": may_decide_suspension,
}
FIRST = (
    "answer_supervision",
    "sign_whistle", "confirm_whistle", "sign_support", "review_extension",
    "review_suspension", "suspend", "review_appeal", "check_in", "support_check_in",
    "finish_support", "feed_back", "submit_check", "submit_verification",
    "finish_self", "submit_result", "approve_self", "send_to_check", "confirm_check",
    "rework_after_rating", "dispatch_by_ruling", "accept", "whistle",
    "complete_file", "self_resolve", "score_unit", "archive", "reconsider",
)  # fmt: skip
"""The usual next thing, in order; the first one offered is highlighted."""


# Their form is a page of its own, not a piece on the case page.
OWN_PAGES = {
    "whistle": "whistle_compose",
    "reassign": "reassign_compose",
    "dispatch_by_ruling": "dispatch_compose",
}


@dataclass(frozen=True)
class Offer:
    """A button; `subject` is the id of what it is about: a whistle, a task …"""

    name: str
    label: str
    is_primary: bool = False
    is_returning: bool = False
    is_aside: bool = False
    subject: int | None = None

    @property
    def own_page(self) -> str:
        """The name of the page's route, or empty."""
        return OWN_PAGES.get(self.name, "")


def offers(case: Case, actor: Actor, at: datetime) -> list[Offer]:
    """All that this person may do at a moment, the usual next thing first."""
    found = [
        Offer(t.action.value, str(t.action.label))
        for t in allowed(case, actor)
        if not closed_to(t.action.value, case, actor, at)
    ]
    draft = case.whistles.filter(status=Whistle.Status.DRAFT).first()
    if draft is not None and any(one.name == Action.WHISTLE for one in found):
        found = [one for one in found if one.name != Action.WHISTLE]
        found += _of_draft(draft, actor)
    found += [*_of_leader(case, actor), *_of_unit(case, actor)]
    found += _side_steps(case, actor, at)
    return _ranked(found)


def closed_to(name: str, case: Case, actor: Actor, at: datetime) -> Refused | None:
    """Why a row of the table is not offered though it would allow the person: what it
    asks of time and of earlier rows only its action's own guard knows."""
    try:
        if name in CLOSER:
            CLOSER[name](case, actor, at)
    except Refused as refused:
        return refused
    return None


def _of_draft(draft: Whistle, actor: Actor) -> list[Offer]:
    names = ["withdraw_whistle"]
    if may_blow(actor, draft.kind, joint=draft.is_joint):
        names.insert(0, "sign_whistle")
    return [Offer(name, str(LABELS[name]), subject=draft.pk) for name in names]


def _of_leader(case: Case, actor: Actor) -> list[Offer]:
    acts = actor.role == "street_leader" and actor.acts_in(case.placement_code)
    if not acts or case.state == State.ARCHIVED:
        return []
    unconfirmed = case.whistles.filter(
        kind=WhistleKind.EMERGENCY, status=Whistle.Status.BLOWN, confirmed_at=None
    ).order_by("pk")
    name = "confirm_whistle"
    return [Offer(name, str(LABELS[name]), subject=one.pk) for one in unconfirmed]


def _of_unit(case: Case, actor: Actor) -> list[Offer]:
    """A called organisation's own line; the lead's check-in is in the table already."""
    if actor.role not in CALLED or not case.is_open:
        return []
    line = (
        blown_assignments(case)
        .exclude(status=WhistleAssignment.Status.CANCELLED)
        .filter(organisation_id=actor.organisation_id)
        .first()
    )
    if line is None or line.role == WhistleAssignment.Role.LEAD:
        return []
    name = {
        WhistleAssignment.Status.PENDING: "support_check_in",
        WhistleAssignment.Status.CHECKED_IN: "finish_support",
        WhistleAssignment.Status.ON_SITE: "finish_support",
    }.get(line.status)
    return [Offer(name, str(LABELS[name]))] if name else []


def _side_steps(case: Case, actor: Actor, at: datetime) -> list[Offer]:
    found = []
    for name, step in SIDE_STEPS.items():
        try:
            subject = step.may(case, actor, at)
        except Refused:
            continue
        found.append(
            Offer(
                name,
                str(step.label),
                is_aside=step.is_aside,
                subject=subject and subject.pk,
            )
        )
    return found


def _ranked(found: list[Offer]) -> list[Offer]:
    order = {name: place for place, name in enumerate(FIRST)}
    ranked = sorted(found, key=lambda one: order.get(one.name, len(order)))
    first = ranked[0].name if ranked and ranked[0].name in order else ""
    return [
        Offer(
            one.name,
            one.label,
            is_primary=one.name == first and place == 0,
            is_returning=one.name in RETURNING,
            is_aside=one.is_aside,
            subject=one.subject,
        )
        for place, one in enumerate(ranked)
    ]
