"""Signing in, acting and delegating."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from governance import clock
from governance.errors import Refused
from parties import actions, demo, http
from parties.forms import DelegationForm, PasswordForm, SignInForm
from parties.models import Posting, User
from parties.roles import Role

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def login(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", False):
        # A piece asked for after the session ended: send the whole page to sign in.
        here = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        query = urlencode({"next": here}, safe="/")
        return HttpResponseClientRedirect(f"{reverse('login')}?{query}")
    if request.user.is_authenticated and request.method == "GET":
        return redirect("home")
    form = SignInForm(request, http.posted(request))
    if request.method == "POST" and form.is_valid():
        assert form.user is not None  # noqa: S101
        return signed_in(request, form.user, way="password")
    context = {"form": form, "next": _next(request), "demo_groups": _demo_groups()}
    status = 422 if form.is_bound else 200
    return render(request, "parties/login.html", context, status=status)


@login_not_required
@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    """One-click sign-in; routed only on demo and test instances (`urls`)."""
    if settings.PRODUCTION:
        raise PermissionDenied
    names = [one.username for one in demo.demo_logins()]
    user = get_object_or_404(
        User, username=request.POST.get("username"), username__in=names, is_active=True
    )
    return signed_in(request, user, way="demo")


def locked_out(
    request: HttpRequest, original: HttpResponse | None, credentials: dict | None
) -> HttpResponse:
    """What axes shows after too many failures: when to try again."""
    username = (credentials or {}).get("username") or request.POST.get("username", "")
    attempt = (
        AccessAttempt.objects.filter(username=username)
        .order_by("-attempt_time")
        .first()
    )
    last = attempt.attempt_time if attempt else timezone.now()
    until = last + (get_cool_off(request) or timedelta(0))
    minutes = max(1, -(-int((until - timezone.now()).total_seconds()) // 60))
    context = {"until": until, "minutes": minutes}
    return render(request, "parties/locked_out.html", context, status=429)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    end_session(request)
    return redirect("login")


def home(request: HttpRequest) -> HttpResponse:
    """To the surface of the acting role; the notifications page where there is none."""
    if request.user.must_change_password:  # type: ignore[union-attr]
        return redirect("password_change")
    posting = http.acting_posting(request)
    if posting is None or http.administers(request):
        return redirect("admin:index" if http.administers(request) else "notifications")
    names = {
        "phone": "phone_home", "desk": "desk_queue", "inbox": "inbox",
        Role.SECURITY_ADMIN: "security", Role.AUDIT_ADMIN: "audit",
    }  # fmt: skip
    name = names.get(posting.post.role) or names.get(http.surface(request), "")
    return redirect(http.address(name) or "notifications")


@require_POST
def switch_posting(request: HttpRequest) -> HttpResponse:
    """Act in another of one's own postings; somebody else's or an expired one: 404."""
    chosen = request.POST.get("posting", "")
    own = {str(posting.pk): posting for posting in http.postings(request)}
    if chosen not in own:
        raise Http404
    request.session[http.SESSION_KEY] = own[chosen].pk
    post = own[chosen].post
    messages.success(
        request,
        _("已切换到%(organisation)s %(post)s。")
        % {"organisation": post.organisation.name, "post": post.name},
    )
    return redirect("home")


@sensitive_post_parameters()
def password_change(request: HttpRequest) -> HttpResponse:
    user = User.objects.get(pk=request.user.pk)
    form = PasswordForm(user, http.posted(request))
    if request.method == "POST" and form.is_valid():
        user = actions.change_password(
            user_id=user.pk,
            password=form.cleaned_data["new"],
            actor=http.person(request),
            at=clock.now(),
        )
        update_session_auth_hash(request, user)
        messages.success(request, _("密码已修改，下次登录请用新密码。"))
        return redirect("home")
    context = {"form": form, "forced": user.must_change_password}
    status = 422 if form.is_bound else 200
    return render(request, "parties/password_change.html", context, status=status)


def delegations(request: HttpRequest) -> HttpResponse:
    """Give the acting posting to a colleague for a period; see what is given."""
    at = clock.now()
    actor = http.actor(request)
    posting = http.acting_posting(request)
    assert posting is not None  # noqa: S101
    form = DelegationForm(
        User.objects.colleagues_of(posting, at),
        http.posted(request),
        initial={"starts_at": timezone.localtime(at)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            given = actions.delegate(
                posting_id=posting.pk,
                user_id=form.cleaned_data["user"].pk,
                starts_at=form.cleaned_data["starts_at"],
                ends_at=form.cleaned_data["ends_at"],
                reason=form.cleaned_data["reason"],
                actor=actor,
                at=at,
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            messages.success(
                request, _("已授权%(name)s代办。") % {"name": given.user.name}
            )
            return redirect("delegations")
    context = {
        "form": form,
        "posting": posting,
        "given": Posting.objects.given_by(request.user.pk, at).with_post(),  # type: ignore[arg-type]
        "taken": Posting.objects.taken_by(request.user.pk, at).with_post(),  # type: ignore[arg-type]
    }
    status = 422 if form.is_bound else 200
    return render(request, "parties/delegations.html", context, status=status)


@require_POST
def end_delegation(request: HttpRequest, posting_id: int) -> HttpResponse:
    at = clock.now()
    theirs = Posting.objects.delegations_of(request.user.pk, at)  # type: ignore[arg-type]
    delegation = get_object_or_404(theirs, pk=posting_id)
    actions.end_delegation(posting_id=delegation.pk, actor=http.actor(request), at=at)
    messages.success(request, _("代办已结束。"))
    return redirect("delegations")


def signed_in(
    request: HttpRequest, user: User, *, way: str, wanted: str = ""
) -> HttpResponse:
    """Begin the session of somebody whom `way` has proved; then to the page wanted."""
    start_session(request, user, backend=MODEL_BACKEND)
    request.session.pop(http.SESSION_KEY, None)
    actions.sign_in(
        user_id=user.pk, actor=http.person(request), at=clock.now(), way=way
    )
    if user.must_change_password:
        return redirect("password_change")
    return redirect(wanted or _next(request) or "home")


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return http.within_site(request, wanted)


def _demo_groups() -> list[dict[str, Any]]:
    """The cards of the login page, by surface; none in production."""
    if settings.PRODUCTION:
        return []
    logins = demo.demo_logins()
    there = set(
        User.objects.filter(
            username__in=[one.username for one in logins], is_active=True
        ).values_list("username", flat=True)
    )
    groups: dict[str, list[demo.DemoLogin]] = {}
    for one in logins:
        if one.username in there:
            groups.setdefault(one.group, []).append(one)
    return [{"label": label, "logins": found} for label, found in groups.items()]
