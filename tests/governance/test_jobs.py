"""A job is done once, whatever rings for it and however often it fails."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from governance import events, jobs
from governance.models import Heartbeat, Job

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def write_job(**fields):
    return Job.objects.create(
        task="some.task", subject="case:1", run_at=AT, created_at=AT, **fields
    )


@pytest.mark.django_db
def test_effect_and_done_are_written_together():
    job = write_job(error="earlier")
    assert jobs.run(job.pk, lambda job: None) is True
    job.refresh_from_db()
    assert job.done_at is not None
    assert (job.error, job.leased_until) == ("", None)


@pytest.mark.django_db
def test_second_ring_does_nothing():
    job, seen = write_job(), []
    jobs.run(job.pk, seen.append)
    assert jobs.run(job.pk, seen.append) is False
    assert len(seen) == 1


@pytest.mark.django_db
def test_ring_for_an_unknown_job_does_nothing():
    assert jobs.run(4711, lambda job: pytest.fail("rung")) is False


@pytest.mark.django_db(transaction=True)
def test_failing_effect_leaves_nothing_and_comes_back_later():
    job = write_job(attempts=3)

    def effect(job):
        Heartbeat.objects.create(process="half done", at=AT)
        raise ValueError("电话号码不对")

    before = timezone.now()
    assert jobs.run(job.pk, effect) is False
    job.refresh_from_db()
    assert job.done_at is None
    assert job.error == "ValueError: 电话号码不对"
    assert 7 <= (job.leased_until - before).total_seconds() <= 10
    assert not Heartbeat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_pause_grows_no_longer_than_ten_minutes():
    job = write_job(attempts=60)
    jobs.run(job.pk, lambda job: 1 / 0)
    job.refresh_from_db()
    assert job.leased_until <= timezone.now() + jobs.LONGEST_PAUSE


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_it_once():
    job, seen, start = write_job(), [], Barrier(2)

    def work(_):
        start.wait()
        try:
            return jobs.run(job.pk, seen.append)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(work, range(2)))
    assert sorted(answers) == [False, True]
    assert len(seen) == 1


@pytest.mark.django_db
def test_keyed_job_is_written_once():
    follow = [events.Follow(task="some.task", key="alert:1:80")]
    events.enqueue(subject="case:1", at=AT, follow=follow)
    events.enqueue(subject="case:1", at=AT, follow=follow)
    assert Job.objects.count() == 1
