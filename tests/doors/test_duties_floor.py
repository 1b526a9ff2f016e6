"""What the pages of duties do, by programs: tasks sent down, visits, patrols,
admissions, care, emergencies, mediation."""

import uuid
from datetime import timedelta

import pytest

from doors.models import ApiClient
from duties import actions
from duties.models import (
    CareTarget,
    GridItemAdmission,
    Incident,
    IncidentLogEntry,
    Mediation,
    PatrolRecord,
    SituationReport,
    Task,
    TaskReceiver,
    VisitRecord,
)
from governance.models import Event
from tests.cases.conftest import COMMUNITY, MONDAY_9
from tests.duties.conftest import GRID_A, duties
from tests.duties.test_f6 import dispute

__all__ = ["dispute", "duties"]


def draft_of(duties, **more):
    item = GridItemAdmission.objects.first() or duties.admitted()
    return {
        "title": "燃气安全排查",
        "kind": "inspection",
        "requirement": "逐户检查燃气软管，发现问题随手上报。",
        "limit_n": 5,
        "limit_unit": "WORK_DAY",
        "admission": item.pk,
        "addressees": [f"area:{duties.world.areas[COMMUNITY].pk}"],
        "checklist": [
            {"text": "燃气软管完好", "kind": "yes_no", "abnormal": ["否"]},
            {"text": "灶具", "kind": "choice", "options": ["明火", "电"]},
        ],
        **more,
    }


def events(action):
    return Event.objects.filter(action=f"duties.{action}").count()


