"""社区接报: verify, accept, raise, reject and transfer."""

from datetime import datetime

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cases.actions.spot import distance_to, posted_worker
from cases.actions.step import (
    Given,
    Holder,
    advance,
    attach_photos,
    locked,
    require,
    unit_of,
)
from cases.models import Case, FilingCondition, Photo, SiteTask
from cases.workflow import COMMUNITY_MATTER, Action, find
from governance.errors import Refused
from grids.codes import Level
from parties.acting import Actor
from parties.models import Posting

FAR_M = 200
REASONS = {
    "not_ours": gettext_lazy("不属于本级职责"),
    "unclear": gettext_lazy("信息不全且无法核实"),
    "untrue": gettext_lazy("经核实不属实"),
    "legal": gettext_lazy("已进入诉讼、复议等法定程序"),
    "repeated": gettext_lazy("已答复，无新情况"),
    "withdrawn": pgettext_lazy("reason", "诉求人撤回"),
}
DESTINATIONS = {
    "110": gettext_lazy("110 公安"),
    "119": gettext_lazy("119 消防"),
    "120": gettext_lazy("120 急救"),
    "petition": gettext_lazy("信访部门"),
    "justice": gettext_lazy("司法行政部门"),
    "other": gettext_lazy("其他系统"),
}


@transaction.atomic
def send_to_verify(
    *,
    case_id: int,
    worker_id: int,
    requirement: str,
    actor: Actor,
    at: datetime,
    missing: str = "",
    version: int | None = None,
) -> Case:
    """发核实 (T09): a grid worker looks whether it is true before it is filed.

    What the public reports or what came without a photo is verified; of anything else
    the acceptor says what is `missing` (信息不全).
    """
    case = locked(case_id, version)
    missing = missing.strip()
    given = {"missing"} if missing else set()
    transition = find(case, Action.SEND_TO_VERIFY, actor, given)
    require({"requirement": requirement}, {"requirement": _("请写明要核实什么。")})
    worker = posted_worker(case, worker_id, at)
    SiteTask.objects.create(
        case=case,
        kind=SiteTask.Kind.VERIFY,
        worker_id=worker.user_id,
        requirement=_asked(requirement, missing),
        sent_by_id=actor.user_id or 0,
        sent_at=at,
    )
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(worker.post.organisation_id, worker.user_id),
        given=Given(requirement, {"worker": worker.user_id, "missing": missing}),
    )
    return case


def _asked(requirement: str, missing: str) -> str:
    """What the worker reads who is sent: the requirement, and what to find out."""
    if not missing:
        return requirement
    said = {"requirement": requirement, "missing": missing}
    return (_("%(requirement)s（请补充：%(missing)s）") % said)[:500]


@transaction.atomic
def submit_verification(
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
    """核实反馈 (T10). 属实 needs a photo; far from the spot needs a word why."""
    case = locked(case_id, version)
    transition = find(case, Action.SUBMIT_VERIFICATION, actor)
    task = SiteTask.objects.select_for_update().get(
        case=case, kind=SiteTask.Kind.VERIFY, submitted_at=None
    )
    if result not in ("true", "untrue", "unclear"):
        raise Refused(_("请选择核实结论。"), code="required", field="result")
    attach_photos(
        case=case,
        batch=photos,
        stage=Photo.Stage.VERIFY,
        actor=actor,
        least=1 if result == "true" else 0,
        field="photos",
    )
    task.distance_m = distance_to(case, position)
    if not remark.strip() and (
        result != "true" or task.distance_m is None or task.distance_m > FAR_M
    ):
        raise Refused(
            _("不属实、无法核实，或不在现场 200 米内核实的，请写明情况。"),
            code="required",
            field="remark",
        )
    task.result, task.note, task.position, task.submitted_at = (
        result,
        remark,
        position,
        at,
    )
    task.save()
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.COMMUNITY)),
        given=Given(remark, {"result": result, "distance_m": task.distance_m}),
    )
    return case


