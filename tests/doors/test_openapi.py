"""The OpenAPI document: the one in docs/ is what the code says, every operation has
examples that its own shape allows, and nothing answers outside it.

`manage.py spectacular --file docs/openapi.yaml` writes it again.
"""

import os
from itertools import count, cycle
from pathlib import Path

import jsonschema
import pytest
import schemathesis
import yaml
from django.conf import settings
from django.core import signals
from django.core.management import call_command
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from schemathesis import GenerationMode, openapi
from schemathesis.checks import CHECKS, load_all_checks

from doors.models import AlarmRule, Scope
from governance import clock
from governance.wsgi import application
from tests.cases.conftest import MONDAY_9

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"
TRIES = int(os.environ.get("WANGGE_SCHEMA_TRIES", "4"))
METHODS = ("get", "post", "put", "patch", "delete")
READ_ONLY = [one for one in Scope if one.endswith(":read")]
WHO = {
    "community": ("acceptor", Scope.values),
    "street": ("dispatcher", Scope.values),
    "department": ("urban", Scope.values),
    "district": ("district", Scope.values),
    "reader": ("shift_head", READ_ONLY),
    "device": (None, [Scope.ALARMS_WRITE]),
}
"""The keys that ask in turn; of a device there is no post behind it."""
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
PATIENTLY = trying(
    max_examples=TRIES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
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
tried: dict[str, int] = {}


def test_the_document_in_docs_is_what_the_code_says(tmp_path):
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(made), validate=True, fail_on_warn=True)
    assert made.read_text() == DOCUMENT.read_text(), (
        "run: python manage.py spectacular --file docs/openapi.yaml"
    )


def document():
    return yaml.safe_load(DOCUMENT.read_text())


def bodies(method):
    """(where, media type, what is said of it) of what is asked and answered by one."""
    request = method.get("requestBody", {}).get("content", {})
    yield from (("request", kind, media) for kind, media in request.items())
    for status, answer in method["responses"].items():
        for kind, media in answer.get("content", {}).items():
            yield status, kind, media


def each_operation():
    for path in document()["paths"].values():
        for method, said in path.items():
            if method in METHODS:
                yield said


def test_every_operation_has_examples_of_request_and_answers():
    for operation in each_operation():
        shown = {}
        for where, kind, media in bodies(operation):
            is_file = media["schema"].get("format") == "binary"
            if not is_file and not kind.startswith("image/"):
                shown.setdefault(where, []).extend(media.get("examples", {}))
        lacking = [where for where, examples in shown.items() if not examples]
        assert not lacking, f"{operation['operationId']}: no example of {lacking}"


def test_every_example_is_what_its_shape_allows():
    shapes, faults = as_json_schema(document()["components"]), []
    for operation in each_operation():
        for where, _kind, media in bodies(operation):
            schema = {**as_json_schema(media["schema"]), "components": shapes}
            for example in media.get("examples", {}).values():
                wrong = jsonschema.Draft202012Validator(schema).iter_errors(
                    as_json(example["value"])
                )
                name = operation["operationId"]
                faults += [f"{name} {where}: {one.message}" for one in wrong]
    assert not faults, "\n".join(faults)


def test_each_way_to_give_the_key_is_enough_by_itself():
    """Two names in one requirement would mean both at once."""
    for operation in each_operation():
        ways = [tuple(one) for one in operation["security"]]
        known = [("Bearer",), ("ApiKey",), ("cookieAuth",)]
        assert set(ways) >= set(known), operation["operationId"]
        assert all(len(one) == 1 for one in ways), operation["operationId"]


def test_every_refusal_says_in_the_document_when_it_comes():
    for operation in each_operation():
        for status, answer in operation["responses"].items():
            if not status.startswith("2"):
                assert answer["description"], (operation["operationId"], status)


def test_a_body_that_may_be_json_is_said_once():
    """Generated clients took the same body three times, as JSON and as two forms."""
    said = {
        one["operationId"]: list(one["requestBody"]["content"])
        for one in each_operation()
        if "requestBody" in one
    }
    assert said["submit"] == said["open_webhook"] == ["application/json"]
    assert said["upload_photo"] == ["multipart/form-data"]
    # a step may bring its photos along
    assert said["take_action"] == ["application/json", "multipart/form-data"]


