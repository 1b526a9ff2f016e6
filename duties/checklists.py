"""A checklist form: its questions as JSON on the task, and the answers to them.

A question is {"key", "text", "kind", "required", "options", "abnormal", "category"};
`abnormal` lists the answers that make a record abnormal, `category` is the id of the
case category to report it under. Pure: no queries.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

YES, NO = "yes", "no"
YES_NO = {YES: _("是"), NO: _("否")}


class QuestionKind(TextChoices):
    YES_NO = "yes_no", _("是否")
    CHOICE = "choice", _("单选")
    TEXT = "text", _("文字")
    PHOTO = "photo", _("照片")


def question(
    number: int,
    *,
    text: str,
    kind: str,
    required: bool = True,
    options: Iterable[str] = (),
    abnormal: Iterable[str] = (),
    category: int | None = None,
) -> dict[str, Any]:
    return {
        "key": f"q{number}",
        "text": text,
        "kind": kind,
        "required": required,
        "options": list(options),
        "abnormal": list(abnormal),
        "category": category,
    }


def choices(asked: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What may be answered to a question of choice."""
    if asked["kind"] == QuestionKind.YES_NO:
        return list(YES_NO.items())
    return [(option, option) for option in asked["options"]]


def answered(
    questions: Iterable[Mapping[str, Any]], given: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The answers as they are kept: self-contained, each says whether it is abnormal.

    A photo question is answered by how many photos came with the record.
    """
    return [
        {
            "key": asked["key"],
            "text": asked["text"],
            "kind": asked["kind"],
            "answer": given.get(asked["key"]) or "",
            "abnormal": (given.get(asked["key"]) or "") in asked["abnormal"],
            "category": asked["category"],
        }
        for asked in questions
    ]


def missing(
    questions: Iterable[Mapping[str, Any]], given: Mapping[str, Any], photos: int
) -> Mapping[str, Any] | None:
    """The first required question without an answer."""
    for asked in questions:
        if not asked["required"]:
            continue
        is_photo = asked["kind"] == QuestionKind.PHOTO
        if (is_photo and not photos) or (
            not is_photo and not str(given.get(asked["key"]) or "").strip()
        ):
            return asked
    return None


def spoken(answer: Mapping[str, Any]) -> str:
    """An answer as people read it."""
    if answer["kind"] == QuestionKind.YES_NO:
        return str(YES_NO.get(answer["answer"], "—"))
    return str(answer["answer"] or "—")
