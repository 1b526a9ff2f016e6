from datetime import timedelta

import pytest
from django.urls import reverse

from civics import actions
from civics.actions.limits import network_of
from civics.models import Attempt, Phone
from governance import crypto
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9
from tests.civics.conftest import NUMBER, last_code, letters, other_than

MINUTE = timedelta(minutes=1)


@pytest.fixture
def sent(channel, resident):
    return actions.send_code(number="138-0000-1234", actor=resident, at=MONDAY_9)


def verify(code, resident, *, at=MONDAY_9, purpose="report-1", number=NUMBER):
    return actions.verify_code(
        number=number, code=code, purpose=purpose, actor=resident, at=at
    )


def test_a_code_comes_by_text_message_and_proves_the_number(sent, resident):
    (letter,) = letters()
    assert letter.importance == "urgent"  # no quiet hour holds it up
    assert last_code() not in f"{letter.title}{letter.body}{letter.to}"
    assert verify(last_code(), resident) == sent
    sent.refresh_from_db()
    assert sent.verified_at == MONDAY_9


def test_neither_code_nor_number_stand_in_clear_anywhere(sent):
    sent.refresh_from_db()
    row = str(vars(sent))
    assert last_code() not in row
    assert NUMBER not in row
    assert crypto.unseal(sent.number) == NUMBER
    (event,) = Event.objects.filter(chain=sent.chain)
    assert event.action == "civics.send_code"
    assert NUMBER not in str(event.detail)


def test_a_code_lasts_ten_minutes(sent, resident):
    code = last_code()
    with pytest.raises(Refused, match="已过期"):
        verify(code, resident, at=MONDAY_9 + 10 * MINUTE)


def test_a_code_proves_one_thing_and_that_twice(sent, resident):
    code = last_code()
    verify(code, resident, purpose="report-1")
    verify(code, resident, purpose="report-1")
    with pytest.raises(Refused, match="请先点"):
        verify(code, resident, purpose="report-2")


def test_a_new_code_takes_the_place_of_the_old_one(sent, resident):
    old = last_code()
    later = MONDAY_9 + MINUTE
    actions.send_code(number=NUMBER, actor=resident, at=later)
    if last_code() != old:
        with pytest.raises(Refused, match="不正确"):
            verify(old, resident, at=later)
    verify(last_code(), resident, at=later)


def test_five_wrong_codes_lock_the_number_for_fifteen_minutes(sent, resident):
    code = last_code()
    wrong = other_than(code)
    for left in (4, 3, 2, 1):
        with pytest.raises(Refused, match=f"再试 {left} 次"):
            verify(wrong, resident)
    with pytest.raises(Refused, match="09:15"):
        verify(wrong, resident)
    with pytest.raises(Refused, match="输错次数太多"):
        verify(code, resident, at=MONDAY_9 + MINUTE)
    with pytest.raises(Refused, match="输错次数太多"):
        actions.send_code(number=NUMBER, actor=resident, at=MONDAY_9 + 14 * MINUTE)
    after = MONDAY_9 + 15 * MINUTE
    actions.send_code(number=NUMBER, actor=resident, at=after)
    verify(last_code(), resident, at=after)
    locks = Event.objects.filter(action="civics.lock_phone")
    assert locks.count() == 1


def test_a_fresh_code_does_not_forgive_failures(sent, resident):
    for _each in range(3):
        with pytest.raises(Refused):
            verify(other_than(last_code()), resident)
    later = MONDAY_9 + MINUTE
    actions.send_code(number=NUMBER, actor=resident, at=later)
    with pytest.raises(Refused, match="再试 1 次"):
        verify(other_than(last_code()), resident, at=later)


def test_one_number_gets_one_code_a_minute_and_five_an_hour(sent, resident):
    with pytest.raises(Refused, match="等 1 分钟"):
        actions.send_code(number=NUMBER, actor=resident, at=MONDAY_9 + MINUTE / 2)
    for number in range(1, 5):
        at = MONDAY_9 + number * MINUTE
        actions.send_code(number=NUMBER, actor=resident, at=at)
    with pytest.raises(Refused, match="今天收到的验证码太多"):
        actions.send_code(number=NUMBER, actor=resident, at=MONDAY_9 + 6 * MINUTE)
    assert len(letters()) == 5


def test_one_address_asks_for_thirty_codes_an_hour(channel, resident):
    for number in range(30):
        actions.send_code(number=f"139000000{number:02d}", actor=resident, at=MONDAY_9)
    with pytest.raises(Refused, match="从这个网络"):
        actions.send_code(number="13900000099", actor=resident, at=MONDAY_9)
    elsewhere = Actor.resident(ip="10.0.0.2")
    actions.send_code(number="13900000099", actor=elsewhere, at=MONDAY_9)
    later = MONDAY_9 + timedelta(hours=1, minutes=1)
    actions.send_code(number="13900000098", actor=resident, at=later)


