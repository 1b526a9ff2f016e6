"""关联 and 复发: shown on both cases, without effect on either."""

import pytest
from django.urls import reverse

from cases import actions
from cases.models import CaseLink
from governance.errors import Refused
from governance.models import Event
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, piece, signed_in


@pytest.fixture
def road(world, file_case, photos) -> Road:
    return Road(world, file_case, photos)


def join(road, case, other, by="dispatcher", **more):
    given = {"kind": "related", "opinion": "同一工地", **more}
    return actions.link(
        case_id=case.pk, other_id=other.pk if other else 0,
        actor=road.world.actor(by), at=MONDAY_9, **given,
    )  # fmt: skip


def test_two_cases_are_linked_in_both_journals_and_change_no_state(road) -> None:
    case, other = road.joint(), road.reported()
    before = Event.objects.count()
    join(road, case, other)
    assert (again(case).state, again(other).state) == ("JOINT_HANDLING", "REPORTED")
    assert Event.objects.count() == before + 2
    for one in (case, other):
        last = Event.objects.filter(chain=one.chain).order_by("-seq").first()
        assert last.action == "cases.link"


def test_a_link_is_taken_back_with_a_reason_and_may_be_made_again(road) -> None:
    case, other = road.reported(), road.reported()
    made = join(road, case, other)
    dispatcher = road.world.actor("dispatcher")
    with pytest.raises(Refused, match="取消关联的理由"):
        actions.unlink(
            case_id=other.pk, link_id=made.pk, opinion="", actor=dispatcher,
            at=MONDAY_9,
        )  # fmt: skip
    actions.unlink(
        case_id=other.pk, link_id=made.pk, opinion="不是一回事", actor=dispatcher,
        at=MONDAY_9,
    )  # fmt: skip
    made.refresh_from_db()
    assert (made.removed_at, made.removal_reason) == (MONDAY_9, "不是一回事")
    join(road, other, case)
    assert CaseLink.objects.count() == 2


def test_wrong_links_are_refused(road) -> None:
    case, other = road.reported(), road.reported()
    before = Event.objects.count()
    for broken, field, sentence in (
        ({"kind": "twin"}, "kind", "两案的关系"),
        ({"opinion": ""}, "opinion", "关联的理由"),
    ):
        with pytest.raises(Refused, match=sentence) as refused:
            join(road, case, other, **broken)
        assert refused.value.field == field
    with pytest.raises(Refused, match="不能关联自己"):
        join(road, case, case)
    with pytest.raises(Refused, match="没有找到"):
        join(road, case, None)
    for by in ("grid_a", "other_dispatcher", "assessor"):
        with pytest.raises(Refused, match="受理员、派遣员"):
            join(road, case, other, by=by)
    assert Event.objects.count() == before
    join(road, case, other)
    with pytest.raises(Refused, match="已经关联"):
        join(road, other, case)


def test_a_recurrence_is_linked_after_filing_and_once(road, turn) -> None:
    former = road.closed()
    turn(MONDAY_9)
    case = road.reported()
    turn(MONDAY_9)
    made = CaseLink.objects.get()
    assert (made.case, made.other, made.kind) == (case, former, "recurrence")
    assert made.by is None
    actions.link_recurrence(case_id=case.pk, at=MONDAY_9)
    assert CaseLink.objects.count() == 1
    actions.unlink(
        case_id=case.pk, link_id=made.pk, opinion="另一处",
        actor=road.world.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip
    actions.link_recurrence(case_id=case.pk, at=MONDAY_9)
    assert not CaseLink.objects.filter(removed_at=None).exists()


def test_another_category_is_no_recurrence(road, turn) -> None:
    road.closed()
    road.reported("stall")
    turn(MONDAY_9)
    assert not CaseLink.objects.exists()


def test_the_pages_link_and_show_both_ways(road, monkeypatch) -> None:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    case, other = road.pending(), road.pending()
    client = signed_in(road.world, "dispatcher")
    url = reverse("case_action", args=[case.pk, "link"])
    assert "两案的关系" in piece(client, url).content.decode()
    answer = piece(client, url, other="123", kind="recurrence", opinion="又堵了")
    assert answer.status_code == 422
    assert "又堵了" in answer.content.decode()
    piece(client, url, other=other.display_no, kind="recurrence", opinion="又堵了")
    for one, far, said in (
        (case, other, "本案是它的复发"), (other, case, "它是本案的复发"),
    ):  # fmt: skip
        page = client.get(reverse("case", args=[one.pk])).content.decode()
        assert far.display_no in page
        assert said in page
    url = reverse("case_action", args=[other.pk, "unlink"])
    assert case.display_no in piece(client, url).content.decode()
    piece(client, url, link=CaseLink.objects.get().pk, opinion="看错了")
    assert CaseLink.objects.get().removed_at == MONDAY_9


def test_a_dispatched_duplicate_is_linked_not_merged(road) -> None:
    case, other = road.joint(), road.reported()
    before = Event.objects.count()
    with pytest.raises(Refused, match="请改用“关联案件”"):
        actions.merge(
            case_id=case.pk, master_id=other.pk, opinion="同一件",
            actor=road.world.actor("street_acceptor"), at=MONDAY_9,
        )  # fmt: skip
    assert Event.objects.count() == before
    join(road, case, other)
