"""回访 and 首次响应: who spoke with the resident, when, and what he said."""

import pytest
from django.urls import reverse

from cases import actions
from cases.models import CallBack
from cases.offers import offers
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import ASKED, Road, again, piece, signed_in

LATER = at("2026-11-23 11:00")


@pytest.fixture
def road(world, file_case, photos) -> Road:
    return Road(world, file_case, photos)


def call(road, case, by="street_acceptor", **more):
    given = {
        "method": "phone",
        "result": "solved",
        "satisfied": True,
        "words": "张先生说已畅通",
        **more,
    }
    return actions.call_back(
        case_id=case.pk, actor=road.world.actor(by), at=LATER, **given
    )


def rate_for(road, case, by="street_acceptor", **more):
    given = {
        "method": "phone",
        "score": "satisfied",
        "solved": True,
        "words": "电话中表示满意",
        **more,
    }
    actions.rate_by_call_back(
        case_id=case.pk, actor=road.world.actor(by), at=LATER, **given
    )
    return again(case)


def log(road, case, by="acceptor", when=LATER, **more):
    given = {"method": "phone", "words": "已告知正在核实", **more}
    actions.log_contact(case_id=case.pk, actor=road.world.actor(by), at=when, **given)


def test_a_call_back_is_kept_and_changes_no_state(road) -> None:
    case = road.rating()
    before = Event.objects.count()
    made = call(road, case)
    assert (made.method, made.result, made.satisfied) == ("phone", "solved", True)
    assert (made.by_name, made.at) == ("street_acceptor", LATER)
    assert again(case).state == "RATING"
    assert Event.objects.count() == before + 1


def test_a_closed_case_is_called_back_too_an_open_one_not(road) -> None:
    case = road.rating()
    actions.rate(
        case_id=case.pk, score="fair", solved=True, comment="", channel="portal",
        actor=Actor.resident(), at=MONDAY_9,
    )  # fmt: skip
    call(road, case, by="acceptor")
    with pytest.raises(Refused, match="待评价或已结案"):
        call(road, road.reported(**ASKED))


def test_nobody_who_was_not_reached_was_satisfied(road) -> None:
    made = call(road, road.rating(), result="unreached", satisfied=True)
    assert made.satisfied is None


@pytest.mark.parametrize(
    ("field", "sentence"),
    [("method", "回访方式"), ("result", "回访结果"), ("words", "回访记录")],
)
def test_a_call_back_needs_all_of_it(road, field, sentence) -> None:
    case = road.rating()
    before = Event.objects.count()
    with pytest.raises(Refused, match=sentence) as refused:
        call(road, case, **{field: ""})
    assert refused.value.field == field
    assert (Event.objects.count(), CallBack.objects.count()) == (before, 0)


def test_only_the_desks_call_back(road) -> None:
    case = road.rating()
    for name in ("fire", "grid_a", "other_dispatcher", "district"):
        with pytest.raises(Refused, match="受理岗位"):
            call(road, case, by=name)


def test_the_street_rates_what_the_resident_said(road) -> None:
    case = rate_for(road, road.rating())
    assert (case.state, case.last_score) == ("CLOSED", "satisfied")
    rating, made = case.ratings.get(), case.call_backs.get()
    assert (rating.channel, rating.solved) == ("phone", True)
    assert (made.result, made.satisfied) == ("solved", True)


def test_dissatisfied_by_telephone_goes_to_rework_with_a_second_call(road) -> None:
    case = road.rating()
    case = rate_for(road, case, score="dissatisfied", solved=False, words="又堵上了")
    assert (case.state, case.last_score) == ("RATING", "dissatisfied")
    actions.rework_after_rating(
        case_id=case.pk, opinion="再清一次", call_back="当面看过，确实又堵上了",
        method="in_person", actor=road.world.actor("street_acceptor"), at=LATER,
    )  # fmt: skip
    case = again(case)
    assert (case.state, case.rework_count) == ("JOINT_HANDLING", 1)
    made = case.call_backs.order_by("pk").last()
    assert (made.method, made.result, made.satisfied) == (
        "in_person", "unsolved", False,
    )  # fmt: skip


def test_a_rework_without_a_call_back_is_refused(road) -> None:
    case = rate_for(road, road.rating(), score="dissatisfied", solved=False)
    with pytest.raises(Refused, match="回访记录") as refused:
        actions.rework_after_rating(
            case_id=case.pk, opinion="再清一次", call_back=" ",
            actor=road.world.actor("street_acceptor"), at=LATER,
        )  # fmt: skip
    assert refused.value.field == "call_back"
    assert case.call_backs.count() == 1


