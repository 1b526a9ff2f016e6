"""Channels for those who look after them, and what did not arrive."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from governance import clock
from governance.errors import Refused
from parties import actions, http
from parties.acting import Actor
from parties.channels import Kind, kind_of, kinds
from parties.forms import ChannelForm, DropForm
from parties.models import Channel, Delivery
from parties.roles import CHANNEL_KEEPERS, Role

SHOWN = 50


def channels(request: HttpRequest) -> HttpResponse:
    """All channels of the actor's, and above them what did not arrive."""
    actor = _keeper(request)
    own = Channel.objects.visible_to(actor)
    undelivered = Delivery.objects.visible_to(actor).undelivered()
    found = list(undelivered[: SHOWN + 1])
    context = {
        "channels": own.with_names().with_counts(),
        "undelivered": found[:SHOWN],
        "more": len(found) > SHOWN,
        "may_change": actor.role == Role.SYSTEM_ADMIN,
        "kinds": [(one, one.missing()) for one in kinds().values()],
        "at": clock.now(),
    }
    return render(request, "parties/channels/channels.html", context)


def channel(request: HttpRequest, channel_id: int) -> HttpResponse:
    """One channel with its newest letters; htmx asks for these again."""
    actor = _keeper(request)
    found = _channel(actor, channel_id)
    context = {
        "channel": found,
        "deliveries": found.deliveries.select_related("user").order_by("-pk")[:SHOWN],
        "may_change": actor.role == Role.SYSTEM_ADMIN,
        "at": clock.now(),
    }
    piece = bool(getattr(request, "htmx", False))
    template = "_deliveries.html" if piece else "channel.html"
    return render(request, f"parties/channels/{template}", context)


@sensitive_post_parameters()
def channel_new(request: HttpRequest, kind: str) -> HttpResponse:
    actor = _administrator(request)
    way = kind_of(kind)
    if way is None or way.missing():
        raise Http404
    form = ChannelForm(way, http.posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_channel(
                kind=kind, plan=form.plan(), actor=actor, at=clock.now()
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            messages.success(
                request, _("渠道“%(name)s”已建立，请发一条测试消息。") % {"name": made}
            )
            return redirect("channel", made.pk)
    return _form_page(request, form, way)


@sensitive_post_parameters()
def channel_change(request: HttpRequest, channel_id: int) -> HttpResponse:
    actor = _administrator(request)
    found = _channel(actor, channel_id)
    way = found.way
    if way is None:
        raise Http404
    form = ChannelForm(way, http.posted(request), channel=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_channel(
                channel_id=found.pk, plan=form.plan(), actor=actor, at=clock.now()
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            messages.success(request, _("渠道设置已保存。"))
            return redirect("channel", found.pk)
    return _form_page(request, form, way, found)


@require_POST
def channel_test(request: HttpRequest, channel_id: int) -> HttpResponse:
    actor = _keeper(request)
    found = _channel(actor, channel_id)
    try:
        actions.send_test(channel_id=found.pk, actor=actor, at=clock.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("测试消息已排队，结果见下面的发送记录。"))
    return redirect("channel", found.pk)


def delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    return _delivery_page(request, _delivery(request, delivery_id), DropForm())


@require_POST
def delivery_retry(request: HttpRequest, delivery_id: int) -> HttpResponse:
    found = _delivery(request, delivery_id)
    try:
        actions.retry_delivery(
            delivery_id=found.pk, actor=http.actor(request), at=clock.now()
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已安排立即重试。"))
    return redirect("channel", found.channel_id)


@require_POST
def delivery_drop(request: HttpRequest, delivery_id: int) -> HttpResponse:
    found = _delivery(request, delivery_id)
    form = DropForm(request.POST)
    if form.is_valid():
        try:
            actions.drop_delivery(
                delivery_id=found.pk,
                reason=form.cleaned_data["reason"],
                actor=http.actor(request),
                at=clock.now(),
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            messages.success(request, _("已放弃这条消息，原因已记入流水。"))
            return redirect("channels")
    return _delivery_page(request, found, form)


def _keeper(request: HttpRequest) -> Actor:
    """The administrator, or the head of a unit; nobody else knows of channels."""
    actor = http.actor(request)
    if actor.role not in CHANNEL_KEEPERS:
        raise Http404
    return actor


def _administrator(request: HttpRequest) -> Actor:
    actor = _keeper(request)
    if actor.role != Role.SYSTEM_ADMIN:
        raise PermissionDenied
    return actor


def _channel(actor: Actor, channel_id: int) -> Channel:
    own = Channel.objects.visible_to(actor).with_names().with_counts()
    return get_object_or_404(own, pk=channel_id)


def _delivery(request: HttpRequest, delivery_id: int) -> Delivery:
    own = Delivery.objects.visible_to(_keeper(request))
    return get_object_or_404(own.select_related("channel", "user"), pk=delivery_id)


def _delivery_page(
    request: HttpRequest, found: Delivery, form: DropForm
) -> HttpResponse:
    context = {
        "delivery": found,
        "form": form,
        "open": found.state in {Delivery.State.WAITING, Delivery.State.STUCK},
        "at": clock.now(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "parties/channels/delivery.html", context, status=status)


def _form_page(
    request: HttpRequest, form: ChannelForm, way: Kind, found: Channel | None = None
) -> HttpResponse:
    context = {"form": form, "way": way, "channel": found}
    status = 422 if form.is_bound else 200
    return render(request, "parties/channels/form.html", context, status=status)
