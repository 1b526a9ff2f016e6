"""The case page: who sees it, what it offers, how a refused step keeps the words."""

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import actions
from cases.models import Case
from cases.offers import offers
from cases.workflow import State
from governance.models import Event
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import ASKED, Road, again, piece, signed_in

STALE = "有人先您一步"


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def page(case: Case) -> str:
    return reverse("case", args=[case.pk])


def step(case: Case, action: str) -> str:
    return reverse("case_action", args=[case.pk, action])


def test_anonymous_is_sent_to_sign_in(road, client) -> None:
    case = road.reported()
    for url in (page(case), step(case, "accept"), reverse("case_contact", args=[1])):
        response = client.get(url)
        assert response.status_code == 302 and "/login/" in response["Location"]


@pytest.mark.parametrize("name", ["other_dispatcher", "urban", "fire"])
def test_out_of_scope_is_not_found(road, name) -> None:
    case = road.reported()
    client = signed_in(road.world, name)
    for url in (
        page(case),
        step(case, "accept"),
        reverse("case_contact", args=[case.pk]),
    ):
        assert client.get(url).status_code == 404
    assert client.post(f"{page(case)}presence/").status_code == 404
    assert client.post(step(case, "accept"), {}).status_code == 404


@pytest.mark.parametrize(
    ("stage", "name"),
    [
        ("reported", "acceptor"),
        ("reported", "grid_a"),
        ("pending", "dispatcher"),
        ("drafted", "street_leader"),
        ("whistled", "fire"),
        ("joint", "fire"),
        ("fed_back", "street_acceptor"),
        ("checked", "street_acceptor"),
        ("closed", "dispatcher"),
    ],
)
def test_the_buttons_are_the_offers(road, stage, name) -> None:
    case = getattr(road, stage)()
    content = signed_in(road.world, name).get(page(case)).content.decode()
    offered = {one.name for one in offers(case, road.world.actor(name), MONDAY_9)}
    known = [*offered, "accept", "whistle", "check_in", "feed_back", "send_to_check"]
    for action in known:
        url = (
            reverse("whistle_compose", args=[case.pk])
            if action == "whistle"
            else step(case, action)
        )
        assert (f'href="{url}"' in content) == (action in offered), action


def test_the_page_tells_number_state_place_clocks_and_story(road) -> None:
    case = road.whistled("urban")
    response = signed_in(road.world, "dispatcher").get(page(case))
    content = response.content.decode()
    for words in (
        case.display_no, "已吹哨·待报到", "和平路 12 号门前", "消防法第二十八条",
        "区消防大队", "区城管局", "联合·执法哨", "剩 4 工作时", "限 2 工作时", "接报",
        "社区无执法权", "待街道研判 → 已吹哨·待报到", "主办报到", "须在",
    ):  # fmt: skip
        assert words in content, words
    for code in ("STREET_PENDING →", "enforcement<", "None", "lead<"):
        assert code not in content, code


def test_opening_a_step_gives_the_piece_or_the_page(road) -> None:
    case = road.reported()
    client = signed_in(road.world, "acceptor")
    whole = client.get(step(case, "raise_to_street")).content.decode()
    part = piece(client, step(case, "raise_to_street")).content.decode()
    assert "<html" in whole and "<html" not in part
    for content in (whole, part):
        assert f'name="version" value="{case.version}"' in content
        assert "上呈理由和初步意见" in content


def test_a_step_that_is_not_offered_says_why(road) -> None:
    case = road.reported()
    client = signed_in(road.world, "acceptor")
    response = piece(client, step(case, "check_in"))
    assert response.status_code == 422
    assert "不能“主办报到”" in response.content.decode()
    assert client.get(step(case, "no_such_step")).status_code == 404


def test_a_step_is_carried_out_and_goes_back_to_the_case(road) -> None:
    case = road.reported()
    client = signed_in(road.world, "acceptor")
    given = {"opinion": "社区无执法权", "version": case.version}
    response = piece(client, step(case, "raise_to_street"), **given)
    assert response["HX-Redirect"] == page(case)
    assert again(case).state == State.STREET_PENDING
    plain = road.reported()
    given["version"] = plain.version
    response = client.post(step(plain, "raise_to_street"), given)
    assert response.status_code == 302 and response["Location"] == page(plain)


def test_a_missing_field_is_named_and_nothing_is_lost(road) -> None:
    case = road.reported("stall")
    client = signed_in(road.world, "acceptor")
    handler = road.world.user_id("community_handler")
    response = piece(
        client,
        step(case, "accept"),
        handler=handler,
        condition="",
        version=case.version,
    )
    content = response.content.decode()
    assert response.status_code == 422
    assert f'<option value="{handler}" selected>' in content
    assert "请选择立案条件" in content
    assert again(case).state == State.REPORTED


