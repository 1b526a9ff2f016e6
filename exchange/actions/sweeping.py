"""Throw away the files that nobody came back for."""

import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

KEPT = timedelta(days=1)


def sweep() -> None:
    """Uploads and exports older than a day, with all that was read from them.

    Real time, as the files have it.
    """
    oldest = (timezone.now() - KEPT).timestamp()
    home = Path(settings.STATE_DIR) / "exchange"
    for folder in home.glob("*-*"):
        with suppress(FileNotFoundError):  # another sweep was faster
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)
