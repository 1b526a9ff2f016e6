"""The OpenAPI document: the one in docs/ is what the code says, and nothing answers
outside it.

`manage.py spectacular --file docs/openapi.yaml` writes it again.
"""

import os
from itertools import count
from pathlib import Path

import pytest
import schemathesis
from django.conf import settings
from django.core import signals
from django.core.management import call_command
from django.db import close_old_connections
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from schemathesis import openapi
from schemathesis.checks import CHECKS, load_all_checks

from doors.models import AlarmRule
from governance import clock
from governance.wsgi import application
from tests.cases.conftest import MONDAY_9

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"
TRIES = int(os.environ.get("WANGGE_SCHEMA_TRIES", "12"))
load_all_checks()
ASKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
tried = {"n": 0}


def test_the_document_in_docs_is_what_the_code_says(tmp_path):
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(made), validate=True, fail_on_warn=True)
    assert made.read_text() == DOCUMENT.read_text(), (
        "run: python manage.py spectacular --file docs/openapi.yaml"
    )


def operations():
    schema = openapi.from_path(str(DOCUMENT))
    return [one.ok() for one in schema.get_all_operations()]


@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.label)
def test_nothing_answers_outside_its_schema(
    operation, world, file_case, key_of, monkeypatch
):
    """Random requests, the same at every run, as a post that may do much."""
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)
    AlarmRule.objects.create(
        kind="manhole", name="井盖位移", category=world.categories["stall"]
    )
    case_id = file_case().pk
    _key, text = key_of("acceptor", per_minute=100_000)
    operation.app = application
    strategy = operation.as_strategy()
    turns = count()

    @trying(
        max_examples=TRIES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def one_by_one(case):
        if "case_id" in (case.path_parameters or {}) and next(turns) % 2:
            case.path_parameters["case_id"] = case_id
        tried["n"] += 1
        answer = case.call(headers={"X-Api-Key": text, "Accept-Encoding": "identity"})
        case.validate_response(answer, checks=ASKED)

    one_by_one()


@pytest.fixture(autouse=True)
def one_connection():
    """The server closes its connection after each request; here it is the test's."""
    bells = (signals.request_started, signals.request_finished)
    for bell in bells:
        bell.disconnect(close_old_connections)
    yield
    for bell in bells:
        bell.connect(close_old_connections)


@pytest.fixture(scope="module", autouse=True)
def told(request):
    yield
    words = f"\nschemathesis {schemathesis.__version__}: {tried['n']} cases tried\n"
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(words)  # noqa: T201