def test_a_refused_step_keeps_what_was_typed_at_the_field(road) -> None:
    case = road.whistled()
    client = signed_in(road.world, "fire")
    response = piece(client, step(case, "check_in"), mode="on_site", remark="马上到")
    content = response.content.decode()
    assert response.status_code == 422
    assert "到场报到需要定位" in content and "马上到" in content
    assert again(case).state == State.WHISTLED


def test_a_stale_form_says_who_was_faster_and_keeps_the_words(road) -> None:
    case = road.reported()
    client = signed_in(road.world, "acceptor")
    actions.send_to_verify(
        case_id=case.pk,
        worker_id=road.world.user_id("grid_a"),
        requirement="看",
        missing="地址不清",
        actor=road.world.actor("street_acceptor"),
        at=MONDAY_9,
    )
    response = piece(
        client,
        step(case, "raise_to_street"),
        opinion="我写了很多",
        version=case.version,
    )
    content = response.content.decode()
    assert response.status_code == 422
    assert STALE in content and "我写了很多" in content and page(case) in content


def test_a_stale_step_that_still_stands_goes_through_at_the_next_press(road) -> None:
    case = road.reported()
    client = signed_in(road.world, "acceptor")
    url, said = step(case, "raise_to_street"), "社区办不了"
    content = piece(
        client, url, opinion=said, version=case.version - 1
    ).content.decode()
    assert STALE in content and "再提交一次" in content
    assert f'name="version" value="{case.version}"' in content
    assert again(case).state == State.REPORTED
    assert piece(client, url, opinion=said, version=case.version).status_code == 200
    assert again(case).state == State.STREET_PENDING


def test_the_open_page_notices_that_the_case_moved_on(road) -> None:
    case = road.reported()
    client = signed_in(road.world, "dispatcher")
    url = reverse("case_presence", args=[case.pk])
    same = piece(client, url, version=case.version)
    assert "本案有新进展" not in same.content.decode()
    road_on = piece(client, url, version=case.version - 1)
    assert "本案有新进展" in road_on.content.decode()


def test_the_open_page_notices_what_was_noted_beside_the_way(road) -> None:
    case = road.joint("urban")
    client = signed_in(road.world, "dispatcher")
    content = client.get(reverse("case", args=[case.pk])).content.decode()
    found = re.search(r"hx-vals='([^']*)' hx-trigger=\"every 4s, load", content)
    assert found is not None
    opened, url = json.loads(found[1]), reverse("case_presence", args=[case.pk])
    assert "本案有新进展" not in piece(client, url, **opened).content.decode()
    road.at = MONDAY_9 + timedelta(minutes=5)
    road.check_in(case, "urban")
    assert "本案有新进展" in piece(client, url, **opened).content.decode()


def test_a_support_checks_in_and_the_lead_feeds_back_on_the_pages(
    road, snapshot
) -> None:
    case = road.whistled("urban")
    for name, action in (("urban", "support_check_in"), ("fire", "check_in")):
        client = signed_in(road.world, name)
        given = {"mode": "on_site", "lng": "113.0005", "lat": "28.0005"}
        assert piece(client, step(case, action), **given).status_code == 200
    assert again(case).state == State.JOINT_HANDLING
    client = signed_in(road.world, "fire")
    assert "区城管局" in piece(client, step(case, "feed_back")).content.decode()
    given = {"result": "solved", "measures": "已清空", "version": again(case).version}
    refused = piece(client, step(case, "feed_back"), **given)
    assert "区城管局还没有办结" in refused.content.decode()
    given["override"] = "情况紧急"
    refused = piece(client, step(case, "feed_back"), batch="nonsense", **given)
    assert refused.status_code == 422 and "处置后" in refused.content.decode()
    assert "nonsense" not in refused.content.decode()
    given["photos"] = SimpleUploadedFile("a.jpg", snapshot, "image/jpeg")
    response = piece(client, step(case, "feed_back"), **given)
    assert response["HX-Redirect"] == page(case)
    assert again(case).state == State.FEEDBACK_REVIEW


