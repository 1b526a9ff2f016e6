"""For the security administrator: accounts, posts, appointments, who is locked out.

三员分立 (DOMAIN E.6): these pages are not there for anybody else, but for the system
administrator as long as the post is vacant.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from governance import clock
from governance.errors import Refused
from governance.models import Event
from parties import actions, http
from parties.acting import Actor
from parties.forms import (
    AccountForm,
    AppointForm,
    FirstPasswordForm,
    PostForm,
    ReasonForm,
)
from parties.models import Organisation, Post, Posting, User
from parties.querysets import failed_sign_ins
from parties.roles import Role
from parties.views.self_check import findings

PAGE = 50
FOUND = 30
LATEST = 10
UNITS = 1000
TABS = {
    "all": pgettext_lazy("accounts", "全部"),
    "locked": gettext_lazy("登录锁定"),
    "closed": gettext_lazy("已停用"),
    "postless": gettext_lazy("没有岗位"),
    "fresh": gettext_lazy("没改初始密码"),
}


def _officer(request: HttpRequest) -> Actor:
    return http.in_charge(request, Role.SECURITY_ADMIN)


def _failures() -> QuerySet[Any, dict[str, Any]]:
    """Who failed to sign in lately; in real time, as axes counts."""
    since = timezone.now() - (get_cool_off() or timedelta(0))
    return failed_sign_ins(since=since, limit=settings.AXES_FAILURE_LIMIT)


def _locked() -> QuerySet[Any, Any]:
    """The names that are locked out."""
    return _failures().filter(locked=True).order_by().values_list("username", flat=True)


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """All accounts, by what must be looked at."""
    _officer(request)
    at = clock.now()
    tab = request.GET.get("tab", "all")
    tab = tab if tab in TABS else "all"
    asked = request.GET.get("q", "").strip()[:60]
    found = User.objects.all()
    if tab == "locked":
        found = found.filter(username__in=_locked())
    elif tab == "closed":
        found = found.filter(is_active=False)
    elif tab == "postless":
        found = found.postless(at)
    elif tab == "fresh":
        found = found.filter(must_change_password=True, is_active=True)
    if asked:
        found = found.search(asked)
    page = http.page_in(request)
    rows = list(
        found.order_by("username").with_postings(at)[(page - 1) * PAGE :][: PAGE + 1]
    )
    context = {
        "tabs": TABS,
        "tab": tab,
        "asked": asked,
        "rows": rows[:PAGE],
        "locked": set(_locked().filter(username__in=[one.username for one in rows])),
        "newer_url": http.here_with(request, page=page - 1) if page > 1 else "",
        "older_url": http.here_with(request, page=page + 1) if len(rows) > PAGE else "",
    }
    return render(request, "parties/security/accounts.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def account_new(request: HttpRequest) -> HttpResponse:
    who = _officer(request)
    form = AccountForm(http.posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user = actions.open_account(
                username=given["username"], name=given["name"],
                password=given["password"], actor=who, at=clock.now(),
            )  # fmt: skip
        except Refused as refused:
            refused.show_in(form)
        else:
            messages.success(
                request,
                _("账号“%(name)s”已建立，请接着任命岗位。") % {"name": user.username},
            )
            return redirect("account", user.pk)
    return _form_page(
        request, form, _("新建账号"), submit=_("建立账号"), back="security"
    )


@require_GET
def account(request: HttpRequest, user_id: int) -> HttpResponse:
    """One account: its state, posts of now and of before, the latest sign-ins."""
    who, at = _officer(request), clock.now()
    user = get_object_or_404(User, pk=user_id)
    held = Posting.objects.of_user(user.pk).with_post()
    signed_in = Event.objects.filter(
        chain=f"user:{user.pk}", action="parties.sign_in"
    ).order_by("-seq")
    context = {
        "account": user,
        "is_oneself": user.pk == who.user_id,
        "is_locked": _locked().filter(username=user.username).exists(),
        "held": held.not_over(at),
        "past": held.filter(ends_at__lte=at),
        "signed_in": [(one.at, one.actor.get("ip", "")) for one in signed_in[:LATEST]],
        "at": at,
    }
    return render(request, "parties/security/account.html", context)


@require_http_methods(["GET", "POST"])
def account_appoint(request: HttpRequest, user_id: int) -> HttpResponse:
    """Look a post up, then appoint to it."""
    who, at = _officer(request), clock.now()
    user = get_object_or_404(User, pk=user_id)
    asked = request.GET.get("q", "").strip()[:60]
    found = Post.objects.search(asked) if asked else Post.objects.none()
    ids = list(found.values_list("pk", flat=True)[: FOUND + 1])
    posts = Post.objects.search("").filter(pk__in=ids[:FOUND])
    form = AppointForm(posts, http.posted(request), at=timezone.localtime(at))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            posting = actions.appoint(
                user_id=user.pk,
                post_id=given["post"].pk,
                starts_at=max(given["starts_at"], at),
                ends_at=given["ends_at"],
                is_primary=given["is_primary"],
                reason=given["reason"],
                actor=who,
                at=at,
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            messages.success(request, _("已任命：%(post)s。") % {"post": posting.post})
            return redirect("account", user.pk)
    context = {
        "account": user,
        "asked": asked,
        "n": min(len(ids), FOUND),
        "more": len(ids) > FOUND,
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "parties/security/appoint.html", context, status=status)


def _close(user: User, given: dict[str, Any], who: Actor) -> str:
    actions.close_account(
        user_id=user.pk, reason=given["reason"], actor=who, at=clock.now()
    )
    return _("账号已停用，正在使用的已全部下线。")


def _reopen(user: User, given: dict[str, Any], who: Actor) -> str:
    actions.reopen_account(
        user_id=user.pk, reason=given["reason"], actor=who, at=clock.now()
    )
    return _("账号已启用。")


def _password(user: User, given: dict[str, Any], who: Actor) -> str:
    actions.change_password(
        user_id=user.pk, password=given["password"], actor=who, at=clock.now()
    )
    return _("初始密码已重设，本人登录后须修改；正在使用的已全部下线。")


def _unlock(user: User, given: dict[str, Any], who: Actor) -> str:
    actions.unlock(user_id=user.pk, actor=who, at=clock.now())
    return _("已解除登录锁定，可以马上再登录。")


def _end_sessions(user: User, given: dict[str, Any], who: Actor) -> str:
    actions.end_sessions(user_id=user.pk, actor=who, at=clock.now())
    return _("已全部下线，需要重新登录；接收推送的设备也已移除。")


Do = Callable[[User, dict[str, Any], Actor], str]
# What is done, the form it takes, and what its button says.
STEPS: dict[str, tuple[Do, type[Form], Any]] = {
    "close": (_close, ReasonForm, gettext_lazy("停用账号")),
    "reopen": (_reopen, ReasonForm, gettext_lazy("启用账号")),
    "password": (_password, FirstPasswordForm, gettext_lazy("重设初始密码")),
    "unlock": (_unlock, Form, gettext_lazy("解除登录锁定")),
    "end-sessions": (_end_sessions, Form, gettext_lazy("全部下线")),
}


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def account_step(request: HttpRequest, user_id: int, action: str) -> HttpResponse:
    who = _officer(request)
    user = get_object_or_404(User, pk=user_id)
    if action not in STEPS:
        raise Http404
    if action == "password" and user.pk == who.user_id:
        return redirect("password_change")  # which asks for the one of now
    do, shape, label = STEPS[action]
    given: dict[str, Any] = {"user": user} if shape is FirstPasswordForm else {}
    form = shape(http.posted(request), **given)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, do(user, form.cleaned_data, who))
        except Refused as refused:
            refused.show_in(form)
        else:
            return redirect("account", user.pk)
    return _form_page(
        request, form, f"{label} · {user.name}", submit=label, back="account",
        back_to=user.pk, danger=action == "close",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def posting_end(request: HttpRequest, posting_id: int) -> HttpResponse:
    who = _officer(request)
    posting = get_object_or_404(Posting.objects.with_post(), pk=posting_id)
    form = ReasonForm(http.posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_posting(
                posting_id=posting.pk,
                reason=form.cleaned_data["reason"],
                actor=who,
                at=clock.now(),
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            messages.success(
                request, _("任职已结束：%(post)s。") % {"post": posting.post}
            )
            return redirect("account", posting.user_id)
    return _form_page(
        request, form, _("结束任职 · %(posting)s") % {"posting": posting},
        submit=_("结束任职"), back="account", back_to=posting.user_id, danger=True,
    )  # fmt: skip


@require_GET
def posts(request: HttpRequest) -> HttpResponse:
    """Posts with whoever holds them; nothing is deleted, a post may stand empty."""
    _officer(request)
    asked = request.GET.get("q", "").strip()[:60]
    page = http.page_in(request)
    found = Post.objects.search(asked).with_holders(clock.now())
    rows = list(found[(page - 1) * PAGE :][: PAGE + 1])
    context = {
        "asked": asked,
        "rows": rows[:PAGE],
        "newer_url": http.here_with(request, page=page - 1) if page > 1 else "",
        "older_url": http.here_with(request, page=page + 1) if len(rows) > PAGE else "",
    }
    return render(request, "parties/security/posts.html", context)


@require_http_methods(["GET", "POST"])
def post_new(request: HttpRequest) -> HttpResponse:
    who = _officer(request)
    form = PostForm(http.posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            post = actions.open_post(
                role=given["role"],
                organisation_id=given["organisation"].pk,
                area_id=given["area"].pk if given["area"] else None,
                name=given["name"],
                actor=who,
                at=clock.now(),
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            messages.success(request, _("岗位已设立：%(post)s。") % {"post": post})
            return redirect("security_posts")
    units = Organisation.objects.active().order_by("level", "name")
    return _form_page(
        request, form, _("新设岗位"), submit=_("设立岗位"), back="security_posts",
        units=units.values_list("name", flat=True)[:UNITS],
    )  # fmt: skip


@require_GET
def lockouts(request: HttpRequest) -> HttpResponse:
    """Failed sign-ins that still count, those that lock first."""
    _officer(request)
    rows = list(_failures()[: PAGE + 1])
    known = dict(
        User.objects.filter(username__in=[row["username"] for row in rows]).values_list(
            "username", "pk"
        )
    )
    for row in rows:
        row["user_id"] = known.get(row["username"])
    context = {"rows": rows[:PAGE], "more": len(rows) > PAGE}
    return render(request, "parties/security/lockouts.html", context)


@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """安全自检: each setting, and whether it is as it should be."""
    _officer(request)
    groups = findings(clock.now())
    faults = sum(1 for _name, lines in groups for one in lines if not one.sound)
    context = {"groups": groups, "faults": faults}
    return render(request, "parties/security/check.html", context)


def _form_page(
    request: HttpRequest,
    form: Form,
    title: Any,
    *,
    submit: Any,
    back: str,
    back_to: int | None = None,
    danger: bool = False,
    units: Any = (),
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "submit": submit,
        "back_url": reverse(back, args=[back_to] if back_to else []),
        "danger": danger,
        "units": units,
    }
    status = 422 if form.is_bound else 200
    return render(request, "parties/security/form.html", context, status=status)
