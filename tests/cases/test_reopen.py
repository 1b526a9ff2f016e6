"""重开 (T47): a second round with clocks of its own; the first stays as it was."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases import actions
from cases.models import Case, CaseClock, Escalation
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification
from tests.cases.conftest import at, spot
from tests.cases.road import Road, again, piece, signed_in

TUESDAY = at("2026-11-24 09:00")


@pytest.fixture
def road(world, file_case, photos) -> Road:
    return Road(world, file_case, photos)


def reopen(road, case, when=TUESDAY, by="shift_head", **more):
    actor = road.world.actor(by)
    given = {"opinion": "同一地点又堵上了", "photos": road.photos(actor, "reopen")}
    actions.reopen(case_id=case.pk, actor=actor, at=when, **{**given, **more})
    return again(case)


def facts(case) -> list[tuple]:
    columns = (
        "pk", "stage", "round", "started_at", "stopped_at", "due_at", "limit_n",
        "consumed_minutes", "is_overdue", "superseded",
    )  # fmt: skip
    return list(
        CaseClock.objects.filter(case=case).order_by("pk").values_list(*columns)
    )


def test_the_street_judges_anew_and_the_old_clocks_stay(road) -> None:
    case = road.closed()
    waiting = case.clocks.get(stage="ARCHIVE_AFTER")
    old = [one for one in facts(case) if one[0] != waiting.pk]
    case = reopen(road, case)
    assert (case.state, case.reopened_count) == ("STREET_PENDING", 1)
    assert case.holder_org.name == "和平街道"
    assert (case.closed_at, case.closed_type) == (None, "")
    assert (case.check_result, case.last_score) == ("", "")
    judge = case.clocks.get(stage="JUDGE", round=1)
    assert (judge.started_at, judge.stopped_at) == (TUESDAY, None)
    assert case.due_at == judge.due_at
    waiting.refresh_from_db()
    assert waiting.stopped_at == TUESDAY
    assert [one for one in facts(case) if one[0] not in (judge.pk, waiting.pk)] == old


def again_to_the_end(road, case):
    """The second round: another whistle, and closed a second time."""
    road.at = TUESDAY
    actions.whistle(
        case_id=case.pk,
        call=road.call(),
        actor=road.world.actor("street_leader"),
        at=TUESDAY,
    )
    case = road.check_in(case, "fire")
    lead = road.world.actor("fire")
    actions.feed_back(
        case_id=case.pk, result="solved", measures="再次清空", override="",
        photos=road.photos(lead, "after"), actor=lead, at=TUESDAY,
    )  # fmt: skip
    actions.send_to_check(
        case_id=case.pk, worker_id=road.world.user_id("grid_b"), requirement="再看",
        actor=road.world.actor("street_acceptor"), at=TUESDAY,
    )  # fmt: skip
    checker = road.world.actor("grid_b")
    actions.submit_check(
        case_id=case.pk, result="passed", remark="", position=spot(),
        photos=road.photos(checker, "check"), actor=checker, at=TUESDAY,
    )  # fmt: skip
    actions.confirm_check(
        case_id=case.pk, opinion="结案", closing_met=True,
        actor=road.world.actor("street_acceptor"), at=TUESDAY,
    )  # fmt: skip
    return again(case)


def test_the_second_round_goes_its_whole_way(road) -> None:
    case = reopen(road, road.closed())
    old = facts(case)[:-1]
    case = again_to_the_end(road, case)
    assert (case.state, case.closed_at) == ("CLOSED", TUESDAY)
    assert facts(case)[: len(old)] == old
    handled = case.clocks.filter(stage="HANDLE").order_by("round")
    assert [one.round for one in handled] == [0, 1]
    assert not handled.filter(superseded=True).exists()
    assert case.clocks.filter(stage="ARCHIVE_AFTER", stopped_at=None).count() == 1
    assert reopen(road, case).reopened_count == 2


def test_the_community_gets_the_full_limit_in_the_second_round(road) -> None:
    """Sent down, HANDLE starts anew; it does not go on with the first round's rest."""
    case = reopen(road, road.closed())
    actions.send_down(
        case_id=case.pk, opinion="社区事项", list_item="第三条",
        condition_id=case.category.conditions.get().pk,
        actor=road.world.actor("dispatcher"), at=TUESDAY,
    )  # fmt: skip
    handle = case.clocks.get(stage="HANDLE", round=1)
    assert (handle.started_at, handle.consumed_minutes) == (TUESDAY, 0)


def handled_by_the_station(road, case, when=TUESDAY):
    """The street's own station handles it in the second round, and hands it in."""
    actions.handle_at_street(
        case_id=case.pk, organisation_id=road.world.orgs["station"].pk, opinion="",
        condition_id=case.category.conditions.get().pk,
        actor=road.world.actor("dispatcher"), at=TUESDAY,
    )  # fmt: skip
    handler = road.world.actor("street_handler")
    actions.submit_result(
        case_id=case.pk, result="solved", measures="已清空",
        photos=road.photos(handler, "after"), actor=handler, at=when,
    )  # fmt: skip
    return again(case)


def test_returned_it_goes_to_who_handled_the_second_round(road) -> None:
    case = handled_by_the_station(road, reopen(road, road.closed()))
    actions.return_result(
        case_id=case.pk, opinion="缺处置后全景", at=TUESDAY,
        actor=road.world.actor("street_acceptor"),
    )  # fmt: skip
    assert again(case).holder_org == road.world.orgs["station"]
    assert again(case).first_handler_org == road.world.orgs["fire"]


