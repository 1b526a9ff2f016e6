"""What is done with organisations, accounts and postings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Refused
from parties.acting import Actor
from parties.actions.messages import notify
from parties.models import (
    Address,
    ContactDepartment,
    Notification,
    Organisation,
    Post,
    Posting,
    User,
)
from parties.roles import ADMIN_ROLES, AREA_LEVEL, OVERSEER_ROLES, Role


@transaction.atomic
def appoint(
    *,
    user_id: int,
    post_id: int,
    actor: Actor,
    at: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    is_primary: bool = False,
    reason: str = "",
) -> Posting:
    """Put a person in a post from `starts_at` (default: `at`) to before `ends_at`."""
    user = User.objects.select_for_update().get(pk=user_id)
    only_security(actor, at)
    _not_oneself(user, actor)
    post = Post.objects.select_related("area", "organisation").get(pk=post_id)
    starts_at = starts_at or at
    period_runs_forward(starts_at, ends_at)
    if not user.is_active:
        raise Refused(_("该账号已停用，不能任命。"), code="inactive", field="user")
    post_is_whole(post)
    _not_held_already(user, post, starts_at, ends_at)
    _administrators_apart(user, post, starts_at, ends_at)
    if is_primary:
        Posting.objects.filter(user=user, is_primary=True).update(is_primary=False)
    posting = Posting.objects.create(
        user=user,
        post=post,
        starts_at=starts_at,
        ends_at=ends_at,
        is_primary=is_primary,
        reason=reason,
    )
    _let_in(user, post)
    _record(posting, "parties.appoint", actor, at)
    return posting


@transaction.atomic
def end_posting(
    *, posting_id: int, actor: Actor, at: datetime, reason: str = ""
) -> Posting:
    """End a posting now, and with it every delegation taken from it."""
    posting = _locked(posting_id)
    only_security(actor, at)
    _not_over(posting, at)
    for delegation in posting.delegations.select_for_update().filter(ends_at__gt=at):
        _end(delegation, at)
        _record(delegation, "parties.end_delegation", actor, at, reason=reason)
    _end(posting, at)
    _record(posting, "parties.end_posting", actor, at, reason=reason)
    return posting


@transaction.atomic
def delegate(
    *,
    posting_id: int,
    user_id: int,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Posting:
    """授权代办: let a colleague exercise one's posting for a period inside its own."""
    user = User.objects.select_for_update().get(pk=user_id)
    posting = _locked(posting_id)
    if posting.user_id != actor.user_id:
        if not keeps_accounts(actor, at):
            raise Refused(_("只能授权他人代办您本人的岗位。"), code="forbidden")
        _not_oneself(user, actor)
    if posting.delegated_from_id:
        raise Refused(_("代办的岗位不能再授权给别人。"), code="delegated_further")
    _delegation_fits(posting, starts_at, ends_at, at)
    if not reason.strip():
        raise Refused(_("请填写授权事由。"), code="reason", field="reason")
    colleagues = User.objects.colleagues_of(posting, at)
    if not colleagues.filter(pk=user.pk).exists():
        raise Refused(
            _("只能授权给本单位在岗的同事。"), code="not_a_colleague", field="user"
        )
    _not_held_already(user, posting.post, starts_at, ends_at)
    _administrators_apart(user, posting.post, starts_at, ends_at)
    delegation = Posting.objects.create(
        user=user,
        post=posting.post,
        starts_at=starts_at,
        ends_at=ends_at,
        source=Posting.Source.DELEGATION,
        delegated_from=posting,
        reason=reason.strip(),
    )
    _let_in(user, posting.post)
    _record(delegation, "parties.delegate", actor, at)
    notify(
        user_ids=[user.pk],
        kind=Notification.Kind.NOTICE,
        title=f"{posting.user.name} 授权您代办：{posting.post.name}",
        body=delegation.reason,
        subject=f"posting:{delegation.pk}",
        key=f"delegation:{delegation.pk}",
        at=at,
    )
    return delegation


