"""Requests made up from the document: no 5xx, no answer outside its schema."""

import sys
import time
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from doors.open311.openapi import document
from tests.doors.open311.conftest import BASE, Door

CHECKS = [
    not_a_server_error, content_type_conformance, response_schema_conformance,
    status_code_conformance,
]  # fmt: skip
EACH = 25


def test_no_5xx_and_nothing_outside_the_schema(
    door: Door,
    world: Any,
    asked: Any,
    live_server: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    door.file(world.categories["lane"])
    door.client.per_minute = 100_000
    door.client.save(update_fields=["per_minute"])
    schema = schemathesis.openapi.from_dict(document())
    began, tried = time.monotonic(), 0

    for operation in schema.get_all_operations():

        @settings(
            max_examples=EACH, deadline=None, database=None, derandomize=True,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.ok().as_strategy())
        def run(case: Any) -> None:
            nonlocal tried
            tried += 1
            case.query = {**(case.query or {}), "api_key": door.key}
            case.call_and_validate(base_url=live_server.url + BASE, checks=CHECKS)

        run()
    with capsys.disabled():
        spent = time.monotonic() - began
        sys.stdout.write(
            f"\nschemathesis, /open311/v2/: {tried} cases in {spent:.0f} s\n"
        )
    assert tried >= EACH
