"""Two at once at the doors: nobody waits in a ring, nothing is lost or left open."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from cases.models import Case
from doors import actions
from doors.models import AddressUse, Alarm, AlarmRule
from doors.querysets import count_stranger
from governance.errors import Refused
from parties.acting import Actor
from parties.models import Channel
from tests.cases.conftest import MONDAY_9, SPOT

pytestmark = pytest.mark.django_db(transaction=True)
WAITING_FOR_US = (
    "SELECT count(*) FROM pg_locks"
    " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
)


@contextmanager
def beside(act: Callable[[], Any], *, waits: bool) -> Iterator[list[Any]]:
    """Runs `act` in a thread beside the block, which is one transaction: begun at its
    end, and until it either waits for the block or is over. What it answered."""
    answers: list[Any] = []

    def run() -> None:
        try:
            answers.append(act())
        except Refused as refused:
            answers.append(refused)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        yield answers
        thread.start()
        until = time.monotonic() + 20
        while thread.is_alive() and not _is_anybody_waiting():
            assert time.monotonic() < until
            time.sleep(0.02)
        assert thread.is_alive() == waits
    thread.join()


def _is_anybody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING_FOR_US)
        return bool(cursor.fetchone()[0])


def test_an_alarm_while_its_case_is_closed_makes_another(
    world: Any, client_of: Any
) -> None:
    AlarmRule.objects.create(
        kind="manhole", name="井盖位移", category=world.categories["stall"]
    )
    client = client_of(None)

    def alarm(alarm_id: str) -> Alarm:
        given = actions.AlarmGiven(
            device="MH-1", alarm_id=alarm_id, kind="manhole", lng=SPOT[0], lat=SPOT[1]
        )
        taken, _new = actions.take_alarm(
            client_id=client.pk, given=given, ip="", at=MONDAY_9
        )
        return taken

    first = alarm("a1")
    with beside(lambda: alarm("a2"), waits=True) as answers:
        Case.objects.filter(pk=first.case_id).update(state="CLOSED", closed_at=MONDAY_9)
    second = answers[0]
    assert isinstance(second, Alarm), second
    assert (second.is_joined, second.unfiled) == (False, "")
    assert second.case_id != first.case_id


def test_strangers_do_not_wait_for_each_other() -> None:
    for who in ("one", "two"):
        count_stranger(who, MONDAY_9)
    later = MONDAY_9 + timedelta(minutes=1)
    with beside(lambda: count_stranger("two", later), waits=False) as answers:
        AddressUse.objects.select_for_update().get(who="one")
    assert answers == [1]


def test_a_client_that_is_shut_meanwhile_gets_no_webhook(
    world: Any, client_of: Any
) -> None:
    client = client_of("acceptor")

    def subscribe() -> Any:
        return actions.subscribe(
            client_id=client.pk, name="推送", url="https://other.example.cn/hook",
            event_kinds=[], actor=Actor.of(world.postings["acceptor"]), at=MONDAY_9,
        )  # fmt: skip

    with beside(subscribe, waits=True) as answers:
        client.is_active = False
        actions.save_client(client=client, actor=Actor.system(), at=MONDAY_9)
    assert isinstance(answers[0], Refused), answers
    assert answers[0].code == "client_changed"
    assert not Channel.objects.exists()
