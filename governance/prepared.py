"""Reads of one shape that many pages send: built once, sent again with other values.

To put a query together costs Django more than it costs PostgreSQL to answer it, where
few rows are found by an index. Such a read is written as a queryset like any other,
with `given("name")` where a value comes in; what Django makes of it is kept for as long
as the process lives.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet
from django.db.models.expressions import Combinable, RawSQL


class _Given:
    def __init__(self, name: str):
        self.name = name


def given(name: str) -> RawSQL:
    """The place of a value in a condition: `filter(user=given("user"))`."""
    return RawSQL("%s", (_Given(name),))


def any_of(field: str, name: str) -> Q:
    """The field is one of a list of values: `any_of("case", "cases")`."""
    return element_of(field, given(name))


def element_of(field: str, array: Combinable) -> Q:
    """The field is one of an array, which is sent or made once for all rows."""
    return Q(
        Func(
            F(field),
            array,
            template="(%(expressions)s))",
            arg_joiner=" = ANY(",
            output_field=BooleanField(),
        )
    )


class Prepared:
    """A queryset that is built at its first use, and the fields that are read.

    Values arrive as the database driver gives them, so fields of numbers, texts, truth
    values and moments may be read, not geometry, JSON and what else Django converts.
    """

    def __init__(self, build: Callable[[], QuerySet[Any]], *fields: str):
        self.build = build
        self.fields = fields

    @cached_property
    def _made(self) -> tuple[type[Any], str, tuple[Any, ...]]:
        chosen = self.build().values_list(*self.fields)
        sql, values = chosen.query.get_compiler(connection=connection).as_sql()
        return chosen.model, sql, tuple(values)

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """A tuple of the fields for each row; KeyError for a value not given."""
        _model, sql, marked = self._made
        sent = [values[one.name] if isinstance(one, _Given) else one for one in marked]
        with connection.cursor() as cursor:
            cursor.execute(sql, sent)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def objects(self, **values: Any) -> list[Any]:
        """Instances that know the fields read; another is read when asked for."""
        model, rows = self._made[0], self.rows(**values)
        alias, places = connection.alias, self._places
        return [
            model.from_db(alias, self.fields, [row[place] for place in places])
            for row in rows
        ]

    @cached_property
    def _places(self) -> list[int]:
        """`from_db` takes values in the order of the model's own fields."""
        own = [field.attname for field in self._made[0]._meta.concrete_fields]
        return sorted(range(len(self.fields)), key=lambda i: own.index(self.fields[i]))
