"""Full-text search of cases by pairs of neighbouring characters (DESIGN §6).

Chinese has no spaces and most of its words have two characters, so what is indexed is
each pair: the SQL function `case_bigrams` turns a text into numbers, one for each
pair, and a GIN index holds those of address and description. It is an index over an
expression, so no action has to keep it right. A longer word must contain all its
pairs and is then compared itself. Names of categories and units are looked up in their
own small tables, a number by its beginning or its end; each way has its index, so that
PostgreSQL can unite them.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.db.models import BooleanField, Func, Q, Value
from django.db.models.functions import Right
from django.db.models.lookups import Exact

from governance.calendar import ZONE

WORDS = 5
NUMBER = 4  # digits of the index over the ends of case numbers
DATE = 8
PAIR = 2


def bigrams(*texts: Any) -> Func:
    """The pairs of two texts as numbers, as the index `case_bigrams` holds them."""
    return Func(*texts, function="case_bigrams")


def matching(word: str) -> Q:
    """Cases with this word in address or description, in the name of the category or
    of the unit that holds them, or with this number or day (`20261122`)."""
    return _written(word) | _named(word) | _numbered(word)


def at_address(address: str) -> Q:
    """Cases with exactly this address, found by its pairs."""
    return _written(address) & Q(address=address)


def _written(word: str) -> Q:
    here = Q(address__icontains=word) | Q(description__icontains=word)
    if len(word) < PAIR:
        return here
    pairs = Func(
        bigrams("address", "description"),
        bigrams(Value(word), Value("")),
        template="(%(expressions)s)",
        arg_joiner=" @> ",
        output_field=BooleanField(),
    )
    return Q(pairs) & here


def _named(word: str) -> Q:
    return Q(category__in=_ids("cases.Category", Q(name__icontains=word))) | Q(
        holder_org__in=_ids(
            "parties.Organisation",
            Q(name__icontains=word) | Q(short_name__icontains=word),
        )
    )


def _ids(model: str, condition: Q) -> list[int]:
    """Read first: an index can be united with others for known ids, not for a query."""
    found: Any = apps.get_model(model).objects.filter(condition)
    return list(found.values_list("pk", flat=True))


def _numbered(word: str) -> Q:
    """The number here, or the whole of the one in the system it came from."""
    there, digits = Q(external_no=word), word.replace("-", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) >= NUMBER):
        return there
    ends = Q(Exact(Right("case_no", NUMBER), Value(digits[-NUMBER:])))
    return (
        there
        | Q(case_no__startswith=digits)
        | (ends & Q(case_no__endswith=digits))
        | _filed_on(digits)
    )


def _filed_on(digits: str) -> Q:
    if len(digits) != DATE:
        return Q(pk__in=())
    try:
        begun = datetime.combine(date.fromisoformat(digits), time(), ZONE)
        over = begun + timedelta(days=1)
    except (ValueError, OverflowError):
        return Q(pk__in=())
    return Q(reported_at__gte=begun, reported_at__lt=over)
