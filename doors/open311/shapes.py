"""What is answered, element by element in the words of GeoReport v2.

A case that came in by this door is given as it was sent: who sends a request here makes
it public. Of every other case that may be known outside, only what a map of the city
shows: what it is about, the community, and the place blurred.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.answers import Kind
from cases.models import Case, Category, Photo, Question
from civics.querysets.public import blurred
from doors.models import Open311Request, Open311Update
from doors.open311.status import extended, notes_of, status_of
from governance.models import Event

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
DATATYPES = {
    Kind.TEXT: "string",
    Kind.NUMBER: "number",
    Kind.DATE: "datetime",
    Kind.CHOICE: "singlevaluelist",
    Kind.CHOICES: "multivaluelist",
}
DECIMALS = 6  # of a degree: a decimetre
# Telephone and identity numbers that somebody wrote into a public text.
_NUMBERS = re.compile(r"(?<!\d)(1\d{2}|\d{6})\d{4,8}(\d{3}[\dXx]|\d{4})(?!\d)")


@dataclass
class Beside:
    """What was read for all cases of an answer at once; `steps` only where extensions
    were asked for."""

    requests: dict[int, Open311Request] = field(default_factory=dict)
    expected: dict[int, datetime] = field(default_factory=dict)
    photos: dict[Any, list[Photo]] = field(default_factory=dict)
    batches: dict[int, list[Any]] = field(default_factory=dict)
    steps: dict[int, list[Event]] | None = None
    blur_m: int = 100
    photo_url: Callable[[Photo], str] = lambda photo: ""


def code_of(question: Question) -> str:
    return f"q{question.pk}"


def service(category: Category) -> dict[str, Any]:
    """The service list has one of these for each category, read `with_questions()`."""
    return {
        "service_code": str(category.pk),
        "service_name": category.name,
        "description": _said(category),
        "metadata": bool(category.active_questions),
        "type": "realtime",
        "keywords": ",".join([category.code5, *category.plain_words.split()]),
        "group": category.major_name,
    }


def _said(category: Category) -> str:
    words = category.plain_words.split()
    if not words:
        return category.name
    return _("%(name)s，例如：%(words)s") % {
        "name": category.name, "words": _("、").join(words),
    }  # fmt: skip


def definition(category: Category) -> dict[str, Any]:
    return {
        "service_code": str(category.pk),
        "attributes": [
            attribute(question, order)
            for order, question in enumerate(category.active_questions, 1)
        ],
    }


def attribute(question: Question, order: int) -> dict[str, Any]:
    """`values` only where one chooses."""
    found: dict[str, Any] = {
        "variable": True,
        "code": code_of(question),
        "datatype": DATATYPES[Kind(question.kind)],
        "required": question.is_required,
        "datatype_description": question.help_text,
        "order": order,
        "description": question.label,
    }
    if question.options:
        found["values"] = [{"key": one, "name": one} for one in question.options]
    return found


def made(row: Open311Request, notice: str) -> dict[str, Any]:
    """The answer to a POST: the number of the case, or else the token."""
    named = {"service_request_id": row.case.case_no} if row.case else {"token": row.pk}
    return {
        **{name: str(value) for name, value in named.items()},
        "service_notice": notice,
        "account_id": row.account_id,
    }


def token(row: Open311Request) -> dict[str, Any]:
    return {
        "service_request_id": row.case.case_no if row.case else "",
        "token": str(row.pk),
    }


def request(case: Case, beside: Beside) -> dict[str, Any]:
    """The case was read with its names (`reads.listed`)."""
    is_open = case.is_open
    return {
        "service_request_id": case.case_no,
        "status": status_of(is_open=is_open),
        "status_notes": notes_of(case.state),
        "service_name": case.category.name,
        "service_code": str(case.category_id),
        "description": _description(case, beside),
        "agency_responsible": case.holder_org.name if case.holder_org else "",
        "service_notice": "",
        "requested_datetime": case.reported_at,
        "updated_datetime": case.updated_at if is_open else _closed(case),
        "expected_datetime": beside.expected.get(case.pk) if is_open else None,
        "address": _address(case, beside),
        "address_id": case.placement_code,
        "zipcode": "",
        **_place(case, beside),
        "media_url": _media_url(case, beside),
        **(_extensions(case, beside) if beside.steps is not None else {}),
    }


def _extensions(case: Case, beside: Beside) -> dict[str, Any]:
    """What `extensions=true` adds (FEATURES 2.3): the answers and the pictures of what
    came in by this door, and of every case where it lies and how it went."""
    steps = (beside.steps or {}).get(case.pk, [])
    places = {
        name: area.name
        for name in ("district", "street", "community", "grid")
        if (area := getattr(case, name)) is not None
    }
    return {
        "attributes": _answers(case) if case.pk in beside.requests else [],
        "extended_attributes": {
            "status": extended("", case.state),
            **places,
            "photos": _photos(case, beside),
        },
        "notes": [_note(event, case) for event in steps],
    }


def _answers(case: Case) -> list[dict[str, Any]]:
    """The extra questions with what was answered, each answer one value."""
    found = []
    for one in case.answers:
        said = one["answer"] if isinstance(one["answer"], list) else [one["answer"]]
        values = [{"key": hidden(word), "name": hidden(word)} for word in said]
        code = f"q{one['question']}"
        found.append({"code": code, "description": one["label"], "values": values})
    return found


def _photos(case: Case, beside: Beside) -> list[dict[str, Any]]:
    sent = beside.requests.get(case.pk)
    batches = [*([sent.pk] if sent else []), *beside.batches.get(case.pk, [])]
    return [
        {"id": str(photo.pk), "media_url": beside.photo_url(photo)}
        for batch in batches
        for photo in beside.photos.get(batch, [])
    ]


def _note(event: Event, case: Case) -> dict[str, Any]:
    status, said = _told(event, case)
    return {"datetime": event.at, "description": said, "type": status}


def _closed(case: Case) -> datetime:
    return case.closed_at or case.updated_at


def _description(case: Case, beside: Beside) -> str:
    sent = beside.requests.get(case.pk)
    if sent is None:
        return _("%(community)s：%(category)s") % {
            "community": case.community.name, "category": case.category.name,
        }  # fmt: skip
    return hidden(sent.description) or case.category.name


def hidden(text: str) -> str:
    """The text with telephone and identity numbers made unreadable."""
    return _NUMBERS.sub(lambda found: f"{found[1]}****{found[2]}", text)


def _address(case: Case, beside: Beside) -> str:
    sent = beside.requests.get(case.pk)
    if sent is not None:
        return hidden(sent.address or case.address)
    return f"{case.community.name} {case.street.name}"


def _place(case: Case, beside: Beside) -> dict[str, float | None]:
    if case.point is None:
        return {"lat": None, "long": None}
    long, lat = case.point.x, case.point.y
    if case.pk not in beside.requests:
        long, lat = blurred(long, lat, beside.blur_m)
    return {"lat": round(lat, DECIMALS), "long": round(long, DECIMALS)}


def _media_url(case: Case, beside: Beside) -> str:
    sent = beside.requests.get(case.pk)
    if sent is None:
        return ""
    photos = beside.photos.get(sent.pk)
    if photos:
        return beside.photo_url(photos[0])
    return sent.media_urls[0] if sent.media_urls else ""


def update(event: Event, case: Case, media_url: str) -> dict[str, Any]:
    """A step of a case, or a supplement that a client posted."""
    status, said = _told(event, case)
    return {
        "update_id": str(event.pk),
        "service_request_id": case.case_no,
        "status": status,
        "updated_datetime": event.at,
        "description": said,
        "media_url": media_url,
    }


def _told(event: Event, case: Case) -> tuple[str, str]:
    """The word of the extension for a step, and what residents read of it."""
    state = event.detail.get("to") or event.detail.get("state") or case.state
    posted = event.action == "cases.supplement"
    said = hidden(event.detail["opinion"]) if posted else notes_of(state)
    return extended(event.action, state), said


def taken(row: Open311Update) -> dict[str, Any]:
    return {"update_id": str(row.event_id), "account_id": row.account_id}


def endpoint(url: str, changeset: str, kind: str) -> dict[str, Any]:
    return {
        "specification": SPECIFICATION,
        "url": url,
        "changeset": changeset,
        "type": kind,
        "formats": ["text/xml", "application/json"],
    }
