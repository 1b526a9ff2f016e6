"""Measure the likeness of messages against pairs that people labelled.

    python manage.py measure_duplicates ../shared/data/messages/hotspot_4326.csv

The labels (tests/data/duplicate_pairs.csv) hold the numbers of messages, never their
words; docs/duplicates.md explains them and shows what this command prints.
"""

import csv
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.likeness import LIKE, Limits, Marks, likeness, marks

LABELS = settings.BASE_DIR / "tests" / "data" / "duplicate_pairs.csv"
THRESHOLDS = (0.10, 0.14, 0.16, 0.18, 0.20, 0.22, 0.25, 0.30, 0.40, 0.50)
BANDS = (0.05, 0.10, 0.15, 0.20, 0.25, 0.40, 0.70, 1.01)
COLUMNS = ("留言编号", "留言主题", "留言时间", "留言详情")


@dataclass(frozen=True)
class Message:
    marks: Marks
    at: datetime


@dataclass(frozen=True)
class Pair:
    """Two messages as a person judged them; `campaign` names one of two floods."""

    likeness: float
    duplicate: bool
    sample: str
    part: str
    campaign: str


@dataclass(frozen=True)
class Figures:
    found: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        return self.found / ((self.found + self.false) or 1)

    @property
    def recall(self) -> float:
        return self.found / ((self.found + self.missed) or 1)

    @property
    def f1(self) -> float:
        return 2 * self.found / ((2 * self.found + self.false + self.missed) or 1)


def read_messages(path: Path) -> dict[str, Message]:
    """The messages by number: their subject and text, run together."""
    number, subject, at, text = COLUMNS
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return {
            row[number]: Message(
                marks(" ".join(f"{row[subject]} {row[text]}".split())), _when(row[at])
            )
            for row in csv.DictReader(lines)
        }


def _when(text: str) -> datetime:
    form = "%Y-%m-%d %H:%M:%S" if "-" in text else "%Y/%m/%d %H:%M:%S"
    return datetime.strptime(text.strip(), form).replace(tzinfo=UTC)


def read_pairs(messages: dict[str, Message]) -> list[Pair]:
    with LABELS.open(newline="") as lines:
        return [
            Pair(
                likeness(messages[row["message"]].marks, messages[row["other"]].marks),
                row["duplicate"] == "1",
                row["sample"],
                row["part"],
                row["campaign"],
            )
            for row in csv.DictReader(lines)
        ]


def figures(pairs: Iterable[Pair], threshold: float) -> Figures:
    found = false = missed = 0
    for pair in pairs:
        said = pair.likeness >= threshold
        found += said and pair.duplicate
        false += said and not pair.duplicate
        missed += pair.duplicate and not said
    return Figures(found, false, missed)


def likeness_in_window(messages: dict[str, Message]) -> Iterator[float]:
    """The likeness of every two messages that came within the finder's days."""
    window = timedelta(days=Limits().days)
    ordered = sorted(messages.values(), key=lambda one: one.at)
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if other.at - one.at > window:
                break
            yield likeness(one.marks, other.marks)


def threshold_table(pairs: list[Pair]) -> list[str]:
    """Markdown: precision, recall and F1 of the two halves at each threshold."""
    lines = [
        "| threshold | dev P | R | F1 | held-out P | R | F1 |",
        "|---|---|---|---|---|---|---|",
    ]
    halves = [[p for p in pairs if p.part == part] for part in ("dev", "held_out")]
    for threshold in THRESHOLDS:
        cells = [
            f"{value:.3f}"
            for half in halves
            for got in [figures(half, threshold)]
            for value in (got.precision, got.recall, got.f1)
        ]
        mark = "**" if threshold == LIKE else ""
        name = f"{mark}{threshold:.2f}{mark}"
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def summary_table(pairs: list[Pair]) -> list[str]:
    """Markdown: the figures at the threshold in use, by part of the labelled pairs."""
    held = [pair for pair in pairs if pair.part == "held_out"]
    parts = (
        ("dev half", [pair for pair in pairs if pair.part == "dev"]),
        ("held-out half", held),
        ("held-out, no campaign", [pair for pair in held if not pair.campaign]),
        ("all", pairs),
        ("second sample", [pair for pair in pairs if pair.sample == "2"]),
    )
    lines = [
        "| pairs | number | duplicates | found | false | missed | P | R | F1 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, some in parts:
        got = figures(some, LIKE)
        lines.append(
            f"| {name} | {len(some)} | {got.found + got.missed} | {got.found} | "
            f"{got.false} | {got.missed} | {got.precision:.3f} | {got.recall:.3f} | "
            f"{got.f1:.3f} |"
        )
    return lines


def band_table(pairs: list[Pair], everywhere: Iterable[float]) -> list[str]:
    """Markdown: how many pairs of the file are so alike, how many of them are one."""
    second = [pair for pair in pairs if pair.sample == "2"]
    bands = list(itertools.pairwise(BANDS))
    counts = [0] * len(bands)
    for value in everywhere:
        for place, (low, high) in enumerate(bands):
            counts[place] += low <= value < high
    lines = [
        "| likeness | pairs in the file | labelled | of them duplicates |",
        "|---|---|---|---|",
    ]
    for (low, high), count in zip(bands, counts, strict=True):
        some = [pair for pair in second if low <= pair.likeness < high]
        same = sum(pair.duplicate for pair in some)
        top = min(high, 1.0)
        lines.append(f"| {low:.2f}–{top:.2f} | {count} | {len(some)} | {same} |")
    return lines


class Command(BaseCommand):
    help = "Precision and recall of the text likeness on the labelled pairs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("messages", type=Path)

    def handle(self, *args: Any, messages: Path, **options: Any) -> None:
        if not messages.is_file():
            raise CommandError(f"{messages} is not there; see docs/duplicates.md.")
        known = read_messages(messages)
        pairs = read_pairs(known)
        tables = (
            threshold_table(pairs),
            summary_table(pairs),
            band_table(pairs, likeness_in_window(known)),
        )
        self.stdout.write("\n\n".join("\n".join(table) for table in tables))
