"""What is noted beside the way of a case puts nobody's half-written form aside."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from cases import actions
from cases.actions.step import aside, locked
from cases.models import Case
from cases.querysets import invariants
from cases.workflow import State
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification, Posting
from tests.cases.conftest import MONDAY_9, spot
from tests.cases.road import Road, again, piece, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def road(world: Any, file_case: Any, photos: Any, monkeypatch: Any) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def version_in(content: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', content)
    assert found is not None
    return found[1]


def test_a_form_opened_before_the_routing_goes_through(road: Road, turn: Any) -> None:
    case = road.reported()
    client = signed_in(road.world, "acceptor")
    url = reverse("case_action", args=[case.pk, "raise_to_street"])
    seen = version_in(piece(client, url).content.decode())
    before = Event.objects.filter(chain=case.chain).count()
    turn(MONDAY_9)
    routed = Event.objects.filter(chain=case.chain, action="cases.route").get()
    assert routed.detail["suggestion"]["lead"] == again(case).suggestion["lead"]
    assert Event.objects.filter(chain=case.chain).count() == before + 1
    sent = piece(client, url, opinion="社区无执法权，请街道处理", version=seen)
    assert sent.status_code == 200
    assert again(case).state == State.STREET_PENDING
    turn(MONDAY_9)
    sound()


def test_a_form_of_the_street_opened_before_the_routing_goes_through(
    road: Road, turn: Any
) -> None:
    case = road.pending()
    client = signed_in(road.world, "dispatcher")
    url = reverse("case_action", args=[case.pk, "send_down"])
    seen = version_in(piece(client, url).content.decode())
    turn(MONDAY_9)
    assert again(case).suggestion
    condition = case.category.conditions.get().pk
    sent = piece(
        client, url, opinion="属社区清单", list_item="第三条", condition=condition,
        version=seen,
    )  # fmt: skip
    assert sent.status_code == 200
    assert again(case).state == State.COMMUNITY_HANDLING


def test_routing_that_moves_the_case_is_said(road: Road, turn: Any) -> None:
    """The holder changes: what was written about the case as it was is kept, not
    done."""
    Posting.objects.filter(post__role="community_acceptor").delete()
    case = road.reported()
    seen = case.version
    turn(MONDAY_9)
    assert again(case).state == State.STREET_PENDING
    with pytest.raises(Refused, match="有人先您一步"):
        actions.reject(
            case_id=case.pk, reason="not_ours", opinion="不属本级", version=seen,
            actor=road.world.actor("shift_head"), at=MONDAY_9,
        )  # fmt: skip


def sound() -> None:
    found = invariants.check(at=MONDAY_9, grace=timedelta(minutes=1))
    assert not [one.invariant.name for one in found if not one.holds]


def test_a_plus_one_does_not_put_a_form_aside(road: Road) -> None:
    case = road.reported()
    seen = case.version
    actions.support(
        case_id=case.pk, remark="我也遇到", actor=road.world.actor("grid_b"),
        at=MONDAY_9,
    )  # fmt: skip
    assert again(case).supporters_count == 1 and again(case).version == seen
    actions.raise_to_street(
        case_id=case.pk, opinion="社区无执法权", version=seen,
        actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    sound()


def test_faster_was_who_moved_the_case_and_not_who_joined_it(road: Road) -> None:
    case = road.reported()
    seen, desk = case.version, road.world.actor("acceptor")
    actions.send_to_verify(
        case_id=case.pk, worker_id=road.world.user_id("grid_a"), requirement="看",
        missing="地址不清", actor=desk, at=MONDAY_9,
    )  # fmt: skip
    actions.support(
        case_id=case.pk, remark="我也遇到", actor=road.world.actor("grid_b"),
        at=MONDAY_9,
    )  # fmt: skip
    with pytest.raises(Refused, match="有人先您一步：acceptor已办理“发核实”"):
        actions.raise_to_street(
            case_id=case.pk, opinion="社区无执法权", version=seen, actor=desk,
            at=MONDAY_9,
        )  # fmt: skip


def test_a_support_reports_while_the_lead_writes(road: Road, turn: Any) -> None:
    case = road.joint("urban")
    turn(MONDAY_9)
    seen = again(case).version
    urban = road.world.actor("urban")
    case = road.check_in(case, "urban")
    actions.finish_support(
        case_id=case.pk, opinion="已配合", photos=None, actor=urban, at=MONDAY_9
    )
    assert again(case).version == seen
    told = Notification.objects.filter(subject=case.chain)
    before = told.count()
    turn(MONDAY_9)
    titles = [one.title for one in told.order_by("pk")[before:]]
    assert any(title.startswith("协办单位已报到") for title in titles)
    assert any(title.startswith("协办单位已办结") for title in titles)
    lead = road.world.actor("fire")
    actions.feed_back(
        case_id=case.pk, result="solved", measures="已清空", override="",
        photos=road.photos(lead, "after"), actor=lead, at=MONDAY_9, version=seen,
    )  # fmt: skip
    assert again(case).state == State.FEEDBACK_REVIEW
    turn(MONDAY_9)
    sound()


def test_the_nearest_deadline_follows_a_check_in_all_the_same(road: Road) -> None:
    case = road.joint("urban")
    later = MONDAY_9 + timedelta(days=9)
    case.clocks.filter(stage="HANDLE").update(due_at=later)
    actions.check_in(
        case_id=case.pk, mode="on_site", position=spot(), remark="",
        actor=road.world.actor("urban"), at=MONDAY_9,
    )  # fmt: skip
    assert again(case).due_at == later
    sound()


def test_a_note_beside_writes_only_what_it_names(road: Road) -> None:
    case = road.reported()
    found = locked(case.pk)
    found.address, found.suggestion = "改过的地址", {"lead": None}
    aside(
        found, "route", actor=Actor.system(), at=MONDAY_9, detail={},
        changed=["suggestion"],
    )  # fmt: skip
    kept = Case.objects.get(pk=case.pk)
    assert kept.address != "改过的地址" and kept.suggestion == {"lead": None}