def test_nobody_rates_twice_nor_in_the_resident_s_name(road) -> None:
    case = road.rating()
    with pytest.raises(Refused, match="由诉求人作出"):
        actions.rate(
            case_id=case.pk, score="satisfied", solved=True, comment="",
            channel="portal", actor=road.world.actor("street_acceptor"), at=LATER,
        )  # fmt: skip
    actions.rate(
        case_id=case.pk, score="dissatisfied", solved=False, comment="又堵",
        channel="portal", actor=Actor.resident(), at=LATER,
    )  # fmt: skip
    with pytest.raises(Refused, match="已经评价过了"):
        rate_for(road, case)
    assert case.call_backs.count() == 0


def first_reply(case):
    return case.clocks.filter(stage="FIRST_REPLY").first()


def test_the_first_reply_clock_runs_beside_the_way_of_a_resident_s_case(road) -> None:
    case = road.reported(**ASKED)
    clock = first_reply(case)
    assert (clock.started_at, clock.due_at) == (MONDAY_9, at("2026-11-24 09:00"))
    assert clock.organisation.name == "幸福社区"
    assert again(case).due_at == case.clocks.get(stage="ACCEPT").due_at
    assert first_reply(road.reported()) is None


def test_the_first_contact_stops_it_and_the_second_changes_nothing(road) -> None:
    case = road.reported(**ASKED)
    before = Event.objects.count()
    log(road, case)
    clock = first_reply(case)
    assert (clock.stopped_at, clock.is_overdue) == (LATER, False)
    assert Event.objects.count() == before + 1
    log(road, case, method="in_person", words="上门看过")
    assert first_reply(case).stopped_at == LATER
    assert again(case).state == "REPORTED"


def test_a_call_back_stops_it_unless_nobody_was_reached(road) -> None:
    case = road.rating()
    call(road, case, result="unreached", satisfied=None)
    assert first_reply(case).stopped_at is None
    call(road, case)
    assert first_reply(case).stopped_at == LATER


def test_a_rejection_is_an_answer(road) -> None:
    case = road.reported(**ASKED)
    actions.reject(
        case_id=case.pk, reason="not_ours", opinion="请向物业反映",
        actor=road.world.actor("acceptor"), at=LATER,
    )  # fmt: skip
    assert first_reply(case).stopped_at == LATER


def test_nobody_replied_is_told_like_any_other_limit(road, turn) -> None:
    case = road.pending(**ASKED)
    turn(at("2026-11-24 09:00"))
    told = Notification.objects.filter(subject=case.chain, title__startswith="首次响应")
    assert {"首次响应时限已用 50%：占用消防通道", "首次响应已超时：占用消防通道"} <= {
        one.title for one in told
    }
    log(road, case, by="dispatcher", when=at("2026-11-24 10:00"), words="已致歉")
    assert first_reply(case).is_overdue
    assert again(case).state == "STREET_PENDING"


def test_a_contact_is_refused_without_words_and_for_what_nobody_asked(road) -> None:
    case = road.reported(**ASKED)
    before = Event.objects.count()
    with pytest.raises(Refused, match="联系了谁") as refused:
        log(road, case, words="")
    assert refused.value.field == "words"
    with pytest.raises(Refused, match="联系方式"):
        log(road, case, method="sms")
    with pytest.raises(Refused, match="受理和承办"):
        log(road, case, by="assessor")
    assert Event.objects.count() == before
    with pytest.raises(Refused, match="没有诉求人"):
        log(road, road.reported())


def test_the_pages_call_back_and_rate(road, monkeypatch) -> None:
    monkeypatch.setattr("governance.clock.now", lambda: LATER)
    case = road.rating()
    client = signed_in(road.world, "street_acceptor")
    shown = offers(case, road.world.actor("street_acceptor"), LATER)
    assert {"rate", "call_back", "log_contact"} <= {one.name for one in shown}
    url = reverse("case_action", args=[case.pk, "call_back"])
    assert "回访结果" in piece(client, url).content.decode()
    answer = piece(client, url, method="phone", words="没有人接")
    assert answer.status_code == 422
    assert "没有人接" in answer.content.decode()
    piece(client, url, method="phone", result="unreached", words="没有人接")
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "联系不上" in page
    url = reverse("case_action", args=[case.pk, "rate"])
    assert "代为评价" in piece(client, url).content.decode()
    given = {"method": "phone", "score": "satisfied", "words": "满意"}
    assert piece(client, url, **given).status_code == 422
    piece(client, url, **given, solved="yes", version=again(case).version)
    assert again(case).state == "CLOSED"
    assert "电话回访" in client.get(reverse("case", args=[case.pk])).content.decode()


def test_the_page_logs_a_contact(road) -> None:
    case = road.reported(**ASKED)
    client = signed_in(road.world, "acceptor")
    url = reverse("case_action", args=[case.pk, "log_contact"])
    assert "首次响应" in piece(client, url).content.decode()
    assert piece(client, url, method="phone", words="").status_code == 422
    piece(client, url, method="phone", words="已告知")
    assert first_reply(case).stopped_at is not None