def test_signing_shows_the_whole_whistle(road) -> None:
    case = road.drafted("urban")
    client = signed_in(road.world, "street_leader")
    content = piece(client, step(case, "sign_whistle")).content.decode()
    for words in (
        "区消防大队",
        "现场清理",
        "urban配合",
        "消防法第二十八条",
        "签发并吹哨",
    ):
        assert words in content
    given = {"whistle_id": case.whistles.get().pk, "version": case.version}
    response = piece(client, step(case, "sign_whistle"), **given)
    assert response["HX-Redirect"] == page(case)
    assert again(case).state == State.WHISTLED


def test_likely_duplicates_are_shown_and_merged_by_one_press(road) -> None:
    master, case = road.reported(), road.reported()
    client = signed_in(road.world, "acceptor")
    content = client.get(page(case)).content.decode()
    assert "可能是重复上报" in content and master.display_no in content
    form = piece(client, f"{step(case, 'merge')}?master={master.display_no}")
    assert f'value="{master.display_no}"' in form.content.decode()
    nowhere = piece(
        client,
        step(case, "merge"),
        master="990101-20261123-99999",
        opinion="重复",
        version=case.version,
    )
    assert "没有找到主案" in nowhere.content.decode()
    piece(
        client,
        step(case, "merge"),
        master=master.display_no,
        opinion="重复",
        version=case.version,
    )
    assert again(case).master == master
    assert "已并入" in client.get(page(case)).content.decode()
    assert "并入本案" in client.get(page(master)).content.decode()


def test_the_contact_is_masked_and_opened_with_a_journalled_reason(road) -> None:
    case = road.reported(complainant_name="欧阳居民", complainant_contact="13800001234")
    client = signed_in(road.world, "acceptor")
    content = client.get(page(case)).content.decode()
    assert "欧***" in content and "138****1234" in content
    assert "13800001234" not in content and "欧阳居民" not in content
    url = reverse("case_contact", args=[case.pk])
    assert "13800001234" not in piece(client, url).content.decode()
    empty = piece(client, url, reason=" ")
    assert empty.status_code == 422 and "13800001234" not in empty.content.decode()
    opened = piece(client, url, reason="电话核实地点").content.decode()
    assert "13800001234" in opened and "欧阳居民" in opened
    event = Event.objects.filter(chain=case.chain).order_by("seq").last()
    assert event.action == "cases.reveal_contact"
    assert event.detail["purpose"] == "电话核实地点"
    assert "13800001234" not in str(event.detail)
    assert again(case).version == case.version


def test_departments_do_not_see_a_number_that_is_kept_from_them(road) -> None:
    """FEATURES 73: the community and the street, which calls back, do."""
    case = road.whistled(**ASKED, contact_hidden=True)
    url = reverse("case_contact", args=[case.pk])
    fire = signed_in(road.world, "fire")
    content = fire.get(page(case)).content.decode()
    assert "138****1234" not in content and "居民选择不让部门看到电话" in content
    refused = piece(fire, url, reason="联系居民")
    assert refused.status_code == 422
    assert "请社区转达" in refused.content.decode()
    assert "13800001234" not in refused.content.decode()
    assert not Event.objects.filter(action="cases.reveal_contact").exists()
    for name in ("acceptor", "dispatcher"):
        client = signed_in(road.world, name)
        assert "138****1234" in client.get(page(case)).content.decode()
        assert "13800001234" in piece(client, url, reason="回访").content.decode()


def test_reading_the_page_marks_its_messages_read(road, turn, monkeypatch) -> None:
    case = road.reported()
    turn(MONDAY_9)
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    client = signed_in(road.world, "acceptor")
    unread = Notification.objects.visible_to(road.world.user_id("acceptor")).unread()
    assert unread.filter(subject=case.chain).exists()
    assert client.post(reverse("case_seen", args=[case.pk])).status_code == 204
    assert not unread.filter(subject=case.chain).exists()


def test_queries_do_not_grow_with_the_story(road) -> None:
    short, long = (
        road.reported(),
        road.closed(complainant_name="", complainant_contact=""),
    )
    client = signed_in(road.world, "dispatcher")
    counts = []
    for case in (short, long):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(page(case)).status_code == 200
        counts.append(len(queries))
    assert max(counts) <= 44, counts  # one for each kind of thing on the page


def test_an_overdue_clock_is_said_in_words(road, monkeypatch) -> None:
    case = road.reported()
    monkeypatch.setattr("governance.clock.now", lambda: at("2026-11-23 15:00"))
    content = signed_in(road.world, "acceptor").get(page(case)).content.decode()
    assert "超时 2 工作时" in content and 'data-lamp="red"' in content


