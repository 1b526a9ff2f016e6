"""Beside the steps: notes, contact, bulk, drafts, views, phrases, lists, errands."""

import pytest

from cases.actions.notes import leave_note
from cases.models import Case, FormDraft, Phrase, SavedView, SiteTask
from doors.models import KeptAnswer, Scope
from governance.models import Event
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, SPOT
from tests.cases.road import Road, again

PLACE = {"lng": SPOT[0], "lat": SPOT[1]}


@pytest.fixture
def road(world, file_case, photos, program):
    return Road(world, file_case, photos)


def recorded(case):
    return Event.objects.filter(chain=case.chain).count()


def test_a_note_tells_who_is_mentioned(road, program, world):
    case, fire = road.whistled(), program("fire")
    people = program("dispatcher").get("api_readers", case.pk).json()["people"]
    assert "fire" in {one["say"] for one in people}
    before, version = recorded(case), case.version
    said = {"opinion": "@dispatcher 请看一下。"}
    left = fire.post("api_notes", case.pk, body=said)
    assert left.status_code == 201, left.json()
    assert left.json()["notes"][0]["opinion"] == said["opinion"]
    assert (recorded(case), again(case).version) == (before + 1, version)
    own = Notification.objects.visible_to(world.user_id("dispatcher"))
    assert own.filter(title__contains="内部备注").exists()
    strange = fire.post("api_notes", case.pk, body={"opinion": "@谁也不是 看看"})
    assert (strange.status_code, strange.json()["field"]) == (422, "opinion")
    assert fire.post("api_notes", case.pk).status_code == 422
    assert program("other_dispatcher").get("api_notes", case.pk).status_code == 404
    assert recorded(case) == before + 1


def test_a_contact_is_shown_with_a_reason_and_kept_nowhere(road, program):
    case = road.reported(complainant_name="张小花", complainant_contact="13812345678")
    acceptor, before = program("acceptor"), recorded(case)
    silent = acceptor.post("api_contact", case.pk)
    assert (silent.status_code, silent.json()["field"]) == (422, "reason")
    assert recorded(case) == before
    shown = acceptor.post(
        "api_contact", case.pk, body={"reason": "电话回访"}, **{"Idempotency-Key": "k"}
    )
    assert shown.json() == {"name": "张小花", "telephone": "13812345678"}
    assert shown["Cache-Control"] == "no-store"
    event = Event.objects.filter(chain=case.chain).latest("seq")
    assert (event.action, event.detail["purpose"]) == (
        "cases.reveal_contact", "电话回访",
    )  # fmt: skip
    assert not KeptAnswer.objects.exists()


