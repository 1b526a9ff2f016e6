"""A time that nothing can be reckoned from is a fault of its field, everywhere."""

from pathlib import Path

import pytest
import yaml
from django import forms
from django.conf import settings
from django.forms.forms import BaseForm
from django.urls import get_resolver
from rest_framework import serializers

from doors.api.shapes import MomentField
from governance import clock
from governance.forms import MomentField as FormMoment
from tests.cases.conftest import MONDAY_9

NO_MOMENTS = (
    "0001-01-01T00:00:00",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59",
    "9999-12-31T23:59:59-12:00",
    "1899-12-31T00:00:00+08:00",
)
SHAPE = {"code", "message", "message_en", "field", "errors"}


def subclasses(kind):
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def test_what_is_sent_is_read_by_no_other_field():
    assert get_resolver().url_patterns  # everything is imported
    shapes = [
        one
        for one in subclasses(serializers.Serializer)
        if one.__module__.startswith("doors.")
        and one.__name__.endswith(("In", "Query"))
    ]
    assert len(shapes) > 50
    for shape in shapes:
        for name, field in shape().fields.items():
            is_moment = isinstance(field, serializers.DateTimeField)
            assert not is_moment or isinstance(field, MomentField), (shape, name)


def test_no_form_reads_a_moment_by_another_field():
    assert get_resolver().url_patterns
    ours = [
        one
        for one in subclasses(BaseForm)
        if not one.__module__.startswith("django.") and ".admin" not in one.__module__
    ]
    assert len(ours) > 50
    for form in ours:  # Django's administration asks for day and time in two fields
        for name, field in getattr(form, "base_fields", {}).items():
            is_moment = isinstance(field, forms.DateTimeField)
            assert not is_moment or isinstance(field, FormMoment), (form, name)


@pytest.mark.parametrize("text", NO_MOMENTS)
def test_fields_refuse_what_cannot_be_reckoned_with(text):
    with pytest.raises(forms.ValidationError):
        FormMoment().clean(text)
    with pytest.raises(serializers.ValidationError):
        MomentField().run_validation(text)


@pytest.mark.parametrize("text", ["2026-11-23T01:00:00Z", "2026-11-23 09:00"])
def test_a_moment_is_that_of_shanghai(text):
    for found in (FormMoment().clean(text), MomentField().run_validation(text)):
        assert found == MONDAY_9 and found.hour == 9


def operations_with_moments():
    """(method, path, names in the query, names in the body) of the document."""
    text = Path(settings.BASE_DIR, "docs", "openapi.yaml").read_text()
    document = yaml.safe_load(text)
    shapes = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            query = [
                given["name"]
                for given in one.get("parameters", [])
                if given["schema"].get("format") == "date-time"
            ]
            content = one.get("requestBody", {}).get("content", {})
            named = [
                media["schema"]["$ref"].rpartition("/")[2]
                for media in content.values()
                if "$ref" in media["schema"]
            ]
            body = [
                name
                for shape in named[:1]
                for name, field in shapes[shape].get("properties", {}).items()
                if field.get("format") == "date-time"
            ]
            if query or body:
                yield pytest.param(method, path, query, body, id=one["operationId"])


@pytest.mark.parametrize(
    ("method", "path", "query", "body"), list(operations_with_moments())
)
@pytest.mark.parametrize("text", NO_MOMENTS[:3:2])
def test_every_operation_answers_at_the_field(
    client, key_of, file_case, monkeypatch, method, path, query, body, text
):
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)
    headers = {"X-Api-Key": key_of("acceptor")[1]}
    if "multipart" in path or path.endswith("/photos/"):
        given = {"data": dict.fromkeys(body, text)}
    else:
        given = {"data": dict.fromkeys(body, text), "content_type": "application/json"}
    if method == "get":
        given = {"data": dict.fromkeys(query, text)}
    url = path.replace("{case_id}", str(file_case().pk)).replace("{z}/{x}/{y}", "0/0/0")
    answer = getattr(client, method)(
        url.format_map(Standing()), headers=headers, **given
    )
    told = answer.json()
    assert set(told) == SHAPE
    if answer.status_code in (400, 422):
        assert {*query, *body} & {one["field"] for one in told["errors"]}
    else:
        assert answer.status_code in (403, 404, 409), told


class Standing(dict):
    def __missing__(self, name):
        return "1"
