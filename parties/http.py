"""Who is acting in a request, and where that post may go."""

from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from governance import clock
from governance.errors import Refused
from governance.numbers import number_of
from parties.acting import Actor
from parties.actions import stands_in
from parties.models import Notification, Posting
from parties.roles import (
    BOARD_ROLES,
    CHANNEL_KEEPERS,
    DESK_REPORTERS,
    PLACE_KEEPERS,
    TABLE_KEEPERS,
    Role,
    surface_of,
)

SESSION_KEY = "acting_posting"
LAST_PAGE = 1_000_000
# Of 三员 those whose posts may be vacant; the system administrator stands in.
APART = (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)

# URL name, label, icon, the surfaces or the roles that may use it.
NAVIGATION = (
    ("phone_home", _("我的网格"), "device-mobile", {"phone"}),
    ("desk_queue", _("工作台"), "layout-list", {"desk"}),
    ("board", pgettext_lazy("page", "看板"), "layout-dashboard", BOARD_ROLES),
    ("inbox", _("收件箱"), "inbox", {"inbox"}),
    ("phone_file", _("上报"), "camera-plus", DESK_REPORTERS),
    ("duty_tasks", pgettext_lazy("list", "任务"), "checklist", {"desk", "inbox"}),
    ("supervision_board", pgettext_lazy("list", "督办"), "flag", {"desk", "inbox"}),
    ("places", pgettext_lazy("page", "二维码"), "qrcode", PLACE_KEEPERS),
    ("security", _("账号与权限"), "users", {Role.SECURITY_ADMIN}),
    ("security_check", _("安全自检"), "shield-check", {Role.SECURITY_ADMIN}),
    ("audit", _("审计流水"), "shield-search", {Role.AUDIT_ADMIN}),
    ("audit_checks", _("防篡改校验"), "fingerprint", {Role.AUDIT_ADMIN}),
    ("areas_map", _("地图"), "map-2", {"desk", "inbox", "admin"}),
    ("catalogue", _("事项目录"), "book-2", {"desk", "inbox", "admin"}),
    ("workflow", _("流转图"), "sitemap", {"admin"}),
    ("tables", _("表格导入"), "table-import", TABLE_KEEPERS),
    ("channels", _("通知渠道"), "send", {Role.SYSTEM_ADMIN}),
    ("bridge_orders", _("工单对接"), "arrows-exchange", {Role.SYSTEM_ADMIN}),
    ("admin:index", _("系统管理"), "settings", {Role.SYSTEM_ADMIN}),
)

# Rooms that are entered from a link of the top bar and lie at addresses of their own.
ROOMS = {
    "duty_tasks": ("incidents", "admissions", "care_targets", "patrols", "mediations"),
}


def postings(request: HttpRequest) -> list[Posting]:
    """The postings of the signed-in person that are in force, primary first."""
    if not hasattr(request, "_postings"):
        request._postings = Posting.objects.held_by(  # type: ignore[attr-defined]
            request.user.pk, clock.now()
        )
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
            gettext("首次登录请先修改初始密码（右上角账户菜单 → 修改密码）。"),
            code="password_change_required",
        )
    posting = acting_posting(request)
    if posting is None:
        raise Refused(
            gettext("您目前没有在任岗位，请联系安全管理员。"), code="no_posting"
        )
    return Actor.of(posting, ip=request.META.get("REMOTE_ADDR", ""))


def person(request: HttpRequest) -> Actor:
    """The account itself, for what it does to itself whether or not it has a post."""
    posting = acting_posting(request)
    ip = request.META.get("REMOTE_ADDR", "")
    if posting:
        return Actor.of(posting, ip=ip)
    return Actor(user_id=request.user.pk, name=request.user.name, ip=ip)  # type: ignore[union-attr]


def keeps_channels(request: HttpRequest) -> bool:
    """Whether the acting post looks after channels."""
    posting = acting_posting(request)
    return posting is not None and posting.post.role in CHANNEL_KEEPERS


def is_first_administrator(request: HttpRequest) -> bool:
    """The superuser of the first start, who never held a post."""
    user = request.user
    return bool(user.is_superuser) and not (
        Posting.objects.filter(user=user.pk).exists()
    )