def test_the_steps_that_a_webhook_may_ask_for_stand_in_the_document():
    shape = document()["components"]["schemas"]["WebhookInRequest"]
    kinds = shape["properties"]["kinds"]["items"]
    if "$ref" in kinds:
        name = kinds["$ref"].rsplit("/", 1)[1]
        kinds = document()["components"]["schemas"][name]
    assert {"case.report", "case.whistle", "case.feed_back"} <= set(kinds["enum"])
    # what is done with a person's data is never pushed, so nobody may wait for it
    assert not [one for one in kinds["enum"] if one.count(".") != 1]


def test_no_example_leaves_a_word_open():
    """A new field of text wants a typical value in `doors.api.typical`."""
    assert "……" not in DOCUMENT.read_text()


def as_json(value):
    """YAML reads what looks like a day as one."""
    if isinstance(value, dict):
        return {key: as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_json(one) for one in value]
    is_plain = value is None or isinstance(value, str | int | float)
    return value if is_plain else str(value)


def as_json_schema(schema):
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type more."""
    if isinstance(schema, list):
        return [as_json_schema(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: as_json_schema(one) for key, one in schema.items()}
    if found.pop("nullable", False) is True:
        return {"anyOf": [found, {"type": "null"}]}
    return found


def test_every_operation_declares_the_errors_that_it_may_answer_with():
    for operation in each_operation():
        declared = set(operation["responses"])
        assert {"400", "401", "403", "405", "422", "429"} <= declared
        places = {one["in"] for one in operation.get("parameters", [])}
        headers = {one["name"] for one in operation.get("parameters", [])}
        assert "404" in declared or "path" not in places
        assert "409" in declared or "Idempotency-Key" not in headers
        assert "412" in declared or "If-Match" not in headers


def test_another_method_is_405_in_the_shape_of_all_errors(program):
    acceptor = program("acceptor", per_minute=100_000)
    for path, said in document()["paths"].items():
        url = path.format_map(Standing())
        for method in set(METHODS) - set(said):
            answer = acceptor.any_method(method, url)
            assert answer.status_code == 405, f"{method} {path}"
            assert answer.json()["code"] == "method_not_allowed"
            assert answer["Allow"]


class Standing(dict):
    """A value for each place in an address."""

    def __missing__(self, name):
        if name in ("token", "photo_id"):
            return "00000000-0000-4000-8000-000000000000"
        return "1" if name.endswith("_id") or name in "xyz" else "a"


@pytest.mark.parametrize("mode", MODES, ids=lambda one: one.value)
def test_nothing_answers_outside_its_schema(
    mode, world, file_case, key_of, monkeypatch
):
    """Random requests, the same at every run, right and wrong ones, with the keys of
    several posts in turn. One of two is about a case that there is."""
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)
    AlarmRule.objects.create(
        kind="manhole", name="井盖位移", category=world.categories["stall"]
    )
    case_id = file_case().pk
    keys = {
        who: key_of(post, scopes=scopes, per_minute=100_000)[1]
        for who, (post, scopes) in WHO.items()
    }
    turn, turns = cycle(keys.items()), count()
    outside = []

    def one_by_one(case):
        if "case_id" in (case.path_parameters or {}) and next(turns) % 2:
            case.path_parameters["case_id"] = case_id
        who, text = next(turn)
        label = f"{mode.value}, key of a {who}"
        tried[label] = tried.get(label, 0) + 1
        headers = {"X-Api-Key": text, "Accept-Encoding": "identity"}
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=ASKED)

    for operation in operations():
        operation.app = application
        strategy = operation.as_strategy(generation_mode=mode)
        try:
            with transaction.atomic():
                PATIENTLY(given(case=strategy)(one_by_one))()
        except Exception as found:
            outside.append(f"{operation.label}: {found}")
    assert not outside, "\n\n".join(outside)


def operations():
    schema = openapi.from_path(str(DOCUMENT))
    return [one.ok() for one in schema.get_all_operations()]


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
    lines = [f"  {n} {label}" for label, n in sorted(tried.items())]
    n = sum(tried.values())
    words = f"\nschemathesis {schemathesis.__version__}: {n} cases tried\n"
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(words + "\n".join(lines))  # noqa: T201