def test_a_task_is_drafted_with_its_checklist_and_issued(ask, duties):
    fields = ask("dispatcher", "api_task_draft").json()["fields"]
    asked = {one["name"]: one for one in fields}
    assert {"title", "limit_n", "addressees"} <= asked.keys()
    made = ask("dispatcher", "api_task_draft", body=draft_of(duties))
    assert made.status_code == 201, made.text
    task = made.json()
    assert [one["text"] for one in task["checklist"]] == ["燃气软管完好", "灶具"]
    assert task["checklist"][0]["abnormal"] == ["no"]
    assert events("draft_task") == 1
    leader = ask("street_leader", "api_task", task["id"]).json()
    assert "issue" in leader["allowed_actions"]
    form = ask("street_leader", "api_task_action", task["id"], "issue").json()
    body = {"version": form["version"]}
    issued = ask("street_leader", "api_task_action", task["id"], "issue", body=body)
    assert issued.json()["counts"]["expected"] == 1
    again = ask("street_leader", "api_task_action", task["id"], "issue", body={})
    assert again.status_code == 409
    listed = ask("acceptor", "api_duties", query={"task": task["id"]}).json()
    assert [one["title"] for one in listed["results"]] == ["燃气安全排查"]
    papers = ask("dispatcher", "api_tasks", query={"issued": True}).json()["results"]
    assert task["id"] in [one["id"] for one in papers]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": ""}, "title"),
        ({"addressees": ["area:1"]}, "addressees"),
        (
            {"checklist": [{"text": "灶具", "kind": "choice", "options": ["火"]}]},
            "checklist.0.options",
        ),
        (
            {"checklist": [{"text": "软管", "abnormal": ["也许"]}]},
            "checklist.0.abnormal",
        ),
    ],
)
def test_a_faulty_draft_is_refused_at_its_field(ask, duties, more, field):
    body = draft_of(duties, **more)
    answer = ask("dispatcher", "api_task_draft", body=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not Task.objects.exists()
    assert events("draft_task") == 0


def test_too_many_questions_and_who_drafts_nothing(ask, duties):
    body = draft_of(duties, checklist=[{"text": "一"}] * 21)
    answer = ask("dispatcher", "api_task_draft", body=body)
    assert (answer.status_code, answer.json()["field"]) == (400, "checklist")
    for body in (None, draft_of(duties)):
        refused = ask("grid_a", "api_task_draft", body=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "role")
    assert not Task.objects.exists()


def test_a_task_of_another_unit_is_not_found(ask, duties):
    task = duties.drafted()
    assert ask("other_dispatcher", "api_task", task.pk).status_code == 404
    assert ask("dispatcher", "api_task_action", task.pk, "burn").status_code == 404


def test_a_visit_is_recorded_once_and_reported(ask, duties, photos):
    target, part = duties.target(), duties.in_hand()
    form = ask("grid_a", "api_visit_record", part.pk).json()
    fields = {one["name"]: one for one in form["fields"]}
    assert [one["value"] for one in fields["target"]["choices"]] == [str(target.pk)]
    assert fields["q2"]["required"] and form["photo_stage"] == "report"
    assert "photos" not in fields
    body = {
        "submission": str(uuid.uuid4()), "target": target.pk, "q1": "yes", "q2": "no",
        "remark": "软管老化。",
    }  # fmt: skip
    made = ask("grid_a", "api_visit_record", part.pk, body=body)
    assert made.status_code == 201, made.text
    record = made.json()
    assert record["is_abnormal"] and record["case"] is None
    assert [one["answer"] for one in record["answers"]][:2] == ["是", "否"]
    again = ask("grid_a", "api_visit_record", part.pk, body=body)
    assert again.json()["id"] == record["id"]
    assert events("record") == VisitRecord.objects.count() == 1
    found = {
        "category": duties.world.categories["stall"].pk,
        "description": "独居老人家中燃气软管老化开裂，有漏气的气味。",
        "address": "幸福里 3 栋",
        "batch": photos(duties.actor("grid_a"), "report"),
    }
    asked = ask("grid_a", "api_visit_report", record["id"]).json()["fields"]
    known = {one["name"]: one["initial"] for one in asked}
    assert known["address"] == "幸福里 3 栋 2 单元"
    case = ask("grid_a", "api_visit_report", record["id"], body=found)
    assert case.status_code == 201, case.text
    assert ask("grid_a", "api_visit", record["id"]).json()["case"] == case.json()["id"]
    listed = ask("acceptor", "api_visits", query={"duty": part.pk, "abnormal": True})
    assert [one["id"] for one in listed.json()["results"]] == [record["id"]]
    assert ask("grid_b", "api_visit", record["id"]).status_code == 404


def test_a_visit_without_its_answers_is_refused(ask, duties):
    target, part = duties.target(), duties.in_hand()
    answer = ask("grid_a", "api_visit_record", part.pk, body={"target": target.pk})
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["errors"]} == {"q1", "q2"}
    assert not VisitRecord.objects.exists()


def test_a_patrol_is_begun_once_and_ended_by_who_walks(ask, duties):
    refused = ask("acceptor", "api_patrols", body={})
    assert (refused.status_code, refused.json()["code"]) == (403, "role")
    begun = ask("grid_a", "api_patrols", body={})
    assert begun.status_code == 201
    twice = ask("grid_a", "api_patrols", body={})
    assert (twice.status_code, twice.json()["code"]) == (422, "running")
    patrol = begun.json()["id"]
    running = ask("acceptor", "api_patrols", query={"running": True}).json()
    assert [one["id"] for one in running["results"]] == [patrol]
    assert ask("grid_b", "api_patrol", patrol).status_code == 404
    assert ask("acceptor", "api_patrol_end", patrol, body={}).status_code == 404
    body = {"remark": "一切正常"}
    ended = ask("grid_a", "api_patrol_end", patrol, body=body).json()
    assert ended["remark"] == "一切正常" and ended["ended_at"]
    over = ask("grid_a", "api_patrol_end", patrol, body={})
    assert over.status_code == 409
    assert PatrolRecord.objects.count() == events("end_patrol") == 1


