"""关注一个社区, and once a day word of what became public there."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases import actions as cases
from cases.models import Case
from civics import actions
from civics.models import AreaFollow, Consent, ServiceRule
from civics.tasks import tell_area_followers
from governance.celery import app
from governance.errors import Refused
from governance.models import Event
from tests.cases.conftest import COMMUNITY, MONDAY_9
from tests.civics.conftest import NUMBER, last_code, letters

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def phone(world, channel, resident):
    actions.send_code(number=NUMBER, actor=resident, at=MONDAY_9)
    return actions.verify_code(
        number=NUMBER, code=last_code(), purpose="x", actor=resident, at=MONDAY_9
    )


@pytest.fixture
def public(file_case, world):
    """A case that is public a day after it was reported."""

    def public(name="lane", when=MONDAY_9, **more):
        found = file_case(name, when=when, **more)
        cases.raise_to_street(
            case_id=found.pk, opinion="社区管不了", actor=world.actor("acceptor"),
            at=when,
        )  # fmt: skip
        return found

    return public


def follow(phone, resident, code=COMMUNITY):
    return actions.follow_area(
        area_code=code, phone_id=phone.pk, actor=resident, at=MONDAY_9
    )


def told():
    return [one for one in letters() if "新公开" in one.title]


def test_once_a_day_it_is_told_what_became_public_there(phone, resident, public):
    area = follow(phone, resident).area
    for number in range(2):
        public(when=MONDAY_9 + number * HOUR)
    public("stall", when=MONDAY_9 + 30 * HOUR)  # public later than the first word
    assert actions.tell_area_followers(at=MONDAY_9 + 23 * HOUR) == 0
    at = MONDAY_9 + DAY + 2 * HOUR
    assert actions.tell_area_followers(at=at) == 1
    assert actions.tell_area_followers(at=at) == 0
    (letter,) = told()
    assert letter.title == f"您关注的{area.name}新公开 2 件。"
    assert letter.body == "占用消防通道 2。"
    assert letter.url == f"{reverse('public_list')}?street={area.code[:9]}"
    later = at + DAY + 6 * HOUR
    assert actions.tell_area_followers(at=later) == 1
    assert told()[-1].body == "占道经营 1。"
    assert actions.tell_area_followers(at=later + DAY) == 0


def test_what_was_taken_up_late_is_told_when_it_was(phone, resident, file_case, world):
    """Its delay was over long before; what was public before is not told again."""
    follow(phone, resident)
    for name in ("lane", "stall"):
        file_case(name, when=MONDAY_9)
    late, later = Case.objects.order_by("pk")
    acceptor = world.actor("acceptor")

    def take_up(case, when):
        cases.raise_to_street(
            case_id=case.pk, opinion="社区管不了", actor=acceptor, at=when
        )

    assert actions.tell_area_followers(at=MONDAY_9 + 2 * DAY) == 0
    take_up(late, MONDAY_9 + 2 * DAY + HOUR)
    assert actions.tell_area_followers(at=MONDAY_9 + 3 * DAY) == 1
    take_up(later, MONDAY_9 + 3 * DAY + HOUR)
    assert actions.tell_area_followers(at=MONDAY_9 + 4 * DAY) == 1
    assert [one.body for one in told()] == ["占用消防通道 1。", "占道经营 1。"]


def test_of_what_is_not_public_nothing_is_said(phone, resident, public, world):
    """FixMyStreet F25: confidential ones, those of elsewhere, not taken up ones."""
    follow(phone, resident)
    secret = public()
    Case.objects.filter(pk=secret.pk).update(confidential=True)
    elsewhere = public()
    other = world.areas["990101002001"]
    Case.objects.filter(pk=elsewhere.pk).update(community=other)
    untaken = public()
    Case.objects.filter(pk=untaken.pk).update(state="REPORTED")
    assert actions.tell_area_followers(at=MONDAY_9 + 2 * DAY) == 0
    assert told() == []


def test_following_twice_is_once_and_ends_with_the_consent(phone, resident, public):
    row = follow(phone, resident)
    assert follow(phone, resident) == row
    consent = Consent.objects.get()
    assert (consent.purpose, consent.case) == ("area", None)
    assert Event.objects.filter(action="civics.follow_area").count() == 1
    for _each in range(2):
        actions.unfollow_area(
            follow_id=row.pk, phone_id=phone.pk, actor=resident, at=MONDAY_9
        )
    assert Consent.objects.get().withdrawn_at == MONDAY_9
    assert Event.objects.filter(action="civics.unfollow_area").count() == 1
    public()
    assert actions.tell_area_followers(at=MONDAY_9 + 2 * DAY) == 0
    assert follow(phone, resident) != row


def test_only_communities_and_not_too_many(phone, resident, world, monkeypatch):
    with pytest.raises(Refused, match="请选择社区"):
        follow(phone, resident, "990101")
    monkeypatch.setattr("civics.actions.alerts.MOST_AREAS", 1)
    follow(phone, resident)
    with pytest.raises(Refused, match="最多关注 1 个社区"):
        follow(phone, resident, "990101002001")
    assert AreaFollow.objects.count() == Consent.objects.count() == 1


def test_messages_are_counted_with_those_of_followed_cases(
    phone, resident, public, world
):
    follow(phone, resident)
    public()
    elsewhere = Case.objects.filter(pk=public().pk)
    elsewhere.update(community=world.areas["990101002001"])
    actions.set_service_rule(
        given=ServiceRule(texts_a_day=1), actor=resident,
        at=MONDAY_9,
    )  # fmt: skip
    follow(phone, resident, "990101002001")
    assert actions.tell_area_followers(at=MONDAY_9 + 2 * DAY) == 1
    assert len(told()) == 1
    assert actions.tell_area_followers(at=MONDAY_9 + 3 * DAY) == 1
    assert len(told()) == 2


def test_the_timetable_rings_for_it(phone, resident, public, moment):
    follow(phone, resident)
    public()
    moment(MONDAY_9 + 2 * DAY)
    tasks = {one["task"] for one in app.conf.beat_schedule.values()}
    assert "civics.tasks.tell_area_followers" in tasks
    assert tell_area_followers() == 1
    assert tell_area_followers() == 0


# --- the page -------------------------------------------------------------------
def test_the_page_follows_and_ends(client, world, channel, moment):
    url = reverse("resident_follow_area")
    assert client.post(url, {"area_code": COMMUNITY}).url == reverse("resident_mine")
    assert not AreaFollow.objects.exists()
    client.post(reverse("resident_phone"), {"phone": NUMBER, "send": "1"})
    given = {"phone": NUMBER, "code": last_code()}
    client.post(reverse("resident_phone"), given)
    refused = client.post(url, {"area_code": ""})
    assert refused.status_code == 422
    assert "请选择社区。" in refused.content.decode()
    page = client.post(url, {"area_code": COMMUNITY}, follow=True).content.decode()
    name = world.areas[COMMUNITY].name
    assert f"已关注{name}" in page
    row = AreaFollow.objects.get()
    end = reverse("resident_unfollow_area", args=[row.pk])
    page = client.post(end, follow=True).content.decode()
    assert "不再关注，也不再发短信" in page
    row.refresh_from_db()
    assert row.ended_at == MONDAY_9


def test_a_followed_community_of_somebody_else_is_not_found(
    client, phone, resident, moment
):
    row = follow(phone, resident)
    client.post(reverse("resident_phone"), {"phone": "13900000001", "send": "1"})
    given = {"phone": "13900000001", "code": last_code("13900000001")}
    client.post(reverse("resident_phone"), given)
    answer = client.post(reverse("resident_unfollow_area", args=[row.pk]))
    assert answer.status_code == 404
    row.refresh_from_db()
    assert row.ended_at is None
