"""The inbox of a called unit: boxes, clocks, check-in, and what it may not see."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import actions
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import Road, again, piece, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def box_of(road, name: str, box: str = "", **given) -> str:
    given = {"box": box, **given} if box else given
    response = signed_in(road.world, name).get(reverse("inbox"), given)
    assert response.status_code == 200
    return response.content.decode()


def row_of(content: str, case) -> bool:
    return f'id="row-{case.pk}"' in content


def test_page_and_piece(road) -> None:
    road.whistled()
    client = signed_in(road.world, "fire")
    whole = client.get(reverse("inbox")).content.decode()
    part = piece(client, reverse("inbox")).content.decode()
    assert "<html" in whole and "<html" not in part
    assert part.lstrip().startswith('<div id="inbox"')


def test_only_what_was_called_to_the_unit(road) -> None:
    case = road.whistled("urban")
    for name in ("fire", "urban"):
        assert row_of(box_of(road, name, "all"), case)
    for name in ("property", "street_handler"):
        assert not row_of(box_of(road, name, "all"), case)
    draft = road.drafted()
    assert not row_of(box_of(road, "fire", "all"), draft)


def test_a_new_call_opens_the_first_box_with_its_clock_and_button(road) -> None:
    case = road.whistled("urban")
    content = box_of(road, "fire")
    for words in ("主办", "现场清理", "报到 剩 4 工作时", "处置 剩 2 工作时", "和平路"):
        assert words in content, words
    assert reverse("case_action", args=[case.pk, "check_in"]) in content
    content = box_of(road, "urban")
    assert "协办" in content and "urban配合" in content
    assert reverse("case_action", args=[case.pk, "support_check_in"]) in content
    leader = box_of(road, "urban_leader")
    assert row_of(leader, case) and "support_check_in" not in leader


def test_a_case_goes_from_box_to_box(road) -> None:
    case = road.whistled("urban")
    assert not row_of(box_of(road, "fire", "handling"), case)
    road.check_in(case, "fire")
    assert not row_of(box_of(road, "fire", "pending"), case)
    assert row_of(box_of(road, "fire", "handling"), case)
    road.check_in(case, "urban")
    assert row_of(box_of(road, "urban", "support"), case)
    actions.finish_support(
        case_id=case.pk, opinion="完成", photos=None, actor=road.world.actor("urban"),
        at=MONDAY_9,
    )  # fmt: skip
    assert not row_of(box_of(road, "urban", "support"), case)
    lead = road.world.actor("fire")
    actions.feed_back(
        case_id=case.pk, result="solved", measures="已清空", override="",
        photos=road.photos(lead, "after"), actor=lead, at=MONDAY_9,
    )  # fmt: skip
    assert row_of(box_of(road, "fire", "fed_back"), case)
    assert not row_of(box_of(road, "fire", "handling"), case)


def test_the_place_to_gather_is_in_the_row(road) -> None:
    case = road.pending()
    actions.whistle(
        case_id=case.pk,
        call=road.call(
            kind="routine", gather_place="东侧岗亭", gather_at=at("2026-11-23 15:00")
        ),
        actor=road.world.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip
    content = box_of(road, "fire")
    assert "集合 11-23 15:00 东侧岗亭" in content


def test_late_check_in_is_said(road, monkeypatch) -> None:
    road.whistled()
    monkeypatch.setattr("governance.clock.now", lambda: at("2026-11-23 16:00"))
    content = box_of(road, "fire")
    assert "报到 超时 1 工作时" in content and 'data-lamp="red"' in content


def test_the_street_office_handles_what_it_was_given(road) -> None:
    case = road.pending()
    actions.handle_at_street(
        case_id=case.pk, organisation_id=road.world.orgs["station"].pk,
        condition_id=case.category.conditions.get().pk, opinion="请办理",
        actor=road.world.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip
    content = box_of(road, "street_handler")
    assert row_of(content, case) and 'aria-current="page">处置中' in content
    page = signed_in(road.world, "street_handler").get(reverse("case", args=[case.pk]))
    assert "办结提交" in page.content.decode()


def test_search_and_empty_box(road) -> None:
    case = road.whistled()
    assert row_of(box_of(road, "fire", "pending", q="和平路"), case)
    assert "这里没有案件" in box_of(road, "fire", "pending", q="没有这条路")
    assert "这里没有案件" in box_of(road, "property")


def test_check_in_outside_needs_the_position_and_keeps_the_distance(road) -> None:
    case = road.whistled()
    client = signed_in(road.world, "fire")
    url = reverse("case_action", args=[case.pk, "check_in"])
    form = client.get(url).content.decode()
    assert 'data-lng="113.0005"' in form and "到场报到" in form
    given = {"mode": "on_site", "lng": "113.0013", "lat": "28.0005"}
    assert client.post(url, given).status_code == 302
    line = again(case).assignments.get()
    assert 70 < line.checkin_distance_m < 90 and line.status == "on_site"
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "距案发点 79 米" in page and "按时报到" in page


def test_queries_do_not_grow_with_rows(road) -> None:
    client = signed_in(road.world, "fire")
    counts = []
    for _round in range(2):
        road.whistled(), road.whistled("urban")
        for get in (client.get, lambda url: piece(client, url)):
            with CaptureQueriesContext(connection) as queries:
                assert get(reverse("inbox")).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
    assert counts[0] <= 23 and counts[1] <= 20
