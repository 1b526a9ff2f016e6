"""Who is who at a provider: noted when they come, bound by an administrator only."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doors.models import ExternalIdentity, IdentityProvider
from governance import crypto, events
from governance.errors import Refused
from parties.acting import Actor
from parties.actions.people import only_administrators

KEPT = ("code", "name", "issuer", "client_id", "scopes", "is_active")


@transaction.atomic
def save_provider(
    *, provider: IdentityProvider, actor: Actor, at: datetime, secret: str = ""
) -> None:
    """Write a new or changed provider; a secret left empty stays as it was."""
    only_administrators(actor)
    before = IdentityProvider.objects.filter(pk=provider.pk).values(*KEPT).first()
    if secret:
        provider.secret = crypto.seal(secret)
    provider.save()
    after = {name: getattr(provider, name) for name in KEPT}
    detail = {"before": before, "after": after, "secret_changed": bool(secret)}
    _record(f"identity_provider:{provider.pk}", "save_provider", actor, at, detail)


@transaction.atomic
def arrive(
    *, provider: IdentityProvider, subject: str, name: str, at: datetime
) -> ExternalIdentity:
    """Whoever the provider vouches for; noted, so that an administrator can bind.

    Not journalled: a visit gives nobody anything, signing in has its own Event.
    """
    identity, _made = ExternalIdentity.objects.update_or_create(
        provider=provider,
        subject=subject,
        defaults={"name": name[:100], "seen_at": at},
    )
    return identity


@transaction.atomic
def bind_identity(
    *, identity: ExternalIdentity, user_id: int | None, actor: Actor, at: datetime
) -> None:
    """Bind it to an account, or with None to nobody any more."""
    only_administrators(actor)
    if identity.pk:
        locked = ExternalIdentity.objects.select_for_update().get(pk=identity.pk)
        before = locked.user_id
    else:
        before = None
    if not identity.subject.strip():
        raise Refused(_("请填写外部身份编号。"), code="required", field="subject")
    identity.user_id = user_id
    identity.save()
    detail = {"subject": identity.subject, "before": before, "after": user_id}
    _record(f"external_identity:{identity.pk}", "bind_identity", actor, at, detail)


def _record(
    chain: str, verb: str, actor: Actor, at: datetime, detail: dict[str, Any]
) -> None:
    events.record(
        chain=chain, action=f"doors.{verb}", actor=actor, at=at, detail=detail
    )
