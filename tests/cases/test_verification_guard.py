"""发核实 (T09): what the public reports, what lacks a photo, what is incomplete."""

import uuid

import pytest
from django.urls import reverse

from cases import actions
from cases.models import Case, SiteTask
from cases.offers import offers
from cases.workflow import TRANSITIONS, State
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, SPOT
from tests.cases.road import ASKED, Road, again, piece, signed_in

SENTENCE = "信息不全的，请写明缺什么"


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def verify(road: Road, case: Case, **more) -> Case:
    actions.send_to_verify(
        case_id=case.pk, worker_id=road.world.user_id("grid_b"), requirement="去看看",
        actor=road.world.actor("acceptor"), at=MONDAY_9, **more,
    )  # fmt: skip
    return again(case)


def test_the_guard_stands_in_the_table() -> None:
    (row,) = [one for one in TRANSITIONS if one.id == "T09"]
    assert [one.name for one in row.guards] == ["needs_verifying"]


@pytest.mark.parametrize("source", ["resident", "hotline"])
def test_what_the_public_reports_is_verified(road, source) -> None:
    case = road.reported(source=source)
    assert case.has_photos
    assert verify(road, case).state == State.VERIFYING


def test_what_was_reported_for_somebody_is_verified(road) -> None:
    assert verify(road, road.reported(**ASKED)).state == State.VERIFYING


def test_what_came_without_a_photo_is_verified(road) -> None:
    case = actions.report(
        submission_id=uuid.uuid4(),
        report=actions.Report(
            category_id=road.world.categories["lane"].pk, address="商贸楼东侧",
            description="烟感报警，通道疑似堵塞。", lng=SPOT[0], lat=SPOT[1],
        ),
        actor=Actor.device("烟感 17"), at=MONDAY_9,
    )  # fmt: skip
    assert (case.source, case.has_photos) == ("device", False)
    assert verify(road, case).state == State.VERIFYING


@pytest.mark.parametrize("missing", ["", "  "])
def test_a_worker_s_report_with_photos_is_not(road, missing) -> None:
    case = road.reported()
    before = Event.objects.count()
    with pytest.raises(Refused, match=SENTENCE) as refused:
        verify(road, case, missing=missing)
    assert (refused.value.code, refused.value.field) == ("guard", "missing")
    assert "请直接接报或上呈" in str(refused.value)
    assert (again(case).state, Event.objects.count()) == (State.REPORTED, before)
    assert not SiteTask.objects.exists()


def test_unless_the_acceptor_says_what_is_missing(road) -> None:
    case = verify(road, road.reported(), missing="看不出占了多长")
    assert case.site_tasks.get().requirement == "去看看（请补充：看不出占了多长）"
    event = Event.objects.filter(chain=case.chain).latest("seq")
    assert event.detail["given"]["missing"] == "看不出占了多长"


def test_the_page_offers_it_says_what_to_do_and_keeps_the_words(road) -> None:
    case = road.reported()
    at_desk = road.world.actor("acceptor")
    assert "send_to_verify" in [one.name for one in offers(case, at_desk, MONDAY_9)]
    client = signed_in(road.world, "acceptor")
    page = reverse("case_action", args=[case.pk, "send_to_verify"])
    assert SENTENCE in client.get(page).content.decode()
    given = {"worker": road.world.user_id("grid_b"), "requirement": "去数一数"}
    refused = piece(client, page, version=case.version, **given)
    assert refused.status_code == 422
    content = refused.content.decode()
    assert "field-invalid" in content and SENTENCE in content and "去数一数" in content
    went = piece(client, page, version=case.version, missing="数量", **given)
    assert "HX-Redirect" in went
    assert again(case).state == State.VERIFYING


def test_the_timeline_says_what_was_missing(road) -> None:
    case = verify(road, road.reported(), missing="看不出占了多长")
    content = signed_in(road.world, "acceptor").get(f"/cases/{case.pk}/")
    assert "缺少的信息" in content.content.decode()


def test_who_sent_the_worker_is_told_what_was_found(road, turn) -> None:
    """T10: 下发人, here the street's acceptor; the community has the case again."""
    case = road.reported(**ASKED)
    actions.send_to_verify(
        case_id=case.pk, worker_id=road.world.user_id("grid_b"), requirement="去看看",
        actor=road.world.actor("street_acceptor"), at=MONDAY_9,
    )  # fmt: skip
    turn(MONDAY_9)
    Notification.objects.all().delete()
    actions.submit_verification(
        case_id=case.pk, result="untrue", remark="现场没有", position=None,
        photos=None, actor=road.world.actor("grid_b"), at=MONDAY_9,
    )  # fmt: skip
    turn(MONDAY_9)
    told = Notification.objects.filter(title__startswith="核实反馈")
    people = set(told.values_list("user__name", flat=True))
    assert people == {"street_acceptor", "acceptor"}
