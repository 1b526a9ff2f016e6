"""Who is acting in a request."""

from typing import Any

from django.http import HttpRequest

from governance import clock
from governance.errors import Refused
from parties.acting import Actor
from parties.models import Notification, Posting
from parties.roles import surface_of

SESSION_KEY = "acting_posting"


def postings(request: HttpRequest) -> list[Posting]:
    """The postings of the signed-in person that are in force, primary first."""
    if not hasattr(request, "_postings"):
        found = Posting.objects.of_user(request.user.pk).current(clock.now())
        request._postings = list(found.with_post())  # type: ignore[attr-defined]
    return request._postings  # type: ignore[attr-defined]


def acting_posting(request: HttpRequest) -> Posting | None:
    """The posting chosen in the switcher while it is in force, else the first."""
    own = postings(request)
    chosen = request.session.get(SESSION_KEY)
    return next((one for one in own if one.pk == chosen), own[0] if own else None)


def actor(request: HttpRequest) -> Actor:
    """Whoever acts; refused without a posting in force or before a due new password."""
    if request.user.must_change_password:  # type: ignore[union-attr]
        raise Refused(
            "首次登录请先修改初始密码（右上角账户菜单 → 修改密码）。",
            code="password_change_required",
        )
    posting = acting_posting(request)
    if posting is None:
        raise Refused("您目前没有在任岗位，请联系系统管理员。", code="no_posting")
    return Actor.of(posting, ip=request.META.get("REMOTE_ADDR", ""))


def acting(request: HttpRequest) -> dict[str, Any]:
    """Context for every page; nothing is read until a template asks for it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"actor": None, "surface": "", "postings": [], "unread": 0}

    def current() -> Actor | None:
        posting = acting_posting(request)
        return Actor.of(posting) if posting else None

    def surface() -> str:
        posting = acting_posting(request)
        return surface_of(posting.post.role) if posting else ""

    return {
        "actor": current,
        "surface": surface,
        "postings": lambda: postings(request),
        "unread": lambda: Notification.objects.visible_to(user.pk).unread().count(),
    }
