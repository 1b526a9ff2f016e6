"""What the figures were measured on."""

import os
import platform
from pathlib import Path

from django.db import connection

SETTINGS = ["server_version", "shared_buffers", "fsync", "synchronous_commit", "jit"]


def facts() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting || coalesce(unit, '') FROM pg_settings")
        known = dict(cursor.fetchall())
        cursor.execute("SELECT postgis_lib_version()")
        postgis = cursor.fetchone()[0]
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores, {_memory()}",
        "system": f"{platform.system()} {platform.release()}",
        "load before": "{:.2f} {:.2f} {:.2f}".format(*os.getloadavg()),
        "python": platform.python_version(),
        "postgis": postgis,
        **{f"postgresql {name}": known[name] for name in SETTINGS},
    }


def _processor() -> str:
    return _line("/proc/cpuinfo", "model name") or platform.processor() or "?"


def _memory() -> str:
    kilobytes = _line("/proc/meminfo", "MemTotal").removesuffix(" kB")
    return f"{int(kilobytes or 0) / 1024**2:.1f} GiB"


def _line(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    found = (line for line in lines if line.startswith(name))
    return next(found, "").partition(":")[2].strip()
