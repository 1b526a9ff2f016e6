"""A prepared read answers as the queryset it was made of."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance import clock
from governance.models import CalendarYear, Holiday
from governance.prepared import Prepared, any_of, given

pytestmark = pytest.mark.django_db


@pytest.fixture
def years(at: Any) -> list[int]:
    for year in (2031, 2032, 2033):
        CalendarYear.objects.create(year=year, source=f"《{year}》", imported_at=at)
    return [2031, 2032, 2033]


@pytest.fixture
def at() -> Any:
    return clock.now()


def test_the_same_statement_is_sent_with_other_values(years: list[int]) -> None:
    built = []

    def build() -> Any:
        built.append(1)
        return CalendarYear.objects.filter(year=given("year"))

    read = Prepared(build, "year", "source")
    assert read.rows(year=2031) == [(2031, "《2031》")]
    assert read.rows(year=2033) == [(2033, "《2033》")]
    assert read.rows(year=1999) == []
    assert len(built) == 1


def test_a_list_of_values_is_one_value(years: list[int]) -> None:
    read = Prepared(
        lambda: CalendarYear.objects.filter(any_of("year", "years")).order_by("-year"),
        "year",
    )
    assert read.rows(years=[2031, 2033]) == [(2033,), (2031,)]
    assert read.rows(years=[]) == []


def test_instances_know_what_was_read_and_ask_for_the_rest(years: list[int]) -> None:
    read = Prepared(
        lambda: CalendarYear.objects.filter(year=given("year")), "source", "year"
    )
    (one,) = read.objects(year=2032)
    with CaptureQueriesContext(
        connection,
    ) as sent:
        assert (one.year, one.source) == (2032, "《2032》")
    assert not sent
    assert one == CalendarYear.objects.get(year=2032)
    assert one.imported_at == CalendarYear.objects.get(year=2032).imported_at


def test_a_value_that_was_not_given_is_an_error(years: list[int]) -> None:
    read = Prepared(lambda: CalendarYear.objects.filter(year=given("year")), "year")
    with pytest.raises(KeyError):
        read.rows()


def test_a_value_is_never_part_of_the_statement() -> None:
    read = Prepared(lambda: Holiday.objects.filter(kind=given("kind")), "kind")
    assert read.rows(kind="' OR 1=1 --") == []
