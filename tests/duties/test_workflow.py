"""The table whole: every action from every state, and who may."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from duties.workflow import (
    ADMISSION_TRANSITIONS,
    RECEIVER_TRANSITIONS,
    TASK_TRANSITIONS,
    Action,
    AdmissionState,
    ReceiverState,
    TaskState,
    allowed,
    find,
)
from governance.errors import Refused
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9

AREA, UNIT, DOER = 7, 3, 11


@dataclass
class Paper:
    state: str = TaskState.ISSUED
    kind: str = "visit"
    issuer_id: int = UNIT
    expires_at: datetime | None = None


@dataclass
class Part:
    state: str
    task: Paper = field(default_factory=Paper)
    parent_id: int | None = None
    parent: Any = None
    area_id: int | None = AREA
    organisation_id: int | None = None
    person_id: int | None = None
    submitted_by_id: int | None = DOER


def actor(role: str, **more: Any) -> Actor:
    fields: dict[str, Any] = {"user_id": 1, "name": role, "role": role, **more}
    return Actor(**fields)


def names(table: Any, subject: Any, who: Actor) -> set[str]:
    return {str(row.action) for row in allowed(table, subject, who, MONDAY_9)}


RECEIVER = {
    "PENDING_SIGN": {"sign"},
    "SIGNED": {"begin", "reissue", "record", "submit"},
    "IN_PROGRESS": {"reissue", "record", "submit"},
    "SUBMITTED": set(),
    "ACCEPTED": set(),
    "RETURNED": {"reissue", "record", "submit"},
}


@pytest.mark.parametrize("state", ReceiverState.values)
def test_what_the_receiver_may_do(state: str) -> None:
    community = actor("community_acceptor", area_id=AREA)
    worker = actor("grid_worker", area_id=AREA)
    assert names(RECEIVER_TRANSITIONS, Part(state), community) == RECEIVER[state]
    assert names(RECEIVER_TRANSITIONS, Part(state), worker) == RECEIVER[state] - {
        "reissue"
    }


@pytest.mark.parametrize("state", ReceiverState.values)
def test_what_the_giver_may_do(state: str) -> None:
    expected = {"accept", "give_back"} if state == "SUBMITTED" else set()
    issuer = actor("street_dispatcher", organisation_id=UNIT)
    assert names(RECEIVER_TRANSITIONS, Part(state), issuer) == expected
    below = Part(state, parent_id=1, parent=Part("IN_PROGRESS"), area_id=8)
    community = actor("community_acceptor", area_id=AREA)
    assert names(RECEIVER_TRANSITIONS, below, community) == expected
    assert names(RECEIVER_TRANSITIONS, below, issuer) == set()


@pytest.mark.parametrize("state", ReceiverState.values)
@pytest.mark.parametrize("over", ["CLOSED", "CANCELLED"])
def test_nothing_goes_on_when_the_task_is_over(state: str, over: str) -> None:
    part = Part(state, task=Paper(state=over))
    for who in (
        actor("community_acceptor", area_id=AREA),
        actor("street_dispatcher", organisation_id=UNIT),
    ):
        assert names(RECEIVER_TRANSITIONS, part, who) == set()


@pytest.mark.parametrize("state", ReceiverState.values)
def test_a_stranger_may_nothing(state: str) -> None:
    for who in (
        actor("community_acceptor", area_id=99, organisation_id=99),
        actor("grid_worker", area_id=98),
        actor("inspector", area_id=AREA, organisation_id=UNIT),
    ):
        assert names(RECEIVER_TRANSITIONS, Part(state), who) == set()


def test_the_doer_does_not_accept() -> None:
    doer = actor("community_acceptor", area_id=AREA, user_id=DOER)
    part = Part("SUBMITTED", parent_id=1, parent=Part("IN_PROGRESS"))
    with pytest.raises(Refused, match="您自己反馈的不能由您验收"):
        find(RECEIVER_TRANSITIONS, part, Action.ACCEPT, doer, MONDAY_9)


def test_a_notice_is_done_when_it_is_signed() -> None:
    part = Part("PENDING_SIGN", task=Paper(kind="notice"))
    who = actor("community_acceptor", area_id=AREA)
    row = find(RECEIVER_TRANSITIONS, part, Action.SIGN, who, MONDAY_9)
    assert row.target == ReceiverState.ACCEPTED
    passed_on = Part("ACCEPTED", task=Paper(kind="notice"))
    assert names(RECEIVER_TRANSITIONS, passed_on, who) == {"reissue"}


@pytest.mark.parametrize(
    ("state", "leader", "clerk"),
    [
        ("DRAFT", {"issue", "cancel"}, set()),
        ("ISSUED", {"cancel", "close"}, set()),
        ("CLOSED", set(), set()),
        ("CANCELLED", set(), set()),
    ],
)
def test_the_leader_of_the_issuing_unit_signs(
    state: str, leader: set[str], clerk: set[str]
) -> None:
    paper = Paper(state=state)
    head = actor("street_leader", organisation_id=UNIT)
    assert names(TASK_TRANSITIONS, paper, head) == leader
    assert (
        names(TASK_TRANSITIONS, paper, actor("street_dispatcher", organisation_id=UNIT))
        == clerk
    )
    assert names(TASK_TRANSITIONS, paper, actor("street_leader")) == set()


@dataclass
class Place:
    code: str = "990101"


@dataclass
class Item:
    state: str
    area: Place = field(default_factory=Place)
    applied_by_id: int = DOER


ADMISSION = {
    "APPLIED": {"approve", "refuse"},
    "APPROVED": {"publish", "withdraw"},
    "REFUSED": set(),
    "PUBLISHED": {"evaluate", "withdraw"},
    "EVALUATED": {"evaluate", "withdraw"},
    "WITHDRAWN": set(),
}


@pytest.mark.parametrize("state", AdmissionState.values)
def test_what_command_may_do_with_an_item(state: str) -> None:
    command = actor("district_command", area_code="990101")
    assert names(ADMISSION_TRANSITIONS, Item(state), command) == ADMISSION[state]
    beside = actor("district_command", area_code="990102")
    assert names(ADMISSION_TRANSITIONS, Item(state), beside) == set()
    assert (
        names(
            ADMISSION_TRANSITIONS, Item(state), actor("city_command", area_code="9901")
        )
        == ADMISSION[state]
    )


def test_the_applicant_does_not_review() -> None:
    self_reviewer = actor("district_command", area_code="990101", user_id=DOER)
    with pytest.raises(Refused, match="您自己的申请不能由您审核"):
        find(
            ADMISSION_TRANSITIONS,
            Item("APPLIED"),
            Action.APPROVE,
            self_reviewer,
            MONDAY_9,
        )


def test_an_expired_emergency_goes_no_further() -> None:
    part = Part("SIGNED", task=Paper(kind="emergency", expires_at=MONDAY_9))
    who = actor("community_acceptor", area_id=AREA)
    with pytest.raises(Refused, match="应急任务已过失效时间"):
        find(RECEIVER_TRANSITIONS, part, Action.REISSUE, who, MONDAY_9)


def test_a_step_out_of_order_says_where_it_stands() -> None:
    who = actor("community_acceptor", area_id=AREA)
    with pytest.raises(Refused, match="现在是“已反馈”，不能“签收”"):
        find(RECEIVER_TRANSITIONS, Part("SUBMITTED"), Action.SIGN, who, MONDAY_9)