def administers(request: HttpRequest) -> bool:
    """Whether the administration opens: only in the post of 系统管理员, so that it
    shuts when the posting ends; or for the superuser of the first start. Like all
    pages, not before a due new password."""
    user = request.user
    if not (user.is_active and user.is_staff) or user.must_change_password:
        return False
    posting = acting_posting(request)
    if posting is None:
        return is_first_administrator(request)
    return posting.post.role == Role.SYSTEM_ADMIN


def stood_in_for(request: HttpRequest) -> set[str]:
    """The other two of 三员 whom the acting system administrator stands in for."""
    if not hasattr(request, "_stood_in_for"):
        posting, at = acting_posting(request), clock.now()
        role = posting.post.role if posting else ""
        if posting is None and is_first_administrator(request):
            role = Role.SYSTEM_ADMIN
        found = {one for one in APART if stands_in(role, one, at)}
        request._stood_in_for = found  # type: ignore[attr-defined]
    return request._stood_in_for  # type: ignore[attr-defined]


def in_charge(request: HttpRequest, role: str) -> Actor:
    """Whoever acts, being one of 三员 or standing in; for others the page is not there.

    Raises Http404.
    """
    who = actor(request)
    if who.role != role and role not in stood_in_for(request):
        raise Http404
    return who


def keeps_accounts(request: HttpRequest) -> bool:
    """Whether the acting post opens accounts and appoints."""
    posting = acting_posting(request)
    known = posting is not None and posting.post.role == Role.SECURITY_ADMIN
    return known or Role.SECURITY_ADMIN in stood_in_for(request)


def surface(request: HttpRequest) -> str:
    """`phone`, `desk`, `inbox` or `admin`; empty without a posting in force."""
    posting = acting_posting(request)
    return surface_of(posting.post.role) if posting else ""


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The links of the top bar that the acting role may use; all ask in which post."""
    posting = acting_posting(request)
    if posting is None:
        return []
    role = posting.post.role
    here = {role, surface_of(role)} | stood_in_for(request)
    links: list[dict[str, Any]] = [
        {"name": name, "url": url, "label": label, "icon": icon}
        for name, label, icon, readers in NAVIGATION
        if here & readers and (url := address(name))
        if name != "admin:index" or administers(request)
    ]
    begins = {
        begin: link["name"]
        for link in links
        for begin in (link["url"], *map(address, ROOMS.get(link["name"], ())))
        if begin
    }
    nearest = max(filter(request.path.startswith, begins), key=len, default="")
    here_is = begins.get(nearest)
    return [{**link, "is_here": link["name"] == here_is} for link in links]


def address(name: str) -> str:
    """The address of a named page; empty where this instance does not have it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: nothing while it is only looked at."""
    return request.POST if request.method == "POST" else None


def number_in(request: HttpRequest, name: str) -> int | None:
    """A number in the address; None for what is none or too long to be one of ours."""
    return number_of(request.GET.get(name, ""))


def page_in(request: HttpRequest) -> int:
    """Which page of a list is asked for, from 1; far beyond the last it is empty."""
    return min(max(number_in(request, "page") or 1, 1), LAST_PAGE)


def here_with(request: HttpRequest, **given: object) -> str:
    """The address of this page with these in its query."""
    query = request.GET.copy()
    for name, value in given.items():
        query[name] = str(value)
    return f"?{query.urlencode()}"


def within_site(request: HttpRequest, url: str) -> str:
    """The address itself, or nothing when it leads away from this site."""
    safe = url_has_allowed_host_and_scheme(
        url, {request.get_host()}, require_https=request.is_secure()
    )
    return url if safe else ""


def acting(request: HttpRequest) -> dict[str, Any]:
    """Context for every page; nothing is read until a template asks for it.

    actor (Actor or None), postings (in force, for the switcher), surface, navigation,
    unread (how many messages), alarm (the id of the newest unread urgent one, or 0),
    frame (the template that pages of all surfaces extend).
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"actor": None, "postings": [], "surface": "", "unread": 0}

    bell = cache(lambda: Notification.objects.bell_of(user.pk))

    def current() -> Actor | None:
        posting = acting_posting(request)
        return Actor.of(posting) if posting else None

    return {
        "actor": cache(current),
        "postings": lambda: postings(request),
        "surface": lambda: surface(request),
        "navigation": cache(lambda: navigation(request)),
        "unread": lambda: bell()["n"],
        "alarm": lambda: bell()["urgent"],
        "frame": lambda: "phone.html" if surface(request) == "phone" else "base.html",
    }
