"""A whole instance for end-to-end tests: web, worker, relay, beat, Redis, PostGIS.

Real processes in a database of their own on the test cluster. The product clock of all
of them is moved through the clock file, so that days pass without waiting.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
DATABASE = "_".join(
    [
        os.environ.get("WANGGE_DB_NAME", "wangge"),
        os.environ.get("PYTEST_XDIST_WORKER", "one"),
        "e2e",
    ]
)


# Answers one expression a line, so that Django starts only once for many questions.
ORACLE = """
import json, sys, traceback
import django
django.setup()
from cases.models import *
from governance.models import *
from parties.models import *
from grids.models import *
from duties.models import *
from django.db import connection
for line in sys.stdin:
    try:
        answer = {"found": eval(json.loads(line))}
    except Exception:
        answer = {"error": traceback.format_exc()}
    print(json.dumps(answer, default=str), flush=True)
    connection.close()
"""


def until(what: str, holds: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait for something to become true; says what did not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = holds()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


class Stack:
    def __init__(
        self, folder: Path, started_at: datetime, database: str = DATABASE
    ) -> None:
        self.folder, self.database = folder, database
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.clock_file = folder / "clock"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.redis_socket = _short(database) / "redis.sock"
        self.environment = {
            **os.environ,
            "WANGGE_ENV": "test",
            "WANGGE_DB_NAME": database,
            "WANGGE_REDIS_URL": f"redis+socket://{self.redis_socket}",
            "WANGGE_CLOCK_FILE": str(self.clock_file),
            "WANGGE_CHANNEL_NETWORKS": "127.0.0.0/8",
            "WANGGE_MEDIA_ROOT": str(folder / "media"),
            "WANGGE_STATIC_ROOT": str(folder / "static"),
            "DJANGO_SETTINGS_MODULE": "governance.settings",
        }
        self.oracle: subprocess.Popen[str] | None = None
        self.set_clock(started_at)

    # --- the clock ---------------------------------------------------------------
    def set_clock(self, moment: datetime) -> None:
        """Move the product clock so that it is `moment` now; it runs on from there."""
        self.offset = (moment - datetime.now(UTC)).total_seconds()
        spare = self.clock_file.with_suffix(".new")
        spare.write_text(str(self.offset), encoding="ascii")
        spare.replace(self.clock_file)

    # --- processes ---------------------------------------------------------------
    def up(self) -> None:
        self._database("CREATE DATABASE {} ")
        self.manage("migrate", "--verbosity", "0")
        for name in ("redis", "worker", "relay", "beat", "web"):
            self.start(name)
        until("healthz answers ok", self.healthy)

    def down(self) -> None:
        if self.oracle is not None:
            self.oracle.kill()
        for name in list(self.processes):
            self.kill(name, signal.SIGTERM)
        self._database("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        shutil.rmtree(self.redis_socket.parent, ignore_errors=True)

    def start(self, name: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            self._command(name),
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        if name == "redis":
            until("redis listens", self.redis_socket.exists)

    def kill(self, name: str, how: int = signal.SIGKILL) -> None:
        """End a process and all its children."""
        process = self.processes.pop(name)
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            return
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(15)
        if name == "redis":
            self.redis_socket.unlink(missing_ok=True)

    def _command(self, name: str) -> list[str]:
        python = sys.executable
        tools = Path(python).parent
        celery = [str(tools / "celery"), "--app", "governance", "--quiet"]
        return {
            "redis": [
                "redis-server", "--port", "0", "--unixsocket", str(self.redis_socket),
                "--save", "", "--appendonly", "no", "--dir", str(self.folder),
            ],
            "web": [
                str(tools / "granian"), "--interface", "wsgi",
                "governance.wsgi:application", "--port", str(self.port),
                "--workers", "1", "--blocking-threads", "6", "--no-ws",
            ],
            "worker": [
                *celery, "worker", "--concurrency", "2", "--without-mingle",
                "--without-gossip", "--loglevel", "warning",
            ],
            "relay": [python, "manage.py", "relay"],
            "beat": [
                *celery, "beat", "--schedule", str(self.folder / "beat"), "--pidfile=",
                "--loglevel", "warning",
            ],
        }[name]  # fmt: skip

    # --- asking it ---------------------------------------------------------------
    def manage(self, *arguments: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        said = f"{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
        assert done.returncode == 0, f"manage.py {arguments}:\n{said}"
        return done.stdout

    def ask(self, expression: str) -> Any:
        """Evaluate Python in the instance's own Django; the answer is JSON."""
        if self.oracle is None or self.oracle.poll() is not None:
            self.oracle = subprocess.Popen(
                [sys.executable, "-c", ORACLE],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.oracle.stdin is not None
        assert self.oracle.stdout is not None
        self.oracle.stdin.write(json.dumps(expression) + "\n")
        self.oracle.stdin.flush()
        answer = json.loads(self.oracle.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["found"]

    def healthy(self) -> bool:
        return self.health()["status"] == "ok"

    def health(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as answer:
            return json.load(answer)
        except OSError:
            return {"status": "down"}

    def settled(self) -> bool:
        """Whether no job is due any more."""
        from django.db import connection

        moment = datetime.now(UTC).timestamp() + self.offset
        with _connected(connection.get_connection_params(), self.database) as cursor:
            cursor.execute(
                "SELECT count(*) FROM governance_job "
                "WHERE done_at IS NULL AND run_at <= to_timestamp(%s)",
                [moment],
            )
            return bool(cursor.fetchone()[0] == 0)

    def settle(self) -> None:
        until("all due jobs are done", self.settled)

    def _database(self, statement: str) -> None:
        from django.db import connection

        parameters = connection.get_connection_params()
        with _connected(parameters, "postgres") as cursor:
            if statement.startswith("CREATE"):
                cursor.execute(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
            cursor.execute(statement.format(self.database))


class _connected:
    """A cursor on another database of the test cluster, outside any transaction."""

    def __init__(self, parameters: dict[str, Any], database: str) -> None:
        import psycopg2

        wanted = ("host", "port", "user", "password")
        self.connection = psycopg2.connect(
            dbname=database, **{k: parameters[k] for k in wanted if k in parameters}
        )
        self.connection.autocommit = True

    def __enter__(self) -> Any:
        return self.connection.cursor()

    def __exit__(self, *_: object) -> None:
        self.connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _short(database: str) -> Path:
    """A socket's path may have 107 bytes; pytest's folders are longer."""
    name = f"e2e-{os.getpid()}-{database[-8:]}"
    short = Path(settings.STATE_DIR) / "run" / name
    short.mkdir(parents=True, exist_ok=True)
    return short
