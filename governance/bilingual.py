"""A sentence that was said in Chinese, in English too, from the same translations.

Programs receive each refusal in both languages, though it was raised in one: the words
are looked up again, with what was filled in taken from the sentence itself.
"""

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.utils.translation import trans_real

HOLE = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
SENTENCE = re.compile(r"[^。；]+[。；]?")
CHINESE = re.compile(r"[\u3400-\u9fff]")
LONGEST = 2000
UNKNOWN = "The request was refused; see the Chinese message."


class Shape(NamedTuple):
    """A sentence with holes: what stands around them, their names, its English."""

    parts: list[str]
    names: list[str]
    translated: str


@lru_cache(maxsize=1000)
def english(text: str) -> str:
    """The English of a Chinese sentence; one in English already stays as it is.

    A sentence may quote what somebody sent, of any length: beyond LONGEST it is not
    looked for.
    """
    if not CHINESE.search(text):
        return text
    if len(text) > LONGEST:
        return UNKNOWN
    whole = _looked_up(text)
    if whole:
        return whole
    parts = [_looked_up(one) for one in SENTENCE.findall(text)]
    return " ".join(parts) if all(parts) and parts else UNKNOWN


def _looked_up(text: str) -> str:
    exact, shapes = _phrases()
    if text in exact:
        return exact[text]
    for shape in shapes:
        found = _between(shape.parts, text)
        if found is not None:
            given = dict(zip(shape.names, found, strict=True))
            return _filled(shape.translated, given)
    return ""


def _between(parts: list[str], text: str) -> list[str] | None:
    """What stands in the holes, each as short as can be; None for another sentence.

    No regular expression: with several holes one would try them all against each other.
    """
    first, *middle, last = parts
    here, end = len(first), len(text) - len(last)
    if here > end or not (text.startswith(first) and text.endswith(last)):
        return None
    found = []
    for part in middle:
        there = text.find(part, here, end)
        if there < 0:
            return None
        found.append(text[here:there])
        here = there + len(part)
    return [*found, text[here:end]]


def _filled(translated: str, given: dict[str, str]) -> str:
    """With what stood in the holes, in English where it is a known word itself."""
    words = _phrases()[0]

    def inside(hole: re.Match[str]) -> str:
        word = given.get(hole[1] or hole[2], "")
        return words.get(word, word)

    return HOLE.sub(inside, translated)


@cache
def _phrases() -> tuple[dict[str, str], list[Shape]]:
    """Whole sentences, and those with holes, the longest first."""
    exact: dict[str, str] = {}
    shapes: list[Shape] = []
    for said, translated in _pairs():
        if not HOLE.search(said):
            exact.setdefault(said, translated)
        elif len(HOLE.sub("", said)) > 1:
            parts, names = HOLE.split(said)[::3], HOLE.finditer(said)
            shapes.append(Shape(parts, [one[1] or one[2] for one in names], translated))
    shapes.sort(key=lambda shape: -sum(map(len, shape.parts)))
    return exact, shapes


def _pairs() -> list[tuple[str, str]]:
    """Ours are Chinese at the source; those of Django are English at the source."""
    ours = [
        (said.partition("\x04")[2] or said, translated)
        for said, translated in _catalog("en")
        if isinstance(said, str) and translated and CHINESE.search(said)
    ]
    theirs = [
        (translated, said)
        for key, translated in _catalog("zh-hans")
        # of one with a plural, which Chinese has not, the key says which form it is
        if (said := key if isinstance(key, str) else key[0])
        and translated and not CHINESE.search(said)
        and CHINESE.search(translated) and "\x04" not in said
    ]  # fmt: skip
    return ours + theirs


def _catalog(language: str) -> list[tuple[Any, str]]:
    """What is translated into a language; Django keeps it to itself."""
    known: Any = trans_real.translation(language)
    return list(known._catalog.items())
