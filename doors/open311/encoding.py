"""One tree of answers, spelled as XML or as JSON.

GeoReport v2 defines XML and takes JSON from it by the Spark convention: a container of
repeating elements becomes a bare array, an empty element becomes null, and the root has
no name. So an answer is built once, of dicts and lists, and written either way.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from django.utils import timezone

XML, JSON = "xml", "json"
CONTENT_TYPES = {
    XML: "text/xml; charset=utf-8",
    JSON: "application/json; charset=utf-8",
}
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
# The element that repeats in each container.
ITEMS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "notes": "note",
    "photos": "photo",
}
# What XML 1.0 cannot hold, escaped or not.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Answer:
    """What is answered: the name of the root element and what stands in it;
    `retry_after` in seconds where one asked too often."""

    root: str
    body: Any
    status: int = 200
    retry_after: int = 0


def plain(text: str) -> str:
    """The text without what neither XML nor the database can hold."""
    return _UNWRITABLE.sub("", text)


def written(answer: Answer, form: str) -> str:
    if form == JSON:
        return json.dumps(_bare(answer.body), ensure_ascii=False)
    return DECLARATION + _element(answer.root, answer.body)


def instant(at: datetime) -> str:
    """W3C date and time with its zone, in local time: 2026-11-23T09:00:00+08:00."""
    return timezone.localtime(at).isoformat(timespec="seconds")


def _bare(value: Any) -> Any:
    """The Spark convention: what would be an empty element is null."""
    if isinstance(value, dict):
        return {name: _bare(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, str):
        return plain(value) or None
    return value


def _element(name: str, value: Any) -> str:
    inner = _inner(name, value)
    return f"<{name}>{inner}</{name}>" if inner else f"<{name}/>"


def _inner(name: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case dict():
            return "".join(_element(key, one) for key, one in value.items())
        case list():
            return "".join(_element(ITEMS[name], one) for one in value)
        case datetime():
            return instant(value)
    return escape(plain(str(value)))
