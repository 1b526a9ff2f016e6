"""Text messages to complainants, and whose turn a message says it is."""

import logging
from typing import Any

import pytest

from cases import actions
from cases.actions.reception import REASONS
from cases.actions.texting import mobile
from cases.models import Case
from governance import crypto
from parties.models import Delivery, Notification
from tests.cases.conftest import MONDAY_9, World
from tests.cases.deeds import deeds
from tests.cases.road import ASKED, Road, again
from tests.parties.channel_road import a_channel

NUMBER = "13800001234"
REASON = next(iter(REASONS))


@pytest.fixture
def road(world: World, file_case: Any, photos: Any) -> Road:
    return Road(world, file_case, photos)


def sms(**more: Any) -> Any:
    given = {"importances": [], "complainants": True, **more}
    return a_channel("console_sms", MONDAY_9, **given)


def titles() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("title", flat=True))


def test_who_complained_is_told_what_is_sent_where_the_table_says_so(
    road: Road, turn: Any
) -> None:
    sms()
    case = road.rating()
    turn(MONDAY_9)
    turn(MONDAY_9)
    name = case.category.name
    assert titles() == [
        f"您反映的“{name}”已收到，会尽快受理。",
        f"您反映的“{name}”已办理，请您评价。",
    ]


def test_number_and_code_are_sealed_until_they_are_sent(
    road: Road, turn: Any, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.SITE_URL = "https://grid.example.cn"
    sms()
    case = road.reported(**ASKED)
    with caplog.at_level(logging.INFO, logger="parties.channels.sms"):
        turn(MONDAY_9)
    code = crypto.unseal(case.query_code)
    letter = Delivery.objects.get()
    assert letter.state == "sent"
    assert letter.sealed == {} and "查询码 ******" in letter.body
    kept = [letter.body, letter.to, letter.title, str(letter.sealed), letter.lane]
    assert not [text for text in kept if NUMBER in text or code in text]
    assert letter.reader == "138****1234"
    (line,) = [one.message for one in caplog.records if "SMS" in one.message]
    assert f"SMS {NUMBER}:" in line
    assert f"编号 {case.display_no}，查询码 {code}。" in line
    assert f"https://grid.example.cn/r/?no={case.case_no}" in line


@pytest.mark.parametrize(
    ("contact", "number"),
    [
        ("13800001234", NUMBER), ("138-0000-1234", NUMBER), ("+86 13800001234", NUMBER),
        ("0755-12345678", ""), ("微信 abc", ""), ("23800001234", ""), ("", ""),
    ],
)  # fmt: skip
def test_only_mobile_numbers_are_texted(contact: str, number: str) -> None:
    assert mobile(contact) == number


def test_without_a_mobile_number_or_a_channel_nothing_is_written(
    road: Road, turn: Any
) -> None:
    road.reported(**ASKED)
    turn(MONDAY_9)
    sms()
    road.reported(**{**ASKED, "complainant_contact": "0755-12345678"})
    road.reported()
    turn(MONDAY_9)
    assert titles() == []


def test_why_it_was_refused_stays_between_the_desk_and_the_complainant(
    road: Road, turn: Any
) -> None:
    case = road.reported(**ASKED)
    turn(MONDAY_9)
    sms()
    actions.reject(
        case_id=case.pk, reason=REASON, opinion="私人纠纷，请找社区调解",
        actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    turn(MONDAY_9)
    assert titles() == [
        f"您反映的“{case.category.name}”未予受理，有异议可以联系所在社区复核。"
    ]


@pytest.mark.parametrize(
    ("deed", "by", "word"),
    [
        ("transfer", "acceptor", "已转给有权处理的单位，详情可以查询或联系所在社区"),
        ("void", "district", "已作废，不再办理，有疑问请联系所在社区"),
        ("withdraw", "acceptor", "已撤回，不再办理，有疑问请联系所在社区"),
        ("merge", "acceptor", "与反映同一问题的另一件一并办理，结果会告知您"),
    ],
)
def test_who_complained_learns_that_it_ended_otherwise(
    road: Road, turn: Any, deed: str, by: str, word: str
) -> None:
    master = road.reported(**ASKED)
    case = road.reported(**{**ASKED, "complainant_contact": "13900005678"})
    if deed == "void":
        actions.request_void(
            case_id=case.pk, reason="mistake", opinion="误操作",
            actor=road.world.actor("shift_head"), at=MONDAY_9,
        )  # fmt: skip
    turn(MONDAY_9)
    sms()
    case = again(case)
    assert master.pk != case.pk
    deeds(road.world, case)[deed](road.world.actor(by))
    turn(MONDAY_9)
    assert titles() == [f"您反映的“{case.category.name}”{word}。"]
    assert crypto.unseal(Delivery.objects.get().to) == "13900005678"


def test_of_a_confidential_matter_its_name_is_not_said(road: Road, turn: Any) -> None:
    sms()
    case = road.reported(**ASKED)
    Case.objects.filter(pk=case.pk).update(confidential=True)
    turn(MONDAY_9)
    assert titles() == ["您反映的“问题”已收到，会尽快受理。"]


def test_those_of_merged_cases_learn_the_result_under_their_own_number(
    road: Road, turn: Any
) -> None:
    child = road.reported(**{**ASKED, "complainant_contact": "13900005678"})
    master = road.reported(**ASKED)
    turn(MONDAY_9)
    actions.merge(
        case_id=child.pk, master_id=master.pk, opinion="同一处",
        actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    turn(MONDAY_9)
    sms()
    Case.objects.filter(pk=master.pk).update(state="RATING")
    actions.tell(
        case_id=master.pk, version=99, action="confirm_check", circles=["reporter"],
        holder_user=None, holder_org=None, at=MONDAY_9,
    )  # fmt: skip
    letters = Delivery.objects.order_by("pk")
    assert [crypto.unseal(one.to) for one in letters] == [NUMBER, "13900005678"]
    for one, told in zip((master, child), letters, strict=True):
        assert one.display_no in told.body


def test_a_message_says_whose_turn_it_is(road: Road, turn: Any) -> None:
    road.joint()
    turn(MONDAY_9)
    whistled = Notification.objects.filter(title__startswith="吹哨")
    kinds = dict(whistled.values_list("user__name", "kind"))
    assert kinds["fire"] == "todo"
    assert kinds["acceptor"] == "notice"
