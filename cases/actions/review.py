"""Review, on-site check, rating, closing (DOMAIN C.3, T37–T45)."""

from datetime import datetime

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.calling_back import facts_of, first_reply, record_call_back
from cases.actions.spot import apart_from_doers, distance_to, posted_worker
from cases.actions.step import (
    Given,
    Holder,
    advance,
    advance_with_opinion,
    attach_photos,
    locked,
    note,
    require,
    unit_of,
)
from cases.actions.whistling import blown_assignments
from cases.models import CallBack, Case, Photo, SiteTask, WhistleAssignment
from cases.workflow import Action, State, find
from governance.errors import Refused
from grids.codes import Level
from parties.acting import Actor


@transaction.atomic
def send_to_check(
    *,
    case_id: int,
    worker_id: int,
    requirement: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """审核通过·发核查 (T37): a grid worker who did not do it looks at the spot."""
    case = locked(case_id, version)
    transition = find(case, Action.SEND_TO_CHECK, actor)
    require({"requirement": requirement}, {"requirement": _("请写明核查要求。")})
    worker = posted_worker(case, worker_id, at)
    apart_from_doers(case, worker.user_id, actor)
    SiteTask.objects.create(
        case=case,
        kind=SiteTask.Kind.CHECK,
        worker_id=worker.user_id,
        requirement=requirement,
        sent_by_id=actor.user_id or 0,
        sent_at=at,
    )
    case.check_result = ""
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(worker.post.organisation_id, worker.user_id),
        given=Given(requirement, {"worker": worker.user_id}),
    )
    return case


@transaction.atomic
def return_result(
    *, case_id: int, opinion: str, actor: Actor, at: datetime,
    version: int | None = None,
) -> Case:  # fmt: skip
    """审核退回 (T38): back to who handled it, with the time that was left."""
    return advance_with_opinion(
        Action.RETURN_RESULT,
        case_id=case_id,
        version=version,
        opinion=opinion,
        missing=_("请写明退回理由和缺少的内容。"),
        holder=_back_to_handler,
        actor=actor,
        at=at,
    )


@transaction.atomic
def submit_check(
    *,
    case_id: int,
    result: str,
    remark: str,
    position: Point | None,
    photos: str | None,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """核查结论, by the worker who was sent; the street then confirms or reworks.

    Without a position (a check by telephone) it says why there is none (T39).
    """
    case = locked(case_id, version)
    task = check_sent_to(case, actor, at)
    if result not in ("passed", "failed"):
        raise Refused(_("请选择核查结论。"), code="required", field="result")
    if result == "failed":
        require({"remark": remark}, {"remark": _("核查不通过的，请写明不合格的地方。")})
    if position is None:
        require(
            {"remark": remark},
            {"remark": _("没有定位的，请写明原因（例如电话核查、手机没有信号）。")},
        )
    attach_photos(
        case=case,
        batch=photos,
        stage=Photo.Stage.CHECK,
        actor=actor,
        least=1,
        field="photos",
    )
    task.distance_m = distance_to(case, position)
    task.result, task.note, task.position, task.submitted_at = (
        result,
        remark,
        position,
        at,
    )
    task.save()
    case.check_result = result
    case.holder_org_id, case.holder_user_id = unit_of(case, Level.STREET), None
    note(
        case,
        "submit_check",
        actor=actor,
        at=at,
        detail={"result": result, "opinion": remark, "distance_m": task.distance_m},
        tell=("street_command",),
    )
    return case


def check_sent_to(case: Case, actor: Actor, at: datetime) -> SiteTask:
    """The open 核查 that this person was sent to, or Refused."""
    task = (
        SiteTask.objects.filter(
            case=case, kind=SiteTask.Kind.CHECK, submitted_at=None
        ).first()
        if case.state == State.CHECKING
        else None
    )
    if task is None:
        raise Refused(_("这项核查已经提交或取消。"), code="state")
    if actor.user_id is None or task.worker_id != actor.user_id:
        raise Refused(_("这项核查派给了别人。"), code="role")
    return task


@transaction.atomic
def confirm_check(
    *,
    case_id: int,
    opinion: str,
    closing_met: bool,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """核查通过 (T39, T40): to the resident for rating, or closed when nobody asked."""
    case = locked(case_id, version)
    transition = find(case, Action.CONFIRM_CHECK, actor)
    require({"opinion": opinion}, {"opinion": _("请填写结案意见。")})
    _not_the_checker(case, actor)
    if transition.target == State.CLOSED:
        if not closing_met:
            raise Refused(
                _("请对照结案条件，确认已经达到后勾选。"),
                code="required",
                field="closing_met",
            )
        case.closed_type, case.closed_at = Case.ClosedType.NORMAL, at
    else:
        case.last_score = ""
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.STREET)),
        given=Given(opinion, {"closing_met": closing_met}),
    )
    return case


