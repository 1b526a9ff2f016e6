"""作废 (T50): two persons, before any dispatch, and everybody hears of it."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cases import actions
from cases.models import VoidRequest
from cases.offers import offers
from governance.errors import Refused
from governance.models import Event
from parties.models import Notification
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, piece, signed_in
from tests.factories import PostingFactory


@pytest.fixture
def road(world, file_case, photos) -> Road:
    return Road(world, file_case, photos)


def ask(road, case, by="shift_head", **more):
    given = {"reason": "test", "opinion": "培训时误报", **more}
    return actions.request_void(
        case_id=case.pk, actor=road.world.actor(by), at=MONDAY_9, **given
    )


def approve(road, case, by="district"):
    return actions.void(
        case_id=case.pk, opinion="同意", actor=road.world.actor(by), at=MONDAY_9
    )


def names(case, actor) -> list[str]:
    return [one.name for one in offers(again(case), actor, MONDAY_9)]


@pytest.mark.parametrize("stage", ["reported", "pending"])
def test_a_case_is_voided_by_two_persons(road, stage) -> None:
    case = getattr(road, stage)()
    before = Event.objects.filter(chain=case.chain).count()
    ask(road, case)
    case = again(case)
    assert case.state != "VOIDED"
    assert case.void_requested_by_id == road.world.user_id("shift_head")
    approve(road, case)
    case = again(case)
    assert (case.state, case.due_at, case.void_requested_by) == ("VOIDED", None, None)
    assert not case.clocks.filter(stopped_at=None).exists()
    request = VoidRequest.objects.get()
    assert (request.status, request.decided_by.name) == ("approved", "district")
    assert Event.objects.filter(chain=case.chain).count() == before + 2


def test_a_case_in_the_grid_s_hands_may_be_voided(road) -> None:
    case = road.reported("stall")
    actions.self_resolve(case_id=case.pk, actor=road.world.actor("grid_a"), at=MONDAY_9)
    ask(road, case)
    approve(road, case)
    assert again(case).state == "VOIDED"


def test_the_reporter_and_who_asked_are_told(road, turn) -> None:
    case = road.reported()
    ask(road, case)
    approve(road, case)
    turn(MONDAY_9)
    told = set(
        Notification.objects.filter(
            subject=case.chain, title__startswith="作废"
        ).values_list("user__name", flat=True)
    )
    assert {"grid_a", "shift_head", "district"} <= told


def test_nobody_approves_the_own_request(road) -> None:
    """Even somebody who holds both posts."""
    case = road.reported()
    head = road.world.postings["shift_head"]
    both = PostingFactory(
        user=head.user,
        post=road.world.postings["district"].post,
        is_primary=False,
    )
    road.world.postings["both"] = both
    ask(road, case)
    before = Event.objects.count()
    for act in (actions.void, actions.refuse_void):
        with pytest.raises(Refused, match="两人办理"):
            act(
                case_id=case.pk,
                opinion="同意",
                actor=road.world.actor("both"),
                at=MONDAY_9,
            )
    assert Event.objects.count() == before
    assert again(case).state == "REPORTED"


def test_the_database_keeps_the_two_persons_apart(road) -> None:
    request = ask(road, road.reported())
    request.decided_by = request.requested_by
    with pytest.raises(IntegrityError), transaction.atomic():
        request.save()


def test_a_refused_request_leaves_the_case_as_it_was(road) -> None:
    case = road.reported()
    due = again(case).due_at
    ask(road, case)
    actions.refuse_void(
        case_id=case.pk,
        opinion="情况真实",
        actor=road.world.actor("district"),
        at=MONDAY_9,
    )
    case = again(case)
    assert (case.state, case.due_at, case.void_requested_by) == ("REPORTED", due, None)
    with pytest.raises(Refused, match="还没有人申请作废"):
        approve(road, case)
    ask(road, case)


def test_a_request_needs_reason_and_words_and_stands_alone(road) -> None:
    case = road.reported()
    before = Event.objects.count()
    with pytest.raises(Refused, match="作废原因") as refused:
        ask(road, case, reason="other")
    assert refused.value.field == "reason"
    with pytest.raises(Refused, match="为什么要作废") as refused:
        ask(road, case, opinion=" ")
    assert refused.value.field == "opinion"
    for name in ("dispatcher", "acceptor", "district"):
        with pytest.raises(Refused, match="值班长申请"):
            ask(road, case, by=name)
    assert Event.objects.count() == before
    ask(road, case)
    with pytest.raises(Refused, match="已有一份作废申请"):
        ask(road, case)


def test_what_was_whistled_is_not_voided(road) -> None:
    with pytest.raises(Refused, match="还没有派遣"):
        ask(road, road.whistled())


def test_what_was_whistled_once_is_not_voided_when_it_comes_back(road) -> None:
    case = road.closed()
    actions.reopen(
        case_id=case.pk,
        opinion="又堵上了",
        photos=road.photos(road.world.actor("shift_head"), "reopen"),
        actor=road.world.actor("shift_head"),
        at=MONDAY_9,
    )
    with pytest.raises(Refused, match="已向部门吹过哨"):
        ask(road, case)
    assert "request_void" not in names(case, road.world.actor("shift_head"))


def test_a_master_is_split_before_it_is_voided(road) -> None:
    master, child = road.reported(), road.reported()
    actions.merge(
        case_id=child.pk,
        master_id=master.pk,
        opinion="同一件",
        actor=road.world.actor("acceptor"),
        at=MONDAY_9,
    )
    with pytest.raises(Refused, match="先拆案"):
        ask(road, master)


def test_a_request_lapses_when_the_case_goes_on(road) -> None:
    case = road.reported()
    ask(road, case)
    actions.accept(
        case_id=case.pk,
        handler_id=road.world.user_id("community_handler"),
        condition_id=case.category.conditions.get().pk,
        actor=road.world.actor("acceptor"),
        at=MONDAY_9,
    )
    assert again(case).void_requested_by is None
    assert VoidRequest.objects.get().status == "lapsed"
    with pytest.raises(Refused):
        approve(road, case)


def test_the_pages_ask_and_approve(road, monkeypatch) -> None:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    case = road.reported()
    head, district = (signed_in(road.world, one) for one in ("shift_head", "district"))
    assert "void" not in names(case, road.world.actor("district"))
    url = reverse("case_action", args=[case.pk, "request_void"])
    assert "作废原因" in piece(head, url).content.decode()
    answer = piece(head, url, reason="", opinion="误操作，点错了")
    assert answer.status_code == 422
    assert "误操作，点错了" in answer.content.decode()
    answer = piece(head, url, reason="mistake", opinion="点错了", version=case.version)
    assert answer.headers["HX-Redirect"]
    assert {"void", "refuse_void"} <= set(names(case, road.world.actor("district")))
    page = district.get(reverse("case", args=[case.pk])).content.decode()
    assert "申请作废" in page
    assert "误操作" in page
    url = reverse("case_action", args=[case.pk, "void"])
    assert "审批意见" in piece(district, url).content.decode()
    piece(district, url, opinion="同意", version=again(case).version)
    assert again(case).state == "VOIDED"
