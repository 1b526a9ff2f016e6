"""What is done with accounts: opened, closed, unlocked, signed in to and out of.

Those of others are the security administrator's (三员分立, DOMAIN E.6).
"""

from datetime import datetime

from axes.utils import reset as axes_reset
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Refused
from parties.acting import Actor
from parties.actions.people import (
    keep,
    keeps_accounts,
    not_closing_oneself,
    only_security,
    sign_out,
)
from parties.models import Post, User
from parties.roles import Role


@transaction.atomic
def sign_in(*, user_id: int, actor: Actor, at: datetime, way: str) -> None:
    """Journal that somebody signed in; `way` is `password` or `demo`."""
    user = User.objects.select_for_update().get(pk=user_id)
    _record(user, "sign_in", actor, at, way=way)


@transaction.atomic
def open_account(
    *, username: str, name: str, password: str, actor: Actor, at: datetime
) -> User:
    """A new account, whose first password (checked by a form) must be changed."""
    only_security(actor, at)
    user = User(username=username, name=name.strip(), must_change_password=True)
    user.set_password(password)
    new = dict.fromkeys(("username", "name"))
    try:
        keep(record=user, changed=new, actor=actor, at=at)
    except IntegrityError as error:
        raise Refused(
            _("这个账号已经有人使用。"), code="username_taken", field="username"
        ) from error
    return user


@transaction.atomic
def close_account(*, user_id: int, reason: str, actor: Actor, at: datetime) -> User:
    """停用: nobody signs in with it any more, and who is signed in is out at once."""
    user = User.objects.select_for_update().get(pk=user_id)
    only_security(actor, at)
    not_closing_oneself(user, actor)
    if not user.is_active:
        raise Refused(_("这个账号已经停用。"), code="inactive")
    _require_reason(reason)
    user.is_active = False
    sign_out(user)
    user.save(update_fields=["is_active", "session_round"])
    _record(user, "close_account", actor, at, reason=reason.strip())
    return user


@transaction.atomic
def reopen_account(*, user_id: int, reason: str, actor: Actor, at: datetime) -> User:
    """启用: it may sign in again; the sessions of before stay ended."""
    user = User.objects.select_for_update().get(pk=user_id)
    only_security(actor, at)
    if user.is_active:
        raise Refused(_("这个账号正在启用。"), code="active")
    _require_reason(reason)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _record(user, "reopen_account", actor, at, reason=reason.strip())
    return user


@transaction.atomic
def end_sessions(*, user_id: int, actor: Actor, at: datetime) -> User:
    """全部下线: every browser that is signed in to the account must sign in again, and
    those that Web Push reached must be enrolled again."""
    user = User.objects.select_for_update().get(pk=user_id)
    if user.pk != actor.user_id:
        only_security(actor, at)
    sign_out(user)
    user.save(update_fields=["session_round"])
    _record(user, "end_sessions", actor, at)
    return user


@transaction.atomic
def change_password(*, user_id: int, password: str, actor: Actor, at: datetime) -> User:
    """Set a new password, already checked by a form; the journal keeps only that."""
    user = User.objects.select_for_update().get(pk=user_id)
    if actor.user_id != user.pk and not keeps_accounts(actor, at):
        raise Refused(_("只能修改自己的密码。"), code="forbidden")
    user.set_password(password)
    user.must_change_password = actor.user_id != user.pk
    fields = ["password", "must_change_password"]
    if user.must_change_password:
        sign_out(user)
        fields.append("session_round")
    user.save(update_fields=fields)
    _record(user, "change_password", actor, at)
    return user


@transaction.atomic
def unlock(*, user_id: int, actor: Actor, at: datetime) -> None:
    """Forget the failed sign-ins of an account, so that it may try again at once."""
    user = User.objects.select_for_update().get(pk=user_id)
    only_security(actor, at)
    _record(user, "unlock", actor, at, failures=axes_reset(username=user.username))


@transaction.atomic
def open_post(
    *,
    role: str,
    organisation_id: int,
    area_id: int | None,
    name: str,
    actor: Actor,
    at: datetime,
) -> Post:
    """新设岗位: what somebody can be appointed to."""
    only_security(actor, at)
    with translation.override("zh-hans"):  # the name is a record, whoever gives it
        usual = str(Role(role).label)
    post = Post(
        role=role,
        organisation_id=organisation_id,
        area_id=area_id,
        name=name.strip() or usual,
    )
    new = dict.fromkeys(("role", "organisation_id", "area_id", "name"))
    try:
        keep(record=post, changed=new, actor=actor, at=at)
    except IntegrityError as error:
        raise Refused(
            _("这个单位已经有同样的岗位，可以直接任命。"), code="there", field="name"
        ) from error
    return post


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("请写明事由。"), code="required", field="reason")


def _record(
    user: User, verb: str, actor: Actor, at: datetime, **detail: object
) -> None:
    events.record(
        chain=f"user:{user.pk}",
        action=f"parties.{verb}",
        actor=actor,
        at=at,
        detail=detail,
    )
