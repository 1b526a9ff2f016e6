"""/healthz tells which part is down, without a login and without waiting for long."""

import socket
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from governance import heartbeat, pulse, tasks
from governance.models import CalendarYear, Heartbeat

PROCESSES = ["worker", "relay", "beat", "tasks"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broker(settings, tmp_path):
    """A socket that answers every ping, as Redis does."""
    path = tmp_path / "redis.sock"
    settings.REDIS_URL = f"redis+socket://{path}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        yield server


@pytest.fixture
def redis_well(monkeypatch):
    monkeypatch.setattr("governance.views._redis", lambda: {"ok": True})


def see(*processes, ago=1):
    for process in processes:
        Heartbeat.objects.create(
            process=process, at=timezone.now() - timedelta(seconds=ago)
        )


def test_all_well(client, redis_well):
    see(*PROCESSES)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "ok"
    assert body["database"] == {"ok": True}
    assert body["worker"]["seen_seconds_ago"] >= 1


@pytest.mark.parametrize("dead", PROCESSES)
def test_process_not_seen_for_long_is_named(client, redis_well, dead):
    see(*[process for process in PROCESSES if process != dead])
    see(dead, ago=300)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    failing = [part for part in PROCESSES if not answer.json()[part]["ok"]]
    assert failing == [dead]


def test_a_missing_year_of_the_calendar_is_a_warning(client, redis_well, monkeypatch):
    see(*PROCESSES)
    november = datetime(2026, 11, 22, 9, tzinfo=UTC)
    monkeypatch.setattr("governance.clock.now", lambda: november)
    assert client.get("/healthz").json()["missing_years"] == [2026, 2027]
    CalendarYear.objects.create(year=2026, source="国办", imported_at=november)
    answer = client.get("/healthz")
    assert answer.status_code == 200 and answer.json()["missing_years"] == [2027]


def test_process_never_seen_is_failing(client, redis_well):
    body = client.get("/healthz").json()
    assert body["relay"] == {"ok": False, "seen_seconds_ago": None}


def test_redis_that_is_gone_is_named(client, settings, tmp_path):
    settings.REDIS_URL = f"redis+socket://{tmp_path}/none.sock"
    see(*PROCESSES)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["redis"] == {"ok": False}


def test_redis_may_be_one_of_many_on_its_socket(client, broker, settings):
    settings.REDIS_URL += "?virtual_host=7"
    assert client.get("/healthz").json()["redis"] == {"ok": False}


def test_frozen_redis_is_given_up_on(client, broker):
    see(*PROCESSES)
    begun = time.monotonic()
    answer = client.get("/healthz")
    assert answer.json()["redis"] == {"ok": False}
    assert time.monotonic() - begun < 4


def test_database_that_is_gone_is_named(client, redis_well, monkeypatch):
    monkeypatch.setattr(
        "governance.views.connection.copy", lambda: unreachable_database()
    )
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["database"] == {"ok": False}


def unreachable_database():
    from django.db import connection

    copy = type(connection._connections["default"])(
        {**connection.settings_dict, "HOST": "/nowhere"}, alias="elsewhere"
    )
    return copy


def test_heartbeat_is_written_at_most_once_in_two_seconds(monkeypatch):
    monkeypatch.setattr(heartbeat, "_written", {})
    heartbeat.beat("relay")
    Heartbeat.objects.all().delete()
    heartbeat.beat("relay")
    assert not Heartbeat.objects.exists()
    monkeypatch.setattr(heartbeat, "_written", {})
    heartbeat.beat("relay")
    heartbeat._written.clear()
    heartbeat.beat("relay")
    assert Heartbeat.objects.count() == 1


def test_task_rung_by_beat_leaves_its_own_heartbeat(monkeypatch):
    monkeypatch.setattr(heartbeat, "_written", {})
    tasks.beat_heartbeat()
    assert Heartbeat.objects.filter(process="tasks").exists()


def test_pulse_outlives_a_lost_database(monkeypatch):
    from django.db import OperationalError

    def lost(process):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(pulse, "beat", lost)
    pulse.pulse("worker")
