"""The way of a task, of each receiver and of an admitted item: one table of rows.

Sources: DOMAIN C.8 (top-down tasks) and D.3 (GridItemAdmission). Pure data and pure
functions, as `cases.workflow` is for cases: buttons, pages and actions ask `find` and
`allowed`; nothing else decides a next state.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.errors import Refused


class Kind(TextChoices):
    """What is sent down (DOMAIN C.8)."""

    PATROL = "patrol", _("巡查")
    VISIT = "visit", _("走访")
    INSPECTION = "inspection", _("排查")
    NOTICE = "notice", _("通知")
    CAMPAIGN = "campaign", _("专项行动")
    EMERGENCY = "emergency", _("应急")


# Kinds whose receivers go and look, and bring back records with a checklist.
RECORDED_KINDS = (Kind.PATROL, Kind.VISIT, Kind.INSPECTION)


class TaskState(TextChoices):
    DRAFT = "DRAFT", _("拟稿")
    ISSUED = "ISSUED", _("已下发")
    CLOSED = "CLOSED", pgettext_lazy("state", "办结")
    CANCELLED = "CANCELLED", _("已撤销")


class ReceiverState(TextChoices):
    PENDING_SIGN = "PENDING_SIGN", _("待签收")
    SIGNED = "SIGNED", _("已签收")
    IN_PROGRESS = "IN_PROGRESS", _("办理中")
    SUBMITTED = "SUBMITTED", _("已反馈")
    ACCEPTED = "ACCEPTED", pgettext_lazy("state", "验收通过")
    RETURNED = "RETURNED", pgettext_lazy("state", "退回补充")


class AdmissionState(TextChoices):
    APPLIED = "APPLIED", _("申请中")
    APPROVED = "APPROVED", pgettext_lazy("state", "审核通过")
    REFUSED = "REFUSED", pgettext_lazy("state", "不予准入")
    PUBLISHED = "PUBLISHED", _("已公布")
    EVALUATED = "EVALUATED", _("已评估")
    WITHDRAWN = "WITHDRAWN", _("已退出")


R = ReceiverState
IN_HAND = (R.SIGNED, R.IN_PROGRESS, R.RETURNED)
ANSWERED = (R.SUBMITTED, R.ACCEPTED)
IN_FORCE = (AdmissionState.PUBLISHED, AdmissionState.EVALUATED)


class Action(TextChoices):
    """What people do; the same word in action, URL, template and journal."""

    ISSUE = "issue", pgettext_lazy("task", "签发")
    CANCEL = "cancel", _("撤销")
    CLOSE = "close", _("办结")
    SIGN = "sign", _("签收")
    BEGIN = "begin", _("开始办理")
    REISSUE = "reissue", _("分解下发")
    RECORD = "record", _("填写记录")
    SUBMIT = "submit", _("提交反馈")
    ACCEPT = "accept", _("验收通过")
    GIVE_BACK = "give_back", _("退回补充")
    APPROVE = "approve", _("审核通过")
    REFUSE = "refuse", _("不予准入")
    PUBLISH = "publish", _("公布")
    EVALUATE = "evaluate", _("评估")
    WITHDRAW = "withdraw", _("退出")


class By:
    """How a person must stand to the subject, besides the role."""

    ISSUER = "issuer"  # the unit that sent the task down
    RECEIVER = "receiver"  # whoever it is addressed to
    GIVER = "giver"  # whoever it was received from: the receiver above, or the issuer
    AREA = "area"  # the area of the posting contains the area of the item
    SYSTEM = "system"  # the platform itself


@dataclass(frozen=True)
class Who:
    role: str
    by: str


COMMUNITY = ("community_acceptor", "community_leader", "community_handler")
STREET = (
    "street_dispatcher", "street_acceptor", "street_shift_head", "street_leader",
)  # fmt: skip
COMMAND = ("district_command", "district_director", "city_command")
DEPARTMENT = (
    "department_liaison", "department_handler", "department_leader", "street_handler",
)  # fmt: skip
FIELD = ("grid_worker", "grid_leader")
LEADERS = (
    "community_leader", "street_shift_head", "street_leader", *COMMAND,
    "department_leader",
)  # fmt: skip
DRAFTERS = (
    *LEADERS, "community_acceptor", "street_dispatcher", "street_acceptor",
    "department_liaison",
)  # fmt: skip


def _who(by: str, *roles: str) -> tuple[Who, ...]:
    return tuple(Who(role, by) for role in roles)


RECEIVERS = _who(By.RECEIVER, *FIELD, *COMMUNITY, *STREET, *COMMAND, *DEPARTMENT)
SPLITTERS = _who(By.RECEIVER, *COMMUNITY, *STREET, *COMMAND)
GIVERS = _who(By.GIVER, *COMMUNITY, *STREET, *COMMAND, *DEPARTMENT)
SYSTEM = (Who("system", By.SYSTEM),)


@dataclass(frozen=True)
class Guard:
    """A condition on subject, actor and time; `sentence` is what the refused reads."""

    name: str
    sentence: Any
    holds: Callable[[Any, Any, datetime], bool]


TASK_ISSUED = Guard(
    "task_issued", _("任务已经办结或撤销，不用再办。"),
    lambda receiver, actor, at: receiver.task.state == TaskState.ISSUED,
)  # fmt: skip
IS_NOTICE = Guard(
    "is_notice", _("这项任务要办理后反馈，不是签收即可。"),
    lambda receiver, actor, at: receiver.task.kind == Kind.NOTICE,
)  # fmt: skip
NOT_A_NOTICE = Guard(
    "not_a_notice", _("通知签收即可，不用反馈。"),
    lambda receiver, actor, at: receiver.task.kind != Kind.NOTICE,
)  # fmt: skip
IS_RECORDED = Guard(
    "is_recorded", _("只有巡查、走访、排查任务填写记录。"),
    lambda receiver, actor, at: receiver.task.kind in RECORDED_KINDS,
)  # fmt: skip
NOT_EXPIRED = Guard(
    "not_expired", _("应急任务已过失效时间，不能再下发；还要继续的，请改用准入事项。"),
    lambda receiver, actor, at: (
        receiver.task.expires_at is None or at < receiver.task.expires_at
    ),
)  # fmt: skip
NOT_THE_DOER = Guard(
    "not_the_doer", _("您自己反馈的不能由您验收，请由他人验收。"),
    lambda receiver, actor, at: (
        actor.user_id is None or actor.user_id != receiver.submitted_by_id
    ),
)  # fmt: skip
NOT_THE_APPLICANT = Guard(
    "not_the_applicant", _("您自己的申请不能由您审核，请由他人审核。"),
    lambda item, actor, at: actor.user_id != item.applied_by_id,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One row. `needs` are names of what must be given; `tell` the circle told."""

    id: str
    action: Action
    sources: tuple[str, ...]
    target: str
    who: tuple[Who, ...]
    needs: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    tell: str = ""


