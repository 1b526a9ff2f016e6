"""Clients and their keys: made by an administrator, judged at every request."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from civics.actions.limits import network_of
from doors.actions.subscribing import stop_subscriptions
from doors.models import ApiClient, ApiKey
from doors.querysets import count_request, count_stranger
from governance import events
from governance.errors import Refused
from parties.acting import Actor
from parties.actions.people import only_administrators

MARK = "wg"
PREFIX_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
PREFIX_LENGTH = 8
SECRET_BYTES = 32
KEY = re.compile(rf"{MARK}_([{PREFIX_LETTERS}]{{{PREFIX_LENGTH}}})_[\w-]+", re.ASCII)
NOTED_EVERY = timedelta(minutes=1)
# Without a key: what a page of pictures and a busy reader need, and no more.
STRANGERS_PER_MINUTE = 600
KEPT = ("name", "organisation_id", "posting_id", "scopes", "per_minute", "contact",
        "is_active")  # fmt: skip


@dataclass(frozen=True)
class Admission:
    """Whether a client may ask now; `retry_after` in seconds when it may not."""

    allowed: bool
    used: int
    limit: int
    retry_after: int = 0


@transaction.atomic
def save_client(*, client: ApiClient, actor: Actor, at: datetime) -> ApiClient:
    """Write a new or changed client."""
    only_administrators(actor)
    before = ApiClient.objects.filter(pk=client.pk).values(*KEPT).first()
    if before is None:
        client.created_at = at
    client.save()
    after = {name: getattr(client, name) for name in KEPT}
    _record("save_client", client, actor, at, {"before": before, "after": after})
    stop_subscriptions(client, actor, at)
    return client


@transaction.atomic
def issue_key(
    *,
    client_id: int,
    actor: Actor,
    at: datetime,
    expires_at: datetime | None = None,
    note: str = "",
) -> tuple[ApiKey, str]:
    """Make a key. Its text is answered here and never again: only a hash is kept."""
    client = ApiClient.objects.select_for_update().get(pk=client_id)
    only_administrators(actor)
    if expires_at and expires_at <= at:
        raise Refused(_("有效期应晚于现在。"), code="period", field="expires_at")
    prefix = "".join(secrets.choice(PREFIX_LETTERS) for _n in range(PREFIX_LENGTH))
    text = f"{MARK}_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key = ApiKey.objects.create(
        client=client, prefix=prefix, digest=_digest(text),
        note=note, created_at=at, expires_at=expires_at,
    )  # fmt: skip
    detail = {"key": prefix, "expires_at": expires_at, "note": note}
    _record("issue_key", client, actor, at, detail)
    return key, text


@transaction.atomic
def revoke_key(*, key_id: int, actor: Actor, at: datetime) -> ApiKey:
    """Shut a key for good, from the next request on."""
    key = ApiKey.objects.select_for_update().get(pk=key_id)
    only_administrators(actor)
    if key.revoked_at:
        raise Refused(_("这个密钥已经吊销。"), code="revoked")
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    _record("revoke_key", key.client, actor, at, {"key": key.prefix})
    return key


def find_key(text: str) -> ApiKey | None:
    """The key with this text and its client; None when there is no such key."""
    found = KEY.fullmatch(text)
    key = ApiKey.objects.named(found[1]) if found else None
    if key is None or not hmac.compare_digest(key.digest, _digest(text)):
        return None
    return key


def check_usable(key: ApiKey, at: datetime) -> None:
    """Raises Refused for a key that is revoked, over, or of a client that is shut."""
    if key.revoked_at:
        raise Refused(
            _("这个密钥已经吊销，请向平台管理员申请新的密钥。"), code="key_revoked"
        )
    if key.expires_at and key.expires_at <= at:
        raise Refused(
            _("这个密钥已经过期，请向平台管理员申请新的密钥。"), code="key_expired"
        )
    if not key.client.is_active:
        raise Refused(
            _("这个接口客户端已经停用，请联系平台管理员。"), code="client_inactive"
        )


def admit(*, key: ApiKey, at: datetime) -> Admission:
    """Count a request against the client's limit of this minute."""
    minute = at.replace(second=0, microsecond=0)
    client = key.client
    used = count_request(client.pk, minute)
    own = ApiKey.objects.filter(pk=key.pk)
    own.unused_since(at - NOTED_EVERY).update(last_used_at=at)
    if used <= client.per_minute:
        return Admission(True, used, client.per_minute)
    return Admission(False, used, client.per_minute, 60 - at.second)


def admit_stranger(*, ip: str, at: datetime) -> Admission:
    """Count a request without a key against the limit of its network address."""
    used = count_stranger(network_of(ip), at.replace(second=0, microsecond=0))
    allowed = used <= STRANGERS_PER_MINUTE
    wait = 0 if allowed else 60 - at.second
    return Admission(allowed, used, STRANGERS_PER_MINUTE, wait)


def _digest(text: str) -> str:
    """The secret has 256 random bits; a slow hash would add nothing."""
    return hashlib.sha256(text.encode()).hexdigest()


def _record(
    verb: str, client: ApiClient, actor: Actor, at: datetime, detail: dict[str, Any]
) -> None:
    events.record(
        chain=f"api_client:{client.pk}",
        action=f"doors.{verb}",
        actor=actor,
        at=at,
        detail={"client": client.name, **detail},
    )