def test_an_item_is_applied_for_and_admitted(ask, duties):
    body = {
        "item": "独居老人走访", "kind": "regular", "reason": "养老服务条例",
        "workload": "每月 4 小时", "starts_date": "2026-01-01",
    }  # fmt: skip
    assert ask("grid_a", "api_apply").status_code == 403
    empty = ask("urban", "api_apply", body={**body, "reason": ""})
    assert (empty.status_code, empty.json()["field"]) == (422, "reason")
    made = ask("urban", "api_apply", body=body)
    assert made.status_code == 201, made.text
    item = made.json()["id"]
    assert ask("acceptor", "api_admission", item).status_code == 404
    waiting = ask("district", "api_admissions", query={"waiting": True}).json()
    assert waiting["results"][0]["allowed_actions"] == ["approve", "refuse"]
    assert ask("urban", "api_admission_action", item, "approve").status_code == 403
    for action, body in (("approve", {"opinion": "同意"}), ("publish", {})):
        answer = ask("district", "api_admission_action", item, action, body=body)
        assert answer.status_code == 200, answer.text
    assert answer.json()["in_force"] is True
    listed = ask("acceptor", "api_admissions", query={"in_force": True}).json()
    assert [one["id"] for one in listed["results"]] == [item]


def test_who_is_cared_for_is_masked_and_opened_with_a_reason(ask, duties):
    body = {
        "grid": duties.world.areas[GRID_A].pk, "name": "王秀英",
        "telephone": "13812345678", "building": "幸福里 3 栋", "room": "301",
        "services": ["living_alone"], "legal_basis": "consent",
        "consent_date": "2026-10-01", "worker": duties.world.user_id("grid_a"),
        "every_days": 7, "next_visit_date": "2026-11-23", "review_date": "2027-10-01",
    }  # fmt: skip
    assert ask("grid_a", "api_care_register", body=body).status_code == 403
    made = ask("acceptor", "api_care_register", body=body)
    assert made.status_code == 201, made.text
    target = made.json()
    assert target["identity"]["name"] == "王**"
    assert "13812345678" not in made.text
    due = ask("grid_a", "api_care_targets", query={"due": True}).json()["results"]
    assert [one["id"] for one in due] == [target["id"]]
    assert ask("grid_b", "api_care", target["id"]).status_code == 404
    silent = ask("acceptor", "api_care_reveal", target["id"], body={})
    assert (silent.status_code, silent.json()["field"]) == (422, "reason")
    assert events("reveal_care_target") == 0
    opened = ask("acceptor", "api_care_reveal", target["id"], body={"reason": "走访"})
    assert opened.json()["telephone"] == "13812345678"
    assert opened["Cache-Control"] == "no-store"
    assert events("reveal_care_target") == 1
    ended = ask(
        "acceptor", "api_care_action", target["id"], "end", body={"reason": "已搬离"}
    )
    assert ended.json()["ended_at"] and ended.json()["allowed_actions"] == []
    assert CareTarget.objects.get().name == ""


def test_a_client_has_each_part_only_with_its_scope(ask, duties):
    def status(name):
        return ask("acceptor", name, scopes=["duties"]).status_code

    assert status("api_tasks") == status("api_patrols") == 200
    for name in ("api_care_targets", "api_incidents", "api_mediations"):
        assert status(name) == 403, name
    assert ApiClient.objects.get().scopes == ["duties"]


