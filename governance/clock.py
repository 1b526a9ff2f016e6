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

FIRST_YEAR, LAST_YEAR = 1900, 9000


def now() -> datetime:
    """Aware time in UTC, moved by the clock file when there is one."""
    real = timezone.now()
    path: str = settings.CLOCK_FILE
    return real + timedelta(seconds=_offset(path)) if path else real


def reckonable(moment: datetime) -> datetime:
    """The moment in the own zone. Raises ValueError before 1900 and from 9000 on: years
    1 and 9999 leave the calendar in some zone, and no limit can be reckoned there."""
    try:
        local = timezone.localtime(moment)
    except OverflowError as error:
        raise ValueError from error
    if not FIRST_YEAR <= local.year < LAST_YEAR:
        raise ValueError
    return local


def _offset(path: str) -> float:
    try:
        return float(Path(path).read_text(encoding="ascii") or 0)
    except FileNotFoundError:
        return 0.0
