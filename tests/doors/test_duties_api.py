"""Tasks sent down, by programs: listed in scope, a step asked, taken and refused."""

from duties.workflow import ReceiverState
from tests.duties.conftest import duties

__all__ = ["duties"]


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


def test_a_step_asked_too_early_is_refused_with_its_sentence(ask, duties):
    receiver = duties.issued().receivers.get()
    early = ask("acceptor", "api_duty_action", receiver.pk, "submit")
    assert (early.status_code, early.json()["code"]) == (409, "state")
    assert "请刷新后再看" in early.json()["message"]
