"""A client of the interfaces and its key, in the small city of the cases."""

import json

import pytest
from django.urls import reverse

from doors import actions
from doors.models import ApiClient, ApiKey, Scope
from governance import clock
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, file_case, photos, snapshot, turn, world
from tests.doors.program import program

__all__ = ["file_case", "photos", "program", "snapshot", "turn", "world"]


@pytest.fixture
def client_of(world):
    """`client_of("acceptor", scopes=[…])`: an ApiClient that acts as that post."""

    def make(post: str | None = "acceptor", **given) -> ApiClient:
        given.setdefault("name", f"对接系统 {post}")
        given.setdefault("scopes", Scope.values)
        client = ApiClient(
            organisation=world.orgs["street"],
            posting=world.postings[post] if post else None,
            contact="张工 13800000000",
            **given,
        )
        return actions.save_client(client=client, actor=Actor.system(), at=MONDAY_9)

    return make


@pytest.fixture
def key_of(client_of):
    """`key_of("acceptor")`: the row and the text of a key that acts as that post."""

    def make(post: str | None = "acceptor", **given) -> tuple[ApiKey, str]:
        client = client_of(post, **given)
        return actions.issue_key(client_id=client.pk, actor=Actor.system(), at=MONDAY_9)

    return make


@pytest.fixture
def ask(client, key_of, monkeypatch):
    """`ask("acceptor", "api_duty", 3)` reads, with `body=` sends, as a client of that
    post, on Monday at nine."""
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)
    keys = {}

    def send(who, name, *args, body=None, query=None, method="post", **more):
        if who not in keys:
            keys[who] = key_of(who, **more)[1]
        url = reverse(name, args=args, query=query)
        headers = {"X-Api-Key": keys[who]}
        if body is None:
            return client.get(url, headers=headers)
        return client.generic(
            method.upper(), url, json.dumps(body), "application/json", headers=headers
        )

    return send
