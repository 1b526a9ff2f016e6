"""并案, 拆案 and what follows (DOMAIN C.3 T14, T49; C.7; scenario F9)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases import actions
from cases.models import Case, CaseClock, Escalation, Rating
from cases.workflow import State
from governance import clock, crypto
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, piece, signed_in

RESIDENT = {
    "complainant_name": "王阿姨",
    "complainant_contact": "13800001234",
    "consent": "oral",
}
OTHER = {
    "complainant_name": "李叔",
    "complainant_contact": "13800005678",
    "consent": "oral",
}


@pytest.fixture
def road(world, file_case, photos):
    return Road(world, file_case, photos)


@pytest.fixture
def merge(world):
    def merge(child, master, by="acceptor", **more):
        actions.merge(
            case_id=child.pk, master_id=master.pk, opinion="同一处",
            actor=world.actor(by), at=MONDAY_9, **more,
        )  # fmt: skip
        return again(child), again(master)

    return merge


@pytest.fixture
def split(world):
    def split(child, when=MONDAY_9):
        actor = world.actor("street_acceptor")
        actions.split(case_id=child.pk, opinion="并错了", actor=actor, at=when)
        return again(child)

    return split


def events(case, *verbs):
    names = [f"cases.{verb}" for verb in verbs]
    return Event.objects.filter(chain=case.chain, action__in=names).order_by("seq")


def rate(case, score="satisfied", when=MONDAY_9):
    act = actions.rate_merged if case.state == State.MERGED else actions.rate
    return act(
        case_id=case.pk, score=score, solved=True, comment=f"我说{score}",
        channel="portal", actor=Actor.resident(), at=when,
    )  # fmt: skip


# --- merge --------------------------------------------------------------------


def test_a_merge_leaves_one_event_on_each_and_counts_once(file_case, merge):
    child, master = merge(file_case(), file_case())
    assert (child.state, child.master_id) == (State.MERGED, master.pk)
    assert child.due_at is None
    assert master.duplicates_count == 1 and master.state == State.REPORTED
    assert events(child, "merge").count() == events(master, "take_in").count() == 1
    assert events(child, "merge").get().detail["given"] == {"master": master.case_no}


def test_different_categories_need_a_confirmation(file_case, merge):
    child, master = file_case("stall"), file_case("cover")
    with pytest.raises(Refused, match="小类不同") as refused:
        merge(child, master)
    assert refused.value.field == "confirmed"
    assert again(child).state == State.REPORTED
    assert not events(child, "merge").exists()
    child, _master = merge(child, master, confirmed=True)
    assert events(child, "merge").get().detail["given"]["confirmed"] is True


def test_easily_confused_categories_need_none(world, file_case, merge):
    stall, lane = world.categories["stall"], world.categories["lane"]
    lane.confusables = [{"code5": stall.code5, "hint": "占人行道的选占道经营"}]
    lane.save()
    child, _master = merge(file_case("stall"), file_case("lane"), confirmed=True)
    assert "confirmed" not in events(child, "merge").get().detail["given"]
    child, _master = merge(file_case("lane"), file_case("stall"))
    assert child.state == State.MERGED


def test_a_merged_case_takes_in_no_other_and_a_master_goes_into_none(file_case, merge):
    child, master = merge(file_case(), file_case())
    third = file_case()
    with pytest.raises(Refused, match="请并入它的主案"):
        merge(third, child)
    with pytest.raises(Refused, match="自己是主案"):
        merge(master, third)
    with pytest.raises(Refused, match="不能并入自己"):
        merge(third, third)
    assert again(third).state == again(master).state == State.REPORTED
    assert again(master).duplicates_count == 1


@pytest.mark.parametrize("state", ["ARCHIVED", "REJECTED", "TRANSFERRED", "VOIDED"])
def test_an_ended_master_takes_in_nothing(file_case, merge, state):
    child, master = file_case(), file_case()
    Case.objects.filter(pk=master.pk).update(state=state)
    with pytest.raises(Refused, match="已归档或终止") as refused:
        merge(child, master)
    assert refused.value.field == "master"


def test_a_closed_master_still_takes_in(file_case, merge):
    child, master = file_case(), file_case()
    Case.objects.filter(pk=master.pk).update(state=State.CLOSED)
    child, _master = merge(child, master)
    assert child.state == State.MERGED


def test_after_dispatch_a_case_is_linked_not_merged(road, merge):
    case, master = road.whistled(), road.reported()
    with pytest.raises(Refused, match="不能"):
        merge(case, master, by="street_acceptor")
    Case.objects.filter(pk=case.pk).update(state=State.STREET_PENDING)
    with pytest.raises(Refused, match="已经派遣过部门"):
        merge(case, master, by="street_acceptor")
    assert not events(case, "merge").exists()


def test_who_may_not_merge_is_refused(file_case, merge):
    child, master = file_case(), file_case()
    for name in ("grid_a", "dispatcher", "other_dispatcher"):
        with pytest.raises(Refused, match="不能"):
            merge(child, master, by=name)
    assert again(child).state == State.REPORTED


# --- split --------------------------------------------------------------------


def test_a_split_starts_accept_anew_and_undoes_the_counts(file_case, merge, split):
    child, master = merge(file_case(**RESIDENT), file_case())
    assert again(master).merged_complainants_count == 1
    later = MONDAY_9 + timedelta(hours=2)
    child = split(child, later)
    assert (child.state, child.master_id) == (State.REPORTED, None)
    running = CaseClock.objects.get(case=child, stage="ACCEPT", superseded=False)
    assert running.started_at == later and running.stopped_at is None
    assert running.consumed_minutes == 0
    master = again(master)
    assert master.duplicates_count == master.merged_complainants_count == 0
    assert events(child, "split").count() == events(master, "let_go").count() == 1


def test_what_was_split_may_be_merged_again(file_case, merge, split):
    child, master = merge(file_case(), file_case())
    child, master = merge(split(child), master)
    assert child.state == State.MERGED and master.duplicates_count == 1


def test_nothing_is_split_from_an_archived_master(file_case, merge, split):
    child, master = merge(file_case(), file_case())
    Case.objects.filter(pk=master.pk).update(state=State.ARCHIVED)
    with pytest.raises(Refused, match="主案已归档"):
        split(child)
    assert again(child).state == State.MERGED
    assert not events(child, "split").exists()


# --- who is told --------------------------------------------------------------


def told(world, name, case):
    return Notification.objects.filter(
        user=world.user_id(name), subject=case.chain
    ).exists()


def test_both_reporters_are_told_of_the_merge(world, file_case, merge, turn):
    child, master = file_case(by="grid_b"), file_case()
    merge(child, master)
    turn(MONDAY_9)
    assert told(world, "grid_b", child)
    assert told(world, "grid_a", master)
    assert not told(world, "grid_b", master)


def test_closing_tells_the_reporters_of_merged_cases_and_who_joined(
    world, road, merge, turn
):
    case = road.checked()
    actions.support(
        case_id=case.pk, remark="", actor=world.actor("acceptor"), at=MONDAY_9
    )
    child = road.reported(by="grid_b")
    merge(child, case, by="street_acceptor")
    stranger = road.reported(by="grid_b")
    turn(MONDAY_9)
    Notification.objects.all().delete()
    actions.confirm_check(
        case_id=case.pk, opinion="同意结案", closing_met=True,
        actor=world.actor("street_acceptor"), at=MONDAY_9,
    )  # fmt: skip
    turn(MONDAY_9)
    assert again(case).state == State.CLOSED
    assert {"grid_a", "grid_b", "acceptor"} <= {
        name for name in ("grid_a", "grid_b", "acceptor") if told(world, name, case)
    }
    assert not told(world, "grid_b", stranger)


def test_who_was_split_off_is_not_told_any_more(world, road, merge, split, turn):
    case, child = road.checked(), road.reported(by="acceptor")
    merge(child, case, by="street_acceptor")
    split(child)
    turn(MONDAY_9)
    Notification.objects.all().delete()
    actions.confirm_check(
        case_id=case.pk, opinion="同意结案", closing_met=True,
        actor=world.actor("street_acceptor"), at=MONDAY_9,
    )  # fmt: skip
    turn(MONDAY_9)
    assert not told(world, "acceptor", case)


def test_reporter_and_supporter_see_the_case_they_are_told_of(world, file_case, merge):
    master, child, joined, stranger = (
        file_case(), file_case(by="grid_b"), file_case(), file_case(),
    )  # fmt: skip
    merge(child, master)
    grid_b = world.actor("grid_b")
    actions.support(case_id=joined.pk, remark="", actor=grid_b, at=MONDAY_9)
    seen = set(Case.objects.visible_to(grid_b))
    assert {child, master, joined} <= seen
    assert stranger not in seen


def test_joining_counts_once_and_never_the_own_case(world, file_case):
    case, other = file_case(), world.actor("grid_b")
    for _twice in range(2):
        actions.support(case_id=case.pk, remark="", actor=other, at=MONDAY_9)
    assert again(case).supporters_count == 1
    with pytest.raises(Refused, match="您自己上报"):
        actions.support(
            case_id=case.pk, remark="", actor=world.actor("grid_a"), at=MONDAY_9
        )
    assert events(case, "support").count() == 1


# --- rating -------------------------------------------------------------------


@pytest.fixture
def rated_master(road, merge, world):
    """A master that waits for ratings, with a merged case that has a resident."""

    def make(**own):
        master = road.checked(**own)
        child, _master = merge(road.reported(**OTHER), master, by="street_acceptor")
        actions.confirm_check(
            case_id=master.pk, opinion="通过", closing_met=False,
            actor=world.actor("street_acceptor"), at=MONDAY_9,
        )  # fmt: skip
        return again(child), again(master)

    return make


def test_a_merged_resident_makes_the_master_wait_for_ratings(rated_master):
    _child, master = rated_master()
    assert not master.has_complainant
    assert master.state == State.RATING


def test_the_masters_own_resident_decides(rated_master):
    child, master = rated_master(**RESIDENT)
    rate(child, "dissatisfied")
    master = again(master)
    assert (master.state, master.last_score) == (State.RATING, "")
    rate(master, "satisfied")
    master = again(master)
    assert (master.state, master.last_score) == (State.CLOSED, "satisfied")
    kept = Rating.objects.filter(case=master).order_by("pk")
    assert [(one.merged_case_id, one.score) for one in kept] == [
        (child.pk, "dissatisfied"),
        (None, "satisfied"),
    ]
    assert events(master, "rate_merged").count() == 1


def test_the_street_is_told_when_a_merged_resident_is_not_content(
    rated_master, turn, world
):
    child, _master = rated_master(**RESIDENT)
    turn(MONDAY_9)
    Notification.objects.all().delete()
    rate(child, "dissatisfied")
    turn(MONDAY_9)
    found = Notification.objects.get(user=world.user_id("street_acceptor"))
    assert found.title.startswith("并入案件的诉求人不满意")


def test_two_residents_dissatisfied_once_are_no_second_dissatisfaction(
    rated_master, turn
):
    child, master = rated_master(**RESIDENT)
    rate(child, "dissatisfied")
    rate(master, "dissatisfied")
    turn(MONDAY_9)
    assert Rating.objects.filter(case=master, score="dissatisfied").count() == 2
    assert not Escalation.objects.filter(case=master).exists()


def test_a_merged_resident_may_still_rate_when_the_own_one_was_first(rated_master):
    child, master = rated_master(**RESIDENT)
    rate(master, "satisfied")
    rate(child, "satisfied")
    assert Rating.objects.filter(case=master).count() == 2
    assert again(master).state == State.CLOSED


def test_without_an_own_resident_the_first_of_the_others_decides(rated_master):
    child, master = rated_master()
    rate(child, "very_satisfied")
    master = again(master)
    assert (master.state, master.last_score) == (State.CLOSED, "very_satisfied")
    assert Rating.objects.get(case=master).merged_case == child


def test_everybody_rates_once_in_a_round(rated_master, world):
    child, master = rated_master(**RESIDENT)
    rate(child, "dissatisfied")
    with pytest.raises(Refused, match="已经评价过"):
        rate(child, "satisfied")
    rate(master, "dissatisfied")
    CaseClock.objects.filter(case=master, stage="RATING_WINDOW").update(
        started_at=MONDAY_9 + timedelta(hours=1)
    )
    rate(child, "satisfied", MONDAY_9 + timedelta(hours=2))
    assert Rating.objects.filter(merged_case=child).count() == 2


def test_before_the_end_and_after_the_archive_nobody_rates(rated_master):
    child, master = rated_master(**RESIDENT)
    for state, sentence in (
        (State.JOINT_HANDLING, "主案还没有办好"),
        (State.ARCHIVED, "主案已归档或终止"),
        (State.REJECTED, "主案已归档或终止"),
    ):
        Case.objects.filter(pk=master.pk).update(state=state)
        with pytest.raises(Refused, match=sentence):
            rate(child)
    assert not Rating.objects.exists()
    assert not events(master, "rate_merged").exists()


def test_a_score_must_be_chosen(rated_master):
    child, _master = rated_master(**RESIDENT)
    with pytest.raises(Refused, match="请选择满意程度"):
        rate(child, "")
    assert not Rating.objects.exists()


# --- pages --------------------------------------------------------------------


def test_the_form_asks_to_confirm_and_loses_nothing(file_case, world):
    child, master = file_case("stall"), file_case("cover")
    client = signed_in(world, "acceptor")
    url = reverse("case_action", args=[child.pk, "merge"])
    assert "两案小类不同" in piece(client, url).content.decode()
    given = {
        "master": master.display_no,
        "opinion": "其实是同一处",
        "version": child.version,
    }
    answer = piece(client, url, **given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请核对确是同一件事后勾选确认" in page and "其实是同一处" in page
    assert piece(client, url, **given, confirmed="on").headers["HX-Redirect"]
    assert again(child).state == State.MERGED
    page = client.get(reverse("case", args=[child.pk])).content.decode()
    assert f"<dd>{master.display_no}</dd>" in page and master.case_no not in page
    assert (
        f'已并入 <a class="case-no" href="{reverse("case", args=[master.pk])}"' in page
    )
    assert "小类不同，已人工确认" in page
    page = client.get(reverse("case", args=[master.pk])).content.decode()
    assert "重复上报</dt><dd>1 件" in page
    assert child.display_no in page


@pytest.fixture
def opened(client, monkeypatch):
    """A resident's browser with a case opened by its code."""
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)

    def opened(case):
        code = crypto.unseal(case.query_code)
        return client.post(
            reverse("resident_lookup"),
            {"case_no": case.display_no, "code": code},
            follow=True,
        ).content.decode()

    return opened


