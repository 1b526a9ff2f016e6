"""Numbers nobody proved, codes that hold no longer: forgotten by themselves."""

from datetime import timedelta

import pytest
from django.urls import reverse

from civics import actions
from civics.models import Attempt, Consent, Phone, ServiceRule
from civics.tasks import purge
from governance import crypto
from governance.celery import app
from governance.errors import Refused
from governance.models import Event
from parties import actions as parties
from parties.acting import Actor
from parties.models import Delivery
from tests.cases.conftest import MONDAY_9
from tests.civics.conftest import NUMBER, last_code, letters
from tests.factories import PostingFactory

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OTHER = "13900000001"


@pytest.fixture
def asked(channel, resident):
    def asked(number=NUMBER, at=MONDAY_9):
        return actions.send_code(number=number, actor=resident, at=at)

    return asked


def prove(number, resident, at=MONDAY_9):
    return actions.verify_code(
        number=number, code=last_code(number), purpose="x", actor=resident, at=at
    )


def runs():
    return Event.objects.filter(action="civics.purge")


def test_a_number_that_was_never_proven_is_forgotten_after_a_week(asked, resident):
    asked()
    asked(OTHER)
    prove(OTHER, resident)
    actions.purge(at=MONDAY_9 + 7 * DAY)
    assert Phone.objects.count() == 2
    forgotten = actions.purge(at=MONDAY_9 + 7 * DAY + HOUR)
    assert forgotten["phones"] == 1
    assert Phone.objects.get().digest == crypto.fingerprint(OTHER)
    assert NUMBER not in str(runs().latest("pk").detail)


def test_a_number_that_asked_again_or_stands_behind_something_stays(
    asked, resident, file_case
):
    phone = asked()
    asked(at=MONDAY_9 + 6 * DAY)
    follower = asked(OTHER)
    Consent.objects.create(
        phone=follower, purpose="follow", notice="1", given_at=MONDAY_9,
        case=file_case("stall"),
    )  # fmt: skip
    actions.purge(at=MONDAY_9 + 8 * DAY)
    assert set(Phone.objects.all()) == {phone, follower}


def test_how_long_is_a_setting(asked):
    rule = ServiceRule(unproven_days=1)
    actions.set_service_rule(given=rule, actor=Actor.system(), at=MONDAY_9)
    asked()
    assert actions.purge(at=MONDAY_9 + DAY + HOUR)["phones"] == 1
    assert not Phone.objects.exists()


def test_expired_codes_and_what_was_counted_are_forgotten(asked, resident):
    phone = asked()
    code = last_code()
    assert actions.purge(at=MONDAY_9 + HOUR) == {
        "phones": 0, "codes": 0, "attempts": 0, "deletions": 0, "letters": 0,
    }  # fmt: skip
    assert not runs().exists()
    forgotten = actions.purge(at=MONDAY_9 + 2 * HOUR)
    phone.refresh_from_db()
    assert (forgotten["codes"], phone.code_hash) == (1, "")
    with pytest.raises(Refused, match="请先点"):
        actions.verify_code(
            number=NUMBER, code=code, purpose="x", actor=resident,
            at=MONDAY_9 + 2 * HOUR,
        )  # fmt: skip
    assert actions.purge(at=MONDAY_9 + 2 * DAY)["attempts"] == 2
    assert not Attempt.objects.exists()


def test_a_code_message_that_never_went_out_is_dropped_and_covered(asked, channel):
    asked()
    Delivery.objects.update(created_at=MONDAY_9)
    assert actions.purge(at=MONDAY_9 + HOUR)["letters"] == 0
    assert actions.purge(at=MONDAY_9 + 2 * HOUR)["letters"] == 1
    (letter,) = letters()
    assert (letter.state, letter.sealed) == ("dropped", {})
    assert letter.body.startswith("******，")


def test_other_messages_wait_on(channel):
    parties.text(
        to=NUMBER, key="a", subject="case:1", title="已收到", body="码{code}", url="",
        sealed={"{code}": crypto.seal("123456")}, at=MONDAY_9,
    )  # fmt: skip
    actions.purge(at=MONDAY_9 + 2 * DAY)
    assert letters()[0].state == "waiting"
    assert letters()[0].sealed


def test_news_for_a_telephone_waits_out_the_quiet_hours(asked):
    phone = asked()
    parties.text(
        to=NUMBER, key="data_request:1", subject=phone.chain, title="已经备好", body="",
        url="", sealed={}, at=MONDAY_9,
    )  # fmt: skip
    assert actions.purge(at=MONDAY_9 + 12 * HOUR)["letters"] == 1
    assert [one.state for one in letters()] == ["dropped", "waiting"]


def test_the_timetable_rings_for_it_and_twice_is_once(asked, moment):
    asked()
    moment(MONDAY_9 + 8 * DAY)
    tasks = {one["task"] for one in app.conf.beat_schedule.values()}
    assert "civics.tasks.purge" in tasks
    assert purge()["phones"] == 1
    assert not any(purge().values())
    assert runs().count() == 1


def test_the_administrator_sets_it_through_the_action(client, db, moment):
    admin = PostingFactory(
        user__name="管理员", user__is_staff=True, post__role="system_admin"
    ).user
    admin.is_superuser = True
    admin.save()
    client.force_login(admin)
    url = reverse("admin:civics_servicerule_add")
    given = {
        "follows_a_day": 5, "texts_a_day": 4, "places_an_hour": 9, "unproven_days": 0,
    }  # fmt: skip
    refused = client.post(url, given)
    assert refused.status_code == 200
    assert not ServiceRule.objects.exists()
    client.post(url, {**given, "unproven_days": 3})
    rule = ServiceRule.objects.get()
    assert (rule.follows_a_day, rule.unproven_days) == (5, 3)
    (event,) = Event.objects.filter(action="civics.set_service_rule")
    assert event.detail["texts_a_day"] == 4
    assert client.get(url).status_code == 403  # one row at most
