"""Where files wait between upload and confirmation, or for their download.

A folder for each, named by a token that nobody chose, below the state directory that
web and workers share. `progress` is a file in it: the work itself is one transaction,
and what it has done so far shows to nobody before its end.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings


@dataclass(frozen=True)
class Workplace:
    token: UUID

    @property
    def folder(self) -> Path:
        return Path(settings.STATE_DIR) / "exchange" / str(self.token)

    def make(self) -> Path:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.folder

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def report(self, done: int, total: int = 0) -> None:
        """Say how far the work is; readers never see half of it."""
        beside = self.make() / "progress.new"
        beside.write_text(json.dumps([done, total]), "ascii")
        beside.replace(self.folder / "progress")

    def progress(self) -> tuple[int, int]:
        """How many are done, of how many (0: nobody knows yet)."""
        try:
            done, total = json.loads((self.folder / "progress").read_text("ascii"))
        except FileNotFoundError:
            return 0, 0
        return done, total
