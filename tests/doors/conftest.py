"""A client of the interfaces and its key, in the small city of the cases."""

import pytest

from doors import actions
from doors.models import ApiClient, ApiKey, Scope
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, file_case, photos, snapshot, turn, world

__all__ = ["file_case", "photos", "snapshot", "turn", "world"]


@pytest.fixture
def client_of(world):
    """`client_of("acceptor", scopes=[…])`: an ApiClient that acts as that post."""

    def make(name: str | None = "acceptor", **given) -> ApiClient:
        given.setdefault("name", f"对接系统 {name}")
        given.setdefault("scopes", Scope.values)
        client = ApiClient(
            organisation=world.orgs["street"],
            posting=world.postings[name] if name else None,
            contact="张工 13800000000",
            **given,
        )
        return actions.save_client(client=client, actor=Actor.system(), at=MONDAY_9)

    return make


@pytest.fixture
def key_of(client_of):
    """`key_of("acceptor")`: the row and the text of a key that acts as that post."""

    def make(name: str | None = "acceptor", **given) -> tuple[ApiKey, str]:
        client = client_of(name, **given)
        return actions.issue_key(client_id=client.pk, actor=Actor.system(), at=MONDAY_9)

    return make
