"""Compute every deadline again from the journal; exit status 1 when one differs."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from cases.models import Case, CaseClock
from cases.querysets.journal import Facts, with_journal
from cases.replay import Difference, differences, nearest_due, replay
from cases.workflow import BESIDE, Stage
from governance import calendar, clock
from governance.calendar import MissingCalendar, WorkCalendar


class Command(BaseCommand):
    help = "按流水和工作日历重算全部时限，逐条列出与现存不一致的；只看不改。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="连同已办结的案件")
        parser.add_argument("--case", help="只重算这一件，例如 440305-20261122-00001")

    def handle(
        self, *args: Any, all: bool, case: str | None = None, **options: Any
    ) -> None:
        chosen = Case.objects.all() if all or case else Case.objects.open()
        if case:
            chosen = chosen.filter(case_no=case.replace("-", ""))
        known = _calendar()
        began, cases, found = time.monotonic(), 0, 0
        for one, facts in with_journal(chosen):
            cases += 1
            for line in _faults(one, facts, known):
                self.stdout.write(f"{one.display_no} {line}")
                found += 1
        self.stdout.write(_summary(cases, found, time.monotonic() - began))
        if found:
            raise CommandError(_("发现 %(n)d 处不一致。") % {"n": found})


def _calendar() -> WorkCalendar:
    """All that is known since the first clock was started, read once."""
    first = CaseClock.objects.order_by("started_at").values_list(
        "started_at", flat=True
    )
    return calendar.load(first.first() or clock.now())


def _faults(case: Any, facts: Facts, known: WorkCalendar) -> Iterator[str]:
    try:
        ran = replay(facts, known)
    except MissingCalendar as missing:
        yield str(missing)
        return
    for one in differences(case.clock_rows, ran):
        yield _line(one)
    due = nearest_due(ran.values(), BESIDE)
    if due != case.due_at:
        yield _line(Difference(None, _("案件"), "due_at", case.due_at, due))


def _line(one: Difference) -> str:
    return _("%(stage)s %(clock)s %(name)s：现存 %(stored)s，重算 %(replayed)s") % {
        "stage": Stage(one.stage).label if one.clock else one.stage,
        "clock": f"#{one.clock}" if one.clock else "",
        "name": one.name,
        "stored": _said(one.stored),
        "replayed": _said(one.replayed),
    }


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(calendar.ZONE).isoformat(" ")
    return "—" if value is None else str(value)


def _summary(cases: int, found: int, seconds: float) -> str:
    return _(
        "重算 %(cases)d 件，%(found)d 处不一致，用时 %(s).1f 秒"
        "（每 10 万件 %(per).0f 秒）。"
    ) % {
        "cases": cases,
        "found": found,
        "s": seconds,
        "per": seconds / max(cases, 1) * 100_000,
    }
