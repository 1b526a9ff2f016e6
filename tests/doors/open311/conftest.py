"""A client of GeoReport v2 with a key, and questions to answer."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.test import Client
from lxml import etree

from cases.actions.questions import Wording, set_question
from cases.models import Category
from doors.models import ApiClient, Scope
from doors.open311.openapi import document
from governance import clock
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, SPOT
from tests.doors.conftest import client_of, file_case, key_of, photos, snapshot, world

__all__ = ["client_of", "file_case", "key_of", "photos", "snapshot", "world"]
BASE = "/open311/v2"
GRAMMAR = etree.RelaxNG(file=str(Path(__file__).parent / "georeport.rng"))
DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>'


@dataclass
class Door:
    """Somebody outside: each answer is held against its schema before it is given."""

    client: ApiClient
    key: str
    browser: Client

    def get(self, path: str, status: int = 200, /, **query: Any) -> Any:
        return self._read(self.browser.get(f"{BASE}/{path}", query), status, path)

    def post(self, path: str, status: int = 200, /, **given: Any) -> Any:
        given.setdefault("api_key", self.key)
        body = {name: one for name, one in given.items() if one is not None}
        return self._read(self.browser.post(f"{BASE}/{path}", body), status, path)

    def _read(self, response: Any, status: int, path: str) -> Any:
        assert response.status_code == status, response.content.decode()
        if path.endswith(".json"):
            assert response["Content-Type"] == "application/json; charset=utf-8"
            body = response.json()
            hold(body, path, response)
            return body
        assert response["Content-Type"] == "text/xml; charset=utf-8"
        assert response.content.startswith(DECLARATION)
        root = etree.fromstring(response.content)
        GRAMMAR.assertValid(root)
        return root

    def file(self, service: Category | int, **more: Any) -> str:
        """File a request at the spot; its number."""
        given = {
            "service_code": str(getattr(service, "pk", service)),
            "lat": str(SPOT[1]),
            "long": str(SPOT[0]),
            "description": "路灯坏了三天，晚上走路看不见台阶。",
            **more,
        }
        return str(self.post("requests.json", **given)[0]["service_request_id"])


SCHEMA_OF = {
    ("GET", "discovery"): "Discovery",
    ("GET", "services"): "Services",
    ("GET", "services/"): "ServiceDefinition",
    ("GET", "requests"): "Requests",
    ("GET", "requests/"): "Requests",
    ("POST", "requests"): "MadeRequests",
    ("GET", "tokens/"): "Tokens",
    ("GET", "servicerequestupdates"): "Updates",
    ("POST", "servicerequestupdates"): "TakenUpdates",
}


def hold(body: Any, path: str, response: Any) -> None:
    """The answer fits the schema of its method, or that of errors."""
    head, slash, _rest = path.removesuffix(".json").partition("/")
    method = response.wsgi_request.method
    fitting = SCHEMA_OF.get((method, head + slash), "Errors")
    name = fitting if response.status_code < 400 else "Errors"
    full = document()
    jsonschema.validate(
        body,
        {"$ref": f"#/components/schemas/{name}", "components": full["components"]},
        cls=jsonschema.Draft202012Validator,
    )


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The clock of the edges stands at Monday 9 o'clock, or where it is put."""

    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    put(MONDAY_9)
    return put


@pytest.fixture
def door(key_of: Any, now: Any, photos: Any) -> Door:
    key, text = key_of(None, scopes=[Scope.OPEN311])
    return Door(key.client, text, Client())


@pytest.fixture
def asked(world: Any) -> dict[str, Any]:
    """One question of each kind at 占道经营, by kind."""
    made = {}
    for order, (kind, choices, required) in enumerate(
        (
            ("choice", "店外经营\n流动摊贩", True),
            ("choices", "占人行道\n占车道\n堵门口", False),
            ("number", "", False),
            ("date", "", False),
            ("text", "", False),
        ),
        start=1,
    ):
        made[kind] = set_question(
            category_id=world.categories["stall"].pk,
            wording=Wording(
                label=f"问题{kind}", kind=kind, choices=choices, is_required=required,
                order=order, help_text="照实填写",
            ),
            actor=Actor.system(),
            at=MONDAY_9,
        )  # fmt: skip
    return made