def test_one_address_guesses_thirty_times_over_all_numbers(channel, resident):
    asker = Actor.resident(ip="10.0.0.9")
    for number in range(31):
        actions.send_code(
            number=f"139000001{number:02d}",
            actor=Actor.resident(ip=f"10.0.1.{number}"), at=MONDAY_9,
        )  # fmt: skip
    for number in range(30):
        with pytest.raises(Refused, match="不正确"):
            phone = f"139000001{number:02d}"
            verify(other_than(last_code(phone)), asker, number=phone)
    with pytest.raises(Refused, match="这个网络输错"):
        verify(last_code("13900000130"), asker, number="13900000130")


def test_ipv6_counts_by_network_and_ipv4_by_address():
    assert network_of("2001:db8:1:2::7") == network_of("2001:db8:1:2:ffff::8")
    assert network_of("2001:db8:1:2::7") != network_of("2001:db8:1:3::7")
    assert network_of("10.0.0.1") != network_of("10.0.0.2")
    assert network_of("::ffff:10.0.0.1") != network_of("::ffff:10.0.0.2")
    assert network_of("") != network_of("unix:")


def test_guessing_at_a_number_that_was_sent_nothing_leaves_no_row(channel, resident):
    with pytest.raises(Refused, match="请先点"):
        verify("123456", resident, number="13900000042")
    assert not Phone.objects.exists()


def test_what_is_no_mobile_number_is_refused_at_its_field(channel, resident):
    for given in ("", "12345", "0755-1234567", "23800001234"):
        with pytest.raises(Refused, match="11 位手机号码") as refused:
            actions.send_code(number=given, actor=resident, at=MONDAY_9)
        assert refused.value.field == "phone"
    assert not Phone.objects.exists()


def test_without_a_channel_it_says_so_and_nothing_is_counted(db, resident):
    with pytest.raises(Refused, match="还没有接通短信"):
        actions.send_code(number=NUMBER, actor=resident, at=MONDAY_9)
    assert not Attempt.objects.exists()
    assert not Event.objects.filter(action="civics.send_code").exists()


# --- the page -------------------------------------------------------------------
def test_the_page_sends_a_code_and_leads_on(client, channel, moment):
    url, onward = reverse("resident_phone"), reverse("privacy")
    page = client.get(url, {"next": onward})
    assert page.status_code == 200
    refused = client.post(url, {"phone": "123", "send": "1", "next": onward})
    assert refused.status_code == 422
    assert "11 位手机号码" in refused.content.decode()
    assert "请填写短信里的" not in refused.content.decode()
    page = client.post(url, {"phone": NUMBER, "send": "1", "next": onward})
    assert page.status_code == 200
    assert "验证码已经发到您的手机" in page.content.decode()
    assert last_code() not in page.content.decode()
    wrong = {"phone": NUMBER, "code": other_than(last_code()), "next": onward}
    answer = client.post(url, wrong)
    assert answer.status_code == 422
    assert NUMBER in answer.content.decode()  # what was typed is kept
    answer = client.post(url, {**wrong, "code": last_code()})
    assert answer.url == onward
    assert client.get(reverse("resident_mine")).status_code == 200


def test_on_a_demo_instance_the_page_shows_what_the_message_says(
    client, channel, moment, settings
):
    settings.DEMO = True
    page = client.post(reverse("resident_phone"), {"phone": NUMBER, "send": "1"})
    assert f"验证码是 {last_code()}" in page.content.decode()


def test_it_leads_nowhere_outside_this_site(client, channel, moment):
    url = reverse("resident_phone")
    given = {"phone": NUMBER, "next": "https://example.com/"}
    client.post(url, {**given, "send": "1"})
    answer = client.post(url, {**given, "code": last_code()})
    assert answer.url == reverse("resident_mine")


@pytest.mark.parametrize("tail", ["?no=" + "9" * 200, "\0"])
def test_odd_addresses_to_go_on_to_are_no_fault(client, channel, moment, tail):
    url, onward = reverse("resident_phone"), reverse("resident_lookup") + tail
    client.post(url, {"phone": NUMBER, "send": "1", "next": onward})
    answer = client.post(url, {"phone": NUMBER, "code": last_code(), "next": onward})
    assert answer.status_code == 302


def test_the_telephone_is_forgotten_after_half_an_hour(client, channel, moment):
    url = reverse("resident_phone")
    client.post(url, {"phone": NUMBER, "send": "1"})
    client.post(url, {"phone": NUMBER, "code": last_code()})
    assert client.get(reverse("resident_mine")).status_code == 200
    moment(MONDAY_9 + 30 * MINUTE)
    assert client.get(reverse("resident_mine")).status_code == 302
