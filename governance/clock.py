"""What time it is.

Edges (views, tasks, commands) ask `now()` and pass the answer down as `at`; actions
never look at a clock. A test or training instance may move its clock: the file named
by `WANGGE_CLOCK_FILE` holds an offset in seconds that all processes read. Production
refuses to start with that file set.
"""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """Aware time in UTC, moved by the clock file when there is one."""
    real = timezone.now()
    path: str = settings.CLOCK_FILE
    return real + timedelta(seconds=_offset(path)) if path else real


def _offset(path: str) -> float:
    try:
        return float(Path(path).read_text(encoding="ascii") or 0)
    except FileNotFoundError:
        return 0.0
