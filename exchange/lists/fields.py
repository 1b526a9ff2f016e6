"""Columns of a list, and the list itself ready to be written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from exchange.actions import Outgoing

CHUNK = 2000
Ask = Any
Show = Callable[[Any], Any]


def as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Field:
    """A column: `path` as querysets have it, `show` made once for each export.

    Only these values are read, not the rows with all their areas and shapes: that is
    five times as fast.
    """

    name: str
    path: str
    width: int = 16
    show: Callable[[], Show] = lambda: as_it_is


def word_of(choices: Any) -> Callable[[], Show]:
    """The word of a value, in the language of whoever asks."""

    def show() -> Show:
        words = {one.value: str(one.label) for one in choices}
        return lambda value: words.get(value, value)

    return show


def out(
    label: Any, fields: Sequence[Field], found: QuerySet[Any], *, sensitive: bool
) -> Outgoing:
    def rows() -> Iterator[list[Any]]:
        # With the key, so that two rows that say the same stay two.
        read = found.values_list(*(one.path for one in fields), "pk")
        shown = [one.show() for one in fields]
        for values in read.iterator(CHUNK):
            yield [show(value) for show, value in zip(shown, values, strict=False)]

    return Outgoing(
        title=str(label),
        headings=[one.name for one in fields],
        widths=[one.width for one in fields],
        rows=rows,
        n=found.order_by().count(),
        sensitive=sensitive,
    )


class NotYours(Exception):
    """The list exists, and not for this post: becomes a 404."""