@transaction.atomic
def accept(
    *,
    case_id: int,
    handler_id: int,
    condition_id: int | None,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """社区接报自办 (T11): the community handles what is on its list."""
    case = locked(case_id, version)
    transition = find(case, Action.ACCEPT, actor)
    set_condition(case, condition_id)
    check_community_condition(case)
    handler = (
        Posting.objects.current(at)
        .with_post()
        .filter(
            user_id=handler_id,
            post__role__in=[
                "community_handler", "community_acceptor", "grid_worker",
            ],
            post__area__code__startswith=case.community.code,
        )
        .first()
    )  # fmt: skip
    if handler is None:
        raise Refused(_("请选择本社区的承办人。"), code="required", field="handler")
    case.first_handler_org_id = case.first_handler_org_id or actor.organisation_id
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(actor.organisation_id, handler.user_id),
        given=Given(
            detail={"handler": handler.user_id, "condition": case.condition_id}
        ),
    )
    return case


@transaction.atomic
def raise_to_street(
    *,
    case_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
    rule: str = "",
) -> Case:
    """上呈街道 (T12, T17). The platform does it when the accept clock runs out, for
    urgent cases at once, and when a community has nobody at its desk."""
    case = locked(case_id, version)
    transition = find(case, Action.RAISE_TO_STREET, actor)
    require({"opinion": opinion}, {"opinion": _("请写明上呈理由和初步意见。")})
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.STREET)),
        given=Given(opinion, {"rule": rule} if rule else {}),
    )
    return case


@transaction.atomic
def reject(
    *,
    case_id: int,
    reason: str,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """不予受理 (T13, T21): with a reason code and the words the resident is told."""
    case = locked(case_id, version)
    transition = find(case, Action.REJECT, actor)
    if reason not in REASONS:
        raise Refused(_("请选择不予受理的理由。"), code="required", field="reason")
    require({"opinion": opinion}, {"opinion": _("请写明告知上报人的内容。")})
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(None),
        given=Given(opinion, {"reason": reason}),
    )
    return case


@transaction.atomic
def reconsider(
    *,
    case_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """复核受理 (T48): a rejected case comes back inside the objection window."""
    case = locked(case_id, version)
    transition = find(case, Action.RECONSIDER, actor)
    require({"opinion": opinion}, {"opinion": _("请写明复核意见。")})
    window = case.clocks.filter(stage="OBJECTION_WINDOW", stopped_at=None).first()
    if window is None or (window.due_at is not None and at > window.due_at):
        raise Refused(_("异议期已过，请作为新案件上报。"), code="window")
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.COMMUNITY)),
        given=Given(opinion),
    )
    return case


@transaction.atomic
def transfer(
    *,
    case_id: int,
    destination: str,
    receipt: str,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """转出 (T15): handed to another system, with its receipt number."""
    case = locked(case_id, version)
    transition = find(case, Action.TRANSFER, actor)
    if destination not in DESTINATIONS:
        raise Refused(_("请选择转往哪里。"), code="required", field="destination")
    require(
        {"receipt": receipt, "opinion": opinion},
        {"receipt": _("请填写对方的回执号。"), "opinion": _("请写明转出理由。")},
    )
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(None),
        given=Given(
            opinion,
            {"destination": destination, "receipt": receipt},
        ),
    )
    return case


def check_community_condition(case: Case) -> None:
    """Refused where the filing condition takes the case off the community's list."""
    if case.condition is not None and case.condition.beyond_community:
        raise Refused(str(COMMUNITY_MATTER.sentence), code="guard", field="condition")


def set_condition(case: Case, condition_id: int | None) -> None:
    """立案: choose the filing condition; without one nothing can be handled."""
    if condition_id is None and case.condition_id is not None:
        return
    condition = FilingCondition.objects.filter(
        pk=condition_id or 0, category_id=case.category_id, is_active=True
    ).first()
    if condition is None:
        raise Refused(_("请选择立案条件。"), code="required", field="condition")
    if condition.is_unparsed:
        raise Refused(
            _("立案条件“%(text)s”的时限还没有认定，请管理员先在目录中填写。")
            % {"text": condition.text},
            code="unparsed",
            field="condition",
        )
    case.condition = condition
