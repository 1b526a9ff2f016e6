"""Tables as CSV files that a spreadsheet opens without running anything in them."""

import csv
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

# A cell that begins so is taken for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def guarded(value: Any) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_file(
    name: str, header: Iterable[Any], rows: Iterable[Iterable[Any]]
) -> HttpResponse:
    """UTF-8 with the mark by which spreadsheets know it."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow([guarded(one) for one in header])
    writer.writerows([guarded(one) for one in row] for row in rows)
    return response