@transaction.atomic
def end_delegation(*, posting_id: int, actor: Actor, at: datetime) -> Posting:
    """Take a delegation back, or hand it back, before its end."""
    delegation = _locked(posting_id)
    source = delegation.delegated_from
    if source is None:
        raise Refused(_("这不是代办岗位。"), code="not_a_delegation")
    own = actor.user_id in {source.user_id, delegation.user_id}
    if not own and not keeps_accounts(actor, at):
        raise Refused(_("只有授权人和代办人可以提前结束。"), code="forbidden")
    _not_over(delegation, at)
    _end(delegation, at)
    _record(delegation, "parties.end_delegation", actor, at)
    return delegation


@transaction.atomic
def keep(
    *,
    record: Organisation | User | Post | ContactDepartment,
    changed: dict[str, Any],
    actor: Actor,
    at: datetime,
    related: Mapping[str, Sequence[models.Model]] | None = None,
) -> None:
    """Save master data; `changed` names the fields and their values before.

    `related` are the new members of fields that hold several. Passwords are not
    changed this way. Accounts and posts are the security administrator's; an account
    that is closed or opened so (in a table) loses its sessions.
    """
    if isinstance(record, User | Post):
        only_security(actor, at)
    else:
        only_administrators(actor)
    new = record.pk is None
    if isinstance(record, Post):
        post_is_whole(record)
    fields = list(changed)
    if isinstance(record, User) and "is_active" in changed and not new:
        not_closing_oneself(record, actor)
        sign_out(record)
        fields.append("session_round")
    record.save(update_fields=None if new else fields)
    before = dict(changed)
    after = {name: _plain(getattr(record, name)) for name in changed}
    for name, members in (related or {}).items():
        before[name], after[name] = _set_members(record, name, members)
    events.record(
        chain=f"{record._meta.model_name}:{record.pk}",
        action="parties.create" if new else "parties.change",
        actor=actor,
        at=at,
        detail={"before": before, "after": after},
    )


def _set_members(
    record: models.Model, name: str, members: Sequence[models.Model]
) -> tuple[list[int], list[int]]:
    """The ids before and after."""
    manager = getattr(record, name)
    before = sorted(manager.values_list("pk", flat=True))
    manager.set(members)
    return before, sorted(one.pk for one in members)


def _locked(posting_id: int) -> Posting:
    return (
        Posting.objects.select_for_update(of=("self",)).with_post().get(pk=posting_id)
    )


def _record(
    posting: Posting, action: str, actor: Actor, at: datetime, **more: Any
) -> None:
    events.record(
        chain=f"posting:{posting.pk}",
        action=action,
        actor=actor,
        at=at,
        detail={**posting_facts(posting), **more},
    )


def posting_facts(posting: Posting) -> dict[str, Any]:
    """What the journal keeps of it."""
    return {
        "user": posting.user_id,
        "post": posting.post_id,
        "starts_at": posting.starts_at.isoformat(),
        "ends_at": posting.ends_at.isoformat() if posting.ends_at else None,
        "delegated_from": posting.delegated_from_id,
        "reason": posting.reason,
    }


def _end(posting: Posting, at: datetime) -> None:
    """A posting that has not begun ends where it would begin: it never was."""
    posting.ends_at = max(at, posting.starts_at)
    posting.is_primary = False
    posting.save(update_fields=["ends_at", "is_primary"])


def only_administrators(actor: Actor) -> None:
    if actor.role != Role.SYSTEM_ADMIN and not actor.is_system:
        raise Refused(_("只有系统管理员可以办理。"), code="forbidden")


def stands_in(role: str, for_role: str, at: datetime) -> bool:
    """Whether the system administrator acts for another of the three: as long as
    nobody holds that post. So a platform begins; once the post is filled, the powers
    are apart (三员分立, DOMAIN E.6)."""
    vacant = role == Role.SYSTEM_ADMIN and for_role in ADMIN_ROLES
    return vacant and not Posting.objects.current(at).holding(for_role).exists()


