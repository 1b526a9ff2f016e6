"""A stale save is answered with the difference, and loses nothing (FEATURES 50)."""

import html
import re

import pytest
from django.urls import reverse

from cases import actions, difference
from cases.models import Case
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, piece, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def opened(client, url: str) -> dict[str, str]:
    """What the hidden fields of an opened form will send."""
    content = piece(client, url).content.decode()
    found = re.findall(r'name="(version|seen)"[^>]*value="([^"]*)"', content)
    return {name: html.unescape(value) for name, value in found}


def test_the_difference_names_fields_state_and_who(road) -> None:
    case = road.reported()
    client = signed_in(road.world, "acceptor")
    url = reverse("case_action", args=[case.pk, "reject"])
    kept = opened(client, url)
    road.world.hire("second", "community_acceptor", "community", case.community.code)
    actions.raise_to_street(
        case_id=case.pk, opinion="社区无执法权", actor=road.world.actor("second"),
        at=MONDAY_9,
    )  # fmt: skip
    answer = piece(client, url, reason="not_ours", opinion="不归社区管", **kept)
    content = answer.content.decode()
    assert answer.status_code == 422
    for said in (
        "有人先您一步", "您打开以后的变化", "不归社区管</textarea>",
        "待接报", "待街道研判", "和平街道", "社区无执法权", "幸福社区·second",
    ):  # fmt: skip
        assert said in content, said
    before, after = content.index("<del>"), content.index("<ins>")
    assert before < after


def test_corrected_fields_are_shown_before_and_after(road) -> None:
    case = Case.objects.select_related("category").get(pk=road.reported().pk)
    token = difference.seen(case)
    found = difference.since(token, case)
    assert found is not None and not found
    case.address, case.urgent = "光明路 9 号", True
    found = difference.since(token, case)
    changes = {one.label: (one.before, one.after) for one in found.changes}
    assert changes == {
        "地址": ("和平路 12 号门前", "光明路 9 号"),
        "紧急": ("否", "是"),
    }


def test_only_what_came_later_is_listed(road) -> None:
    case = road.reported()
    token = difference.seen(case)
    case = road.pending()
    assert difference.since(token, case) is None, "of another case"
    token = difference.seen(case)
    actions.whistle(
        case_id=case.pk, call=road.call(), actor=road.world.actor("dispatcher"),
        at=MONDAY_9,
    )  # fmt: skip
    found = difference.since(token, again(case))
    assert [one.verb for one in found.entries] == ["拟制吹哨单，报请签发"]


@pytest.mark.parametrize("token", ["", "x", "eyJhIjoxfQ:x:y"])
def test_a_token_that_is_not_ours_says_nothing(road, token) -> None:
    case = road.reported()
    assert difference.since(token, case) is None
    client = signed_in(road.world, "acceptor")
    url = reverse("case_action", args=[case.pk, "raise_to_street"])
    stale = {"version": str(case.version - 1), "opinion": "理由", "seen": token}
    answer = piece(client, url, **stale)
    assert answer.status_code == 422
    assert "您打开以后的变化" not in answer.content.decode()


def test_the_composer_and_the_phone_show_it_too(road) -> None:
    case = road.pending()
    client = signed_in(road.world, "dispatcher")
    url = reverse("whistle_compose", args=[case.pk])
    kept = opened(client, url)
    assert set(kept) == {"version", "seen"}
    other = road.reported("stall")
    phone = signed_in(road.world, "grid_a")
    actions.self_resolve(
        case_id=other.pk, actor=road.world.actor("grid_a"), at=MONDAY_9
    )
    url = reverse("phone_step", args=[other.pk, "hand_up"])
    kept = opened(phone, url)
    actions.hand_up(
        case_id=other.pk, opinion="办不了", actor=road.world.actor("grid_a"),
        at=MONDAY_9,
    )  # fmt: skip
    content = phone.post(url, {**kept, "opinion": "太难了"}).content.decode()
    assert "您打开以后的变化" in content and "自办" in content
    assert "太难了</textarea>" in content
