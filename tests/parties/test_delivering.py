"""Letters on their way: retried, in order, once in effect; a receiver on loopback."""

import json
import threading
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection

from governance import crypto
from governance.models import Job
from parties import actions, tasks
from parties.acting import Actor
from parties.actions import delivering
from parties.channels import Gone, Kind, NotSent, Rejected, Unsure
from parties.models import Address, Channel, Delivery
from tests.factories import PostingFactory
from tests.parties.channel_road import (
    a_channel,
    a_webhook,
    catch_up,
    tell,
    verified,
    wakes,
    work,
)
from tests.parties.conftest import AT
from tests.parties.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db
State = Delivery.State
SECOND = timedelta(seconds=1)


@pytest.fixture
def receiver(settings: Any) -> Any:
    settings.CHANNEL_NETWORKS = ["127.0.0.0/8"]
    with receiving() as found:
        yield found


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A kind that does as it is told: `said` is raised in turn, None is received."""

    class Told(Kind):
        name = "told"
        label = "照说的做"
        said: list[Exception | None] = []
        sent: list[str] = []

        def send(self, letter: Any, given: Any) -> None:
            self.sent.append(letter.title)
            error = self.said.pop(0) if self.said else None
            if error is not None:
                raise error

    told = Told()
    told.said, told.sent = [], []
    monkeypatch.setattr("parties.models.channel.kind_of", lambda _name: told)
    monkeypatch.setattr("parties.actions.channels.kind_of", lambda _name: told)
    return told


def titles(receiver: Receiver) -> list[str]:
    return [json.loads(one.body)["data"]["title"] for one in receiver.got]


def test_a_message_leaves_signed_and_once(receiver: Receiver, acceptor: Any) -> None:
    a_webhook(receiver.url, AT)
    for _ in range(2):
        tell([acceptor.user_id], "a", AT)
    assert work(AT) == 1
    assert work(AT + 60 * SECOND) == 0
    assert len(receiver.got) == 1
    assert verified(receiver.got[0].headers, receiver.got[0].body)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.sent_at) == ("sent", 1, AT)
    assert not Job.objects.filter(done_at=None).exists()


def test_a_receiver_that_was_down_gets_everything_later_once_in_order(
    receiver: Receiver, acceptor: Any
) -> None:
    a_webhook(receiver.url, AT)
    receiver.down()
    at = AT
    for number in range(3):
        tell([acceptor.user_id], f"{number}", at)
        work(at)
        at += SECOND
    assert Delivery.objects.filter(state=State.WAITING).count() == 3
    waiting = Delivery.objects.order_by("pk").first()
    assert waiting is not None
    assert "连接不上" in waiting.last_error
    at = catch_up(at, most=6)
    assert not receiver.got
    receiver.up()
    catch_up(at)
    assert titles(receiver) == ["消息 0", "消息 1", "消息 2"]
    assert not Delivery.objects.exclude(state=State.SENT).exists()
    channel = Channel.objects.get()
    assert (channel.failures, channel.rest_until) == (0, None)


def test_the_pause_doubles_is_spread_and_ends_at_half_an_hour(
    receiver: Receiver, acceptor: Any
) -> None:
    a_webhook(receiver.url, AT)
    receiver.down()
    tell([acceptor.user_id], "a", AT)
    at, pauses = AT, []
    work(at)
    for _ in range(14):
        pauses.append((wakes(at)[0] - at).total_seconds())
        at = wakes(at)[0]
        work(at)
    for n, pause in enumerate(pauses, start=1):
        assert 0.8 * min(2**n, 1800) <= pause <= 1.2 * min(2**n, 1800)
    assert len({round(pause / 2**n, 3) for n, pause in enumerate(pauses[:5])}) > 1


def test_while_a_receiver_rests_nothing_else_knocks(
    receiver: Receiver, acceptor: Any
) -> None:
    a_webhook(receiver.url, AT)
    receiver.answers = [(503, b"")]
    for number in range(5):
        tell([acceptor.user_id], f"{number}", AT, subject=f"case:{number}")
    assert work(AT) == 1
    assert len(receiver.got) == 1


def test_a_letter_that_is_not_taken_waits_for_a_person_and_holds_its_case_up(
    receiver: Receiver, acceptor: Any
) -> None:
    channel = a_webhook(receiver.url, AT)
    receiver.answers = [(400, b""), (200, b"")]
    tell([acceptor.user_id], "bad", AT)
    tell([acceptor.user_id], "after", AT)
    tell([acceptor.user_id], "other", AT, subject="case:2")
    work(AT)
    assert titles(receiver) == ["消息 bad", "消息 other"]
    stuck = Delivery.objects.get(state=State.STUCK)
    assert "400" in stuck.last_error
    actions.retry_delivery(
        delivery_id=stuck.pk, actor=_admin(), at=AT + SECOND
    )  # now it is taken
    work(AT + SECOND)
    assert titles(receiver)[2:] == ["消息 bad", "消息 after"]
    ids = [one.headers["webhook-id"] for one in receiver.got]
    assert ids[0] == ids[2]
    assert channel.deliveries.filter(state=State.SENT).count() == 3


def test_dropping_lets_the_case_go_on(receiver: Receiver, acceptor: Any) -> None:
    a_webhook(receiver.url, AT)
    receiver.answers = [(400, b""), (200, b"")]
    tell([acceptor.user_id], "bad", AT)
    tell([acceptor.user_id], "after", AT)
    work(AT)
    stuck = Delivery.objects.get(state=State.STUCK)
    actions.drop_delivery(
        delivery_id=stuck.pk, reason="已电话告知", actor=_admin(), at=AT
    )
    work(AT)
    assert titles(receiver) == ["消息 bad", "消息 after"]


def test_after_three_days_a_person_has_to_decide(
    receiver: Receiver, acceptor: Any
) -> None:
    a_webhook(receiver.url, AT)
    receiver.answers = [(503, b"")]
    tell([acceptor.user_id], "a", AT)
    work(AT)
    work(AT + timedelta(days=3))
    stuck = Delivery.objects.get(state=State.STUCK)
    assert stuck.last_error == "三天内多次重试都没有成功：对方答复 503。"


def test_an_unknown_outcome_is_not_repeated_where_twice_would_be_two(
    ways: Any, acceptor: Any
) -> None:
    a_channel("told", AT)
    ways.said = [Unsure("没有答复。")]
    tell([acceptor.user_id], "a", AT)
    work(AT)
    stuck = Delivery.objects.get(state=State.STUCK)
    assert "为免重复没有自动重发" in stuck.last_error
    assert ways.sent == ["消息 a"]
    tell([acceptor.user_id], "b", AT)
    work(AT)
    assert ways.sent == ["消息 a", "消息 b"]


def test_an_unknown_outcome_is_repeated_where_the_key_makes_it_one(
    receiver: Receiver, acceptor: Any
) -> None:
    a_webhook(receiver.url, AT)
    receiver.answers = [(0, b""), (200, b"")]
    tell([acceptor.user_id], "a", AT)
    work(AT)
    work(wakes(AT)[0])
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert Delivery.objects.get().state == State.SENT


@pytest.mark.parametrize(("idempotent", "state"), [(True, "sent"), (False, "stuck")])
def test_a_worker_that_died_while_sending_leaves_a_trace(
    ways: Any, acceptor: Any, idempotent: bool, state: str
) -> None:
    channel = a_channel("told", AT)
    ways.idempotent = idempotent
    tell([acceptor.user_id], "a", AT)
    job = Job.objects.get(subject=channel.chain)
    token = f"{job.pk}:x"
    delivering.take(channel_id=channel.pk, job_id=job.pk, token=token, more=True, at=AT)
    work_job(job, AT + SECOND)
    assert ways.sent == []  # its lease still runs
    Channel.objects.update(busy_until=AT)
    work(AT + SECOND)
    catch_up(AT + SECOND)
    assert Delivery.objects.get().state == state
    assert ways.sent == (["消息 a"] if idempotent else [])


def work_job(job: Job, at: datetime) -> None:
    actions.drain(**job.args, job_id=job.pk, now=lambda: at)


def test_what_a_dead_worker_reports_too_late_is_not_believed(
    ways: Any, acceptor: Any
) -> None:
    channel = a_channel("told", AT)
    tell([acceptor.user_id], "a", AT)
    taken = delivering.take(
        channel_id=channel.pk, job_id=1, token="1:x", more=True, at=AT
    )
    assert taken is not None
    Channel.objects.update(busy_by="2:y")
    outcome = delivering.Outcome(State.SENT)
    delivering.settle(delivery_id=taken.pk, token="1:x", outcome=outcome, at=AT)
    assert Delivery.objects.get().state == State.SENDING


def test_a_failing_kind_is_a_matter_for_the_log(
    ways: Any, acceptor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    a_channel("told", AT)
    ways.said = [ZeroDivisionError("secret inside")]
    tell([acceptor.user_id], "a", AT)
    work(AT)
    error = Delivery.objects.get().last_error
    assert error.startswith("渠道程序出错")
    assert "secret inside" not in error
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "error", [ZeroDivisionError(), Unsure("没有答复。", resting=False)]
)
def test_one_letter_that_fails_does_not_hold_up_the_others(
    ways: Any, acceptor: Any, error: Exception
) -> None:
    channel = a_channel("told", AT)
    ways.idempotent, ways.said = True, [error]
    tell([acceptor.user_id], "a", AT)
    tell([acceptor.user_id], "b", AT, subject="case:2")
    work(AT)
    assert ways.sent == ["消息 a", "消息 b"]
    channel.refresh_from_db()
    assert channel.rest_until is None
    catch_up(AT)
    assert ways.sent == ["消息 a", "消息 b", "消息 a"]


@pytest.mark.parametrize(
    ("asked", "pause"),
    [(3600.0, 3600), (9e12, 259200), (float("inf"), 259200)],
)
def test_a_pause_that_is_asked_for_ends_after_three_days(
    ways: Any, acceptor: Any, asked: float, pause: int
) -> None:
    channel = a_channel("told", AT)
    ways.said = [NotSent("太忙。", pause=asked)]
    tell([acceptor.user_id], "a", AT)
    work(AT)
    channel.refresh_from_db()
    assert channel.rest_until == AT + pause * SECOND
    assert Delivery.objects.get().state == State.WAITING


def test_twenty_a_minute_and_no_more(ways: Any, acceptor: Any) -> None:
    a_channel("told", AT)
    ways.per_minute = 20
    for number in range(25):
        tell([acceptor.user_id], f"{number}", AT, subject=f"case:{number}")
    assert work(AT) == 20
    assert work(AT + 59 * SECOND) == 0
    assert work(AT + 60 * SECOND) == 5


def test_urgent_letters_go_first_but_not_past_their_own_case(
    ways: Any, acceptor: Any
) -> None:
    a_channel("told", AT)
    tell([acceptor.user_id], "a", AT)
    tell([acceptor.user_id], "b", AT, subject="case:2")
    tell([acceptor.user_id], "c", AT, subject="case:2", urgent=True)
    tell([acceptor.user_id], "d", AT, subject="case:3", urgent=True)
    work(AT)
    assert ways.sent == ["消息 d", "消息 a", "消息 b", "消息 c"]


def test_quiet_hours_end_in_the_morning_and_do_not_hold_up_an_emergency(
    ways: Any, acceptor: Any
) -> None:
    night = datetime.fromisoformat("2026-11-23T22:00+08:00")
    morning = datetime.fromisoformat("2026-11-24T08:00+08:00")
    a_channel("told", night, quiet_starts=time(21), quiet_ends=time(8))
    tell([acceptor.user_id], "a", night)
    tell([acceptor.user_id], "b", night, urgent=True)
    work(night)
    assert ways.sent == ["消息 b"]
    assert wakes(night) == [morning]
    work(morning)
    assert ways.sent == ["消息 b", "消息 a"]


def test_a_channel_that_is_switched_off_keeps_what_waits(
    ways: Any, acceptor: Any
) -> None:
    channel = a_channel("told", AT)
    tell([acceptor.user_id], "a", AT)
    _switch(channel, enabled=False)
    assert work(AT) == 0
    tell([acceptor.user_id], "b", AT)
    _switch(channel, enabled=True)
    work(AT)
    assert ways.sent == ["消息 a"]


def _switch(channel: Channel, *, enabled: bool) -> None:
    plan = actions.Plan(
        name=channel.name, enabled=enabled, importances=channel.importances
    )
    actions.change_channel(channel_id=channel.pk, plan=plan, actor=_admin(), at=AT)


def test_an_address_that_is_gone_is_forgotten(ways: Any, acceptor: Any) -> None:
    ways.address = "push"
    a_channel("told", AT)
    Address.objects.create(
        user=acceptor.user,
        kind="push",
        value=crypto.seal("{}"),
        digest="1",
        created_at=AT,
    )
    ways.said = [Gone("这台设备已取消推送。")]
    tell([acceptor.user_id], "a", AT)
    tell([acceptor.user_id], "b", AT)
    work(AT)
    assert not Address.objects.exists()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"dropped"}
    assert ways.sent == ["消息 a"]


def test_a_rejected_letter_does_not_rest_the_channel(ways: Any, acceptor: Any) -> None:
    a_channel("told", AT)
    ways.said = [Rejected("格式不对。"), None]
    tell([acceptor.user_id], "a", AT)
    tell([acceptor.user_id], "b", AT, subject="case:2")
    work(AT)
    assert ways.sent == ["消息 a", "消息 b"]


def test_a_long_queue_is_left_to_the_next_job(
    ways: Any, acceptor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "TURN_SECONDS", -1.0)
    channel = a_channel("told", AT)
    tell([acceptor.user_id], "a", AT)
    job = Job.objects.get(subject=channel.chain)
    work_job(job, AT)
    assert ways.sent == []
    assert Job.objects.filter(subject=channel.chain, done_at=None).count() == 1


def test_the_task_runs_the_job_once(ways: Any, acceptor: Any) -> None:
    channel = a_channel("told", AT)
    tell([acceptor.user_id], "a", AT)
    job = Job.objects.get(subject=channel.chain)
    assert tasks.drain(job_id=job.pk)
    assert not tasks.drain(job_id=job.pk)
    assert ways.sent == ["消息 a"]
    job.refresh_from_db()
    assert job.done_at is not None


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_letter_once(receiver: Receiver, acceptor: Any) -> None:
    a_webhook(receiver.url, AT)
    for number in range(12):
        tell([acceptor.user_id], f"{number}", AT, subject=f"case:{number % 3}")
    jobs = list(Job.objects.filter(done_at=None).values_list("pk", "args"))
    start = threading.Barrier(4)

    def run(mine: list[Any]) -> None:
        start.wait()
        for pk, args in mine:
            actions.drain(**args, job_id=pk, now=lambda: AT)
        connection.close()

    workers = [threading.Thread(target=run, args=(jobs[n::4],)) for n in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    work(AT)
    assert sorted(titles(receiver)) == sorted(f"消息 {n}" for n in range(12))
    for lane in range(3):
        order = [title for title in titles(receiver) if int(title[3:]) % 3 == lane]
        assert order == sorted(order, key=lambda title: int(title[3:]))
    assert Delivery.objects.filter(state=State.SENT).count() == 12


def _admin() -> Any:
    posting = PostingFactory(post__role="system_admin")
    return Actor.of(type(posting).objects.with_post().get(pk=posting.pk))
