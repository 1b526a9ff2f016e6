"""Answers to the extra questions of a category: are they complete, do they fit?

Pure. A question is anything with `pk`, `label`, `kind`, `options` and `is_required`.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

LONGEST = 500


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"


CHOICE_KINDS = (Kind.CHOICE.value, Kind.CHOICES.value)


def check(
    questions: Iterable[Any], given: Mapping[str, Any], *, all_required: bool = True
) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """What the case keeps, and the sentence for each question that is not right.

    `given` has the answers by the question's id as text; what answers no question of
    the category is left out. Without `all_required` nothing need be answered.
    """
    kept, faults = [], {}
    for question in questions:
        answer = _bare(given.get(str(question.pk)))
        if answer in ("", []):
            if question.is_required and all_required:
                faults[question.pk] = _missing(question)
            continue
        fault = _fault(question, answer)
        if fault:
            faults[question.pk] = fault
        else:
            kept.append(
                {"question": question.pk, "label": question.label, "answer": answer}
            )
    return kept, faults


def _bare(answer: Any) -> str | list[str]:
    if isinstance(answer, (list, tuple)):
        return [text for one in answer if (text := str(one).strip())]
    return "" if answer is None else str(answer).strip()


def _missing(question: Any) -> str:
    if question.kind in CHOICE_KINDS:
        return _("请选择“%(label)s”。") % {"label": question.label}
    return _("请填写“%(label)s”。") % {"label": question.label}


def _fault(question: Any, answer: str | list[str]) -> str:
    """The sentence that says what to do; empty when the answer fits."""
    words = {"label": question.label, "n": LONGEST}
    if (question.kind == Kind.CHOICES) != isinstance(answer, list):
        return _("“%(label)s”的答法不对，请重新填写。") % words
    if question.kind in CHOICE_KINDS:
        chosen = answer if isinstance(answer, list) else [answer]
        unknown = [one for one in chosen if one not in question.options]
        return _("“%(label)s”的选项已经变了，请重新选择。") % words if unknown else ""
    return _unwritten(question.kind, str(answer), words)


def _unwritten(kind: str, answer: str, words: dict[str, Any]) -> str:
    if len(answer) > LONGEST:
        return _("“%(label)s”最多 %(n)d 字。") % words
    if kind == Kind.NUMBER and not _is_number(answer):
        return _("“%(label)s”请填写数字，例如 3 或 2.5。") % words
    if kind == Kind.DATE and not _is_date(answer):
        return _("“%(label)s”请填写日期，例如 2026-11-23。") % words
    return ""


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal() and text.isascii()


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-11-23")