def test_the_order_goes_to_who_handled_the_second_round(road) -> None:
    """三级预警 of the second dissatisfaction, not to the first round's lead."""
    case = handled_by_the_station(road, reopen(road, road.closed()))
    for _round in range(2):
        case.ratings.create(score="dissatisfied", channel="portal", at=TUESDAY)
    actions.escalate(case_id=case.pk, trigger="dissatisfied", at=TUESDAY)
    order = case.supervision_orders.get()
    assert order.organisation == road.world.orgs["station"]


def reworked(road, case) -> Case:
    """The office has it checked; the check fails, and it goes back."""
    office = road.world.actor("street_acceptor")
    actions.send_to_check(
        case_id=case.pk, worker_id=road.world.user_id("grid_b"), requirement="再看",
        actor=office, at=TUESDAY,
    )  # fmt: skip
    checker = road.world.actor("grid_b")
    actions.submit_check(
        case_id=case.pk, result="failed", remark="仍有杂物", position=spot(),
        photos=road.photos(checker, "check"), actor=checker, at=TUESDAY,
    )  # fmt: skip
    actions.rework(case_id=case.pk, opinion="返工", actor=office, at=TUESDAY)
    return again(case)


def test_reworks_and_their_level_count_anew_in_the_second_round(road, turn) -> None:
    case = road.closed()
    Case.objects.filter(pk=case.pk).update(rework_count=2)
    first = {"level": Escalation.Level.RED, "trigger": "reworked"}
    case.escalations.create(**first, at=road.at)
    case = reopen(road, again(case))
    assert case.rework_count == 0
    assert not Escalation.objects.in_force().filter(case=case, clock=None).exists()
    case = reworked(road, handled_by_the_station(road, case))
    turn(TUESDAY)
    assert case.rework_count == 1
    assert case.escalations.filter(**first).count() == 1
    handler = road.world.actor("street_handler")
    actions.submit_result(
        case_id=case.pk, result="solved", measures="又清空了",
        photos=road.photos(handler, "after"), actor=handler, at=TUESDAY,
    )  # fmt: skip
    case = reworked(road, again(case))
    turn(TUESDAY)
    assert case.rework_count == 2
    rounds = case.escalations.filter(**first).order_by("pk")
    assert [one.round for one in rounds] == [0, 1]
    assert case.supervision_orders.get().escalation == rounds[1]


def test_dissatisfaction_of_the_first_round_is_not_counted_in_the_second(road) -> None:
    case = road.closed()
    case.ratings.create(score="dissatisfied", channel="portal", at=road.at)
    case = handled_by_the_station(road, reopen(road, case))
    case.ratings.create(score="dissatisfied", channel="portal", at=TUESDAY)
    actions.escalate(case_id=case.pk, trigger="dissatisfied", at=TUESDAY)
    assert not case.escalations.filter(trigger="dissatisfied").exists()


def test_a_rated_case_is_rated_again_in_the_second_round(road) -> None:
    case = road.rating()
    rate = {"solved": True, "comment": "", "channel": "portal", "at": TUESDAY}
    resident = Actor.resident()
    actions.rate(case_id=case.pk, score="satisfied", actor=resident, **rate)
    case = again_to_the_end(road, reopen(road, case))
    assert (case.state, case.last_score) == ("RATING", "")
    actions.rate(case_id=case.pk, score="fair", actor=resident, **rate)
    assert [one.score for one in case.ratings.order_by("pk")] == ["satisfied", "fair"]


def test_the_former_handler_is_told(road, turn) -> None:
    case = reopen(road, road.closed())
    turn(TUESDAY)
    told = Notification.objects.filter(subject=case.chain, title__startswith="重开")
    assert {"fire", "dispatcher", "grid_a"} <= {one.user.name for one in told}


def test_it_is_refused_without_evidence_and_to_others(road) -> None:
    case = road.closed()
    before = Event.objects.count()
    with pytest.raises(Refused, match="怎样复发") as refused:
        reopen(road, case, opinion="")
    assert refused.value.field == "opinion"
    with pytest.raises(Refused, match="至少上传 1 张") as refused:
        reopen(road, case, photos=None)
    assert refused.value.field == "photos"
    for name in ("dispatcher", "street_acceptor", "district", "other_dispatcher"):
        with pytest.raises(Refused, match="当前的岗位"):
            reopen(road, case, by=name)
    assert Event.objects.count() == before


def test_an_archived_case_is_filed_anew_and_linked(road, turn) -> None:
    case = road.closed()
    turn(at("2026-12-01 09:00"))
    case = again(case)
    assert case.state == "ARCHIVED"
    with pytest.raises(Refused, match=r"作为新案件上报.*复发"):
        reopen(road, case, when=at("2026-12-01 10:00"))


def test_a_waiting_archive_does_not_touch_a_reopened_case(road, turn) -> None:
    case = reopen(road, road.closed())
    turn(at("2026-12-01 09:00"))
    assert again(case).state == "STREET_PENDING"


def test_the_page_reopens_with_a_photo(road, snapshot, monkeypatch) -> None:
    monkeypatch.setattr("governance.clock.now", lambda: TUESDAY)
    case = road.closed()
    client = signed_in(road.world, "shift_head")
    url = reverse("case_action", args=[case.pk, "reopen"])
    assert "原来的用时和考核不变" in piece(client, url).content.decode()
    answer = piece(client, url, opinion="又堵上了，照片随后")
    assert answer.status_code == 422
    assert "又堵上了，照片随后" in answer.content.decode()
    picture = SimpleUploadedFile("a.jpg", snapshot, "image/jpeg")
    piece(client, url, opinion="又堵上了", photos=picture, version=case.version)
    assert again(case).state == "STREET_PENDING"
    assert "复发" in client.get(reverse("case", args=[case.pk])).content.decode()
