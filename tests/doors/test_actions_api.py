"""Any step on a case by a program: what is asked, done, refused, and once only."""

import uuid

import pytest

from cases.models import Case
from cases.workflow import State
from governance import clock
from governance.models import Event
from tests.cases.conftest import MONDAY_9


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)


def steps(case):
    return Event.objects.filter(chain=case.chain).count()


def test_a_form_says_its_fields_and_the_step_is_done(program, file_case):
    case, acceptor = file_case(), program("acceptor")
    form = acceptor.get("api_action", case.pk, "reject").json()
    assert form["version"] == case.version
    fields = {one["name"]: one for one in form["fields"]}
    assert fields["opinion"]["required"]
    assert fields["reason"]["choices"]
    reason = fields["reason"]["choices"][0]["value"]
    before = steps(case)
    empty = acceptor.post("api_action", case.pk, "reject")
    assert empty.status_code == 422
    wrong = empty.json()
    assert {"reason", "opinion"} <= {one["field"] for one in wrong["errors"]}
    assert wrong["message"].startswith("请")
    assert wrong["message_en"].startswith("Please")
    assert steps(case) == before
    body = {
        "reason": reason,
        "opinion": "不在受理范围内，已告知。",
        "law": "市容条例第三条",
    }
    done = acceptor.post("api_action", case.pk, "reject", body=body)
    assert done.status_code == 200, done.json()
    assert done.json()["state"] == State.REJECTED
    assert done["ETag"] == f'"{done.json()["version"]}"'
    assert steps(case) == before + 1


def test_who_was_too_late_reads_what_changed(program, world, file_case):
    case, acceptor = file_case(), program("acceptor")
    shown = acceptor.get("api_case", case.pk)
    told = {"opinion": "请街道研判。"}
    first = acceptor.post("api_action", case.pk, "raise_to_street", body=told)
    assert first.status_code == 200, first.json()
    late = acceptor.post(
        "api_action", case.pk, "raise_to_street",
        body={**told, "seen": shown.json()["seen"]}, **{"If-Match": shown["ETag"]},
    )  # fmt: skip
    assert late.status_code == 412
    answer = late.json()
    assert answer["code"] == "stale"
    assert answer["current"]["version"] == first.json()["version"]
    assert "状态" in {one["label"] for one in answer["current"]["changes"]}
    assert answer["current"]["events"][0]["by"]


def test_what_is_not_offered_is_refused_in_its_own_words(program, file_case):
    case = file_case()
    assert program("grid_a").post("api_action", case.pk, "accept").status_code == 403
    done = program("acceptor").get("api_action", case.pk, "archive")
    assert done.status_code == 409
    assert done.json()["current"]["may_repeat"] is False
    outside = program("other_dispatcher").get("api_action", case.pk, "accept")
    assert outside.status_code == 404
    assert outside.json()["code"] == "not_found"
    unknown = program("street_acceptor").get("api_action", case.pk, "explode")
    assert unknown.status_code == 404


def test_what_no_case_can_have_is_said_in_both_languages(program, file_case):
    case, acceptor = file_case(), program("acceptor")

    def tried(body=None, **headers):
        answer = acceptor.post("api_action", case.pk, "accept", body=body, **headers)
        told = answer.json()
        assert not told["message_en"].startswith("The request was refused")
        return answer.status_code, told["code"]

    endless = "9" * 5000
    assert tried(**{"If-Match": endless}) == (412, "stale")
    assert tried({"version": endless}) == (409, "stale")
    assert tried(**{"If-Match": "x"}) == (400, "invalid")
    assert tried([1]) == (400, "invalid")
    assert tried({"opinion": {"a": 1}}) == (400, "invalid")


