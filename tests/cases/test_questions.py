"""Extra questions of a category: set as data, asked everywhere, kept with the case."""

import uuid
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse

from cases import actions, answers
from cases.actions.questions import Wording, set_question
from cases.models import Case, Question
from governance import clock
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.roles import Role
from tests.cases.conftest import MONDAY_9, SPOT
from tests.factories import PostFactory, PostingFactory

NOW = MONDAY_9 + timedelta(minutes=30)
ADMINISTRATOR = Actor(user_id=None, name="系统管理员", role=Role.SYSTEM_ADMIN)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def ask(world, category="stall", **wording):
    wording = {
        "label": "占道方式",
        "kind": "choice",
        "choices": "桌椅外摆\n货架外摆\n车辆流动",
        "is_required": True,
        **wording,
    }
    return set_question(
        category_id=world.categories[category].pk,
        wording=Wording(**wording),
        actor=ADMINISTRATOR,
        at=NOW,
    )


@pytest.fixture
def filled(world, photos):
    def filled(**more):
        return {
            "submission": photos(world.actor("grid_a"), "report"),
            "kind": "report",
            "category": world.categories["stall"].pk,
            "description": "门前摆摊占住了整条人行道，行人只能走车道。",
            "address": "和平路 12 号门前",
            "lng": str(SPOT[0]),
            "lat": str(SPOT[1]),
            "crs": "wgs84",
            **more,
        }

    return filled


@pytest.fixture
def phone(client, world):
    client.force_login(world.postings["grid_a"].user)
    return client


def test_the_administrator_adds_a_question_and_it_is_in_the_journal(world):
    question = ask(world)
    assert question.options == ["桌椅外摆", "货架外摆", "车辆流动"]
    event = Event.objects.filter(action="cases.set_question").get()
    assert event.detail["fields"]["label"] == [None, "占道方式"]


def test_changing_nothing_leaves_no_event(world):
    question = ask(world)
    again = set_question(
        category_id=question.category_id,
        question_id=question.pk,
        wording=Wording(
            label=question.label,
            kind=question.kind,
            choices=question.choices,
            is_required=True,
        ),
        actor=ADMINISTRATOR,
        at=NOW,
    )
    assert again == question
    assert Event.objects.filter(action="cases.set_question").count() == 1


