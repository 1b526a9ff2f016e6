"""The names that a row of a desk shows, read without putting four queries together.

Beside `CaseQuerySet.with_names`, which gives whole objects: here they know their names
alone, and read what else is asked of them.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import apps

from governance.prepared import Prepared, any_of


def _named(model: str, *fields: str) -> Prepared:
    return Prepared(
        lambda: apps.get_model(model).objects.filter(any_of("id", "ids")).order_by(),
        "id",
        *fields,
    )


_NAMES = {
    "category": _named("cases.Category", "name"),
    "community": _named("grids.Area", "name", "short_name"),
    "holder_org": _named("parties.Organisation", "name", "short_name"),
    "holder_user": _named("parties.User", "name"),
}


def give_names(cases: Iterable[Any]) -> None:
    """Category, community, unit and person in hand of each, a query for each kind."""
    listed = list(cases)
    for relation, named in _NAMES.items():
        ids = {getattr(case, f"{relation}_id") for case in listed} - {None}
        known = {one.pk: one for one in named.objects(ids=list(ids))} if ids else {}
        for case in listed:
            pk = getattr(case, f"{relation}_id")
            case._state.fields_cache[relation] = known[pk] if pk is not None else None
