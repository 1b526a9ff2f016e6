"""What a browser of somebody without an account is remembered by: an opened case, a
verified telephone, a report that is being written, a QR code that was scanned."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from cases.models import Case, Submission
from civics.models import Phone, Place
from parties.acting import Actor

CASE, PHONE, DRAFT, PLACE, COMPARED = (
    "resident_case", "resident_phone", "resident_draft", "resident_place",
    "resident_compared",
)  # fmt: skip
OPEN_FOR = timedelta(minutes=30)


def resident(request: HttpRequest) -> Actor:
    return Actor.resident(ip=request.META.get("REMOTE_ADDR", ""))


def open_case(request: HttpRequest, case: Case, at: datetime) -> None:
    """Let this browser read the case for half an hour."""
    until = (at + OPEN_FOR).isoformat()
    request.session[CASE] = {"case": case.pk, "until": until}


def opened_case(request: HttpRequest, at: datetime) -> Case | None:
    """The case this browser opened in the last half hour."""
    pk = _kept(request, CASE, at).get("case")
    found = Case.objects.select_related("category", "holder_org", "master__holder_org")
    return found.filter(pk=pk).first() if pk else None


def filed_before(
    request: HttpRequest, submission: uuid.UUID, at: datetime
) -> Case | None:
    """The opened case when it came of that very form: the button pressed twice."""
    opened = opened_case(request, at)
    sent = Submission.objects.filter(pk=submission, case=opened) if opened else None
    return opened if sent is not None and sent.exists() else None


def remember_phone(request: HttpRequest, phone: Phone, at: datetime) -> None:
    until = (at + OPEN_FOR).isoformat()
    request.session[PHONE] = {"phone": phone.pk, "until": until}


def verified_phone(request: HttpRequest, at: datetime) -> Phone | None:
    """The telephone that answered a code in this browser in the last half hour; none
    once its deletion was carried out."""
    pk = _kept(request, PHONE, at).get("phone")
    known = Phone.objects.exclude(number="")
    return known.filter(pk=pk).first() if pk else None


def forget(request: HttpRequest) -> None:
    """Nothing of a resident stays in this browser's session."""
    for key in (CASE, PHONE, DRAFT, PLACE, COMPARED):
        request.session.pop(key, None)


def draft(request: HttpRequest) -> dict[str, list[str]]:
    """What was filled in so far, as a form sends it; begun when there is none."""
    kept: dict[str, list[str]] = request.session.get(DRAFT) or {}
    if "submission" not in kept:
        kept = {"submission": [str(uuid.uuid4())], "kind": ["report"], **kept}
        keep_draft(request, kept)
    return kept


def keep_draft(request: HttpRequest, kept: dict[str, list[str]]) -> None:
    request.session[DRAFT] = kept


def drop_draft(request: HttpRequest) -> None:
    request.session.pop(DRAFT, None)
    request.session.pop(PLACE, None)


def scan(request: HttpRequest, place: Place) -> None:
    request.session[PLACE] = place.pk


def scanned_place(request: HttpRequest) -> Place | None:
    pk = request.session.get(PLACE)
    return Place.objects.in_use().filter(pk=pk).first() if pk else None


def _kept(request: HttpRequest, key: str, at: datetime) -> dict[str, Any]:
    kept = request.session.get(key)
    if not kept or datetime.fromisoformat(kept["until"]) <= at:
        return {}
    return dict(kept)
