"""The source of a work order is told how it stands: each status once, in order.

The letters go by the source's own webhook and so by the queue of all channels: signed,
retried with growing pauses, in sight when they are stuck (docs/channels.md).
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from cases.models import Case
from cases.workflow import State
from doors.models import OrderStatus, WorkOrder
from governance.models import Event
from parties import actions as parties
from parties.models import Organisation

S, To = State, OrderStatus
HANDLED = (
    S.SELF_HANDLING, S.SELF_REVIEW, S.COMMUNITY_HANDLING, S.STREET_HANDLING,
    S.WHISTLED, S.JOINT_HANDLING, S.DISPUTED, S.DISTRICT_COORD, S.CITY_COORD,
    S.FEEDBACK_REVIEW, S.CHECKING, S.RATING,
)  # fmt: skip
STATUS_OF: dict[str, OrderStatus] = {
    S.REPORTED: To.RECEIVED,
    **dict.fromkeys(HANDLED, To.DISPATCHED),
    S.SUSPENDED: To.SUSPENDED,
    S.CLOSED: To.CLOSED,
    S.REJECTED: To.REJECTED,
    S.TRANSFERRED: To.TRANSFERRED,
    S.MERGED: To.MERGED,
    S.VOIDED: To.VOIDED,
}
# Whose words say what was done.
RESULTS = tuple(
    f"cases.{verb}"
    for verb in ("resolve_on_spot", "finish_self", "submit_result", "feed_back")
)
REASONED = (To.REJECTED, To.TRANSFERRED, To.SUSPENDED, To.VOIDED)


@transaction.atomic
def write_back(*, case_id: int, at: datetime) -> None:
    """Tell the source what became of the case since it was last told.

    Run twice it tells once: `told_seq` and the letters are written together.
    """
    order = (
        WorkOrder.objects.select_for_update(of=("self",))
        .select_related("source", "case__holder_org")
        .filter(case=case_id)
        .first()
    )
    if order is None or order.case is None:
        return
    later = Event.objects.filter(chain=order.case.chain, seq__gt=order.told_seq)
    for event in later.order_by("seq"):
        order.told_seq = event.seq
        status = STATUS_OF.get(event.detail.get("to") or "")
        if status and (status != order.status or order.letters == 0):
            _tell(order, order.case, status, event)
            order.updated_at = at
    order.save()


def _tell(order: WorkOrder, case: Case, status: OrderStatus, event: Event) -> None:
    unit = (event.detail.get("holder") or {}).get("org")
    holder = Organisation.objects.filter(pk=unit or 0).first()
    more: dict[str, Any] = {
        "state": event.detail["to"],
        "state_label": str(State(event.detail["to"]).label),
        "holder": holder.name if holder else None,
    }
    if status == To.CLOSED:
        more["result"] = result_of(case, event.seq)
    elif status in REASONED:
        more["reason"] = event.detail.get("opinion") or ""
    elif status == To.MERGED and case.master is not None:
        more["merged_into"] = case.master.case_no
    write_status(order, status, at=event.at, case=case.case_no, **more)


def result_of(case: Case, seq: int) -> str:
    """What the last of those who did the work wrote about it, up to an Event."""
    done = Event.objects.filter(chain=case.chain, seq__lte=seq, action__in=RESULTS)
    last = done.order_by("-seq").first()
    return str(last.detail.get("opinion") or "") if last else ""


def write_status(
    order: WorkOrder, status: OrderStatus, *, at: datetime, **more: Any
) -> None:
    """Set the status and write the letter; the caller holds and saves the order."""
    order.status = status
    order.letters += 1
    source = order.source
    if source.channel_id is None:
        return
    parties.write_to(
        channel_id=source.channel_id,
        key=f"{order.chain}:{order.letters}",
        subject=order.chain,
        title=f"{source.name} {order.external_id} {OrderStatus(status).label}",
        url=f"/bridges/orders/{order.pk}/",
        data={
            "type": f"work_order.{status}",
            "source": source.code,
            "external_id": order.external_id,
            "seq": order.letters,
            "status": str(status),
            "status_label": str(OrderStatus(status).label),
            "at": at.isoformat(),
            **more,
        },
        at=at,
    )
