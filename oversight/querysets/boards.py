"""Which categories stand on which board."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from cases.models import Category

NONE = 0


@dataclass(frozen=True)
class Field:
    """A board with the ids of its categories; `NONE` keys what stands on no board."""

    key: int
    name: str
    categories: frozenset[int]
    shows_party_work: bool = False


def fields() -> list[Field]:
    """The boards in their order, and last what stands on none of them, if anything."""
    boards = list(apps.get_model("oversight.Board").objects.order_by("order", "pk"))
    placed = _placed(Category.objects.values_list("pk", "kind", "code5"), _codes())
    found = [
        Field(
            one.pk,
            one.name,
            frozenset(pk for pk, key in placed.items() if key == one.pk),
            one.shows_party_work,
        )
        for one in boards
    ]
    rest = frozenset(pk for pk, key in placed.items() if key == NONE)
    return [*found, Field(NONE, "", rest)]


def _codes() -> dict[tuple[str, str], int]:
    rows = apps.get_model("oversight.BoardCode").objects.all()
    return {(row.kind, row.code): row.board_id for row in rows}


def _placed(
    categories: Iterable[Any], codes: Mapping[tuple[str, str], int]
) -> dict[int, int]:
    """The board of each category: by its 小类, else by its 大类, else none."""
    return {
        pk: codes.get((kind, code5)) or codes.get((kind, code5[:2])) or NONE
        for pk, kind, code5 in categories
    }
