import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.models import Case, Photo, SubmissionConflict
from cases.workflow import Action
from governance import clock
from tests.cases.conftest import MONDAY_9, SPOT


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)


@pytest.fixture
def body(world, photos):
    return {
        "id": photos(world.actor("grid_a"), "report"),
        "category": world.categories["stall"].pk,
        "description": "门前摆摊占住了整条人行道，行人只能走车道。",
        "address": "和平路 12 号门前",
        "lng": SPOT[0],
        "lat": SPOT[1],
    }


def submit(client, body):
    return client.post(reverse("api_submissions"), body, "application/json")


@pytest.mark.parametrize(
    ("name", "args"),
    [("api_cases", []), ("api_case", [1]), ("api_schema", [])],
)
def test_the_api_asks_who_is_there(client, db, name, args):
    assert client.get(reverse(name, args=args)).status_code == 401


def test_submitting_needs_somebody(client, body):
    assert submit(client, body).status_code == 401


def test_first_201_then_200_with_the_same_answer(client, world, body):
    client.force_login(world.postings["grid_a"].user)
    first, second = submit(client, body), submit(client, body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["case_no"] == second.json()["case_no"]
    assert Case.objects.get().photos.count() == 1


def test_other_content_under_the_id_is_409_and_kept(client, world, body):
    client.force_login(world.postings["grid_a"].user)
    submit(client, body)
    answer = submit(client, {**body, "description": "另一段完全不同的问题描述文字。"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "conflict"
    assert SubmissionConflict.objects.count() == 1


def test_what_is_refused_says_why_and_where(client, world, body):
    client.force_login(world.postings["grid_a"].user)
    answer = submit(client, {**body, "description": "太短"})
    assert answer.status_code == 422
    assert answer.json()["field"] == "description"
    assert submit(client, {**body, "id": "x"}).status_code == 400
    nowhere = submit(client, {**body, "lng": None})
    # a field that was asked for, not what the action calls a place
    assert (nowhere.status_code, nowhere.json()["field"]) == (422, "lng")


def test_a_photo_comes_by_itself(client, world, photos, snapshot):
    client.force_login(world.postings["grid_a"].user)
    form = {
        "id": str(uuid.uuid4()),
        "batch": str(uuid.uuid4()),
        "stage": "report",
        "taken_at": "2026-11-20T09:12:00Z",
        "lng": SPOT[0],
        "lat": SPOT[1],
    }
    for _twice in range(2):
        file = SimpleUploadedFile("a.jpg", snapshot, "image/jpeg")
        answer = client.post(reverse("api_photos"), {**form, "photo": file})
        assert answer.status_code == 201
    assert answer.json()["width"] == 64
    assert Photo.objects.count() == 1


def test_the_list_holds_what_is_in_scope(client, world, file_case):
    case = file_case()
    client.force_login(world.postings["acceptor"].user)
    found = client.get(reverse("api_cases")).json()
    assert [one["id"] for one in found["results"]] == [case.pk]
    assert found["results"][0]["lng"] == pytest.approx(SPOT[0])
    assert client.get(reverse("api_cases"), {"state": "CLOSED"}).json()["results"] == []
    client.force_login(world.postings["other_dispatcher"].user)
    assert client.get(reverse("api_cases")).json()["results"] == []


def test_the_list_turns_pages_by_id(client, world, file_case):
    older, newer = file_case(), file_case("lane")
    client.force_login(world.postings["acceptor"].user)
    first = client.get(reverse("api_cases"), {"open": "1", "limit": 1}).json()
    assert first["next_before"] == newer.pk
    second = client.get(reverse("api_cases"), {"before": newer.pk, "limit": 1}).json()
    assert [one["id"] for one in second["results"]] == [older.pk]
    assert second["next_before"] is None


def test_a_case_names_the_actions_the_table_allows(client, world, file_case):
    url = reverse("api_case", args=[file_case().pk])
    client.force_login(world.postings["acceptor"].user)
    offered = {one["action"] for one in client.get(url).json()["allowed_actions"]}
    assert {"accept", "raise_to_street", "reject"} <= offered
    client.force_login(world.postings["dispatcher"].user)
    offered = {one["action"] for one in client.get(url).json()["allowed_actions"]}
    assert not offered & set(Action.values)


def test_outside_the_scope_there_is_no_such_case(client, world, file_case):
    client.force_login(world.postings["grid_b"].user)
    assert client.get(reverse("api_case", args=[file_case().pk])).status_code == 404


def test_the_schema_describes_it(client, world):
    client.force_login(world.postings["grid_a"].user)
    answer = client.get(reverse("api_schema"))
    assert answer.status_code == 200
    assert b"/api/v1/submissions/" in answer.content
