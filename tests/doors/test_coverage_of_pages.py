"""All that the pages do is an operation of the interface, or docs/api.md says why not.

The tables there are read as they stand: a page, then its operations, or — and a reason.
"""

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from cases.views import bulk, offered, steps
from doors.api.performing import NAMES

DOCS = Path(settings.BASE_DIR) / "docs"
FLOORS = ("cases", "oversight")
LINE = re.compile(r"^\| `(?P<page>\w+)` \| (?P<rest>.+) \|$", re.MULTILINE)
OPERATION = re.compile(r"(?<!\()`(\w+)`(?! ?:)")
METHODS = ("get", "post", "put", "patch", "delete")
LEAST_REASON = 20


def pages(floor):
    return import_module(f"{floor}.urls").urlpatterns


def lines():
    text = (DOCS / "api.md").read_text()
    part = text[text.index("## What the pages do") :]
    return {one["page"]: one["rest"] for one in LINE.finditer(part)}


def operations_in(line):
    """Outside of brackets, which name steps and parameters."""
    return OPERATION.findall(re.sub(r"\([^)]*\)", "", line))


@pytest.fixture(scope="module")
def methods():
    """By operation."""
    document = yaml.safe_load((DOCS / "openapi.yaml").read_text())
    return {
        operation["operationId"]: method
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in METHODS
    }


@pytest.mark.parametrize(
    ("floor", "page"),
    [(floor, one.name) for floor in FLOORS for one in pages(floor)],
    ids=str,
)
def test_each_page_has_its_operations_or_a_reason(floor, page, methods):
    line = lines().get(page)
    assert line, f"docs/api.md says nothing of the page {page!r}"
    if line.startswith("—"):
        assert len(line) > LEAST_REASON, "say why there is none"
        return
    found = operations_in(line)
    assert found
    assert set(found) <= set(methods), "there is no such operation"
    if takes_a_post(floor, page):
        assert {methods[one] for one in found} - {"get"}, "it acts, so must one of them"


def takes_a_post(floor, page):
    view = next(one.callback for one in pages(floor) if one.name == page)
    return "POST" in inspect.getsource(inspect.unwrap(view))


def test_the_tables_name_no_page_that_is_gone():
    known = {one.name for floor in FLOORS for one in pages(floor)}
    part = (DOCS / "api.md").read_text().split("### Cases")[1]
    mine = part.split("\n### ")
    named = {one["page"] for text in mine[: len(FLOORS)] for one in LINE.finditer(text)}
    assert named == known


def test_every_step_of_desk_and_phone_is_a_step_of_the_interface():
    assert set(NAMES) == {*offered.STEPS, *offered.OWN_FORMS}
    assert {str(one) for one in steps.STEPS} <= set(NAMES)


def test_every_bulk_step_is_in_the_document():
    document = yaml.safe_load((DOCS / "openapi.yaml").read_text())
    post = document["paths"]["/api/v1/cases/bulk/{action}/"]["post"]
    enum = next(one for one in post["parameters"] if one["name"] == "action")
    assert set(enum["schema"]["enum"]) == set(bulk.BULK)
