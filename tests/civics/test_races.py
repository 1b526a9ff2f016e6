"""Two requests at once: the same form sent twice, the same number guessed twice."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from cases.actions import Report
from cases.models import Case
from civics import actions
from civics.actions.limits import network_of
from civics.models import Attempt, Consent, Phone
from governance.errors import Refused
from tests.cases.conftest import COMMUNITY, MONDAY_9
from tests.civics.conftest import NUMBER, last_code, other_than

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all together; the answers, or the refusals."""
    gate, answers = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            answers.append(act())
        except Refused as refused:
            answers.append(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


@pytest.fixture
def phone(channel, resident):
    return actions.send_code(number=NUMBER, actor=resident, at=MONDAY_9)


def test_a_double_press_files_once(world, phone, resident):
    submission, code = uuid.uuid4(), last_code()
    report = Report(
        category_id=world.categories["stall"].pk, address="和平路",
        description="楼下水果摊占了整条人行道。", community_code=COMMUNITY,
    )  # fmt: skip

    def press():
        proven = actions.verify_code(
            number=NUMBER, code=code, purpose=str(submission), actor=resident,
            at=MONDAY_9,
        )  # fmt: skip
        return actions.file_report(
            submission_id=submission, report=report, phone_id=proven.pk, name="",
            agreed=True, actor=resident, at=MONDAY_9,
        ).pk  # fmt: skip

    first, second = at_once(press, press)
    assert first == second == Case.objects.get().pk
    assert Consent.objects.count() == 1


def test_guesses_at_once_are_all_counted(phone, resident):
    wrong = other_than(last_code())

    def guess():
        return actions.verify_code(
            number=NUMBER, code=wrong, purpose="x", actor=resident, at=MONDAY_9
        )

    answers = at_once(*[guess] * 5)
    assert all(isinstance(one, Refused) for one in answers)
    assert Phone.objects.get().locked_until is not None


def tried(times, resident):
    """So many wrong guesses from the resident's address so far."""
    who = network_of(resident.ip)
    for _each in range(times):
        Attempt.objects.create(kind="wrong", who=who, at=MONDAY_9)


def test_the_last_guess_of_an_address_is_had_once_over_all_numbers(channel, resident):
    numbers = [f"1390000000{n}" for n in range(4)]
    for number in numbers:
        actions.send_code(number=number, actor=resident, at=MONDAY_9)
    wrong = {number: other_than(last_code(number)) for number in numbers}
    tried(29, resident)

    def guess(number):
        return lambda: actions.verify_code(
            number=number, code=wrong[number], purpose="x", actor=resident, at=MONDAY_9
        )

    answers = [str(one) for one in at_once(*[guess(number) for number in numbers])]
    assert sum("验证码不正确" in one for one in answers) == 1
    assert sum("这个网络输错" in one for one in answers) == 3
    assert Attempt.objects.filter(kind="wrong").count() == 30


def test_the_last_guess_of_an_address_is_had_once_over_all_cases(world, resident):
    tried(29, resident)

    def guess(number):
        return lambda: actions.open_case(
            case_no=number, code="000000", actor=resident, at=MONDAY_9
        )

    answers = [str(one) for one in at_once(*[guess(str(n)) for n in range(4)])]
    assert sum("案卷号或查询码不正确" in one for one in answers) == 1
    assert Attempt.objects.filter(kind="wrong").count() == 30
