"""Work orders come in: once under their number, and none is lost (FEATURES 91).

An order is filed by itself when its category and place are known. What is not known is
held for the people of the source's desk, who file it or send it back.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import actions as cases
from cases.actions.filing import Report, file_for
from cases.models import Case
from cases.workflow import Action
from doors.actions.writing_back import write_status
from doors.models import (
    BridgeSource,
    CategoryMapping,
    OrderStatus,
    WorkOrder,
    WorkOrderContent,
)
from doors.querysets import keeps_desk
from governance import crypto, events
from governance.errors import Refused
from governance.events import canonical
from grids.codes import Level
from parties import actions as parties
from parties.acting import Actor
from parties.models import Notification, Posting
from parties.roles import Role

Outcome = WorkOrderContent.Outcome
SEALED = ("complainant_name", "complainant_contact")
LABELS = {
    "category": gettext_lazy("类别"),
    "category_name": gettext_lazy("类别名称"),
    "area": gettext_lazy("区域"),
    "title": gettext_lazy("标题"),
    "description": gettext_lazy("描述"),
    "address": gettext_lazy("地址"),
    "lng": gettext_lazy("经度"),
    "lat": gettext_lazy("纬度"),
    "urgent": gettext_lazy("紧急"),
    "due_at": gettext_lazy("来源要求的办结时间"),
}
REMARK = 400


@dataclass(frozen=True, kw_only=True)
class Sent:
    """An order as its source words it; `category` and `area` are codes of its own."""

    category: str = ""
    category_name: str = ""
    area: str = ""
    title: str = ""
    description: str = ""
    address: str = ""
    lng: float | None = None
    lat: float | None = None
    crs: str = "wgs84"
    urgent: bool = False
    complainant_name: str = ""
    complainant_contact: str = ""
    found_at: str = ""
    due_at: str = ""

    @property
    def words(self) -> str:
        """Title and description as the description of a case."""
        return "。".join(filter(None, (self.title.strip(), self.description.strip())))


@dataclass(frozen=True)
class Received:
    """`is_new` the first time, `is_changed` for other content under a known number;
    `refused` when that came too late."""

    order: WorkOrder
    is_new: bool = False
    is_changed: bool = False
    refused: bool = False


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the desk puts in place of what the platform did not know."""

    category_id: int
    description: str
    address: str
    community_code: str = ""
    lng: float | None = None
    lat: float | None = None
    remember: bool = False


@transaction.atomic
def receive_order(
    *, source_id: int, external_id: str, sent: Sent, actor: Actor, at: datetime
) -> Received:
    """Take an order in. The same again is the same order and changes nothing.

    Other content under a known number replaces it while the order is held, is noted on
    its case while that is open (nothing that was filed is overwritten), and is refused
    once the case is over.
    """
    order, is_new = WorkOrder.objects.get_or_create(
        source_id=source_id,
        external_id=external_id,
        defaults={"received_at": at, "updated_at": at},
    )
    order = _locked(order.pk)
    digest = _digest(sent)
    known = order.contents.filter(digest=digest).first()
    if known is not None:
        return Received(order, refused=known.outcome == Outcome.REFUSED)
    outcome = _outcome(order, is_new)
    before = order.contents.order_by("-number").first()
    content = order.contents.create(
        number=before.number + 1 if before else 1,
        digest=digest,
        body=sealed(sent),
        outcome=outcome,
        received_at=at,
    )
    order.updated_at = at
    _act_on(order, content, before, sent, actor, at)
    order.save()
    return Received(order, is_new, not is_new, outcome == Outcome.REFUSED)


def _outcome(order: WorkOrder, is_new: bool) -> "WorkOrderContent.Outcome":
    if is_new:
        return Outcome.FIRST
    if order.case is None:
        return Outcome.REPLACED if order.is_held else Outcome.REFUSED
    return Outcome.NOTED if order.case.is_open else Outcome.REFUSED


