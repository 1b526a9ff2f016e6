"""Re-encode one uploaded picture; run as a child process with its own limits.

    python -m cases.imaging SOURCE SERVED THUMB

A few kilobytes can decode to a gigabyte, so decoding never happens in a web or worker
process. Writes two upright JPEGs without any metadata and prints one JSON line:
width, height, and what the EXIF said (taken_at as ISO text without a zone, lng and lat
in WGS-84). Pure: imports nothing of the project.
"""

import json
import resource
import sys
from typing import Any

from PIL import ExifTags, Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
SERVED_PIXELS = 2048
THUMB_PIXELS = 480
MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 20
MAX_PIXELS = 80_000_000


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS


def facts_of(image: Image.Image) -> dict[str, Any]:
    """When and where the camera says it was taken."""
    exif = image.getexif()
    detail = exif.get_ifd(ExifTags.IFD.Exif)
    taken = detail.get(ExifTags.Base.DateTimeOriginal) or exif.get(
        ExifTags.Base.DateTime
    )
    return {"taken_at": _iso(taken), **_position(exif.get_ifd(ExifTags.IFD.GPSInfo))}


def _iso(text: Any) -> str | None:
    parts = str(text or "").strip().split(" ")
    if len(parts) != 2 or len(parts[0]) != 10:
        return None
    return f"{parts[0].replace(':', '-')}T{parts[1]}"


def _position(gps: dict[int, Any]) -> dict[str, float]:
    try:
        lat = _degrees(gps[2]) * (-1 if gps[1] == "S" else 1)
        lng = _degrees(gps[4]) * (-1 if gps[3] == "W" else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError):
        return {}
    inside = -180 <= lng <= 180 and -90 <= lat <= 90 and (lng, lat) != (0, 0)
    return {"lng": lng, "lat": lat} if inside else {}


def _degrees(parts: Any) -> float:
    return float(parts[0]) + float(parts[1]) / 60 + float(parts[2]) / 3600


def write(image: Image.Image, pixels: int, path: str, quality: int) -> tuple[int, int]:
    copy = image.copy()
    copy.thumbnail((pixels, pixels), Image.Resampling.LANCZOS)
    copy.save(path, "JPEG", quality=quality, optimize=True)
    return copy.size


def main(source: str, served: str, thumb: str) -> None:
    limit()
    with Image.open(source, formats=FORMATS) as image:
        facts = facts_of(image)
        image.draft("RGB", (SERVED_PIXELS, SERVED_PIXELS))
        upright = ImageOps.exif_transpose(image).convert("RGB")
    width, height = write(upright, SERVED_PIXELS, served, 85)
    write(upright, THUMB_PIXELS, thumb, 75)
    sys.stdout.write(json.dumps({"width": width, "height": height, **facts}))


if __name__ == "__main__":
    main(*sys.argv[1:4])