def test_an_idempotency_key_does_it_once(program, file_case):
    case, acceptor = file_case(), program("acceptor")
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"opinion": "请街道研判。"}
    wrong = acceptor.post("api_action", case.pk, "raise_to_street", **key)
    assert wrong.status_code == 422
    first = acceptor.post("api_action", case.pk, "raise_to_street", body=body, **key)
    before = steps(case)
    again = acceptor.post("api_action", case.pk, "raise_to_street", body=body, **key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert again["ETag"] == first["ETag"] == f'"{first.json()["version"]}"'
    said = {k: v for k, v in again.items() if k != "Idempotency-Replayed"}
    assert said == dict(first.items())
    assert steps(case) == before
    other = acceptor.post("api_action", case.pk, "accept", body=body, **key)
    assert other.status_code == 409
    assert other.json()["code"] == "idempotency_key_reused"


def test_a_whistle_is_composed_and_previewed(program, road_to_street, world):
    case, dispatcher = road_to_street, program("shift_head")
    form = dispatcher.get("api_action", case.pk, "whistle").json()
    fields = {one["name"]: one for one in form["fields"]}
    lead = world.orgs["urban"].pk
    assert str(lead) in {one["value"] for one in fields["lead"]["choices"]}
    body = {
        "kind": "routine", "lead": lead, "lead_task": "到现场清理占道摊点",
        "supports": [{"organisation": world.orgs["fire"].pk, "task": "检查消防通道"}],
        "condition": fields["condition"]["choices"][0]["value"],
        "legal_basis": "城市市容条例",
    }  # fmt: skip
    seen = dispatcher.post("api_whistle_preview", case.pk, body=body)
    assert seen.status_code == 200, seen.json()
    assert seen.json()["checkin_due"]
    short = dispatcher.post("api_action", case.pk, "whistle", body={**body, "lead": ""})
    assert short.json()["field"] == "lead"
    blown = dispatcher.post("api_action", case.pk, "whistle", body=body)
    assert blown.status_code == 200, blown.json()
    called = blown.json()["whistles"][0]["called"]
    assert {one["role"] for one in called} == {"lead", "support"}


@pytest.fixture
def road_to_street(program, file_case):
    case = file_case()
    done = program("acceptor").post(
        "api_action", case.pk, "raise_to_street", body={"opinion": "请街道研判。"}
    )
    assert done.status_code == 200
    return Case.objects.get(pk=case.pk)


def test_the_detail_tells_the_story_without_notes(program, file_case):
    case = file_case()
    whole = program("acceptor").get("api_case", case.pk).json()
    assert whole["timeline"][0]["by"]
    assert whole["timeline"][0]["at"].endswith("+08:00"), "as every other moment"
    assert whole["photos"][0]["stage"] == "report"
    assert {one["action"] for one in whole["allowed_actions"]} >= {"accept", "reject"}
    assert whole["complainant"] is None


def test_pages_are_turned_by_a_signed_cursor(program, file_case):
    older, newer = file_case(), file_case("lane")
    acceptor = program("acceptor")
    first = acceptor.get("api_cases", limit=1, open="true").json()
    assert [one["id"] for one in first["results"]] == [newer.pk]
    cursor = first["next_cursor"]
    second = acceptor.get("api_cases", limit=1, cursor=cursor).json()
    assert [one["id"] for one in second["results"]] == [older.pk]
    assert second["next_cursor"] is None
    forged = acceptor.get("api_cases", cursor=f"{newer.pk}:x")
    assert forged.status_code == 400
    assert forged.json()["field"] == "cursor"


def test_the_list_is_narrowed(program, world, file_case):
    case, other = file_case(), file_case("lane")
    acceptor = program("acceptor")

    def found(**query):
        page = acceptor.get("api_cases", **query).json()
        return {one["id"] for one in page["results"]}

    assert found(category=case.category_id) == {case.pk}
    assert found(area="990101001001") == {case.pk, other.pk}
    assert found(area="990101002") == set()
    assert found(state=["REPORTED", "CLOSED"]) == {case.pk, other.pk}
    assert found(reported_from="2030-01-01T00:00:00Z") == set()
    assert found(q=case.case_no) == {case.pk}
    wrong = acceptor.get("api_cases", state="NOWHERE", limit=0)
    assert wrong.status_code == 400
    assert {one["field"] for one in wrong.json()["errors"]} >= {"limit"}


def test_photos_are_fetched_by_who_sees_the_case(program, file_case):
    photo = file_case().photos.first()
    got = program("acceptor").get("api_photo_thumb", photo.pk)
    assert (got.status_code, got["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(got.streaming_content)[:2] == b"\xff\xd8"
    outside = program("other_dispatcher").get("api_photo", photo.pk)
    assert outside.status_code == 404
