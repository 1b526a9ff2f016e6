"""What a page can do a program can do, or docs/api-duties.md says why not."""

import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.urls import URLPattern, URLResolver

FLOORS = ["grids", "parties", "duties", "civics", "exchange"]
DOCS = Path(settings.BASE_DIR) / "docs"
NAMED = re.compile(r"`(\w+)`")
LEAST_REASON = 8


def rows_of(floor):
    """name of the page -> (what, operation) as the section of the floor has them."""
    text = (DOCS / "api-duties.md").read_text()
    section = text.split(f"\n## {floor}\n")[1].split("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("| `")
    ]
    return {name.strip("`"): (what, said) for name, what, said in cells}


def names_of(patterns):
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from names_of(one.url_patterns)
        elif isinstance(one, URLPattern):
            yield one.name


def operations():
    document = yaml.safe_load((DOCS / "openapi.yaml").read_text())
    return {
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
    }


@pytest.mark.parametrize("floor", FLOORS)
def test_every_page_of_a_floor_stands_in_the_table(floor):
    pages = set(names_of(import_module(f"{floor}.urls").urlpatterns))
    assert rows_of(floor).keys() == pages


@pytest.mark.parametrize("floor", FLOORS)
def test_each_has_an_operation_of_the_document_or_a_reason(floor):
    known = operations()
    for page, (what, said) in rows_of(floor).items():
        assert what, page
        if said.startswith("— "):
            assert len(said) > LEAST_REASON, page
            continue
        named = NAMED.findall(said)
        assert named, page
        assert set(named) <= known, page
