"""Run a script with pgbench against the database that Django is connected to."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from django.db import connection

from bench.load import Rate

PROGRAMS = "/usr/lib/postgresql"


def program() -> str:
    """The path of pgbench; FileNotFoundError when it is not installed."""
    found = sorted(Path(PROGRAMS).glob("*/bin/pgbench"))
    path = shutil.which("pgbench") or (str(found[-1]) if found else None)
    if path is None:
        raise FileNotFoundError("找不到 pgbench，请安装 postgresql-contrib。")
    return path


def rate(
    script: str, variables: dict[str, object], *, clients: int, seconds: int
) -> Rate:
    """The rate of the script's transactions, in the simple protocol (psycopg2's)."""
    facts = connection.settings_dict
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        answer = subprocess.run(  # noqa: S603
            [
                program(), "--no-vacuum", "--protocol=simple",
                f"--client={clients}", f"--jobs={clients}", f"--time={seconds}",
                f"--file={file.name}", "--define=done=0",
                *(f"--define={name}={value}" for name, value in variables.items()),
                f"--host={facts['HOST']}", f"--port={facts['PORT']}",
                f"--username={facts['USER']}", facts["NAME"],
            ],
            env={"PGPASSWORD": facts["PASSWORD"]},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    failed = re.search(r"number of failed transactions: (\d+)", answer.stdout)
    if answer.returncode or (failed and int(failed[1])):
        raise RuntimeError(f"pgbench: {answer.stderr or answer.stdout}")
    return Rate(
        per_second=_figure(r"tps = ([\d.]+) \(without", answer.stdout),
        milliseconds=_figure(r"latency average = ([\d.]+) ms", answer.stdout),
    )


def _figure(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"pgbench answered without a figure: {text}")
    return float(found[1])
