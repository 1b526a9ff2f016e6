"""工单对接: the orders of other systems, how they stand, what is wrong with them."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions.contacts import masked_name, masked_telephone
from cases.models import Case
from doors import actions
from doors.forms.bridges import FileOrderForm, ReturnOrderForm
from doors.models import BridgeSource, Open311Request, OrderStatus, WorkOrder
from doors.querysets import keeps_desk
from exchange.actions import Outgoing
from exchange.lists.fields import Field, out, word_of
from governance import clock
from governance.errors import Refused
from parties import http
from parties.acting import Actor
from parties.models import Delivery
from parties.roles import Role

PAGE = 50


@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """What waits for the desk first; ?source, ?status and ?q (number) narrow it."""
    actor = _reader(request)
    found, given, asked = listed(request).with_names(), _given(request), _asked(request)
    if (before := http.number_in(request, "before")) is not None:
        found = found.filter(pk__lt=before)
    page = list(found[: PAGE + 1])
    query = {**given, "q": asked, "before": page[PAGE - 1].pk if page[PAGE:] else ""}
    context = {
        "orders": page[:PAGE],
        "older_url": f"?{urlencode(query)}" if page[PAGE:] else "",
        "held": WorkOrder.objects.visible_to(actor)
        .filter(status=OrderStatus.HELD)
        .count(),
        "unplaced": Open311Request.objects.visible_to(actor).count(),
        "sources": BridgeSource.objects.order_by("name"),
        "statuses": OrderStatus.choices,
        "given": given,
        "asked": asked,
    }
    return render(request, "doors/bridges/orders.html", context)


def listed(request: HttpRequest) -> Any:
    """All orders as narrowed in the address, the newest first."""
    found = WorkOrder.objects.visible_to(_reader(request)).order_by("-pk")
    given = _given(request)
    if given["source"]:
        found = found.filter(source__code=given["source"])
    if given["status"] in OrderStatus.values:
        found = found.filter(status=given["status"])
    if asked := _asked(request):
        found = found.filter(external_id__icontains=asked[:64])
    return found


ORDER_FIELDS = (
    Field("来源", "source__name", 22),
    Field("来源工单号", "external_id", 28),
    Field("状态", "status", 14, word_of(OrderStatus)),
    Field("收到时间", "received_at", 18),
    Field("更新时间", "updated_at", 18),
    Field("案卷号", "case__case_no", 24),
    Field("小类", "case__category__name", 22),
    Field("原因", "problem", 40),
)


def taken_out(request: HttpRequest) -> Outgoing:
    """The list as a file; of the residents it says nothing, as the page does."""
    return out(_("工单对接"), ORDER_FIELDS, listed(request), sensitive=False)


def _given(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip() for name in ("source", "status")}


def _asked(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()


@require_GET
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    return _page(request, _order(request, order_id))


@require_POST
def file_order(request: HttpRequest, order_id: int) -> HttpResponse:
    found = _order(request, order_id)
    form = FileOrderForm(found, _newest(found), request.POST)
    if form.is_valid():
        try:
            actions.file_order(
                order_id=found.pk,
                decision=form.decision(),
                actor=http.actor(request),
                at=clock.now(),
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            messages.success(request, _("已立件，来源系统会收到办理状态。"))
            return redirect("bridge_order", found.pk)
    return _page(request, found, filing=form)


@require_POST
def return_order(request: HttpRequest, order_id: int) -> HttpResponse:
    found = _order(request, order_id)
    form = ReturnOrderForm(request.POST)
    if form.is_valid():
        try:
            actions.return_order(
                order_id=found.pk,
                reason=form.cleaned_data["reason"],
                actor=http.actor(request),
                at=clock.now(),
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            messages.success(request, _("已退回来源系统。"))
            return redirect("bridge_order", found.pk)
    return _page(request, found, returning=form)


def _reader(request: HttpRequest) -> Actor:
    """The administrator and the desks; for others there is no such list."""
    actor = http.actor(request)
    if actor.role != Role.SYSTEM_ADMIN and not keeps_desk(actor.role):
        raise Http404
    return actor


def _order(request: HttpRequest, order_id: int) -> WorkOrder:
    own = WorkOrder.objects.visible_to(http.actor(request)).with_names()
    return get_object_or_404(own, pk=order_id)


def _newest(found: WorkOrder) -> actions.Sent:
    return actions.opened(found.contents.latest("number").body)


def _page(request: HttpRequest, found: WorkOrder, **forms: Any) -> HttpResponse:
    actor, sent = http.actor(request), _newest(found)
    may_settle = actions.may_settle(found, actor)
    context = {
        "order": found,
        "sent": sent,
        "contact": (
            masked_name(sent.complainant_name),
            masked_telephone(sent.complainant_contact),
        ),
        "contents": found.contents.order_by("-number"),
        "keeps_channels": actor.role == Role.SYSTEM_ADMIN,
        "letters": Delivery.objects.filter(subject=found.chain).order_by("-pk"),
        "case_visible": found.case_id is not None
        and Case.objects.visible_to(actor).filter(pk=found.case_id).exists(),
        "filing": forms.get("filing")
        or (FileOrderForm(found, sent) if may_settle else None),
        "returning": forms.get("returning")
        or (ReturnOrderForm() if may_settle else None),
    }
    status = 422 if forms else 200
    return render(request, "doors/bridges/order.html", context, status=status)