def test_an_emergency_is_started_reported_on_and_ended(ask, duties, photos):
    body = {
        "title": "台风防御", "kind": "typhoon", "level": "orange",
        "requirement": "转移低洼地带人员。", "report_hours": 2,
        "expires_at": f"{MONDAY_9 + timedelta(days=1):%Y-%m-%d %H:%M}",
    }  # fmt: skip
    assert ask("acceptor", "api_incident_start").status_code == 403
    made = ask("street_leader", "api_incident_start", body=body)
    assert made.status_code == 201, made.text
    incident = made.json()["id"]
    assert made.json()["is_running"]
    part = TaskReceiver.objects.get(area__code=COMMUNITY)
    passed = ask("acceptor", "api_incident_pass", part.pk, body={})
    assert passed.status_code == 200, passed.text
    grid = TaskReceiver.objects.get(area__code=GRID_A)
    shown = ask("street_leader", "api_incident", incident).json()
    assert grid.pk in [one["part"] for one in shown["silent"]]
    vague = ask("grid_a", "api_situations", grid.pk, body={"kind": "danger"})
    assert (vague.status_code, vague.json()["field"]) == (422, "text")
    safe = ask("grid_a", "api_situations", grid.pk, body={"kind": "safe"})
    assert safe.status_code == 201
    danger = {
        "submission": str(uuid.uuid4()),
        "category": duties.world.categories["stall"].pk,
        "description": "河堤出现管涌，水色发浑，需要抢险。", "address": "三号闸",
        "batch": photos(duties.actor("grid_a"), "report"),
    }  # fmt: skip
    case = ask("grid_a", "api_incident_case", grid.pk, body=danger)
    assert case.status_code == 201, case.text
    assert case.json()["urgent"] is True
    again = ask("grid_a", "api_incident_case", grid.pk, body=danger)
    assert again.json()["id"] == case.json()["id"]
    listed = ask("grid_a", "api_situations", grid.pk).json()
    assert [one["kind"] for one in listed] == ["danger", "safe"]
    assert SituationReport.objects.count() == 2
    note = ask(
        "street_leader", "api_incident_log", incident, body={"text": "水位 4 米"}
    )
    assert note.status_code == 200, note.text
    log = ask("street_leader", "api_incident_log", incident).json()
    assert [one["kind"] for one in log][-1] == IncidentLogEntry.Kind.START
    assert log[0]["text"] == "水位 4 米"
    assert ask("grid_a", "api_incident_log", incident).status_code == 403
    close = {"review": "没有伤亡。"}
    ended = ask("street_leader", "api_incident_close", incident, body=close)
    assert ended.json()["closed_at"]
    late = ask("grid_a", "api_situations", grid.pk, body={"kind": "safe"})
    assert (late.status_code, late.json()["code"]) == (409, "state")
    assert Incident.objects.count() == events("close_incident") == 1


def test_a_dispute_is_mediated_and_its_parties_opened(ask, dispute):
    case, by = dispute.in_hand(), "community_handler"
    told = ask(by, "api_mediation", case.pk).json()
    assert told["allowed_actions"] == ["open"] and told["mediation"] is None
    early = ask(by, "api_mediation_action", case.pk, "session", body={})
    assert (early.status_code, early.json()["code"]) == (409, "state")
    opened = ask(by, "api_mediation_action", case.pk, "open", body=dispute.parties())
    assert opened.status_code == 200, opened.text
    assert {one["name"] for one in opened.json()["parties"]} == {"赵**", "钱**"}
    sat = {
        "held_at": "2026-11-23 08:30", "place": "调解室", "present": "双方",
        "outcome": "failed", "minutes": "没有谈拢。",
    }  # fmt: skip
    after = ask(by, "api_mediation_action", case.pk, "session", body=sat)
    assert [one["outcome"] for one in after.json()["sessions"]] == ["failed"]
    listed = ask(by, "api_mediations").json()["results"]
    assert [one["case"] for one in listed] == [case.pk]
    figures = ask(by, "api_mediation_figures").json()
    assert sum(one["total"] for one in figures) == 1
    whole = ask(by, "api_mediation_parties", case.pk, body={"reason": "电话回访"})
    assert {one["name"] for one in whole.json()} == {"赵大海", "钱小河"}
    assert events("reveal_parties") == 1
    assert ask("fire", "api_mediation", case.pk).status_code == 404
    assert Mediation.objects.count() == 1


def test_a_grid_worker_ends_no_care(ask, duties):
    target = duties.target()
    assert ask("grid_a", "api_care", target.pk).json()["allowed_actions"] == []
    by_grid = ask(
        "grid_a", "api_care_action", target.pk, "end", body={"reason": "已搬离"}
    )
    assert by_grid.status_code == 403
    assert actions.masked(target).name == "王**"
