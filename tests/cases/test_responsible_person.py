"""One responsible person, 首办负责, and delegates who act for another."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases import actions
from cases.models import Case
from cases.workflow import Action, find
from governance.errors import Refused
from governance.models import Event
from parties import actions as parties
from parties.models import Notification, Posting
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, piece, signed_in
from tests.factories import PostingFactory


@pytest.fixture
def road(world, file_case, photos) -> Road:
    world.postings["handler"] = PostingFactory(
        user__name="handler",
        post__role="department_handler",
        post__name="handler",
        post__organisation=world.orgs["fire"],
        post__area=world.postings["fire"].post.area,
    )
    return Road(world, file_case, photos)


def claim(road, case, by):
    actions.claim(case_id=case.pk, actor=road.world.actor(by), at=MONDAY_9)
    return again(case)


def test_the_liaison_gives_it_to_a_handler_who_releases_it_again(road) -> None:
    case = road.whistled()
    before = Event.objects.count()
    actions.assign_handler(
        case_id=case.pk, handler_id=road.world.user_id("handler"), opinion="请到场",
        actor=road.world.actor("fire"), at=MONDAY_9,
    )  # fmt: skip
    assert again(case).holder_user_id == road.world.user_id("handler")
    with pytest.raises(Refused, match="已由handler承办"):
        claim(road, case, "fire")
    with pytest.raises(Refused, match="为什么释放"):
        actions.release(
            case_id=case.pk, opinion="", actor=road.world.actor("handler"), at=MONDAY_9
        )
    with pytest.raises(Refused, match="不在您手里"):
        actions.release(
            case_id=case.pk, opinion="请假", actor=road.world.actor("fire"), at=MONDAY_9
        )
    assert Event.objects.count() == before + 1
    actions.release(
        case_id=case.pk, opinion="请假", actor=road.world.actor("handler"), at=MONDAY_9
    )
    case = again(case)
    assert (case.holder_user, case.state) == (None, "WHISTLED")
    assert case.holder_org == road.world.orgs["fire"]


def test_whoever_of_the_unit_claims_it_has_it_in_hand(road) -> None:
    case = claim(road, road.whistled(), "handler")
    assert case.holder_user_id == road.world.user_id("handler")
    assert case in Case.objects.todo_of(road.world.actor("handler"))
    assert case not in Case.objects.todo_of(road.world.actor("fire"))
    with pytest.raises(Refused, match="已在您手里"):
        claim(road, case, "handler")


def test_other_units_and_other_people_are_refused(road) -> None:
    case = road.whistled("urban")
    before = Event.objects.count()
    for by in ("urban", "dispatcher", "grid_a"):
        with pytest.raises(Refused, match="承办单位自己确定"):
            claim(road, case, by)
    with pytest.raises(Refused, match="本单位的承办人") as refused:
        actions.assign_handler(
            case_id=case.pk, handler_id=road.world.user_id("urban"), opinion="",
            actor=road.world.actor("fire"), at=MONDAY_9,
        )  # fmt: skip
    assert refused.value.field == "handler"
    assert Event.objects.count() == before
    with pytest.raises(Refused):
        claim(road, road.pending(), "handler")


def test_the_pages_claim_assign_and_release(road) -> None:
    case = road.whistled()
    handler = signed_in(road.world, "handler")
    piece(handler, reverse("case_action", args=[case.pk, "claim"]), version="")
    assert again(case).holder_user_id == road.world.user_id("handler")
    url = reverse("case_action", args=[case.pk, "release"])
    assert piece(handler, url, opinion="").status_code == 422
    piece(handler, url, opinion="换班")
    liaison = signed_in(road.world, "fire")
    url = reverse("case_action", args=[case.pk, "assign_handler"])
    assert "handler" in piece(liaison, url).content.decode()
    piece(liaison, url, handler=road.world.user_id("handler"), opinion="请到场")
    assert again(case).holder_user_id == road.world.user_id("handler")


def test_the_first_handler_is_named_told_of_closing_and_stays_in_scope(
    road, turn
) -> None:
    case = road.closed()
    fire = road.world.orgs["fire"]
    assert case.first_handler_org == fire
    case.lead_org = road.world.orgs["urban"]
    case.save(update_fields=["lead_org"])
    assert Case.objects.visible_to(road.world.actor("fire")).filter(pk=case.pk).exists()
    turn(MONDAY_9)
    told = Notification.objects.filter(subject=case.chain, title__startswith="核查通过")
    assert "fire" in {one.user.name for one in told}
    page = signed_in(road.world, "dispatcher").get(reverse("case", args=[case.pk]))
    assert "首办单位" in page.content.decode()


def test_a_rework_tells_the_first_handler_beside_the_new_lead(road, turn) -> None:
    case = road.checked("failed")
    Case.objects.filter(pk=case.pk).update(lead_org=road.world.orgs["urban"])
    actions.rework(
        case_id=case.pk, opinion="没有清完", actor=road.world.actor("street_acceptor"),
        at=MONDAY_9,
    )  # fmt: skip
    turn(MONDAY_9)
    told = Notification.objects.filter(subject=case.chain, title__contains="返工")
    assert {"fire", "urban"} <= {one.user.name for one in told}


def delegated(road, source, to):
    """`to` acts for `source` for one day."""
    made = parties.delegate(
        posting_id=road.world.postings[source].pk,
        user_id=road.world.user_id(to),
        starts_at=MONDAY_9,
        ends_at=MONDAY_9 + timedelta(days=1),
        reason="休假",
        actor=road.world.actor(source),
        at=MONDAY_9,
    )
    road.world.postings["delegate"] = made
    return made


def test_a_delegate_may_what_the_other_may_and_the_journal_says_so(road) -> None:
    made = delegated(road, "shift_head", "dispatcher")
    case = road.pending()
    actions.reject(
        case_id=case.pk, reason="not_ours", opinion="请向物业反映",
        actor=road.world.actor("delegate"), at=MONDAY_9,
    )  # fmt: skip
    assert again(case).state == "REJECTED"
    page = signed_in(road.world, "street_leader").get(reverse("case", args=[case.pk]))
    assert "（代shift_head）" in page.content.decode()
    within = Posting.objects.current(MONDAY_9 + timedelta(hours=23))
    after = Posting.objects.current(MONDAY_9 + timedelta(days=1))
    assert within.filter(pk=made.pk).exists()
    assert not after.filter(pk=made.pk).exists()


def test_a_delegate_who_did_it_may_not_check_it(road) -> None:
    """Duties stay apart by person, whatever post the person acts in."""
    case = road.fed_back()
    case.done_by(road.world.user_id("dispatcher"))
    case.save(update_fields=["doer", "doers"])
    delegated(road, "street_acceptor", "dispatcher")
    actor = road.world.actor("delegate")
    assert actor.on_behalf_of == "street_acceptor"
    for action in (Action.SEND_TO_CHECK, Action.RETURN_RESULT):
        with pytest.raises(Refused, match="自己办理的案件"):
            find(case, action, actor)


def replaced(road, case, by="acceptor", worker="grid_b", opinion="原网格员请假"):
    return actions.replace_worker(
        case_id=case.pk, worker_id=road.world.user_id(worker), opinion=opinion,
        actor=road.world.actor(by), at=MONDAY_9,
    )  # fmt: skip


def test_a_worker_who_falls_ill_is_replaced_and_the_other_verifies(road) -> None:
    case = road.reported("stall")
    actions.send_to_verify(
        case_id=case.pk, worker_id=road.world.user_id("grid_a"), requirement="看一看",
        missing="地址不清", actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    before = Event.objects.filter(chain=case.chain).count()
    with pytest.raises(Refused, match="为什么改派"):
        replaced(road, case, opinion="")
    with pytest.raises(Refused, match="已由此人承办"):
        replaced(road, case, worker="grid_a")
    with pytest.raises(Refused, match="岗位不能改派"):
        replaced(road, case, by="dispatcher")
    assert Event.objects.filter(chain=case.chain).count() == before
    due = again(case).due_at
    case = replaced(road, case)
    assert (case.holder_user_id, case.due_at) == (road.world.user_id("grid_b"), due)
    assert Event.objects.filter(chain=case.chain).count() == before + 1
    actions.submit_verification(
        case_id=case.pk, result="untrue", remark="没有", position=None, photos=None,
        actor=road.world.actor("grid_b"), at=MONDAY_9,
    )  # fmt: skip
    with pytest.raises(Refused, match="不用改派"):
        replaced(road, case)


def test_self_handling_goes_on_in_other_hands_through_the_page(road) -> None:
    case = road.reported("stall")
    actions.self_resolve(case_id=case.pk, actor=road.world.actor("grid_a"), at=MONDAY_9)
    desk = signed_in(road.world, "acceptor")
    url = reverse("case_action", args=[case.pk, "replace_worker"])
    assert "改派给" in piece(desk, url).content.decode()
    sent = {"worker": road.world.user_id("grid_b"), "version": again(case).version}
    answer = piece(desk, url, **sent)
    assert answer.status_code == 422
    assert f'value="{sent["worker"]}" selected' in answer.content.decode()
    assert piece(desk, url, **sent, opinion="已调岗").status_code == 200
    assert again(case).holder_user_id == road.world.user_id("grid_b")


def test_a_check_is_not_given_to_who_did_something_of_it(road) -> None:
    """In the first round the grid did it itself; in the second the community."""
    case = road.reported("stall")
    worker, common = road.world.actor("grid_a"), {"case_id": case.pk, "at": MONDAY_9}
    actions.self_resolve(**common, actor=worker)
    actions.finish_self(
        **common, measures="劝离", photos=road.photos(worker, "after"), actor=worker
    )
    actions.return_self(**common, opinion="又来了", actor=road.world.actor("acceptor"))
    actions.hand_up(**common, opinion="办不了", actor=worker)
    actions.accept(
        **common, handler_id=road.world.user_id("community_handler"),
        condition_id=case.category.conditions.get().pk,
        actor=road.world.actor("acceptor"),
    )  # fmt: skip
    handler = road.world.actor("community_handler")
    actions.submit_result(
        **common, result="solved", measures="清理",
        photos=road.photos(handler, "after"), actor=handler,
    )  # fmt: skip
    leader = road.world.actor("community_leader")
    asked = {**common, "requirement": "看", "actor": leader}
    with pytest.raises(Refused, match="核查人不能是处置人"):
        actions.send_to_check(**asked, worker_id=road.world.user_id("grid_a"))
    actions.send_to_check(**asked, worker_id=road.world.user_id("grid_b"))
    with pytest.raises(Refused, match="核查人不能是处置人"):
        replaced(road, case, "community_leader", "grid_a")
