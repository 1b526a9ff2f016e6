"""Is the house in order? For people who run it and for load balancers."""

import logging
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from redis.backoff import NoBackoff
from redis.retry import Retry

from governance import calendar, clock

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 2
SEEN_WITHIN_SECONDS = {"worker": 15, "relay": 30, "beat": 30, "tasks": 60}


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when every part is well, else 503; each question waits two seconds at most.

    `worker`, `relay` and `beat` say when the process was last seen, `tasks` when the
    worker last ran what beat had rung. `missing_years` are those of the working
    calendar that somebody must import soon: a warning, no reason to take a server out.
    """
    database, seen, years = _database()
    parts: dict[str, dict[str, Any]] = {"database": database, "redis": _redis()}
    for process, limit in SEEN_WITHIN_SECONDS.items():
        seconds = seen.get(process)
        well = seconds is not None and seconds <= limit
        parts[process] = {"ok": well, "seen_seconds_ago": seconds}
    well = all(part["ok"] for part in parts.values())
    return JsonResponse(
        {"status": "ok" if well else "failing", **parts, "missing_years": years},
        status=200 if well else 503,
    )


def _database() -> tuple[dict[str, Any], dict[str, float], list[int]]:
    """Whether it answers, the heartbeats in it (seconds since), and missing years.

    Asked on a connection of its own, because only while connecting does libpq give
    up on a server that is frozen.
    """
    fresh = connection.copy()
    fresh.settings_dict["OPTIONS"] = {
        **fresh.settings_dict["OPTIONS"],
        "connect_timeout": PATIENCE_SECONDS,
        "options": f"-c statement_timeout={PATIENCE_SECONDS}s",
    }
    try:
        with fresh.cursor() as cursor:
            cursor.execute(
                "SELECT process, round(extract(epoch FROM now() - at), 1) "
                "FROM governance_heartbeat"
            )
            seen = {name: float(ago) for name, ago in cursor.fetchall()}
            cursor.execute("SELECT year FROM governance_calendaryear")
            known = {year for (year,) in cursor.fetchall()}
        needed = calendar.years_needed(clock.now())
        return {"ok": True}, seen, [year for year in needed if year not in known]
    except Error as error:
        logger.warning("healthz: database does not answer: %s", error)
        return {"ok": False}, {}, []
    finally:
        fresh.close()


def _redis() -> dict[str, Any]:
    # The broker's address in the spelling of the client library.
    address = settings.REDIS_URL.replace("redis+socket://", "unix://")
    client = redis.Redis.from_url(
        address.replace("virtual_host=", "db="),
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        return {"ok": bool(client.ping())}
    except redis.RedisError as error:
        logger.warning("healthz: redis does not answer: %s", error)
        return {"ok": False}
    finally:
        client.close()
