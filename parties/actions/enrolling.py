"""Many new accounts at once, for tables of a whole city."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Refused
from governance.events import Entry
from parties.acting import Actor
from parties.actions.people import (
    only_security,
    period_runs_forward,
    post_is_whole,
    posting_facts,
)
from parties.actions.reaching import new_phone
from parties.models import Address, Post, Posting, User
from parties.roles import ADMIN_ROLES


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """An account that is not there yet, and the post it takes, if any."""

    username: str
    name: str
    is_active: bool = True
    password: str = ""
    phone: str = ""
    post_id: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_primary: bool = False
    reason: str = ""


@transaction.atomic
def enroll(
    *, newcomers: Sequence[Newcomer], actor: Actor, at: datetime
) -> list[tuple[int, int | None]]:
    """What `keep`, `register_phone` and `appoint` do for one, for hundreds together.

    Everybody must change the first password; who is given none cannot sign in before
    an administrator sets one. Answers the ids of account and posting of each, in the
    order given. Administrators are appointed one by one.
    """
    only_security(actor, at)
    _may_be_appointed(newcomers, at)
    users = User.objects.bulk_create([_account(one) for one in newcomers])
    pairs = list(zip(newcomers, users, strict=True))
    addresses = Address.objects.bulk_create(
        [new_phone(user.pk, one.phone, at) for one, user in pairs if one.phone]
    )
    postings = Posting.objects.bulk_create(
        [_posting(one, user, at) for one, user in pairs if one.post_id]
    )
    noted = [Entry(f"user:{one.pk}", "parties.create", _account_facts(one))
             for one in users]  # fmt: skip
    noted += [Entry(f"user:{one.user_id}", "parties.register_phone")
              for one in addresses]  # fmt: skip
    noted += [Entry(f"posting:{one.pk}", "parties.appoint", posting_facts(one))
              for one in postings]  # fmt: skip
    events.record_all(noted, actor=actor, at=at)
    posted = {one.user_id: one.pk for one in postings}
    return [(one.pk, posted.get(one.pk)) for one in users]


def _may_be_appointed(newcomers: Sequence[Newcomer], at: datetime) -> None:
    appointed = [one for one in newcomers if one.post_id]
    ids = {one.post_id for one in appointed if one.post_id}
    for post in Post.objects.select_related("area").filter(pk__in=ids):
        post_is_whole(post)
        if post.role in ADMIN_ROLES:
            raise Refused(
                _(
                    "系统、安全、审计管理员不能批量任命，请由安全管理员在“账号与权限”中单独任命"
                ),
                code="administrator",
            )
    for one in appointed:
        if not one.is_active:
            raise Refused(_("该账号已停用，不能任命。"), code="inactive", field="user")
        period_runs_forward(one.starts_at or at, one.ends_at)


def _account(one: Newcomer) -> User:
    user = User(
        username=one.username,
        name=one.name,
        is_active=one.is_active,
        must_change_password=True,
    )
    user.set_password(one.password or None)
    return user


def _account_facts(user: User) -> dict[str, Any]:
    names = ("username", "name", "is_active")
    return {
        "before": dict.fromkeys(names),
        "after": {name: getattr(user, name) for name in names},
    }


def _posting(one: Newcomer, user: User, at: datetime) -> Posting:
    return Posting(
        user=user,
        post_id=one.post_id or 0,
        starts_at=one.starts_at or at,
        ends_at=one.ends_at,
        is_primary=one.is_primary,
        reason=one.reason,
    )
