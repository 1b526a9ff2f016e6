"""The bell, a person's messages, and where they are sent besides."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from governance import clock
from governance.errors import Refused
from governance.numbers import number_of
from parties import actions, http
from parties.channels import web_push
from parties.forms import ReachForm
from parties.models import Address, Importance, Notification

PAGE = 20
LATEST = 8


def notifications(request: HttpRequest) -> HttpResponse:
    """A person's messages, newest first; `before` (an id) turns the page."""
    own = Notification.objects.visible_to(request.user.pk)  # type: ignore[arg-type]
    before = http.number_in(request, "before")
    if before is not None:
        own = own.filter(pk__lt=before)
    if request.GET.get("unread"):
        own = own.unread()
    page = list(own[: PAGE + 1])
    older = page[PAGE - 1].pk if len(page) > PAGE else 0
    context = {
        "notifications": page[:PAGE],
        "only_unread": bool(request.GET.get("unread")),
        "older_url": http.here_with(request, before=older) if older else "",
        "keeps_channels": http.keeps_channels(request),
    }
    piece = bool(getattr(request, "htmx", False))
    template = "_notifications.html" if piece else "notifications.html"
    return render(request, f"parties/{template}", context)


def notifications_bell(request: HttpRequest) -> HttpResponse:
    template = "_tab_count.html" if request.GET.get("tab") else "_bell.html"
    return render(request, f"parties/{template}")


@require_POST
def notification_open(request: HttpRequest, notification_id: int) -> HttpResponse:
    """Mark one message read and go to what it is about."""
    own = Notification.objects.visible_to(request.user.pk)  # type: ignore[arg-type]
    message = get_object_or_404(own, pk=notification_id)
    actions.mark_read(user_id=message.user_id, ids=[message.pk], at=clock.now())
    return redirect(http.within_site(request, message.url) or "notifications")


@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Mark the one that is named read, else all; the panel of the bell stays open."""
    named = request.POST.get("id")
    actions.mark_read(
        user_id=request.user.pk,  # type: ignore[arg-type]
        ids=[number_of(named) or 0] if named else None,
        at=clock.now(),
    )
    if not getattr(request, "htmx", False):
        return redirect("notifications")
    return notifications_latest(request)


def notifications_latest(request: HttpRequest) -> HttpResponse:
    """The newest few, for the panel of the bell."""
    own = Notification.objects.visible_to(request.user.pk)  # type: ignore[arg-type]
    return render(request, "parties/_latest.html", {"latest": own[:LATEST]})


def notification_settings(request: HttpRequest) -> HttpResponse:
    """Where one is reached besides the bell, and by which channel for what."""
    at = clock.now()
    user_id: int = request.user.pk  # type: ignore[assignment]
    served = actions.channels_for(user_id, at)
    own = Address.objects.filter(user=user_id)
    form = ReachForm(served, own, user_id, http.posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_preferences(
                user_id=user_id,
                email=form.cleaned_data["email"],
                phone=form.cleaned_data["phone"],
                wishes=form.wishes(),
                actor=http.person(request),
                at=at,
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            messages.success(request, _("通知设置已保存。"))
            return redirect("notification_settings")
    context = {
        "form": form,
        "devices": own.filter(kind=Address.Kind.PUSH).order_by("pk"),
        "pushes": any(one.kind == "web_push" for one in served),
        "push_key": web_push.public_key(),
        "importances": Importance.choices,
    }
    status = 422 if form.is_bound else 200
    return render(request, "parties/notification_settings.html", context, status=status)


@require_POST
@sensitive_post_parameters("subscription")
def device_add(request: HttpRequest) -> HttpResponse:
    try:
        actions.subscribe(
            user_id=request.user.pk,  # type: ignore[arg-type]
            subscription=request.POST.get("subscription", ""),
            label=request.POST.get("label", ""),
            actor=http.person(request),
            at=clock.now(),
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("这台设备会收到推送。"))
    return redirect("notification_settings")


@require_POST
def device_forget(request: HttpRequest, address_id: int) -> HttpResponse:
    own = Address.objects.filter(user=request.user.pk, kind=Address.Kind.PUSH)
    address = get_object_or_404(own, pk=address_id)
    actions.forget_device(
        address_id=address.pk, actor=http.person(request), at=clock.now()
    )
    messages.success(request, _("已移除，这台设备不再收到推送。"))
    return redirect("notification_settings")
