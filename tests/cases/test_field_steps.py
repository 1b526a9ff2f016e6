"""Steps that a phone wrote down without a signal: once, and never over others' work."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from cases import actions
from cases.models import Case, Submission
from governance import clock
from governance.models import Event
from tests.cases.conftest import MONDAY_9, SPOT

NOW = MONDAY_9 + timedelta(minutes=30)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def in_hand(file_case, world):
    """A case that the grid worker has taken in hand."""
    case = file_case()
    actions.self_resolve(case_id=case.pk, actor=world.actor("grid_a"), at=NOW)
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def written(in_hand, world, photos):
    """处置完成 as the phone sends it."""
    return {
        "id": photos(world.actor("grid_a"), "after"),
        "case": in_hand.pk,
        "action": "finish_self",
        "version": in_hand.version,
        "measures": "已劝离，现场恢复通行。",
    }


@pytest.fixture
def send(client, world):
    def send(body, name="grid_a"):
        client.force_login(world.postings[name].user)
        return client.post(reverse("api_steps"), body, "application/json")

    return send


def corrected(case, world):
    """The community was faster: it mended the address."""
    actions.correct_case(
        case_id=case.pk,
        correction=actions.Correction(
            address="和平路 14 号门前", condition_id=case.category.conditions.first().pk
        ),
        opinion="门牌写错",
        actor=world.actor("acceptor"),
        at=NOW,
    )


def steps_of(case):
    chain = Event.objects.filter(chain=case.chain)
    return list(chain.order_by("seq").values_list("action", flat=True))


def test_it_asks_who_is_there(client, db):
    assert client.post(reverse("api_steps"), {}, "application/json").status_code == 401


def test_a_step_arrives_and_the_same_again_changes_nothing(send, written, in_hand):
    first, second = send(written), send(written)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    in_hand.refresh_from_db()
    assert in_hand.state == "SELF_REVIEW"
    assert steps_of(in_hand).count("cases.finish_self") == 1
    assert Submission.objects.get(pk=written["id"]).case == in_hand
    assert in_hand.photos.filter(stage="after").count() == 1


def test_whoever_was_faster_is_shown_and_nothing_is_done(send, written, in_hand, world):
    corrected(in_hand, world)
    before = steps_of(in_hand)
    answer = send(written)
    assert answer.status_code == 409
    assert answer.json()["code"] == "stale"
    current = answer.json()["current"]
    assert current["version"] == in_hand.version + 1
    assert current["may_repeat"] is True
    assert current["events"][0]["by"]
    assert steps_of(in_hand) == before
    assert not Submission.objects.filter(pk=written["id"]).exists()


def test_seen_and_still_wanted_it_goes_on_the_newer_version(
    send, written, in_hand, world
):
    corrected(in_hand, world)
    current = send(written).json()["current"]
    again = {**written, "version": current["version"]}
    assert send(again).status_code == 200
    assert send(written).status_code == 200  # the first try, late: the same deed
    in_hand.refresh_from_db()
    assert steps_of(in_hand).count("cases.finish_self") == 1


def test_a_step_that_is_over_may_not_be_repeated(send, written, in_hand):
    send(written)
    late = {**written, "id": str(uuid.uuid4()), "version": None}
    answer = send(late)
    assert answer.status_code == 409
    assert answer.json()["code"] == "state"
    assert answer.json()["current"]["may_repeat"] is False


def test_other_words_under_the_same_id_are_a_conflict(send, written):
    send(written)
    answer = send({**written, "measures": "完全不同的处置说明。"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "conflict"
    assert "current" not in answer.json()


def test_what_is_missing_is_said_at_its_field(send, written, in_hand):
    answer = send({**written, "measures": " "})
    assert answer.status_code == 422
    assert answer.json()["field"] == "measures"
    in_hand.refresh_from_db()
    assert in_hand.state == "SELF_HANDLING"


def test_a_case_outside_the_scope_does_not_exist(send, written):
    assert send(written, "grid_b").status_code == 404


def test_a_verification_comes_from_the_phone_with_its_place(
    send, file_case, world, photos
):
    case = file_case("lane")
    actions.send_to_verify(
        case_id=case.pk,
        worker_id=world.user_id("grid_b"),
        requirement="看看消防通道是不是真堵着",
        missing="看不出堵在哪一侧",
        actor=world.actor("acceptor"),
        at=NOW,
    )
    case.refresh_from_db()
    body = {
        "id": photos(world.actor("grid_b"), "verify"),
        "case": case.pk,
        "action": "submit_verification",
        "version": case.version,
        "result": "true",
        "lng": SPOT[0],
        "lat": SPOT[1],
    }
    assert send(body, "grid_b").status_code == 200
    assert send(body, "grid_b").status_code == 200
    task = case.site_tasks.get()
    assert (task.result, task.distance_m) == ("true", 0)


def test_the_pages_tell_the_phone_what_to_deliver(client, world, in_hand):
    client.force_login(world.postings["grid_a"].user)
    url = reverse("phone_step", args=[in_hand.pk, "finish_self"])
    page = client.get(url).content.decode()
    assert 'data-deliver="finish_self"' in page
    assert f'name="version" value="{in_hand.version}"' in page