def test_a_contact_needs_its_own_scope(road, program):
    case = road.reported(complainant_name="张小花", complainant_contact="13812345678")
    before = recorded(case)
    scopes = [Scope.CASES_READ, Scope.CASES_WRITE]
    answer = program("acceptor", scopes=scopes).post(
        "api_contact", case.pk, body={"reason": "电话回访"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "scope")
    assert recorded(case) == before


def test_bulk_tells_of_each_case_how_it_went(road, program):
    called, other = road.whistled(), road.reported()
    fire = program("fire")
    offered = fire.get("api_bulk").json()["actions"]
    assert "check_in" in {one["action"] for one in offered}
    picked = [{"id": called.pk}, {"id": other.pk}, {"id": 999_999}]
    body = {"cases": picked, "remark": "先电话核实，随后到场"}
    key = {"Idempotency-Key": "b1"}
    done = fire.post("api_bulk_action", "check_in", body=body, **key)
    assert done.status_code == 200, done.json()
    told = done.json()["results"]
    assert [one["status"] for one in told] == ["done", "unseen", "unseen"]
    assert told[0]["message"] == ""
    assert told[1]["message_en"]
    before = recorded(called)
    twice = fire.post("api_bulk_action", "check_in", body={"cases": picked[:1]})
    assert twice.json()["done"] == 0
    assert twice.json()["results"][0]["status"] == "refused"
    assert twice.json()["results"][0]["message"]
    replayed = fire.post("api_bulk_action", "check_in", body=body, **key)
    assert replayed.json() == done.json()
    assert recorded(called) == before


def test_bulk_does_nothing_when_what_is_given_is_wrong(road, program):
    case, dispatcher = road.whistled(), program("dispatcher")
    before = recorded(case)
    silent = dispatcher.post(
        "api_bulk_action", "urge", body={"cases": [{"id": case.pk}]}
    )
    assert (silent.status_code, silent.json()["field"]) == (422, "opinion")
    assert dispatcher.post("api_bulk_action", "urge").status_code == 400
    assert dispatcher.post(
        "api_bulk_action", "explode", body={"cases": [{"id": case.pk}]}
    ).status_code == 404  # fmt: skip
    assert recorded(case) == before


def test_a_draft_is_kept_until_the_step_is_sent(road, program, world):
    case, acceptor = road.reported(), program("acceptor")
    about = ("api_draft", case.pk, "raise_to_street")
    assert acceptor.get(*about).status_code == 404
    kept = acceptor.put(*about, body={"fields": {"opinion": "社区没有执法权"}})
    assert kept.status_code == 200, kept.json()
    assert acceptor.get(*about).json()["fields"] == {"opinion": ["社区没有执法权"]}
    assert program("street_acceptor").get(*about).status_code == 404
    assert acceptor.put(*about, body={"fields": {"opinion": ""}}).status_code == 204
    assert not FormDraft.objects.exists()
    acceptor.put(*about, body={"fields": {"opinion": "社区没有执法权"}})
    assert acceptor.delete(*about).status_code == 204
    acceptor.put(*about, body={"fields": {"opinion": "社区没有执法权"}})
    done = acceptor.post(
        "api_action", case.pk, "raise_to_street", body={"opinion": "请街道研判。"}
    )
    assert done.status_code == 200
    assert not FormDraft.objects.exists()


def test_views_are_kept_shared_moved_and_dropped(road, program):
    fire = program("fire")
    made = fire.post(
        "api_views", body={"name": "快到期", "query": "?box=pending&lamp=red&x=1"}
    )
    assert made.status_code == 201, made.json()
    view = made.json()
    assert (view["query"], view["box"]) == ("box=pending&lamp=red", "pending")
    assert view["is_shared"] is False
    double = fire.post("api_views", body={"name": "快到期"})
    assert (double.status_code, double.json()["field"]) == (409, "name")
    second = fire.post("api_views", body={"name": "全部"}).json()
    fire.post("api_move", second["id"], body={"up": True})
    names = [one["name"] for one in fire.get("api_views").json()["views"]]
    assert names == ["全部", "快到期"]
    shared = {"name": "将到期", "is_shared": True}
    assert fire.put("api_view", view["id"], body=shared).json()["is_shared"]
    housing = program("housing")
    assert housing.put("api_view", view["id"], body=shared).status_code == 404
    assert fire.delete("api_view", view["id"]).status_code == 204
    assert [one.name for one in SavedView.objects.all()] == ["全部"]


def test_a_colleague_reads_a_shared_view_and_cannot_change_it(road, program, world):
    world.hire("fire_b", "department_handler", "fire", "990101")
    made = program("fire").post("api_views", body={"name": "共享", "is_shared": True})
    colleague, pk = program("fire_b"), made.json()["id"]
    assert colleague.get("api_views").json()["views"][0]["is_mine"] is False
    for answer in (
        colleague.put("api_view", pk, body={"name": "我的"}),
        colleague.delete("api_view", pk),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "role")
    assert SavedView.objects.get(pk=pk).name == "共享"


def test_phrases_are_written_approved_and_put_aside(road, program, world):
    urban, head = program("urban"), program("urban_leader")
    body = {
        "scope": "unit", "title": "已安排", "text": "{编号}已安排",
        "audience": "public",
    }  # fmt: skip
    made = urban.post("api_phrases", body=body)
    assert made.status_code == 201, made.json()
    pk = made.json()["id"]
    assert made.json()["status"] == Phrase.Status.DRAFT
    assert urban.post("api_phrase_approval", pk).status_code == 403
    assert head.post("api_phrase_approval", pk).json()["status"] == "approved"
    assert head.post("api_phrase_approval", pk).status_code == 409
    assert head.post("api_phrase_withdrawal", pk).json()["status"] == "withdrawn"
    wrong = urban.post("api_phrases", body={**body, "text": "{没有这个}"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "text")
    changed = head.put("api_phrase", pk, body={**body, "title": "已安排好"})
    assert changed.json()["title"] == "已安排好"
    assert program("fire").put("api_phrase", pk, body=body).status_code == 404
    kept = head.delete("api_phrase", pk)
    assert (kept.status_code, kept.json()["code"]) == (409, "state")
    own = urban.post("api_phrases", body={**body, "scope": "own", "title": "收到"})
    assert urban.delete("api_phrase", own.json()["id"]).status_code == 204
    assert [one["id"] for one in urban.get("api_phrases").json()["phrases"]] == [pk]


def test_desk_and_inbox_list_what_waits_in_their_order(road, program):
    first, second = road.whistled(), road.whistled()
    fire, dispatcher = program("fire"), program("dispatcher")
    boxes = {b["name"]: b["waiting"] for b in fire.get("api_boxes").json()["boxes"]}
    assert (boxes["pending"], boxes["all"]) == (2, None)
    page = fire.get("api_box", "pending", limit=1).json()
    assert [one["case"]["id"] for one in page["results"]] == [first.pk]
    assert page["results"][0]["lamp"]["text"]
    rest = fire.get("api_box", "pending", cursor=page["next_cursor"]).json()
    assert [one["case"]["id"] for one in rest["results"]] == [second.pk]
    assert rest["next_cursor"] is None
    assert fire.get("api_box", "pending", lamp="red").json()["results"] == []
    assert fire.get("api_box", "pending", lamp="pink").status_code == 400
    assert fire.get("api_box", "nothing").status_code == 404
    queues = {q["name"]: q for q in dispatcher.get("api_queues").json()["queues"]}
    assert queues["whistled"]["waiting"] == 2
    listed = dispatcher.get("api_queue", "whistled", limit=1).json()
    more = dispatcher.get("api_queue", "whistled", cursor=listed["next_cursor"]).json()
    found = [one["case"]["id"] for one in listed["results"] + more["results"]]
    assert found == [first.pk, second.pk]
    assert dispatcher.get("api_queue", "closed").json()["results"] == []
    forged = dispatcher.get("api_queue", "whistled", cursor="0_x:1")
    assert (forged.status_code, forged.json()["field"]) == (400, "cursor")
    elsewhere = {"cursor": listed["next_cursor"]}
    strange = dispatcher.get("api_supervision", **elsewhere)
    assert (strange.status_code, strange.json()["field"]) == (400, "cursor")
    outside = program("other_dispatcher").get("api_queue", "whistled").json()
    assert outside["results"] == []


def test_who_looks_is_told_and_messages_are_read(road, program, world):
    case = road.whistled()
    leave_note(
        case_id=case.pk, opinion="@fire 请看", actor=world.actor("dispatcher"),
        at=MONDAY_9,
    )  # fmt: skip
    fire, dispatcher = program("fire"), program("dispatcher")
    shown = fire.get("api_case", case.pk).json()
    opened = {name: shown[name] for name in ("version", "updated_at")}
    assert dispatcher.post("api_presence", case.pk, body=opened).json() == {
        "viewers": [], "writers": [], "has_moved": False,
    }  # fmt: skip
    seen = fire.post("api_presence", case.pk, body={"version": 1}).json()
    assert (seen["viewers"], seen["has_moved"]) == (["dispatcher"], True)
    assert fire.post("api_seen", case.pk).json()["read"] >= 1
    assert fire.post("api_seen", case.pk).json() == {"read": 0}


def test_the_file_says_what_the_page_says(road, program):
    case, fire = road.whistled(), program("fire")
    whole = fire.get("api_case_file", case.pk)
    assert whole["ETag"] == f'"{case.version}"'
    assert whole.json()["disputes"] == []
    assert whole.json()["master"] is None
    asked = fire.get("api_action", case.pk, "request_extension")
    assert asked.status_code in (200, 409), asked.json()
    assert program("other_dispatcher").get("api_case_file", case.pk).status_code == 404


def test_likely_duplicates_are_joined_and_not_filed_again(road, program):
    case = road.reported()
    about = {**PLACE, "category": case.category_id, "description": case.description}
    worker = program("grid_b")
    found = worker.post("api_duplicates", body=about).json()["cases"]
    assert [one["id"] for one in found] == [case.pk]
    assert found[0]["reason"]
    joined = worker.post("api_support", case.pk, body=about)
    assert joined.status_code == 200, joined.json()
    assert joined.json()["supporters_count"] == 1
    own = program("grid_a").post("api_support", case.pk, body=about)
    assert (own.status_code, own.json()["code"]) == (422, "own")
    far = {**about, "lng": 113.0029}
    assert worker.post("api_support", case.pk, body=far).status_code == 404
    nowhere = worker.post("api_duplicates", body={"category": case.category_id})
    assert nowhere.status_code == 422
    assert Case.objects.get(pk=case.pk).supporters_count == 1


def test_alike_cases_are_named_and_linked_ones_are_in_the_file(road, program):
    case, other = road.reported(), road.reported()
    acceptor = program("acceptor")
    alike = acceptor.get("api_alike", case.pk).json()["cases"]
    assert [one["id"] for one in alike] == [other.pk]
    body = {"other": other.case_no, "kind": "related", "opinion": "同一处"}
    linked = acceptor.post("api_action", case.pk, "link", body=body)
    assert linked.status_code == 200, linked.json()
    related = acceptor.get("api_case_file", case.pk).json()["related"]
    assert [one["id"] for one in related] == [other.pk]


def test_standing_guard_comes_and_leaves(road, program, world):
    case = road.whistled()
    task = SiteTask.objects.create(
        case=case, kind=SiteTask.Kind.GUARD, worker_id=world.user_id("grid_a"),
        requirement="守住现场", sent_at=MONDAY_9,
    )  # fmt: skip
    worker = program("grid_a")
    assert worker.get("api_site_tasks").json()["tasks"][0]["kind"] == "guard"
    assert worker.post("api_arrive", task.pk).status_code == 400
    came = worker.post("api_arrive", task.pk, body=PLACE)
    assert came.status_code == 200, came.json()
    assert came.json()["arrived_at"]
    assert worker.post("api_leave", task.pk).json()["field"] == "remark"
    gone = worker.post("api_leave", task.pk, body={"remark": "已围挡"})
    assert gone.status_code == 200, gone.json()
    assert worker.get("api_site_tasks").json()["tasks"] == []
    assert program("grid_b").post("api_arrive", task.pk, body=PLACE).status_code == 404


def test_a_picture_without_a_case_is_taken_back(program, world, photos):
    batch = photos(world.actor("grid_a"), "report")
    photo = world.postings["grid_a"].user.photo_set.get(batch=batch)
    worker = program("grid_a")
    assert program("grid_b").delete("api_photo", photo.pk).status_code == 204
    assert worker.get("api_photo", photo.pk).status_code == 200
    assert worker.delete("api_photo", photo.pk).status_code == 204
    assert worker.get("api_photo", photo.pk).status_code == 404
