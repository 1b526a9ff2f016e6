"""A sentence that was said in Chinese, in English too, from the same translations.

Programs receive each refusal in both languages, though it was raised in one: the words
are looked up again, with what was filled in taken from the sentence itself.
"""

import re
from functools import cache

from django.utils.translation import trans_real

HOLE = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
SENTENCE = re.compile(r"[^。；]+[。；]?")
CHINESE = re.compile(r"[\u3400-\u9fff]")
UNKNOWN = "The request was refused; see the Chinese message."


def english(text: str) -> str:
    """The English of a Chinese sentence; one in English already stays as it is."""
    if not CHINESE.search(text):
        return text
    whole = _looked_up(text)
    if whole:
        return whole
    parts = [_looked_up(one) for one in SENTENCE.findall(text)]
    return " ".join(parts) if all(parts) and parts else UNKNOWN


def _looked_up(text: str) -> str:
    exact, shapes = _phrases()
    if text in exact:
        return exact[text]
    for shape, names, translated in shapes:
        if found := shape.fullmatch(text):
            return _filled(translated, dict(zip(names, found.groups(), strict=True)))
    return ""


def _filled(translated: str, given: dict[str, str]) -> str:
    """With what stood in the holes, in English where it is a known word itself."""
    words = _phrases()[0]

    def inside(hole: re.Match[str]) -> str:
        word = given.get(hole[1] or hole[2], "")
        return words.get(word, word)

    return HOLE.sub(inside, translated)


@cache
def _phrases() -> tuple[dict[str, str], list[tuple[re.Pattern[str], list[str], str]]]:
    """Whole sentences, and those with holes, the longest first."""
    exact: dict[str, str] = {}
    shapes: list[tuple[str, str]] = []
    for said, translated in _pairs():
        if not HOLE.search(said):
            exact.setdefault(said, translated)
        elif len(HOLE.sub("", said)) > 1:
            shapes.append((said, translated))
    shapes.sort(key=lambda pair: -len(HOLE.sub("", pair[0])))
    return exact, [(*_shape(said), translated) for said, translated in shapes]


def _pairs() -> list[tuple[str, str]]:
    """Ours are Chinese at the source; those of Django are English at the source."""
    ours = [
        (said.partition("\x04")[2] or said, translated)
        for said, translated in trans_real.translation("en")._catalog.items()  # type: ignore[attr-defined]
        if isinstance(said, str) and translated and CHINESE.search(said)
    ]
    theirs = [
        (translated, said)
        for said, translated in trans_real.translation("zh-hans")._catalog.items()  # type: ignore[attr-defined]
        if isinstance(said, str) and translated and not CHINESE.search(said)
        and CHINESE.search(translated) and "\x04" not in said
    ]  # fmt: skip
    return ours + theirs


def _shape(said: str) -> tuple[re.Pattern[str], list[str]]:
    pattern, names, end = "", [], 0
    for hole in HOLE.finditer(said):
        pattern += re.escape(said[end : hole.start()]) + "(.*?)"
        names.append(hole[1] or hole[2])
        end = hole.end()
    return re.compile(pattern + re.escape(said[end:]), re.DOTALL), names