def _act_on(
    order: WorkOrder,
    content: WorkOrderContent,
    before: WorkOrderContent | None,
    sent: Sent,
    actor: Actor,
    at: datetime,
) -> None:
    detail = {"number": content.number, "outcome": content.outcome}
    _record(order, "receive_order", actor, at, detail)
    if content.outcome in (Outcome.FIRST, Outcome.REPLACED):
        _file(order, content.number, sent, actor, at)
    elif content.outcome == Outcome.NOTED and order.case and before:
        cases.note_incoming(
            case_id=order.case.pk,
            opinion=difference(before.body, content.body),
            revision=content.number,
            actor=actor,
            at=at,
        )


def _file(
    order: WorkOrder, number: int, sent: Sent, actor: Actor, at: datetime
) -> None:
    """Make a case of it; or hold it, with the reason, for the desk."""
    try:
        report = report_of(order, sent)
        case = cases.report(
            submission_id=order.submission_id, report=report, actor=actor, at=at
        )
    except Refused as refused:
        order.problem_code, order.problem = refused.code[:30], str(refused)[:REMARK]
        _tell_desk(order, number, at)
        return
    _settled(order, case)


def _settled(order: WorkOrder, case: Case) -> None:
    order.case, order.problem_code, order.problem = case, "", ""
    order.status = OrderStatus.RECEIVED


def report_of(order: WorkOrder, sent: Sent) -> Report:
    """The order as a report. Raises Refused for what nobody said how to map."""
    category = order.source.categories.filter(external_code=sent.category).first()
    if category is None:
        raise Refused(
            _("类别“%(code)s %(name)s”没有对照，请选择小类。")
            % {"code": sent.category, "name": sent.category_name},
            code="unknown_category",
            field="category",
        )
    return _filled(
        order,
        sent,
        category_id=category.category_id,
        description=sent.words,
        address=sent.address,
        lng=sent.lng,
        lat=sent.lat,
        community_code=_community(order.source, sent),
    )


def _community(source: BridgeSource, sent: Sent) -> str:
    """Where the source says it is; only asked for an order without a position."""
    if sent.lng is not None and sent.lat is not None:
        return ""
    found = source.areas.filter(external_code=sent.area).select_related("area").first()
    if found is None:
        raise Refused(
            _("区域“%(code)s”没有对照，也没有坐标，请选择所在社区。")
            % {"code": sent.area},
            code="unknown_area",
            field="community",
        )
    if found.area.level != Level.COMMUNITY:
        raise Refused(
            _("只知道在%(area)s，请选择所在社区。") % {"area": found.area.name},
            code="coarse_area",
            field="community",
        )
    return found.area.code


def _filled(order: WorkOrder, sent: Sent, **known: Any) -> Report:
    contact = bool(sent.complainant_contact)
    name = sent.complainant_name or (_("诉求人") if contact else "")
    return Report(
        crs=sent.crs,
        method=Case.Method.ADDRESS,
        urgent=sent.urgent,
        complainant_name=name if contact else "",
        complainant_contact=sent.complainant_contact,
        found_at=sent.found_at,
        source=Case.Source.HOTLINE,
        origin_label=order.source.name,
        origin_url=f"/bridges/orders/{order.pk}/",
        external_no=order.external_id,
        **known,
    )


@transaction.atomic
def file_order(
    *, order_id: int, decision: Decision, actor: Actor, at: datetime
) -> WorkOrder:
    """The desk files what could not be filed by itself.

    The case stays the source's: its post is the reporter. The Event names who decided,
    on behalf of that post. With `remember` the next order of this category goes by
    itself.
    """
    order = held(order_id, actor)
    reporter = _reporter(order.source, at)
    sent = opened(_newest(order).body)
    known = asdict(decision)
    known.pop("remember")
    case = file_for(
        Action.REPORT,
        submission_id=order.submission_id,
        report=_filled(order, sent, **known),
        actor=reporter,
        recorded_by=replace(
            actor, on_behalf_of=reporter.name, on_behalf_of_id=reporter.user_id
        ),
        at=at,
    )
    _settled(order, case)
    order.updated_at = at
    order.save()
    if decision.remember and sent.category:
        CategoryMapping.objects.update_or_create(
            source=order.source,
            external_code=sent.category,
            defaults={"category_id": decision.category_id},
        )
    detail = {"case": case.case_no, "remembered": decision.remember}
    _record(order, "file_order", actor, at, detail)
    return order


