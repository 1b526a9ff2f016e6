"""Consent to the privacy notice, and the notice itself."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from civics.models import Consent, Phone, PrivacyNotice
from governance import events
from governance.errors import Refused
from parties.acting import Actor

BUILT_IN = "built-in-2"
"""The version of the notice in `templates/civics/_notice.html`, where none was
published. Raise it when that text changes."""


def current_version() -> str:
    """Of the notice that people are shown now."""
    newest = PrivacyNotice.objects.order_by("-published_at", "-pk").first()
    return newest.version if newest else BUILT_IN


def agree(*, phone: Phone, purpose: str, case_id: int | None, at: datetime) -> Consent:
    """Keep that somebody agreed, inside the transaction of what it was for."""
    found, _made = Consent.objects.get_or_create(
        phone=phone,
        purpose=purpose,
        case_id=case_id,  # type: ignore[misc]
        withdrawn_at=None,
        defaults={"notice": current_version(), "given_at": at},
    )
    return found


@transaction.atomic
def publish_notice(
    *, version: str, text: str, actor: Actor, at: datetime
) -> PrivacyNotice:
    """A new version for everybody who agrees from now on; old ones stay as they are."""
    if PrivacyNotice.objects.filter(version=version).exists():
        raise Refused(
            _("这个版本号已经用过，请换一个。"), code="known", field="version"
        )
    notice = PrivacyNotice.objects.create(version=version, text=text, published_at=at)
    events.record(
        chain="civics:privacy_notice",
        action="civics.publish_notice",
        actor=actor,
        at=at,
        detail={"version": version},
    )
    return notice
