"""Photos arrive by themselves, before or after the form they belong to."""

import hashlib
import json
import subprocess
import sys
import tempfile
import uuid
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import watermark
from cases.models import Photo
from governance import geo
from governance.errors import Refused
from governance.querysets import hold
from grids.models import Area
from parties.acting import Actor

SIGNATURES = {b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png", b"RIFF": "webp"}
SECONDS = 30
BATCH_LIMIT = 30


@transaction.atomic
def upload_photo(
    *,
    photo_id: uuid.UUID,
    batch: uuid.UUID,
    stage: str,
    content: bytes,
    actor: Actor,
    at: datetime,
    taken_at: datetime | None = None,
    position: Point | None = None,
) -> Photo:
    """Keep a photo under a client-made id; the same id and content again is the same.

    `taken_at` and `position` (SRID 4490) from the device are used where the picture
    itself carries none.
    """
    hold(f"photo:{photo_id}")
    digest = hashlib.sha256(content).hexdigest()
    known = Photo.objects.filter(pk=photo_id).first()
    if known is not None:
        if known.sha256 != digest or known.user_id != actor.user_id:
            raise Refused(
                _("这张照片的编号已被使用，请重新选择照片。"), code="conflict"
            )
        return known
    if stage not in Photo.Stage.values:
        raise Refused(_("照片环节不正确。"), code="stage", field="stage")
    kind = _sniff(content)
    if Photo.objects.filter(batch=batch).count() >= BATCH_LIMIT:
        raise Refused(
            _("一次最多上传 %(n)d 张照片。") % {"n": BATCH_LIMIT}, code="many"
        )
    rendered = _render(content)
    taken_at = _taken_at(rendered.get("taken_at"), at) or taken_at
    position = _position(rendered) or position
    lines = marks(taken_at=taken_at or at, position=position, actor=actor)
    folder = f"photos/{at:%Y/%m}/{photo_id}"
    photo = Photo(
        pk=photo_id,
        batch=batch,
        stage=stage,
        user_id=actor.user_id,
        user_name=actor.name,
        sha256=digest,
        original=_keep(f"{folder}/original.{kind}", content),
        served=_keep(
            f"{folder}/served.jpg", watermark.stamp(rendered["served"], lines)
        ),
        thumb=_keep(f"{folder}/thumb.jpg", rendered["thumb"]),
        width=rendered["width"],
        height=rendered["height"],
        size=len(content),
        taken_at=taken_at,
        position=position,
        received_at=at,
    )
    photo.save(force_insert=True)
    return photo


def marks(*, taken_at: datetime, position: Point | None, actor: Actor) -> list[str]:
    """The watermark: when, where and of which unit. Residents see these pictures, so
    the name of a person is not in it; the photo's row has it."""
    when = timezone.localtime(taken_at).strftime("%Y-%m-%d %H:%M:%S")
    where = _("没有定位")
    if position is not None:
        where = f"{position.x:.5f}E {position.y:.5f}N"
        with suppress(Refused):  # outside every grid: the figures alone
            where = f"{Area.objects.locate(position).area.name} {where}"
    return [when, where, actor.organisation_name or actor.name]


@transaction.atomic
def remove_photo(*, photo_id: uuid.UUID, actor: Actor) -> None:
    """The uploader takes back a photo that no case has yet."""
    Photo.objects.filter(pk=photo_id, case=None, user_id=actor.user_id or 0).delete()


def content_of(upload: Any) -> bytes:
    """What an uploaded file holds; one that is too large is refused unread."""
    _check_size(upload.size)
    return bytes(upload.read())


def _check_size(size: int) -> None:
    if size > settings.PHOTO_MAX_BYTES:
        raise Refused(
            _("照片超过 %(n)d MB，请压缩后再传。")
            % {"n": settings.PHOTO_MAX_BYTES // 1024 // 1024},
            code="large",
            field="photos",
        )


def _sniff(content: bytes) -> str:
    _check_size(len(content))
    for signature, kind in SIGNATURES.items():
        if content.startswith(signature):
            return kind
    raise Refused(
        _("只能上传 JPG、PNG 或 WebP 照片，请换一张。"), code="kind", field="photos"
    )


def _render(content: bytes) -> dict[str, Any]:
    """Both JPEGs and the facts, made by a child process that may fail or run away."""
    with tempfile.TemporaryDirectory(dir=_scratch()) as name:
        folder = Path(name)
        source, served, thumb = folder / "source", folder / "served", folder / "thumb"
        source.write_bytes(content)
        try:
            done = subprocess.run(  # noqa: S603 - our own module, no shell
                [sys.executable, "-m", "cases.imaging", source, served, thumb],
                cwd=settings.BASE_DIR,
                capture_output=True,
                timeout=SECONDS,
                check=True,
            )
        except subprocess.SubprocessError as error:
            raise Refused(
                _("这张照片打不开或尺寸过大，请重新拍一张。"),
                code="broken",
                field="photos",
            ) from error
        return {
            **json.loads(done.stdout),
            "served": served.read_bytes(),
            "thumb": thumb.read_bytes(),
        }


def _scratch() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _keep(name: str, content: bytes) -> str:
    return default_storage.save(name, ContentFile(content))


def _taken_at(text: str | None, at: datetime) -> datetime | None:
    if not text:
        return None
    try:
        taken = timezone.make_aware(datetime.fromisoformat(text))
    except ValueError:
        return None
    return taken if taken <= at else None


def _position(rendered: dict[str, Any]) -> Point | None:
    if "lng" not in rendered:
        return None
    return geo.to_point(rendered["lng"], rendered["lat"], "wgs84")
