"""What changed on a case since it was opened: fields before and after, and by whom.

A page keeps what was seen as a signed token in its form, so that whoever is told
“somebody was faster” sees the difference instead of searching for it (FEATURES 50).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import story
from cases.models import Case
from cases.workflow import State
from governance.models import Event

SALT = "cases.difference"


def _moment(at: datetime | None) -> str:
    return str(date_format(localtime(at), "Y-m-d H:i")) if at else ""


def _holder(case: Case) -> str:
    names = [case.holder_org, case.holder_user]
    return " · ".join(one.name for one in names if one is not None)


FIELDS: dict[str, tuple[Any, Callable[[Case], str]]] = {
    "state": (gettext_lazy("状态"), lambda case: case.state),
    "holder": (gettext_lazy("现由谁办"), _holder),
    "due_at": (gettext_lazy("最近时限"), lambda case: _moment(case.due_at)),
    "urgent": (gettext_lazy("紧急"), lambda case: "1" if case.urgent else "0"),
    "category": (gettext_lazy("小类"), lambda case: case.category.name),
    "condition": (
        gettext_lazy("立案条件"),
        lambda case: case.condition.text if case.condition else "",
    ),
    "address": (gettext_lazy("地址"), lambda case: case.address),
    "description": (gettext_lazy("问题描述"), lambda case: case.description),
}


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """`changes` of fields, and the `entries` of the journal meanwhile, newest first."""

    changes: list[Change]
    entries: list[story.Entry]

    def __bool__(self) -> bool:
        return bool(self.changes or self.entries)


def seen(case: Case) -> str:
    """The token of a case as it is shown now."""
    last = Event.objects.filter(chain=case.chain).aggregate(last=Max("seq"))["last"]
    return signing.dumps(
        {"case": case.pk, "seq": last or 0, "fields": _facts(case)},
        salt=SALT,
        compress=True,
    )


def since(token: str, case: Case) -> Difference | None:
    """What is different now; None without a token of this case."""
    kept = _read(token, case)
    if kept is None:
        return None
    now, before = _facts(case), kept["fields"]
    changes = [
        Change(str(label), _said(name, before.get(name, "")), _said(name, now[name]))
        for name, (label, _of) in FIELDS.items()
        if before.get(name, "") != now[name]
    ]
    return Difference(changes, story.timeline(case, after=kept["seq"]))


def last_seen(token: str, case: Case) -> int | None:
    """Which was the last Event when the page was opened; None without a token of it."""
    kept = _read(token, case)
    return int(kept["seq"]) if kept is not None else None


def _read(token: str, case: Case) -> dict[str, Any] | None:
    try:
        kept: dict[str, Any] = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return kept if kept["case"] == case.pk else None


def _facts(case: Case) -> dict[str, str]:
    return {name: of(case) for name, (_label, of) in FIELDS.items()}


def _said(name: str, value: str) -> str:
    if name == "state" and value in State.values:
        return str(State(value).label)
    if name == "urgent":
        return _("是") if value == "1" else _("否")
    return value or "—"
