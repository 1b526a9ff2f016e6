"""Read what a phone exported: a ZIP of outbox.json and photos/<id>.jpg.

The file lay on somebody's phone or stick: nothing in it is believed. Here only its
shape is checked; who may bring it in, and for whom, is said by the action.
"""

import json
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _

from governance.errors import Refused

FORMAT = 1
LARGEST_LIST = 5 * 1024 * 1024
MOST_ITEMS = 200
MOST_PHOTOS = 30
MOST_SHOWN = 32 * 1024 * 1024
KINDS = ("report", "resolve_on_spot")


@dataclass(frozen=True)
class PhotoInFile:
    id: uuid.UUID
    stage: str
    name: str
    taken_at: datetime | None = None
    lng: str = ""
    lat: str = ""


@dataclass(frozen=True)
class ItemInFile:
    """One filing; `fields` as the phone would have sent them to the API.

    `is_finished` is false for a draft, and for a step on a case, which only the phone
    itself can send; both are shown and not brought in.
    """

    id: uuid.UUID
    kind: str
    title: str
    is_finished: bool
    fields: dict[str, Any] = field(default_factory=dict)
    photos: list[PhotoInFile] = field(default_factory=list)


@dataclass(frozen=True)
class PhoneExport:
    account_id: int
    exported_at: str
    items: list[ItemInFile]


def read_export(file: IO[bytes]) -> PhoneExport:
    """Raises Refused with what is wrong with the file, as all here do."""
    with _opened(file) as archive:
        return _read(archive, json.loads(_content(archive, "outbox.json")))


def photo_in(file: IO[bytes], photo: PhotoInFile) -> bytes:
    """The bytes of one picture."""
    with _opened(file) as archive:
        return _content(archive, photo.name, settings.PHOTO_MAX_BYTES)


def first_photos(file: IO[bytes], items: list[ItemInFile]) -> dict[uuid.UUID, bytes]:
    """The first picture of each item, by the item's id, to be shown all at once; what
    would make more than `MOST_SHOWN` bytes of them is left out."""
    found, left = {}, MOST_SHOWN
    with _opened(file) as archive:
        for item in items:
            name = item.photos[0].name if item.photos else ""
            if name and archive.getinfo(name).file_size <= left:
                found[item.id] = _content(archive, name, left)
                left -= len(found[item.id])
    return found


def moment(text: Any) -> datetime | None:
    """A time of the phone; None when it is none."""
    try:
        at = datetime.fromisoformat(str(text or ""))
        return localtime(at if at.tzinfo else make_aware(at))
    except (ValueError, OverflowError):
        return None


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """Whatever is wrong with the bytes is told as a Refused: no archive, cut off, under
    a password, packed in another way, or not of the shape that is expected."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (
        zipfile.BadZipFile, zlib.error, EOFError, RuntimeError,
        LookupError, ValueError, TypeError, AttributeError,
    ) as error:  # fmt: skip
        raise Refused(
            _("这不是手机导出的文件，或文件已损坏，请在手机上重新导出。"),
            code="phone_export",
            field="file",
        ) from error


def _content(archive: zipfile.ZipFile, name: str, largest: int = LARGEST_LIST) -> bytes:
    """At most `largest` bytes, whatever the directory of the archive says."""
    with archive.open(name) as member:
        content = member.read(largest + 1)
    if len(content) > largest:
        raise ValueError(name)
    return content


def _read(archive: zipfile.ZipFile, given: dict[str, Any]) -> PhoneExport:
    if given["format"] != FORMAT:
        raise ValueError(given["format"])
    items = given["items"][: MOST_ITEMS + 1]
    if len(items) > MOST_ITEMS:
        raise ValueError(len(items))
    names = set(archive.namelist())
    return PhoneExport(
        account_id=int(given["account"]),
        exported_at=str(given.get("exported_at", "")),
        items=[_item(one, names) for one in items],
    )


def _item(given: dict[str, Any], names: set[str]) -> ItemInFile:
    fields = given.get("fields") or {}
    finished = given.get("stage") in ("queued", "refused") and bool(fields)
    shown = fields or given.get("values") or {}
    photos = [_photo(one) for one in given.get("photos", [])[:MOST_PHOTOS]]
    return ItemInFile(
        id=uuid.UUID(given["id"]),
        kind=str(given["kind"]),
        title=str(given.get("title", ""))[:50],
        is_finished=finished and given["kind"] in KINDS,
        fields={str(name): value for name, value in shown.items()},
        photos=[one for one in photos if one.name in names],
    )


def _photo(given: dict[str, Any]) -> PhotoInFile:
    identity = uuid.UUID(given["id"])
    return PhotoInFile(
        id=identity,
        stage=str(given["stage"]),
        name=f"photos/{identity}.jpg",
        taken_at=moment(given.get("taken_at")),
        lng=str(given.get("lng") or ""),
        lat=str(given.get("lat") or ""),
    )