A = Action
T = Transition
TASK_TRANSITIONS: tuple[Transition, ...] = (
    T(id="K01", action=A.ISSUE, sources=(TaskState.DRAFT,), target=TaskState.ISSUED,
      who=_who(By.ISSUER, *LEADERS), tell="receivers"),
    T(id="K02", action=A.CANCEL, sources=(TaskState.DRAFT, TaskState.ISSUED),
      target=TaskState.CANCELLED, who=_who(By.ISSUER, *LEADERS), needs=("opinion",),
      tell="receivers"),
    T(id="K03", action=A.CLOSE, sources=(TaskState.ISSUED,), target=TaskState.CLOSED,
      who=_who(By.ISSUER, *LEADERS) + SYSTEM, needs=("opinion",), tell="issuer"),
)  # fmt: skip
RECEIVER_TRANSITIONS: tuple[Transition, ...] = (
    T(id="K11", action=A.SIGN, sources=(R.PENDING_SIGN,), target=R.ACCEPTED,
      who=RECEIVERS, guards=(TASK_ISSUED, IS_NOTICE)),
    T(id="K12", action=A.SIGN, sources=(R.PENDING_SIGN,), target=R.SIGNED,
      who=RECEIVERS, guards=(TASK_ISSUED, NOT_A_NOTICE)),
    T(id="K13", action=A.BEGIN, sources=(R.SIGNED,), target=R.IN_PROGRESS,
      who=RECEIVERS, guards=(TASK_ISSUED, NOT_A_NOTICE)),
    T(id="K14", action=A.REISSUE, sources=(R.SIGNED, R.IN_PROGRESS, R.RETURNED),
      target=R.IN_PROGRESS, who=SPLITTERS, needs=("addressees",),
      guards=(TASK_ISSUED, NOT_EXPIRED), tell="children"),
    T(id="K15", action=A.REISSUE, sources=(R.ACCEPTED,), target=R.ACCEPTED,
      who=SPLITTERS, needs=("addressees",),
      guards=(TASK_ISSUED, IS_NOTICE, NOT_EXPIRED), tell="children"),
    T(id="K16", action=A.RECORD, sources=IN_HAND, target=R.IN_PROGRESS, who=RECEIVERS,
      guards=(TASK_ISSUED, IS_RECORDED)),
    T(id="K17", action=A.SUBMIT, sources=IN_HAND, target=R.SUBMITTED, who=RECEIVERS,
      needs=("result",), guards=(TASK_ISSUED, NOT_A_NOTICE), tell="giver"),
    T(id="K18", action=A.ACCEPT, sources=(R.SUBMITTED,), target=R.ACCEPTED, who=GIVERS,
      guards=(TASK_ISSUED, NOT_THE_DOER), tell="receiver"),
    T(id="K19", action=A.GIVE_BACK, sources=(R.SUBMITTED,), target=R.RETURNED,
      who=GIVERS, needs=("opinion",), guards=(TASK_ISSUED, NOT_THE_DOER),
      tell="receiver"),
)  # fmt: skip
ADMISSION_TRANSITIONS: tuple[Transition, ...] = (
    T(id="K31", action=A.APPROVE, sources=(AdmissionState.APPLIED,),
      target=AdmissionState.APPROVED, who=_who(By.AREA, *COMMAND), needs=("opinion",),
      guards=(NOT_THE_APPLICANT,), tell="applicant"),
    T(id="K32", action=A.REFUSE, sources=(AdmissionState.APPLIED,),
      target=AdmissionState.REFUSED, who=_who(By.AREA, *COMMAND), needs=("opinion",),
      guards=(NOT_THE_APPLICANT,), tell="applicant"),
    T(id="K33", action=A.PUBLISH, sources=(AdmissionState.APPROVED,),
      target=AdmissionState.PUBLISHED, who=_who(By.AREA, *COMMAND), tell="applicant"),
    T(id="K34", action=A.EVALUATE, sources=IN_FORCE, target=AdmissionState.EVALUATED,
      who=_who(By.AREA, *COMMAND), needs=("opinion",), tell="applicant"),
    T(id="K35", action=A.WITHDRAW, sources=(AdmissionState.APPROVED, *IN_FORCE),
      target=AdmissionState.WITHDRAWN, who=_who(By.AREA, *COMMAND),
      needs=("opinion",), tell="applicant"),
)  # fmt: skip
STATE_LABELS: dict[str, Any] = {
    **dict(TaskState.choices),
    **dict(ReceiverState.choices),
    **dict(AdmissionState.choices),
}


