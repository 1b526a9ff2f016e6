"""The figures of docs/duplicates.md, from the real messages and the labelled pairs."""

import csv
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from cases.likeness import LIKE
from cases.management.commands import measure_duplicates as measure

MESSAGES = Path(__file__).resolve().parents[3] / "shared/data/messages/hotspot_4326.csv"
PAGE = settings.BASE_DIR / "docs" / "duplicates.md"

needs_messages = pytest.mark.skipif(
    not MESSAGES.is_file(), reason=f"real messages are not there: {MESSAGES}"
)


@pytest.fixture(scope="module")
def pairs():
    return measure.read_pairs(measure.read_messages(MESSAGES))


@pytest.mark.real_data
@needs_messages
def test_the_page_shows_what_is_measured(capsys):
    call_command("measure_duplicates", str(MESSAGES))
    page = PAGE.read_text()
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert len(lines) == 28
    assert [line for line in lines if line not in page] == []


@pytest.mark.real_data
@needs_messages
def test_the_threshold_in_use_is_the_best_of_the_dev_half(pairs):
    dev = [pair for pair in pairs if pair.part == "dev"]
    best = max(measure.THRESHOLDS, key=lambda value: measure.figures(dev, value).f1)
    assert best == LIKE


@pytest.mark.real_data
@needs_messages
def test_what_was_held_out_is_found_well_enough(pairs):
    held = measure.figures((p for p in pairs if p.part == "held_out"), LIKE)
    assert held.precision > 0.85
    assert held.recall > 0.8


def labels():
    with measure.LABELS.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_labels_are_numbers_and_codes_only_and_enough():
    rows = labels()
    assert len({(row["message"], row["other"]) for row in rows}) == len(rows) >= 200
    for row in rows:
        assert row["message"].isdecimal() and row["other"].isdecimal()
        assert row["duplicate"] == ("1" if row["rule"][0] == "P" else "0")
        assert row["rule"] in ("P1", "P2", "P3", "N1", "N2", "N3", "N4")


def test_no_message_is_in_both_halves():
    halves = {"dev": set(), "held_out": set()}
    for row in labels():
        halves[row["part"]] |= {row["message"], row["other"]}
    assert not halves["dev"] & halves["held_out"]
    assert all(len(half) > 100 for half in halves.values())


def test_figures_count_found_false_and_missed():
    said = [(0.9, True), (0.9, False), (0.1, True), (0.1, False), (LIKE, True)]
    pairs = [measure.Pair(value, same, "1", "dev", "") for value, same in said]
    got = measure.figures(pairs, LIKE)
    assert (got.found, got.false, got.missed) == (2, 1, 1)
    assert got.precision == pytest.approx(2 / 3)
    assert got.recall == pytest.approx(2 / 3)
    assert got.f1 == pytest.approx(2 / 3)


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(CommandError, match=r"nowhere\.csv"):
        call_command("measure_duplicates", "nowhere.csv")
