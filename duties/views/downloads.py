"""Tables as CSV files that a spreadsheet opens without running anything in them."""

import csv
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

from governance.spreadsheets import guarded


def csv_file(
    name: str, header: Iterable[Any], rows: Iterable[Iterable[Any]]
) -> HttpResponse:
    """UTF-8 with the mark by which spreadsheets know it."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow([guarded(str(one)) for one in header])
    writer.writerows([guarded(str(one)) for one in row] for row in rows)
    return response