@pytest.mark.parametrize(
    ("stage", "name", "action", "given", "state"),
    [
        ("reported", "acceptor", "send_to_verify",
         {"worker": "grid_a", "requirement": "看是否属实", "missing": "地址不清"},
         State.VERIFYING),
        ("reported", "acceptor", "accept",
         {"handler": "community_handler", "condition": "*"},
         State.COMMUNITY_HANDLING),
        ("reported", "acceptor", "reject",
         {"reason": "not_ours", "opinion": "不属于本级职责"}, State.REJECTED),
        ("reported", "acceptor", "transfer",
         {"destination": "110", "receipt": "A1", "opinion": "报警"},
         State.TRANSFERRED),
        ("pending", "dispatcher", "send_down",
         {"opinion": "属社区事项", "list_item": "第三条", "condition": "*"},
         State.COMMUNITY_HANDLING),
        ("pending", "dispatcher", "handle_at_street",
         {"organisation": "station", "condition": "*"}, State.STREET_HANDLING),
        ("drafted", "dispatcher", "withdraw_whistle",
         {"opinion": "重写", "whistle_id": "*"}, State.STREET_PENDING),
        ("fed_back", "street_acceptor", "send_to_check",
         {"worker": "grid_b", "requirement": "看是否畅通"}, State.CHECKING),
        ("fed_back", "street_acceptor", "return_result", {"opinion": "照片不清"},
         State.JOINT_HANDLING),
        ("checked", "street_acceptor", "confirm_check",
         {"opinion": "同意", "closing_met": "on"}, State.CLOSED),
        ("checked", "street_acceptor", "rework", {"opinion": "仍有杂物"},
         State.JOINT_HANDLING),
    ],
)  # fmt: skip
def test_every_step_of_the_desk_works_from_its_form(
    road, stage, name, action, given, state
) -> None:
    case = getattr(road, stage)()
    world = road.world
    values = {
        "worker": lambda who: world.user_id(who),
        "handler": lambda who: world.user_id(who),
        "organisation": lambda who: world.orgs[who].pk,
        "condition": lambda _: world.categories["lane"].conditions.get().pk,
        "whistle_id": lambda _: case.whistles.get().pk,
    }
    sent = {key: values.get(key, str)(value) for key, value in given.items()}
    client = signed_in(world, name)
    assert piece(client, step(case, action)).status_code == 200
    response = piece(client, step(case, action), version=case.version, **sent)
    assert "HX-Redirect" in response, response.content.decode()
    assert again(case).state == state


def test_photos_sent_with_a_refused_form_are_kept_for_the_next_try(
    road, snapshot
) -> None:
    case = road.joint()
    client = signed_in(road.world, "fire")
    sent = SimpleUploadedFile("a.jpg", snapshot, "image/jpeg")
    refused = piece(
        client,
        step(case, "feed_back"),
        result="",
        measures="已清空",
        photos=sent,
        version=case.version,
    ).content.decode()
    assert "请选择办理结果" in refused and "photo-tile" in refused
    batch = refused.partition('name="batch" value="')[2].partition('"')[0]
    given = {"result": "solved", "measures": "已清空", "version": case.version}
    response = piece(client, step(case, "feed_back"), batch=batch, **given)
    assert "HX-Redirect" in response
    assert again(case).photos.filter(stage="after").count() == 1


def test_people_in_the_grid_read_the_page_in_the_frame_of_the_phone(road) -> None:
    case = road.reported()
    content = signed_in(road.world, "grid_a").get(page(case)).content.decode()
    assert "frame-phone" in content and case.display_no in content


def test_a_case_that_left_the_scope_leads_home(road) -> None:
    case = road.pending()
    actions.handle_at_street(
        case_id=case.pk,
        organisation_id=road.world.orgs["station"].pk,
        condition_id=case.category.conditions.get().pk,
        opinion="请办理",
        actor=road.world.actor("dispatcher"),
        at=MONDAY_9,
    )
    handler = road.world.actor("street_handler")
    case = again(case)
    response = piece(
        signed_in(road.world, "street_handler"),
        step(case, "submit_result"),
        result="solved",
        measures="已清理",
        batch=road.photos(handler, "after"),
        version=case.version,
    )
    visible = Case.objects.visible_to(handler).filter(pk=case.pk).exists()
    assert response["HX-Redirect"] == (page(case) if visible else reverse("home"))


def test_a_side_step_that_is_not_offered_says_why(road: Road) -> None:
    case = road.checking()
    page = signed_in(road.world, "street_acceptor")
    refused = page.get(f"/cases/{case.pk}/submit_check/")
    assert "这项核查派给了别人" in refused.content.decode()
