"""Files between upload and confirmation, kept below the state directory for a day."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

from governance.geo import Crs
from grids.codes import Level
from grids.importing import Options, ParentBy

KEPT = timedelta(days=1)
FACTS = "upload.json"


@dataclass(frozen=True)
class Upload:
    token: UUID
    name: str
    path: Path
    options: Options


def keep(
    *, name: str, chunks: Iterable[bytes], options: Options, user_id: int, at: datetime
) -> UUID:
    """Store an uploaded file with the options it is to be read with."""
    _forget_old(at)
    token = uuid4()
    folder = _home() / str(token)
    folder.mkdir(parents=True)
    with _content(folder, name).open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    facts = {
        "name": name,
        "user": user_id,
        "at": at.timestamp(),
        "options": asdict(options),
    }
    (folder / FACTS).write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
    return token


def find(token: UUID, user_id: int) -> Upload | None:
    """The file that this user uploaded under the token, while it is kept."""
    folder = _home() / str(token)
    try:
        facts = json.loads((folder / FACTS).read_text("utf-8"))
    except FileNotFoundError:
        return None
    if facts["user"] != user_id:
        return None
    given = facts["options"]
    options = Options(
        **given
        | {
            "level": Level(given["level"]),
            "crs": Crs(given["crs"]),
            "parent_by": ParentBy(given["parent_by"]),
        }
    )
    return Upload(token, facts["name"], _content(folder, facts["name"]), options)


def forget(token: UUID) -> None:
    shutil.rmtree(_home() / str(token), ignore_errors=True)


def _home() -> Path:
    return Path(settings.STATE_DIR) / "imports"


def _content(folder: Path, name: str) -> Path:
    """Never a path that the uploader chose: only the ending is theirs."""
    return folder / f"content{Path(name).suffix.lower()}"


def _forget_old(at: datetime) -> None:
    for facts in _home().glob(f"*/{FACTS}"):
        if json.loads(facts.read_text("utf-8"))["at"] < (at - KEPT).timestamp():
            shutil.rmtree(facts.parent, ignore_errors=True)