def test_the_resident_of_a_merged_case_follows_the_master_and_rates(
    client, opened, rated_master
):
    child, master = rated_master(**RESIDENT)
    page = opened(child)
    assert f"与案卷 {master.display_no} 是同一问题" in page
    assert "已办好，等待评价" in page and "请您评价" in page
    assert "王阿姨" not in page and "13800001234" not in page
    answer = client.post(
        reverse("resident_rate"),
        {"score": "dissatisfied", "solved": "no", "comment": "晚上又摆出来了"},
        follow=True,
    )
    page = answer.content.decode()
    assert "谢谢您的评价" in page and "晚上又摆出来了" in page
    assert 'id="rating"' not in page
    assert again(master).state == State.RATING
    assert Rating.objects.get().merged_case == child
    page = opened(master)
    assert "晚上又摆出来了" not in page and 'id="rating"' in page


def test_a_merged_resident_sees_the_result_but_not_the_masters_first_pictures(
    client, opened, rated_master
):
    child, master = rated_master(**RESIDENT)
    page = opened(child)
    for stage, shown in (("report", False), ("after", True)):
        photo = master.photos.get(stage=stage)
        url = reverse("resident_photo", args=[photo.pk])
        assert (url in page) is shown
        assert client.get(url).status_code == (200 if shown else 404)
    own = reverse("resident_photo", args=[child.photos.get().pk])
    assert own in page


def test_the_case_page_says_whose_rating_it_is(rated_master, world):
    child, master = rated_master(**RESIDENT)
    rate(child, "dissatisfied")
    client = signed_in(world, "street_acceptor")
    page = client.get(reverse("case", args=[master.pk])).content.decode()
    assert f"并入的 {child.display_no}" in page
    assert "并入案件的诉求人评价" in page


def test_who_joined_a_merged_case_hears_how_it_ends(road, merge, turn) -> None:
    """＋1 before the merge counts as much as one on the master (C.7)."""
    child, master = road.reported("lane"), road.reported("lane")
    joined = road.world.actor("grid_b")
    actions.support(case_id=child.pk, remark="", actor=joined, at=MONDAY_9)
    merge(child, master)
    turn(MONDAY_9)
    Notification.objects.all().delete()
    actions.reject(
        case_id=master.pk, reason="not_ours", opinion="不属本级职责", at=MONDAY_9,
        actor=road.world.actor("acceptor"),
    )  # fmt: skip
    turn(MONDAY_9)
    told = Notification.objects.filter(user=joined.user_id)
    assert [one.title for one in told] == ["不予受理：占用消防通道"]
    assert Case.objects.visible_to(joined).filter(pk=master.pk).exists()
