"""Absence and substitution: what an absent colleague has in hand is not lost."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases import actions
from cases.models import Case
from cases.querysets import desk
from governance.errors import Refused
from governance.models import Event
from parties import actions as parties
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    for name in ("away", "colleague"):
        world.hire(name, "department_handler", "fire", "990101")
    return Road(world, file_case, photos)


def away_until_friday(road, source="away", to="fire"):
    made = parties.delegate(
        posting_id=road.world.postings[source].pk,
        user_id=road.world.user_id(to),
        starts_at=MONDAY_9,
        ends_at=MONDAY_9 + timedelta(days=4),
        reason="年休假",
        actor=road.world.actor(source),
        at=MONDAY_9,
    )
    road.world.postings["stand_in"] = made
    return made


def held_by(road, name):
    case = road.whistled()
    actions.claim(case_id=case.pk, actor=road.world.actor(name), at=MONDAY_9)
    return again(case)


def inbox(road, name, query="box=all"):
    page = signed_in(road.world, name).get(f"{reverse('inbox')}?{query}")
    return page.content.decode()


def test_open_items_are_shown_to_the_substitute_and_marked(road) -> None:
    """FEATURES 60."""
    case, other = held_by(road, "away"), held_by(road, "colleague")
    assert "away不在岗" not in inbox(road, "fire")
    away_until_friday(road)
    content = inbox(road, "fire")
    assert "away 不在岗，由您代办至 11-27 09:00。" in content
    assert "away不在岗，您代办" in content
    theirs = inbox(road, "fire", "box=all&whose=absent")
    assert f'id="row-{case.pk}"' in theirs and f'id="row-{other.pk}"' not in theirs
    colleague = inbox(road, "colleague")
    assert "away不在岗，fire代办" in colleague and "由您代办" not in colleague


def test_the_mark_goes_with_the_absence(road, monkeypatch) -> None:
    held_by(road, "away")
    away_until_friday(road)
    later = MONDAY_9 + timedelta(days=4)
    monkeypatch.setattr("governance.clock.now", lambda: later)
    assert "away不在岗" not in (content := inbox(road, "fire"))
    assert "由您代办" not in content


def test_the_substitute_claims_what_the_absent_one_has_and_nobody_else(road) -> None:
    case = held_by(road, "away")
    for name in ("fire", "colleague"):
        with pytest.raises(Refused, match="已由away承办"):
            actions.claim(case_id=case.pk, actor=road.world.actor(name), at=MONDAY_9)
    away_until_friday(road)
    with pytest.raises(Refused, match="已由away承办"):
        actions.claim(case_id=case.pk, actor=road.world.actor("colleague"), at=MONDAY_9)
    before = Event.objects.filter(chain=case.chain).count()
    actions.claim(case_id=case.pk, actor=road.world.actor("fire"), at=MONDAY_9)
    assert again(case).holder_user_id == road.world.user_id("fire")
    assert Event.objects.filter(chain=case.chain).count() == before + 1


def test_who_acts_in_the_post_releases_what_lies_in_its_hands(road) -> None:
    case = held_by(road, "away")
    away_until_friday(road)
    stand_in = road.world.actor("stand_in")
    assert stand_in.hands == (road.world.user_id("fire"), road.world.user_id("away"))
    assert case in Case.objects.todo_of(stand_in)
    assert case not in Case.objects.todo_of(road.world.actor("colleague"))
    actions.release(case_id=case.pk, opinion="代为交回", actor=stand_in, at=MONDAY_9)
    assert again(case).holder_user_id is None


def test_what_the_community_handler_had_waits_at_the_desk_of_the_substitute(
    road,
) -> None:
    case = road.reported("stall")
    actions.accept(
        case_id=case.pk, handler_id=road.world.user_id("community_handler"),
        condition_id=case.category.conditions.get().pk,
        actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    away_until_friday(road, "community_handler", "acceptor")
    mine = desk.waiting(road.world.actor("stand_in"))
    assert case in Case.objects.filter(mine)


def test_who_assigns_is_told_that_the_handler_is_away(road) -> None:
    case = road.whistled()
    url = reverse("case_action", args=[case.pk, "assign_handler"])
    liaison = signed_in(road.world, "fire")
    assert "不在岗" not in liaison.get(url).content.decode()
    away_until_friday(road, "away", "colleague")
    content = liaison.get(url).content.decode()
    assert "away（away，区县101），不在岗，colleague代办" in content
    assert content.count("不在岗") == 1
    inbox_page = inbox(road, "fire")
    assert reverse("delegations") in inbox_page
