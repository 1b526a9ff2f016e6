"""The city of the tests of cases, a channel for text messages, and a resident."""

import re
from datetime import datetime
from typing import Any

import pytest

from governance import clock, crypto
from parties import actions as parties
from parties.acting import Actor
from parties.models import Delivery
from tests.cases.conftest import MONDAY_9, file_case, photos, snapshot, turn, world

__all__ = ["file_case", "photos", "snapshot", "turn", "world"]

NUMBER = "13800001234"


@pytest.fixture
def channel(db: None) -> Any:
    """Text messages to residents, printed."""
    plan = parties.Plan(name="短信", complainants=True)
    return parties.open_channel(
        kind="console_sms", plan=plan, actor=Actor.system(), at=MONDAY_9
    )


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set what time it is; Monday at nine first."""

    def moment(at: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)

    moment(MONDAY_9)
    return moment


@pytest.fixture
def resident() -> Actor:
    return Actor.resident(ip="10.0.0.1")


def letters(number: str = NUMBER) -> list[Delivery]:
    """All text messages to a number, oldest first."""
    found = Delivery.objects.exclude(to="").order_by("pk")
    return [one for one in found if crypto.unseal(one.to) == number]


def last_code(number: str = NUMBER) -> str:
    """The code of the newest text message that brought one."""
    with_code = [one for one in letters(number) if one.title == "手机验证码"]
    code = crypto.unseal(with_code[-1].sealed["{code}"])
    assert re.fullmatch(r"\d{6}", code)
    return code


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"
