"""＋1 and 关注 by telephone, and word of what comes of it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases import actions as cases
from cases.models import Case, Support
from civics import actions
from civics.models import Consent, Follow, PublicRule, ServiceRule
from civics.tasks import tell_followers
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification
from tests.cases.conftest import MONDAY_9
from tests.civics.conftest import NUMBER, last_code, letters

DAY = timedelta(hours=24)


@pytest.fixture
def case(file_case, world):
    found = file_case("lane")
    cases.raise_to_street(
        case_id=found.pk, opinion="社区管不了", actor=world.actor("acceptor"),
        at=MONDAY_9,
    )  # fmt: skip
    found.refresh_from_db()
    return found


@pytest.fixture
def phone(channel, resident):
    def proven(number=NUMBER):
        actions.send_code(number=number, actor=resident, at=MONDAY_9)
        return actions.verify_code(
            number=number, code=last_code(number), purpose="x", actor=resident,
            at=MONDAY_9,
        )  # fmt: skip

    return proven


def join(case, phone, resident, **more):
    given = {"case_id": case.pk, "actor": resident, "at": MONDAY_9, **more}
    return actions.join(phone_id=phone.pk, remark="", **given)


def follow(case, phone, resident):
    return actions.follow(
        case_id=case.pk, phone_id=phone.pk, actor=resident, at=MONDAY_9
    )


def told(number=NUMBER):
    return [one.title for one in letters(number) if one.title.startswith("您关注的")]


def tell():
    return actions.tell_followers(at=MONDAY_9)


def hand_down(case, world):
    cases.send_down(
        case_id=case.pk, opinion="属社区事项", list_item="清单第 3 条",
        condition_id=case.category.conditions.get().pk,
        actor=world.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip


def test_one_number_counts_once(case, phone, resident):
    mine = phone()
    for _each in range(2):
        join(case, mine, resident)
    case.refresh_from_db()
    assert case.supporters_count == 1
    assert Support.objects.count() == 1
    join(case, phone("13900000001"), resident)
    case.refresh_from_db()
    assert case.supporters_count == 2
    added = Event.objects.filter(chain=case.chain, action="cases.support")
    assert added.count() == 2


def test_who_reported_it_does_not_join_it(case, phone, resident):
    mine = phone()
    Consent.objects.create(
        phone=mine, purpose="report", case=case, notice="1", given_at=MONDAY_9
    )
    with pytest.raises(Refused, match="您自己上报的"):
        join(case, mine, resident)
    case.refresh_from_db()
    assert case.supporters_count == 0
    assert not Follow.objects.exists()


def test_nobody_joins_or_follows_what_is_confidential_or_over(case, phone, resident):
    mine = phone()
    Case.objects.filter(pk=case.pk).update(confidential=True)
    with pytest.raises(Refused, match="不能关注"):
        follow(case, mine, resident)
    Case.objects.filter(pk=case.pk).update(confidential=False, state="VOIDED")
    with pytest.raises(Refused, match="已经办完"):
        join(case, mine, resident)
    assert not Follow.objects.exists()
    assert not Event.objects.filter(action="civics.follow").exists()


def test_followers_are_told_once_of_each_step(case, phone, resident, world):
    follow(case, phone(), resident)
    assert tell() == 0  # nothing has happened since
    hand_down(case, world)
    assert tell() == 1
    assert tell() == 0
    assert tell_followers() == 0
    assert told() == ["您关注的“占用消防通道”社区正在处理。"]


def test_a_message_points_only_to_a_page_that_is_there(case, phone, resident):
    follow(case, phone(), resident)
    later = MONDAY_9 + DAY
    for version, state, url in (
        (8, "SUSPENDED", reverse("public_case", args=[case.case_no])),
        (9, "TRANSFERRED", ""),
    ):
        Case.objects.filter(pk=case.pk).update(state=state, version=version)
        assert actions.tell_followers(at=later) == 1
        assert letters()[-1].url == url


def test_what_a_bystander_does_not_understand_is_not_texted(case, phone, resident):
    follow(case, phone(), resident)
    Case.objects.filter(pk=case.pk).update(state="FEEDBACK_REVIEW")
    assert tell() == 0
    assert told() == []


def test_it_ends_with_the_case(case, phone, resident):
    follow(case, phone(), resident)
    Case.objects.filter(pk=case.pk).update(state="CLOSED", closed_at=MONDAY_9)
    assert tell() == 1
    assert told() == ["您关注的“占用消防通道”已办结。"]
    assert Follow.objects.get().ended_at == MONDAY_9
    Case.objects.filter(pk=case.pk).update(state="ARCHIVED")
    assert tell() == 0


def test_of_what_became_confidential_nothing_is_said(case, phone, resident):
    """FixMyStreet F25."""
    follow(case, phone(), resident)
    Case.objects.filter(pk=case.pk).update(confidential=True, state="CLOSED")
    assert tell() == 0
    assert told() == []
    assert Follow.objects.get().ended_at is not None


def test_who_stops_following_is_not_told_and_the_consent_ends(
    case, phone, resident, world
):
    mine = phone()
    row = follow(case, mine, resident)
    actions.unfollow(follow_id=row.pk, phone_id=mine.pk, actor=resident, at=MONDAY_9)
    assert Consent.objects.get().withdrawn_at == MONDAY_9
    hand_down(case, world)
    assert tell() == 0
    follow(case, mine, resident)
    assert Consent.objects.count() == 2  # the first stays with its time
    assert Follow.objects.running().count() == 1


def test_the_unit_is_told_once_when_many_have_joined(case, phone, resident, world):
    actions.set_public_rule(
        given=PublicRule(told_at=2), hidden=[], actor=Actor.system(), at=MONDAY_9
    )
    hand_down(case, world)
    for number in ("13900000001", "13900000002", "13900000003"):
        join(case, phone(number), resident)
    many = Notification.objects.filter(
        user=world.user_id("acceptor"), title__contains="人反映同一问题"
    )
    assert [one.title for one in many] == ["已有 2 人反映同一问题：占用消防通道"]


def limits(**given):
    actions.set_service_rule(
        given=ServiceRule(**given), actor=Actor.system(), at=MONDAY_9
    )


def test_one_number_follows_so_many_a_day(case, phone, resident, file_case):
    limits(follows_a_day=1)
    mine, other = phone(), file_case("stall")
    follow(case, mine, resident)
    follow(case, mine, resident)  # twice is once
    with pytest.raises(Refused, match="今天关注的已经很多"):
        follow(other, mine, resident)
    assert Follow.objects.count() == Consent.objects.count() == 1
    follow(other, phone("13900000001"), resident)
    actions.follow(
        case_id=other.pk, phone_id=mine.pk, actor=resident, at=MONDAY_9 + DAY
    )


def test_who_had_enough_messages_is_told_the_last_word_the_next_day(
    case, phone, resident, file_case
):
    limits(texts_a_day=1)
    mine, other = phone(), file_case("stall")
    for one in (case, other):
        follow(one, mine, resident)
    follow(other, phone("13900000001"), resident)
    both = Case.objects.filter(pk__in=[case.pk, other.pk])
    both.update(state="COMMUNITY_HANDLING", version=8)
    assert tell() == 2  # one to each number
    assert tell() == 0
    both.update(state="CLOSED", closed_at=MONDAY_9, version=9)
    later = MONDAY_9 + DAY
    assert actions.tell_followers(at=later) == 2
    assert actions.tell_followers(at=later + DAY) == 1
    assert [one.split("”")[1] for one in told()] == [
        "社区正在处理。",
        "已办结。",
        "已办结。",
    ]


# --- the pages ------------------------------------------------------------------
@pytest.fixture
def proven(client, channel, moment):
    client.post(reverse("resident_phone"), {"phone": NUMBER, "send": "1"})
    given = {"phone": NUMBER, "code": last_code()}
    client.post(reverse("resident_phone"), given)
    return client


def test_plus_one_asks_for_the_number_first(client, case, channel, moment):
    moment(MONDAY_9 + DAY)
    url = reverse("public_case", args=[case.case_no])
    answer = client.post(url, {"join": "1"})
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("resident_phone"))
    assert not Follow.objects.exists()


def test_the_page_joins_follows_and_stops(case, proven, moment):
    later = MONDAY_9 + DAY
    moment(later)
    session = proven.session
    session["resident_phone"]["until"] = (later + DAY).isoformat()
    session.save()
    url = reverse("public_case", args=[case.case_no])
    page = proven.post(url, {"follow": "1"}, follow=True).content.decode()
    assert "已关注" in page
    page = proven.post(url, {"join": "1"}, follow=True).content.decode()
    assert "您已＋1" in page
    assert "已有 1 人＋1" in page
    mine = proven.get(reverse("resident_mine")).content.decode()
    assert case.display_no in mine
    assert "关注进展的短信" in mine
    row = Follow.objects.get()
    end = reverse("resident_unfollow", args=[row.pk])
    page = proven.post(end, follow=True).content.decode()
    assert "不再关注，也不再发短信" in page
    assert Follow.objects.running().count() == 0


def test_nobody_ends_what_another_follows(case, proven, phone, resident, moment):
    row = follow(case, phone("13900000001"), resident)
    answer = proven.post(reverse("resident_unfollow", args=[row.pk]))
    assert answer.status_code == 404
    assert Follow.objects.running().count() == 1


def test_own_reports_open_without_their_code_and_others_do_not(
    case, proven, moment, file_case
):
    from civics.models import Phone

    Consent.objects.create(
        phone=Phone.objects.get(), purpose="report", case=case, notice="1",
        given_at=MONDAY_9,
    )  # fmt: skip
    opened = proven.post(reverse("resident_open", args=[case.pk]), follow=True)
    assert case.display_no in opened.content.decode()
    other = file_case("stall")
    answer = proven.post(reverse("resident_open", args=[other.pk]))
    assert answer.status_code == 404


def test_own_reports_stay_in_sight_behind_many_follows(case, proven, monkeypatch):
    from civics.models import Phone

    monkeypatch.setattr("civics.views.mine.SHOWN", 1)
    for purpose, at in (("report", MONDAY_9), ("follow", MONDAY_9 + DAY)):
        Consent.objects.create(
            phone=Phone.objects.get(), purpose=purpose, case=case, notice="1",
            given_at=at,
        )  # fmt: skip
    page = proven.get(reverse("resident_mine")).content.decode()
    assert reverse("resident_open", args=[case.pk]) in page


def test_without_a_proven_number_nothing_of_it_opens(client, case, moment):
    answer = client.post(reverse("resident_open", args=[case.pk]))
    assert answer.url == reverse("resident_mine")
    assert reverse("resident_lookup") not in answer.url
