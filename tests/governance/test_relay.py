"""The relay rings for every job that is due, and loses none with the broker."""

from datetime import timedelta

import pytest
from celery import Celery
from django.utils import timezone
from kombu.exceptions import OperationalError

from governance import jobs, relay
from governance.models import Heartbeat, Job


def minutes_ahead(minutes):
    return timezone.now() + timedelta(minutes=minutes)


def write_jobs(*minutes, **fields):
    return [
        Job.objects.create(
            task="some.task",
            subject="case:1",
            run_at=minutes_ahead(offset),
            created_at=timezone.now(),
            **fields,
        )
        for offset in minutes
    ]


@pytest.fixture
def bell(monkeypatch):
    """The ids that were rung for, instead of a broker."""
    rung = []
    monkeypatch.setattr(relay, "ring", lambda job_id, task: rung.append(job_id))
    monkeypatch.setattr(relay.time, "sleep", lambda seconds: None)
    return rung


@pytest.mark.django_db
def test_due_jobs_are_rung_for_oldest_first(bell):
    late, early, future = write_jobs(-1, -5, 5)
    assert relay.step() == 2
    assert sorted(bell) == sorted([early.pk, late.pk])
    future.refresh_from_db()
    assert future.leased_until is None


@pytest.mark.django_db
def test_lease_keeps_a_job_from_being_rung_twice(bell):
    [job] = write_jobs(-1)
    relay.step()
    relay.step()
    assert bell == [job.pk]
    job.refresh_from_db()
    assert job.attempts == 1


@pytest.mark.django_db
def test_job_whose_lease_ran_out_is_rung_again(bell):
    [job] = write_jobs(-1, leased_until=minutes_ahead(-1))
    relay.step()
    assert bell == [job.pk]


@pytest.mark.django_db
def test_done_job_is_never_rung(bell):
    write_jobs(-1, done_at=timezone.now())
    assert relay.step() == 0


@pytest.mark.django_db
def test_no_more_in_flight_than_the_worker_can_hold(bell, monkeypatch):
    monkeypatch.setattr(relay, "IN_FLIGHT", 3)
    write_jobs(-1, leased_until=minutes_ahead(1))
    write_jobs(-1, -2, -3, -4)
    assert relay.step() == 2
    assert relay.step() == 0


@pytest.mark.django_db
def test_moved_clock_makes_a_job_due(bell, settings, tmp_path):
    settings.CLOCK_FILE = str(tmp_path / "clock")
    write_jobs(60)
    assert relay.step() == 0
    (tmp_path / "clock").write_text("7200", encoding="ascii")
    assert relay.step() == 1


@pytest.mark.django_db
def test_lost_broker_gives_the_leases_back(bell, monkeypatch):
    written = write_jobs(-3, -2, -1)

    def ring(job_id, task):
        if bell:
            raise OperationalError("connection refused")
        bell.append(job_id)

    monkeypatch.setattr(relay, "ring", ring)
    assert relay.step() == 1
    waiting = Job.objects.exclude(pk=bell[0])
    assert {job.attempts for job in waiting} == {0}
    for job in waiting:
        assert job.leased_until <= timezone.now() + timedelta(seconds=1)
    assert len(written) == 3


@pytest.mark.django_db
def test_unreachable_broker_is_an_error_the_relay_knows(monkeypatch, tmp_path):
    monkeypatch.setattr(relay.time, "sleep", lambda seconds: None)
    broker = f"redis+socket://{tmp_path}/none.sock"
    monkeypatch.setattr(relay, "app", Celery("elsewhere", broker=broker))
    [job] = write_jobs(-1)
    assert relay.step() == 0
    job.refresh_from_db()
    assert job.attempts == 0


@pytest.mark.django_db
def test_relay_runs_until_told_to_stop_and_survives_a_failing_round(bell, monkeypatch):
    rounds = []

    def step():
        rounds.append(1)
        if len(rounds) == 1:
            raise RuntimeError("round fails")
        return 0

    monkeypatch.setattr(relay, "step", step)
    monkeypatch.setattr(relay.connection, "close", lambda: None)
    relay.run(lambda: len(rounds) == 3)
    assert len(rounds) == 3
    assert Heartbeat.objects.filter(process="relay").exists()


@pytest.mark.django_db(transaction=True)
def test_failing_jobs_do_not_hold_up_the_others(bell, monkeypatch):
    monkeypatch.setattr(relay, "IN_FLIGHT", 3)
    failing = write_jobs(-9, -9, -9, attempts=9)
    assert relay.step() == 3
    for job in failing:
        jobs.run(job.pk, lambda job: 1 / 0)
    [good] = write_jobs(-1)
    bell.clear()
    assert relay.step() == 1
    assert bell == [good.pk]
    failing[0].refresh_from_db()
    assert failing[0].error.startswith("ZeroDivisionError")
