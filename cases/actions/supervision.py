"""督办单 (DOMAIN C.6): issued to a unit, answered by it, accepted or returned."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.alerting import send
from cases.actions.publishing import publish
from cases.actions.step import locked, require
from cases.limits import Limit
from cases.models import Case, Escalation, SupervisionNumber, SupervisionOrder
from governance import calendar, events
from governance.calendar import Unit
from governance.errors import Refused
from governance.events import Follow
from parties.acting import Actor
from parties.models import Organisation

Status = SupervisionOrder.Status
REPLY_LIMIT = Limit(Decimal(1), Unit.WORK_DAY)
SUPERVISORS = ("district_command", "district_director", "inspector")
ANSWERERS = (
    "department_liaison", "department_leader", "community_acceptor",
    "community_leader", "street_handler", "street_shift_head", "street_leader",
)  # fmt: skip


def may_order(unit_id: int) -> bool:
    """A command centre issues these orders; it gets none from itself."""
    centre = Organisation.Kind.COMMAND_CENTRE
    return not Organisation.objects.filter(pk=unit_id, kind=centre).exists()


def issue(
    case: Case,
    *,
    unit_id: int,
    opinion: str,
    escalation: Escalation | None,
    actor: Actor,
    at: datetime,
) -> SupervisionOrder:
    """The order with its numbers and its reply limit; the caller journals it."""
    year = at.astimezone(calendar.ZONE).year
    order = SupervisionOrder.objects.create(
        case=case,
        sub_number=f"{case.case_no}-D{case.supervision_orders.count() + 1:02d}",
        district_id=case.district_id,
        year=year,
        serial=_next(case.district_id, year),
        escalation=escalation,
        organisation_id=unit_id,
        opinion=opinion,
        issued_by_id=actor.user_id,
        issued_at=at,
        due_at=calendar.due_at(at, REPLY_LIMIT.n, REPLY_LIMIT.unit),
        status=Status.ISSUED,
    )
    _await_reply(order, at)
    return order


def _next(district_id: int, year: int) -> int:
    """The next number of the district in the year, from a locked row."""
    SupervisionNumber.objects.get_or_create(district_id=district_id, year=year)
    row = SupervisionNumber.objects.select_for_update().get(
        district_id=district_id, year=year
    )
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


def _await_reply(order: SupervisionOrder, at: datetime) -> None:
    follow = Follow(
        task="cases.tasks.watch_supervision",
        args={"order_id": order.pk, "round": order.round},
        run_at=order.due_at,
        key=f"supervision:{order.pk}:{order.round}",
    )
    events.enqueue(subject=order.case.chain, at=at, follow=[follow])


def may_supervise(case: Case, actor: Actor, at: datetime) -> None:
    """Whether this person may issue an order about the case now; else Refused."""
    _must_supervise(case, actor)
    if not case.is_open or case.holder_org_id is None:
        raise Refused(_("案件已经办结，不能督办。"), code="state")
    if not may_order(case.holder_org_id):
        raise Refused(_("案件在指挥中心手里，请直接办理。"), code="own")
    open_order = case.supervision_orders.filter(
        escalation=None, organisation_id=case.holder_org_id
    ).exclude(status=Status.ACCEPTED)
    if (before := open_order.first()) is not None:
        raise Refused(
            _("%(number)s还没有办结，请先审核它的回复。") % {"number": before.number},
            code="state",
        )


def _must_supervise(case: Case, actor: Actor) -> None:
    if actor.role not in SUPERVISORS or not actor.acts_in(case.placement_code):
        raise Refused(_("督办由区指挥中心和督查员办理。"), code="role")


@transaction.atomic
def supervise(
    *, case_id: int, opinion: str, actor: Actor, at: datetime
) -> SupervisionOrder:
    """督办 by hand: an order to the unit that has the case, and 三级预警."""
    case = locked(case_id)
    may_supervise(case, actor, at)
    require({"opinion": opinion}, {"opinion": _("请写明督办事由和要求。")})
    unit = case.holder_org_id or 0
    order = issue(
        case, unit_id=unit, opinion=opinion.strip(), escalation=None, actor=actor, at=at
    )
    Escalation.objects.get_or_create(
        case=case,
        round=case.reopened_count,
        clock=None,
        level=Escalation.Level.RED,
        trigger=Escalation.Trigger.SUPERVISED,
        defaults={"organisation_id": unit, "at": at},
    )
    detail = {"organisation": order.organisation.name, "opinion": opinion}
    _record(case, "supervise", order, actor, at, detail)
    _tell_unit(case, order, "督办", at)
    return order


def order_to_answer(case: Case, actor: Actor, at: datetime) -> SupervisionOrder:
    """The oldest order of the actor's unit that waits for its reply, or Refused."""
    waiting = case.supervision_orders.awaiting_reply().order_by("pk")
    if actor.role in ANSWERERS and actor.organisation_id is not None:
        own = waiting.filter(organisation_id=actor.organisation_id).first()
        if own is not None:
            return own
        raise Refused(_("没有等待贵单位回复的督办单。"), code="state")
    raise Refused(_("督办单由被督办单位的联络员或负责人回复。"), code="role")


