"""The journal of many cases at a time, for computing their clocks again."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.apps import apps

from governance.models import Event

BATCH = 1000
Facts = list[tuple[datetime, dict[str, Any]]]


def with_journal(cases: Any) -> Iterator[tuple[Any, Facts]]:
    """Each case with its clocks read and its (instant, detail) pairs in order.

    Three queries for each thousand cases; no more than those are held at a time.
    """
    clocks = apps.get_model("cases.CaseClock").objects
    ids = cases.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH)
    while some := list(islice(ids, BATCH)):
        found = cases.model.objects.filter(pk__in=some).order_by("pk")
        rows: dict[int, list[Any]] = {pk: [] for pk in some}
        for clock in clocks.filter(case__in=some).order_by("pk"):
            rows[clock.case_id].append(clock)
        facts: dict[str, Facts] = {f"case:{pk}": [] for pk in some}
        events = Event.objects.filter(
            chain__in=facts.keys(), detail__has_key="clocks"
        ).order_by("chain", "seq")
        for chain, at, detail in events.values_list("chain", "at", "detail"):
            facts[chain].append((at, detail))
        for case in found:
            case.clock_rows = rows[case.pk]
            yield case, facts[case.chain]