def keeps_accounts(actor: Actor, at: datetime) -> bool:
    """Accounts, posts and postings are the security administrator's (DOMAIN E.6)."""
    known = actor.is_system or actor.role == Role.SECURITY_ADMIN
    return known or stands_in(actor.role, Role.SECURITY_ADMIN, at)


def only_security(actor: Actor, at: datetime) -> None:
    if not keeps_accounts(actor, at):
        raise Refused(
            _("账号、岗位和任职由安全管理员办理，请联系安全管理员。"), code="forbidden"
        )


def _not_oneself(user: User, actor: Actor) -> None:
    """But for the superuser of the first start, who acts in no post yet."""
    if actor.posting_id is not None and actor.user_id == user.pk:
        raise Refused(
            _("不能给自己任命岗位，请由另一名安全管理员办理。"),
            code="oneself",
            field="user",
        )


def sign_out(user: User) -> None:
    """Every browser is out and told nothing more, as a lost phone should be; the new
    round is for the caller to save."""
    user.session_round += 1
    Address.objects.filter(user=user.pk, kind=Address.Kind.PUSH).delete()


def not_closing_oneself(user: User, actor: Actor) -> None:
    if user.pk == actor.user_id:
        raise Refused(_("不能停用自己的账号。"), code="oneself")


def _let_in(user: User, post: Post) -> None:
    """Whoever is 系统管理员 needs no other switch for the administration; whether it
    opens is asked of the post that is exercised (`parties.admin`)."""
    if post.role == Role.SYSTEM_ADMIN and not (user.is_staff and user.is_superuser):
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])


def period_runs_forward(starts_at: datetime, ends_at: datetime | None) -> None:
    if ends_at and ends_at <= starts_at:
        raise Refused(_("结束时间应晚于开始时间。"), code="period", field="ends_at")


def _not_over(posting: Posting, at: datetime) -> None:
    if posting.ends_at and posting.ends_at <= at:
        raise Refused(_("该任职已经结束。"), code="ended")


def _delegation_fits(
    posting: Posting, starts_at: datetime, ends_at: datetime, at: datetime
) -> None:
    period_runs_forward(starts_at, ends_at)
    if ends_at <= at:
        raise Refused(_("结束时间应晚于现在。"), code="period", field="ends_at")
    if starts_at < posting.starts_at or (posting.ends_at and ends_at > posting.ends_at):
        raise Refused(
            _("授权期限不能超出您本人的任职期限。"), code="period", field="ends_at"
        )


def post_is_whole(post: Post) -> None:
    """A role that acts in an area needs one of its own level."""
    level = AREA_LEVEL.get(post.role)
    if level and (post.area is None or post.area.level != level):
        raise Refused(
            _("“%(role)s”岗位的管理范围应选%(level)s。")
            % {"role": post.get_role_display(), "level": level.label},
            code="area_level",
            field="area",
        )
    if post.role in OVERSEER_ROLES and post.area is None:
        raise Refused(
            _("请选择“%(role)s”岗位的管理范围，否则看不到任何案件。")
            % {"role": post.get_role_display()},
            code="area_level",
            field="area",
        )


def _not_held_already(
    user: User, post: Post, starts_at: datetime, ends_at: datetime | None
) -> None:
    held = Posting.objects.filter(user=user, post=post).overlapping(starts_at, ends_at)
    if held.exists():
        raise Refused(
            _("%(name)s在这段时间内已经在这个岗位上。") % {"name": user.name},
            code="held_already",
            field="user",
        )


def _administrators_apart(
    user: User, post: Post, starts_at: datetime, ends_at: datetime | None
) -> None:
    """三员分立: one person holds at most one of the three administrators' roles."""
    if post.role not in ADMIN_ROLES:
        return
    others = Posting.objects.filter(user=user).holding(*(ADMIN_ROLES - {post.role}))
    if others.overlapping(starts_at, ends_at).exists():
        raise Refused(
            _("系统管理员、安全管理员、审计管理员应由不同的人担任。"),
            code="separation",
            field="user",
        )


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value
