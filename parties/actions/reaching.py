"""Where a person wants to be reached, and by which channel for what."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from governance import crypto, events
from governance.errors import Refused
from parties.acting import Actor
from parties.actions.forwarding import posted_at, serves
from parties.actions.people import only_security
from parties.channels import Rejected, web_push
from parties.channels.mail import address_problem
from parties.models import Address, Channel, Importance, Preference, User

DEVICES = 10


def channels_for(user_id: int, at: datetime) -> list[Channel]:
    """The personal channels that serve somebody, as a person sees them."""
    channels = Channel.objects.filter(enabled=True).order_by("name")
    posted = posted_at([user_id], at)
    return [
        one
        for one in channels
        if one.ready and one.way and one.way.personal and serves(one, user_id, posted)
    ]


@transaction.atomic
def set_preferences(
    *,
    user_id: int,
    email: str,
    phone: str,
    wishes: Mapping[int, Iterable[str]],
    actor: Actor,
    at: datetime,
) -> None:
    """Addresses and, for each channel that serves the person, what to send there."""
    User.objects.select_for_update().get(pk=user_id)
    for words in address_problem("email", email.strip()).values():
        raise Refused(words, code="email", field="email")
    changed = [
        kind
        for kind, value in (("email", email.strip()), ("phone", _digits(phone)))
        if _keep_address(user_id, kind, value, at)
    ]
    served = {one.pk: one for one in channels_for(user_id, at)}
    kept = {}
    for channel_id, chosen in wishes.items():
        if channel_id in served:
            wanted = [str(one) for one in Importance if one in set(chosen)]
            kept[channel_id] = wanted
            Preference.objects.update_or_create(
                user_id=user_id,
                channel_id=channel_id,
                defaults={"importances": wanted},
            )
    _record(
        user_id, "parties.set_preferences", actor, at, addresses=changed, wishes=kept
    )


@transaction.atomic
def register_phone(*, user_id: int, phone: str, actor: Actor, at: datetime) -> None:
    """Somebody's mobile number, noted by the security administrator; the same again
    is nothing.

    The journal says that it changed, never what it is.
    """
    User.objects.select_for_update().get(pk=user_id)
    only_security(actor, at)
    if _keep_address(user_id, Address.Kind.PHONE, _digits(phone), at):
        _record(user_id, "parties.register_phone", actor, at)


def phone_digest(phone: str) -> str:
    """What tells two numbers apart without opening them; empty for none."""
    return _digest(phone) if phone else ""


@transaction.atomic
def subscribe(
    *, user_id: int, subscription: str, label: str, actor: Actor, at: datetime
) -> Address:
    """Let this browser be reached by Web Push; the same one again changes nothing."""
    User.objects.select_for_update().get(pk=user_id)
    try:
        value = web_push.checked(subscription)
    except Rejected as error:
        raise Refused(str(error), code="subscription") from error
    own = Address.objects.filter(user=user_id, kind=Address.Kind.PUSH)
    known = own.filter(digest=_digest(value)).first()
    if known is not None:
        return known
    if own.count() >= DEVICES:
        raise Refused(
            _("最多登记 %(n)d 台设备，请先移除不用的设备。") % {"n": DEVICES},
            code="devices",
        )
    # A browser that changed hands belongs to whoever sits at it now.
    Address.objects.filter(kind=Address.Kind.PUSH, digest=_digest(value)).delete()
    address = _new(user_id, Address.Kind.PUSH, value, label[:80], at)
    _record(user_id, "parties.subscribe", actor, at, device=address.label)
    return address


@transaction.atomic
def forget_device(*, address_id: int, actor: Actor, at: datetime) -> None:
    """Remove one of one's own browsers."""
    address = Address.objects.select_for_update().get(pk=address_id)
    if address.user_id != actor.user_id or address.kind != Address.Kind.PUSH:
        raise Refused(_("只能移除您本人的设备。"), code="forbidden")
    address.delete()
    _record(address.user_id, "parties.forget_device", actor, at, device=address.label)


def _digits(phone: str) -> str:
    """A mobile number of the mainland; blanks and hyphens are let through."""
    number = phone.replace(" ", "").replace("-", "").removeprefix("+86")
    if not number:
        return ""
    if not (number.isascii() and number.isdecimal() and len(number) == 11):
        raise Refused(_("手机号应为 11 位数字，请核对。"), code="phone", field="phone")
    if not number.startswith("1"):
        raise Refused(_("手机号应以 1 开头，请核对。"), code="phone", field="phone")
    return number


def _keep_address(user_id: int, kind: str, value: str, at: datetime) -> bool:
    """Put the address in the place of the one before; whether anything changed."""
    own = Address.objects.filter(user=user_id, kind=kind)
    if value and own.filter(digest=_digest(value)).exists():
        return False
    removed, _rows = own.delete()
    if value:
        _new(user_id, kind, value, "", at)
    return bool(removed or value)


def _new(user_id: int, kind: str, value: str, label: str, at: datetime) -> Address:
    address = _unsaved(user_id, kind, value, label, at)
    address.save()
    return address


def new_phone(user_id: int, phone: str, at: datetime) -> Address:
    """Not yet saved. Raises Refused for what is no mobile number."""
    return _unsaved(user_id, Address.Kind.PHONE, _digits(phone), "", at)


def _unsaved(user_id: int, kind: str, value: str, label: str, at: datetime) -> Address:
    return Address(
        user_id=user_id,
        kind=kind,
        value=crypto.seal(value),
        digest=_digest(value),
        label=label,
        created_at=at,
    )


def _digest(value: str) -> str:
    key = settings.FIELD_KEY.encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def _record(
    user_id: int, action: str, actor: Actor, at: datetime, **detail: object
) -> None:
    events.record(
        chain=f"user:{user_id}", action=action, actor=actor, at=at, detail=detail
    )