@transaction.atomic
def rework(
    *, case_id: int, opinion: str, actor: Actor, at: datetime,
    version: int | None = None,
) -> Case:  # fmt: skip
    """核查不通过·返工 (T41); like the confirming, not by who checked it."""
    case = locked(case_id, version)
    transition = find(case, Action.REWORK, actor)
    require({"opinion": opinion}, {"opinion": _("请写明不合格点和返工要求。")})
    _not_the_checker(case, actor)
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=_sent_to_rework(case),
        given=Given(opinion),
    )
    return case


def _not_the_checker(case: Case, actor: Actor) -> None:
    """职责分离 (DOMAIN C.1): who checked does not decide on the own finding."""
    checks = case.site_tasks.filter(kind=SiteTask.Kind.CHECK).order_by("-pk")
    if checks.values_list("worker_id", flat=True).first() == actor.user_id:
        raise Refused(_("核查人不能确认自己的核查结论。"), code="separation")


@transaction.atomic
def rework_after_rating(
    *,
    case_id: int,
    opinion: str,
    call_back: str,
    actor: Actor,
    at: datetime,
    method: str = CallBack.Method.PHONE,
    version: int | None = None,
) -> Case:
    """不满意·返工 (T43), after the resident was called back; the 回访 is kept."""
    case = locked(case_id, version)
    transition = find(case, Action.REWORK_AFTER_RATING, actor)
    made = record_call_back(
        case,
        method=method,
        result=CallBack.Result.UNSOLVED,
        satisfied=False,
        words=call_back,
        actor=actor,
        at=at,
        field="call_back",
    )
    require({"opinion": opinion}, {"opinion": _("请写明不满意的原因和返工要求。")})
    case.last_score = ""
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=_sent_to_rework(case),
        given=Given(opinion, {**facts_of(made), "call_back": call_back}),
        ticking=first_reply(case, made, at),
    )
    return case


@transaction.atomic
def close_despite(
    *,
    case_id: int,
    opinion: str,
    reply: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """不满意·认定结案 (T44): with a written answer; still counted as dissatisfied."""
    case = locked(case_id, version)
    transition = find(case, Action.CLOSE_DESPITE, actor)
    require(
        {"opinion": opinion, "reply": reply},
        {
            "opinion": _("请写明认定结案的理由。"),
            "reply": _("请填写给诉求人的书面答复。"),
        },
    )
    case.closed_type, case.closed_at = Case.ClosedType.DESPITE, at
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(case.holder_org_id),
        given=Given(opinion, {"reply": reply}),
    )
    return case


def _sent_to_rework(case: Case) -> Holder:
    case.rework_count += 1
    return _back_to_handler(case)


def _back_to_handler(case: Case) -> Holder:
    """The unit and person the case returns to, and their line open again."""
    if case.resume_state == State.JOINT_HANDLING:
        blown_assignments(case).filter(role=WhistleAssignment.Role.LEAD).update(
            status=WhistleAssignment.Status.CHECKED_IN, done_at=None
        )
        return Holder(case.lead_org_id, case.doer_id)
    if case.resume_state == State.STREET_HANDLING:
        handled = clocks.last_handling(case)
        office = handled.organisation_id if handled else None
        return Holder(office or unit_of(case, Level.STREET))
    return Holder(unit_of(case, Level.COMMUNITY))
