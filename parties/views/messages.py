"""The bell, a person's messages, and where they are sent besides."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance import clock
from parties import actions, http
from parties.models import Notification

PAGE = 20


def notifications(request: HttpRequest) -> HttpResponse:
    """A person's messages, newest first; `before` (an id) turns the page."""
    own = Notification.objects.visible_to(request.user.pk)  # type: ignore[arg-type]
    before = request.GET.get("before", "")
    if before.isdecimal():
        own = own.filter(pk__lt=int(before))
    if request.GET.get("unread"):
        own = own.unread()
    page = list(own[: PAGE + 1])
    query = request.GET.copy()
    if len(page) > PAGE:
        query["before"] = str(page[PAGE - 1].pk)
    context = {
        "notifications": page[:PAGE],
        "only_unread": bool(request.GET.get("unread")),
        "older_url": f"?{query.urlencode()}" if len(page) > PAGE else "",
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
    actions.mark_read(user_id=request.user.pk, at=clock.now())  # type: ignore[arg-type]
    return redirect("notifications")
