"""居民上报: what a resident files goes the same way as everything else (T01)."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import actions as cases
from cases.models import Case, Photo, Submission
from civics.actions.consents import agree
from civics.actions.limits import Limit, count, keep_within, network_of
from civics.models import Attempt, Consent, Phone
from governance import crypto
from governance.errors import Refused
from parties.acting import Actor

A_DAY = Limit(
    Attempt.Kind.REPORT,
    20,
    timedelta(days=1),
    gettext_lazy("这个号码今天上报的已经很多了，请明天再报，紧急的请拨打社区电话。"),
)
PHOTOS_AN_HOUR = Limit(
    Attempt.Kind.PHOTO,
    60,
    timedelta(hours=1),
    gettext_lazy("从这个网络上传的照片太多了，请过一会儿再传，或先不传照片。"),
)
SOMEBODY = gettext_lazy("居民")


@transaction.atomic
def file_report(
    *,
    submission_id: uuid.UUID,
    report: cases.Report,
    phone_id: int,
    name: str,
    agreed: bool,
    actor: Actor,
    at: datetime,
    purpose: Consent.Purpose = Consent.Purpose.REPORT,
    contact_hidden: bool = False,
) -> Case:
    """File it for the telephone that was verified, with its consent; the same
    submission again gives the same case and counts once.

    A name need not be given (FEATURES 73): the report then comes from 居民; and with
    `contact_hidden` departments do not see the number.
    """
    phone = Phone.objects.select_for_update().get(pk=phone_id)
    if not agreed:
        raise Refused(_("请先阅读并同意隐私说明。"), code="required", field="agreed")
    if not Submission.objects.filter(pk=submission_id).exists():
        keep_within(A_DAY, phone.digest, at)
        count(Attempt.Kind.REPORT, phone.digest, at)
    case = cases.report(
        submission_id=submission_id,
        report=replace(
            report,
            complainant_name=name.strip() or str(SOMEBODY),
            complainant_contact=crypto.unseal(phone.number),
            contact_hidden=contact_hidden,
        ),
        actor=actor,
        at=at,
    )
    agree(phone=phone, purpose=purpose, case_id=case.pk, at=at)
    return case


@transaction.atomic
def admit_photo(*, actor: Actor, at: datetime) -> None:
    """Refused when too many pictures came from this address; else it is counted."""
    who = network_of(actor.ip)
    keep_within(PHOTOS_AN_HOUR, who, at)
    count(Attempt.Kind.PHOTO, who, at)


@transaction.atomic
def take_back_photo(*, photo_id: uuid.UUID, batch: uuid.UUID) -> None:
    """Of a report that is still being written; gone already is fine."""
    Photo.objects.filter(pk=photo_id, batch=batch, case=None, user=None).delete()
