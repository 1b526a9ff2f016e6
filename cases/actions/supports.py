"""The supports of a whistle that was blown: call one off, send one more."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.actions import checkins, clocks
from cases.actions.step import locked, note, require
from cases.actions.whistling import (
    blown_assignments,
    check_competent,
    may_blow,
    newest_blown,
)
from cases.limits import plain
from cases.models import Case, SupportDraft, Whistle, WhistleAssignment
from cases.workflow import State
from governance.errors import Refused
from parties.acting import Actor
from parties.models import Organisation

Role = WhistleAssignment.Role
Status = WhistleAssignment.Status
CALLERS = ("street_dispatcher", "street_shift_head", "street_leader")
CALLED_OFF_IN = (State.WHISTLED, State.JOINT_HANDLING)


@transaction.atomic
def call_off(
    *,
    case_id: int,
    assignment_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> WhistleAssignment:
    """撤哨: the street needs a support no longer; its clock stops and it is told."""
    case = locked(case_id, version)
    may_call_off(case, actor, at)
    line = (
        unfinished_supports(case)
        .select_for_update(of=("self",))
        .select_related("organisation")
        .filter(pk=assignment_id)
        .first()
    )
    if line is None:
        raise Refused(
            _("只能撤回还没有办结的协办单位，请重新选择。"),
            code="required",
            field="assignment",
        )
    require({"opinion": opinion}, {"opinion": _("请写明撤哨理由。")})
    ticking = clocks.Ticking(at, checkins.stop_checkin(assignment=line, at=at))
    line.status, line.opinion = Status.CANCELLED, opinion
    line.save(update_fields=["status", "opinion"])
    note(
        case,
        "call_off",
        actor=actor,
        at=at,
        detail={"organisation": line.organisation.name, "opinion": opinion},
        tell=(f"unit:{line.organisation_id}", "lead"),
        ticking=ticking,
    )
    return line


@transaction.atomic
def add_support(
    *,
    case_id: int,
    organisation_id: int,
    task: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> WhistleAssignment | SupportDraft:
    """增派协办: called at once by who may sign a joint whistle, else drafted."""
    case = locked(case_id, version)
    whistle = may_add_support(case, actor, at)
    _check_addable(case, whistle, organisation_id)
    require({"task": task}, {"task": _("请写明这个单位的任务。")})
    if may_blow(actor, whistle.kind, joint=True):
        return _call(case, whistle, organisation_id, task, actor, at)
    draft = SupportDraft.objects.create(
        whistle=whistle,
        organisation_id=organisation_id,
        task=task.strip(),
        status=SupportDraft.Status.DRAFT,
        drafted_by_id=actor.user_id,
        drafted_at=at,
    )
    note(
        case,
        "draft_support",
        actor=actor,
        at=at,
        detail={"organisation": draft.organisation.name, "task": draft.task},
        tell=("street_leader",),
    )
    return draft


@transaction.atomic
def sign_support(
    *,
    case_id: int,
    draft_id: int,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> WhistleAssignment:
    """签发增派: the leader signs what the dispatcher drafted."""
    case = locked(case_id, version)
    draft = support_to_sign(case, actor, at, draft_id)
    draft.status = SupportDraft.Status.SIGNED
    draft.save(update_fields=["status"])
    _check_addable(case, draft.whistle, draft.organisation_id)
    return _call(case, draft.whistle, draft.organisation_id, draft.task, actor, at)


@transaction.atomic
def drop_support(
    *,
    case_id: int,
    draft_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> SupportDraft:
    """不增派: the draft is not signed, or no longer wanted."""
    case = locked(case_id, version)
    draft = support_to_drop(case, actor, at, draft_id)
    require({"opinion": opinion}, {"opinion": _("请写明不增派的理由。")})
    draft.status = SupportDraft.Status.DROPPED
    draft.save(update_fields=["status"])
    note(
        case,
        "drop_support",
        actor=actor,
        at=at,
        detail={"organisation": draft.organisation.name, "opinion": opinion},
        tell=("street_dispatcher",),
    )
    return draft


def may_call_off(case: Case, actor: Actor, at: datetime) -> None:
    """Refused unless the street may call off a support now and there is one."""
    _may_change(case, actor, CALLED_OFF_IN)
    if not unfinished_supports(case).exists():
        raise Refused(_("没有还可以撤回的协办单位。"), code="state")


def unfinished_supports(case: Case) -> QuerySet[WhistleAssignment]:
    done = (Status.DONE, Status.CANCELLED)
    found: QuerySet[WhistleAssignment] = blown_assignments(case)
    return found.filter(role=Role.SUPPORT).exclude(status__in=done).order_by("pk")


def may_add_support(case: Case, actor: Actor, at: datetime) -> Whistle:
    """The whistle that one more unit may be called to; Refused otherwise."""
    _may_change(case, actor, (State.JOINT_HANDLING,))
    return newest_blown(case)


def support_to_sign(
    case: Case, actor: Actor, at: datetime, draft_id: int | None = None
) -> SupportDraft:
    """The draft (the oldest without an id) that this person may sign."""
    whistle = may_add_support(case, actor, at)
    if not may_blow(actor, whistle.kind, joint=True):
        raise Refused(_("增派协办须由街道值班领导签发。"), code="role")
    return _draft_of(whistle, draft_id)


def support_to_drop(
    case: Case, actor: Actor, at: datetime, draft_id: int | None = None
) -> SupportDraft:
    return _draft_of(may_add_support(case, actor, at), draft_id)


def _may_change(case: Case, actor: Actor, states: tuple[State, ...]) -> None:
    if case.state not in states:
        raise Refused(
            _("案件现在是“%(state)s”，不能再调整协办单位。")
            % {"state": State(case.state).label},
            code="state",
        )
    if actor.role not in CALLERS or not actor.acts_in(case.street.code):
        raise Refused(_("协办单位由吹哨的街道调整。"), code="role")


def _check_addable(case: Case, whistle: Whistle, organisation_id: int) -> None:
    check_competent(case, [organisation_id], field="organisation")
    called = whistle.assignments.exclude(status=Status.CANCELLED)
    if called.filter(organisation_id=organisation_id).exists():
        raise Refused(
            _("这个单位已经在本案的吹哨单上。"), code="double", field="organisation"
        )
    drafts = whistle.support_drafts.filter(status=SupportDraft.Status.DRAFT)
    if drafts.filter(organisation_id=organisation_id).exists():
        raise Refused(
            _("增派这个单位的申请正在等待签发。"), code="draft", field="organisation"
        )


def _call(
    case: Case,
    whistle: Whistle,
    organisation_id: int,
    task: str,
    actor: Actor,
    at: datetime,
) -> WhistleAssignment:
    line = WhistleAssignment.objects.create(
        whistle=whistle,
        case=case,
        organisation=Organisation.objects.get(pk=organisation_id),
        role=Role.SUPPORT,
        task=task.strip(),
        status=Status.PENDING,
    )
    case.called_ids = sorted({*case.called_ids, organisation_id})
    if not whistle.is_joint:
        whistle.is_joint = True
        whistle.save(update_fields=["is_joint"])
    ticking = clocks.Ticking(at)
    limit = checkins.checkin_limit_for(whistle)
    checkins.start_checkin(assignment=line, limit=limit, at=at, ticking=ticking)
    note(
        case,
        "add_support",
        actor=actor,
        at=at,
        detail={
            "whistle": whistle.number,
            "organisation": line.organisation.name,
            "task": line.task,
            "checkin": {"n": plain(limit.n), "unit": limit.unit},
        },
        tell=(f"unit:{organisation_id}", "lead", "community_desk"),
        ticking=ticking,
    )
    return line


def _draft_of(whistle: Whistle, draft_id: int | None) -> SupportDraft:
    drafts = whistle.support_drafts.filter(status=SupportDraft.Status.DRAFT)
    if draft_id is not None:
        drafts = drafts.filter(pk=draft_id)
    draft: SupportDraft | None = (
        drafts.select_related("whistle", "organisation").order_by("pk").first()
    )
    if draft is None:
        raise Refused(_("这份增派申请已经签发或退回。"), code="state")
    return draft
