"""Tasks sent down, by programs: listed in scope, a step asked, taken and refused."""

import pytest
from django.urls import reverse

from duties.workflow import ReceiverState
from governance import clock
from tests.cases.conftest import MONDAY_9
from tests.duties.conftest import duties

__all__ = ["duties"]


@pytest.fixture
def ask(client, key_of, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)
    keys = {}

    def send(who, name, *args, body=None):
        if who not in keys:
            keys[who] = {"X-Api-Key": key_of(who)[1]}
        url = reverse(name, args=args)
        if body is None:
            return client.get(url, headers=keys[who])
        return client.post(url, body, "application/json", headers=keys[who])

    return send


def test_what_was_sent_is_seen_and_signed_by_whom_it_concerns(ask, duties):
    receiver = duties.issued().receivers.get()
    listed = ask("acceptor", "api_duties").json()["results"]
    assert [one["id"] for one in listed] == [receiver.pk]
    assert "sign" in listed[0]["allowed_actions"]
    assert ask("other_dispatcher", "api_duty", receiver.pk).status_code == 404
    form = ask("acceptor", "api_duty_action", receiver.pk, "sign").json()
    assert form["version"] == receiver.version
    signed = ask(
        "acceptor", "api_duty_action", receiver.pk, "sign",
        body={"version": receiver.version},
    )  # fmt: skip
    assert signed.status_code == 200, signed.json()
    assert signed.json()["state"] == ReceiverState.SIGNED
    again = ask("acceptor", "api_duty_action", receiver.pk, "sign", body={})
    assert (again.status_code, again.json()["code"]) == (409, "state")


def test_an_answer_needs_its_words(ask, duties):
    receiver = duties.signed()
    empty = ask("acceptor", "api_duty_action", receiver.pk, "submit", body={})
    assert empty.status_code == 422
    assert empty.json()["field"] == "result"
    unknown = ask("acceptor", "api_duty_action", receiver.pk, "explode")
    assert unknown.status_code == 404