def receives(receiver: Any, actor: Any) -> bool:
    """Whether it is addressed to this person, post area or organisation."""
    if receiver.person_id is not None:
        return bool(receiver.person_id == actor.user_id)
    if receiver.organisation_id is not None:
        return bool(receiver.organisation_id == actor.organisation_id)
    return actor.area_id is not None and receiver.area_id == actor.area_id


def issued_by(task: Any, actor: Any) -> bool:
    return bool(task.issuer_id == actor.organisation_id)


def stands(who: Who, subject: Any, actor: Any) -> bool:
    """Whether the actor has that role and stands to the subject as the row asks."""
    if who.role != actor.role:
        return False
    if who.by == By.SYSTEM:
        return bool(actor.is_system)
    if who.by == By.ISSUER:
        return issued_by(subject, actor)
    if who.by == By.AREA:
        return bool(actor.acts_in(subject.area.code))
    if who.by == By.RECEIVER:
        return receives(subject, actor)
    if subject.parent_id is not None:
        return receives(subject.parent, actor)
    return issued_by(subject.task, actor)


def find(
    table: tuple[Transition, ...], subject: Any, action: Action, actor: Any, at: Any
) -> Transition:
    """The row that applies, or Refused with the sentence of what is in the way."""
    there = [t for t in table if t.action == action and subject.state in t.sources]
    if not there:
        raise Refused(
            _("现在是“%(state)s”，不能“%(action)s”，请刷新后再看。")
            % {"state": STATE_LABELS[subject.state], "action": action.label},
            code="state",
        )
    mine = [t for t in there if any(stands(who, subject, actor) for who in t.who)]
    if not mine:
        raise Refused(
            _("您当前的岗位不能“%(action)s”。") % {"action": action.label}, code="role"
        )
    for row in mine:
        if all(guard.holds(subject, actor, at) for guard in row.guards):
            return row
    broken = next(one for one in mine[0].guards if not one.holds(subject, actor, at))
    raise Refused(str(broken.sentence), code="guard")


def allowed(
    table: tuple[Transition, ...], subject: Any, actor: Any, at: Any
) -> list[Transition]:
    """The rows open to this person now, in table order; the buttons of a page."""
    found: dict[str, Transition] = {}
    for row in table:
        if (
            row.action not in found
            and subject.state in row.sources
            and any(stands(who, subject, actor) for who in row.who)
            and all(guard.holds(subject, actor, at) for guard in row.guards)
        ):
            found[row.action] = row
    return list(found.values())