@transaction.atomic
def return_order(
    *, order_id: int, reason: str, actor: Actor, at: datetime
) -> WorkOrder:
    """退回来源: it is not for us; its source is told why."""
    order = held(order_id, actor)
    if not reason.strip():
        raise Refused(
            _("请写明为什么退回，来源系统会看到。"), code="required", field="reason"
        )
    order.problem = reason.strip()[:REMARK]
    order.updated_at = at
    _record(order, "return_order", actor, at, {"reason": reason.strip()})
    write_status(order, OrderStatus.RETURNED, at=at, reason=order.problem)
    order.save()
    return order


def may_settle(order: WorkOrder, actor: Actor) -> bool:
    """Whether the actor is of the desk that decides about held orders."""
    own = order.source.desk_id == actor.organisation_id
    return order.is_held and own and keeps_desk(actor.role)


def held(order_id: int, actor: Actor) -> WorkOrder:
    """Locked, when it waits for this actor. Raises Refused otherwise."""
    order = _locked(order_id)
    if not order.is_held:
        raise Refused(_("这个工单已经处理过了。"), code="settled")
    if not may_settle(order, actor):
        raise Refused(
            _("待处理的工单由%(unit)s的受理、派遣人员处理。")
            % {"unit": order.source.desk.name},
            code="role",
        )
    return order


def _locked(order_id: int) -> WorkOrder:
    found = WorkOrder.objects.select_for_update(of=("self",))
    return found.select_related("source__desk", "source__client", "case").get(
        pk=order_id
    )


def _newest(order: WorkOrder) -> WorkOrderContent:
    return order.contents.latest("number")


def _reporter(source: BridgeSource, at: datetime) -> Actor:
    posting = (
        Posting.objects.current(at)
        .with_post()
        .filter(pk=source.client.posting_id or 0)
        .first()
    )
    if posting is None:
        raise Refused(
            _("“%(client)s”的任职已经结束，请联系系统管理员。")
            % {"client": source.client},
            code="no_posting",
        )
    return replace(Actor.of(posting), via=source.client.name)


def _tell_desk(order: WorkOrder, number: int, at: datetime) -> None:
    desk = Posting.objects.current(at).of_organisation(order.source.desk_id)
    roles = [role for role in Role.values if keeps_desk(role)]
    parties.notify(
        user_ids=desk.filter(post__role__in=roles).user_ids(),
        kind=Notification.Kind.TODO,
        title=_("%(source)s工单待处理") % {"source": order.source.name},
        body=f"{order.external_id} {order.problem}",
        url=f"/bridges/orders/{order.pk}/",
        subject=order.chain,
        key=f"{order.chain}:{number}",
        at=at,
    )


# --- what was sent ------------------------------------------------------------------


def _digest(sent: Sent) -> str:
    return hashlib.sha256(canonical(asdict(sent)).encode()).hexdigest()


def sealed(sent: Sent) -> dict[str, Any]:
    body = asdict(sent)
    return body | {name: crypto.seal(body[name]) for name in SEALED}


def opened(body: Mapping[str, Any]) -> Sent:
    return Sent(**{**body, **{name: crypto.unseal(body[name]) for name in SEALED}})


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What is other now, for people; contact data only by saying that it is."""
    lines = [
        f"{label}：{after[name] if after[name] not in (None, '') else _('（空）')}"
        for name, label in LABELS.items()
        if before.get(name) != after.get(name)
    ]
    if opened(before).complainant_contact != opened(after).complainant_contact:
        lines.append(_("诉求人联系方式有变，请在来件工单里查看。"))
    return "\n".join(lines) or _("内容有变化，请在来件工单里查看。")


def _record(
    order: WorkOrder, verb: str, actor: Actor, at: datetime, detail: dict[str, Any]
) -> None:
    events.record(
        chain=order.chain,
        action=f"doors.{verb}",
        actor=actor,
        at=at,
        detail={
            "source": order.source.code,
            "external_id": order.external_id,
            "problem": order.problem,
            **detail,
        },
    )