@pytest.mark.parametrize(
    ("wording", "sentence"),
    [
        ({"choices": "只有一个"}, "至少要有两个选项"),
        ({"kind": "text"}, "请清空选项"),
        ({"label": " "}, "请填写问题"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(world, wording, sentence):
    with pytest.raises(Refused, match=sentence):
        ask(world, **wording)
    assert not Event.objects.filter(action="cases.set_question").exists()


def test_only_the_administrator_sets_questions(world):
    with pytest.raises(Refused, match="只有系统管理员"):
        set_question(
            category_id=world.categories["stall"].pk,
            wording=Wording(label="问", kind="text"),
            actor=world.actor("grid_a"),
            at=NOW,
        )


def test_the_form_asks_at_the_question_and_keeps_what_was_written(world, phone, filled):
    question = ask(world)
    answer = phone.post(reverse("phone_file"), filled())
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请选择“占道方式”" in page
    assert "货架外摆" in page
    assert "门前摆摊占住" in page
    chosen = filled(**{f"answers.{question.pk}": "货架外摆"})
    assert phone.post(reverse("phone_file"), chosen).status_code == 302
    kept = {"question": question.pk, "label": "占道方式", "answer": "货架外摆"}
    assert Case.objects.get().answers == [kept]


def test_the_api_asks_for_it_and_names_the_field(world, phone, photos):
    question = ask(world)
    body = {
        "id": photos(world.actor("grid_a"), "report"),
        "category": world.categories["stall"].pk,
        "description": "门前摆摊占住了整条人行道，行人只能走车道。",
        "address": "和平路 12 号门前",
        "lng": SPOT[0],
        "lat": SPOT[1],
    }
    url = reverse("api_submissions")
    refused = phone.post(url, body, "application/json")
    assert refused.status_code == 422
    assert refused.json()["field"] == f"answers.{question.pk}"
    body["answers"] = {str(question.pk): "车辆流动"}
    filed = phone.post(url, body, "application/json")
    assert filed.status_code == 201
    assert filed.json()["answers"][0]["answer"] == "车辆流动"
    assert phone.post(url, body, "application/json").status_code == 200
    other = {**body, "answers": {str(question.pk): "桌椅外摆"}}
    assert phone.post(url, other, "application/json").status_code == 409


def test_the_offline_copy_asks_for_it(world, phone):
    question = ask(world)
    ask(world, label="旧问题", is_active=False)
    copy = phone.get(reverse("phone_catalogue")).json()["categories"]
    stall = next(one for one in copy if one["id"] == question.category_id)
    assert [one["label"] for one in stall["questions"]] == ["占道方式"]
    assert stall["questions"][0]["required"] is True
    assert stall["questions"][0]["options"][1] == "货架外摆"


def test_the_case_page_shows_the_answer_with_the_wording_of_its_time(
    world, phone, filled, client
):
    question = ask(world)
    phone.post(reverse("phone_file"), filled(**{f"answers.{question.pk}": "货架外摆"}))
    Question.objects.update(label="改过的问法")
    case = Case.objects.get()
    page = phone.get(reverse("phone_case", args=[case.pk])).content.decode()
    assert "占道方式" in page and "货架外摆" in page
    client.force_login(world.postings["acceptor"].user)
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "占道方式" in page and "货架外摆" in page


def test_a_floor_above_files_without_answers(world):
    ask(world)
    report = actions.Report(
        category_id=world.categories["stall"].pk,
        description="巡查任务中发现的占道摊位，影响通行。",
        address="和平路 12 号门前",
        lng=SPOT[0],
        lat=SPOT[1],
        source=Case.Source.HOTLINE,
    )
    hotline = replace(world.actor("acceptor"), role="hotline_agent")
    case = actions.report(
        submission_id=uuid.uuid4(), report=report, actor=hotline, at=NOW
    )
    assert case.answers == []


def question(kind, *, required=False, options=()):
    return SimpleNamespace(
        pk=1, label="问", kind=kind, options=list(options), is_required=required
    )


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", " 三个摊位 ", "三个摊位"),
        ("number", "2.5", "2.5"),
        ("number", 3, "3"),
        ("date", "2026-11-23", "2026-11-23"),
        ("choice", "甲", "甲"),
        ("choices", ["甲", "乙"], ["甲", "乙"]),
    ],
)
def test_what_fits_is_kept(kind, given, kept):
    options = ["甲", "乙"] if kind.startswith("choice") else ()
    found, faults = answers.check([question(kind, options=options)], {"1": given})
    assert faults == {}
    assert found[0]["answer"] == kept


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        ("text", "长" * 501, "最多 500 字"),
        ("text", ["甲"], "答法不对"),
        ("number", "三", "请填写数字"),
        ("number", "٣", "请填写数字"),
        ("date", "2026-02-30", "请填写日期"),
        ("date", "20261123", "请填写日期"),
        ("choice", "丙", "选项已经变了"),
        ("choices", ["甲", "丙"], "选项已经变了"),
        ("choices", "甲", "答法不对"),
    ],
)
def test_what_does_not_fit_is_said(kind, given, sentence):
    options = ["甲", "乙"] if kind.startswith("choice") else ()
    found, faults = answers.check([question(kind, options=options)], {"1": given})
    assert found == []
    assert sentence in faults[1]


@pytest.mark.parametrize("empty", [None, "", "  ", [], [" "]])
def test_a_required_question_wants_an_answer(empty):
    asked = question("text", required=True)
    assert 1 in answers.check([asked], {"1": empty})[1]
    assert answers.check([asked], {"1": empty}, all_required=False) == ([], {})


def test_answers_to_what_was_not_asked_are_left_out():
    assert answers.check([question("text")], {"7": "多余"}) == ([], {})


def test_the_administration_adds_and_changes_but_never_deletes(client, world):
    posting = PostingFactory(
        user__is_staff=True,
        user__is_superuser=True,
        post=PostFactory(role=Role.SYSTEM_ADMIN),
    )
    client.force_login(posting.user)
    form = {
        "category": world.categories["stall"].pk,
        "order": 1,
        "label": "占道方式",
        "kind": "choice",
        "choices": "桌椅外摆",
        "is_active": "on",
    }
    add = reverse("admin:cases_question_add")
    assert "至少要有两个选项" in client.post(add, form).content.decode()
    form["choices"] = "桌椅外摆\r\n货架外摆"
    assert client.post(add, form).status_code == 302
    question = Question.objects.get()
    assert question.options == ["桌椅外摆", "货架外摆"]
    change = reverse("admin:cases_question_change", args=[question.pk])
    assert client.post(change, {**form, "is_required": "on"}).status_code == 302
    question.refresh_from_db()
    assert question.is_required
    assert Event.objects.filter(action="cases.set_question").count() == 2
    delete = reverse("admin:cases_question_delete", args=[question.pk])
    assert client.get(delete).status_code == 403