@transaction.atomic
def answer_supervision(
    *, case_id: int, reply: str, actor: Actor, at: datetime
) -> SupervisionOrder:
    """督办回复, which the district then accepts or returns."""
    case = locked(case_id)
    order = order_to_answer(case, actor, at)
    require({"reply": reply}, {"reply": _("请写明超时原因、已采取的措施和办结时间。")})
    late = at > order.due_at
    order.reply, order.replied_by_id, order.replied_at = (
        reply.strip(),
        actor.user_id,
        at,
    )
    order.status = Status.ANSWERED
    if late:
        order.late_round = order.round
    order.save()
    detail = {"reply": reply, "late_reply": late}
    _record(case, "answer_supervision", order, actor, at, detail)
    send(
        case,
        ["district_command"],
        title=f"督办已回复：{case.category.name}",
        more=order.number,
        key=f"supervision:{order.pk}:{order.round}:answered",
        at=at,
        patient=False,
    )
    return order


def order_to_review(case: Case, actor: Actor, at: datetime) -> SupervisionOrder:
    """The oldest order whose reply waits for the district, or Refused."""
    _must_supervise(case, actor)
    answered = case.supervision_orders.filter(status=Status.ANSWERED).order_by("pk")
    if (order := answered.first()) is None:
        raise Refused(_("没有等待审核的督办回复。"), code="state")
    return order


@transaction.atomic
def accept_supervision(
    *, case_id: int, opinion: str, actor: Actor, at: datetime
) -> SupervisionOrder:
    """The reply settles the order."""
    case = locked(case_id)
    order = order_to_review(case, actor, at)
    _review(order, Status.ACCEPTED, opinion, actor, at)
    _record(case, "accept_supervision", order, actor, at, {"opinion": opinion})
    _tell_unit(case, order, "督办已办结", at)
    return order


@transaction.atomic
def return_supervision(
    *, case_id: int, opinion: str, actor: Actor, at: datetime
) -> SupervisionOrder:
    """The reply does not do: another is due within one working day."""
    case = locked(case_id)
    order = order_to_review(case, actor, at)
    require({"opinion": opinion}, {"opinion": _("请写明退回理由。")})
    order.round += 1
    order.due_at = calendar.due_at(at, REPLY_LIMIT.n, REPLY_LIMIT.unit)
    _review(order, Status.RETURNED, opinion, actor, at)
    _record(case, "return_supervision", order, actor, at, {"opinion": opinion})
    _await_reply(order, at)
    _tell_unit(case, order, "督办回复被退回", at)
    return order


def _review(
    order: SupervisionOrder, status: Status, opinion: str, actor: Actor, at: datetime
) -> None:
    order.status, order.review = status, opinion.strip()
    order.reviewed_by_id, order.reviewed_at = actor.user_id, at
    order.save()


@transaction.atomic
def watch_supervision(*, order_id: int, round: int, at: datetime) -> None:
    """The reply limit ran out: marked, and told to the unit and the district."""
    case_id = SupervisionOrder.objects.values_list("case_id", flat=True).get(
        pk=order_id
    )
    case = locked(case_id)
    order = SupervisionOrder.objects.with_names().get(pk=order_id)
    if order.round != round or order.late_round == round or not order.awaits_reply:
        return
    order.late_round = round
    order.save(update_fields=["late_round"])
    detail = {"organisation": order.organisation.name}
    _record(case, "overdue_supervision", order, Actor.system(), at, detail)
    send(
        case,
        ["district_command"],
        units=[order.organisation_id],
        title=f"督办逾期未回复：{case.category.name}",
        more=order.number,
        key=f"supervision:{order.pk}:{round}:late",
        at=at,
    )


def _tell_unit(case: Case, order: SupervisionOrder, word: str, at: datetime) -> None:
    """A person did this: told at once, with a key of its own for each round.

    In Chinese whatever the language of that person, as all messages are.
    """
    send(
        case,
        ["holder"],
        units=[order.organisation_id],
        title=f"{word}：{case.category.name}",
        more=order.number,
        key=f"supervision:{order.pk}:{order.round}:{order.status}",
        at=at,
        patient=False,
    )


def _record(
    case: Case,
    action: str,
    order: SupervisionOrder,
    actor: Actor,
    at: datetime,
    detail: dict[str, Any],
) -> None:
    event = events.record(
        chain=case.chain,
        action=f"cases.{action}",
        actor=actor,
        at=at,
        detail={"supervision": order.number, **detail},
    )
    publish(case, event)
