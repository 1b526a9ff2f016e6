"""Pictures are decoded by a child process: upright, without metadata, facts kept."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

from cases import imaging


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's own limits would hold for the whole test run here."""
    monkeypatch.setattr(imaging, "limit", lambda: None)


def taken(folder: Path, *, gps: dict[int, Any] | None = None, turn: int = 6) -> Path:
    """A picture as a phone held upright takes it: lying, with EXIF."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = (
        "2026:11:20 17:05:09"
    )
    if gps is not None:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    path = folder / "source.jpg"
    Image.new("RGB", (400, 300), (200, 40, 40)).save(path, "JPEG", exif=exif)
    return path


def rendered(folder: Path, source: Path, capsys: Any) -> dict[str, Any]:
    imaging.main(str(source), str(folder / "served"), str(folder / "thumb"))
    return dict(json.loads(capsys.readouterr().out))


NORTH_EAST = {1: "N", 2: (28.0, 1.0, 30.0), 3: "E", 4: (113.0, 0.0, 36.0)}


def test_picture_is_turned_upright_and_stripped(tmp_path: Path, capsys: Any) -> None:
    facts = rendered(tmp_path, taken(tmp_path, gps=NORTH_EAST), capsys)
    assert (facts["width"], facts["height"]) == (300, 400)
    assert facts["taken_at"] == "2026-11-20T17:05:09"
    assert facts["lat"] == pytest.approx(28.025)
    assert facts["lng"] == pytest.approx(113.01)
    for name in ("served", "thumb"):
        with Image.open(tmp_path / name) as image:
            assert not dict(image.getexif())
            assert image.height > image.width


@pytest.mark.parametrize(
    "gps",
    [None, {1: "N"}, {**NORTH_EAST, 2: (128.0, 0.0, 0.0)}, {2: (0.0,), 4: (0.0,)}],
)
def test_position_that_is_none_is_left_out(
    tmp_path: Path, capsys: Any, gps: dict[int, Any] | None
) -> None:
    assert "lng" not in rendered(tmp_path, taken(tmp_path, gps=gps), capsys)


def test_thumb_is_small_and_the_served_picture_bounded(
    tmp_path: Path, capsys: Any
) -> None:
    source = tmp_path / "large.png"
    Image.new("RGB", (4000, 1000), (40, 40, 200)).save(source, "PNG")
    facts = rendered(tmp_path, source, capsys)
    assert facts["width"] == imaging.SERVED_PIXELS
    assert facts["taken_at"] is None
    with Image.open(tmp_path / "thumb") as image:
        assert image.width == imaging.THUMB_PIXELS


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "bad.jpg"
    source.write_bytes(io.BytesIO(b"\xff\xd8\xff not a picture").getvalue())
    with pytest.raises(OSError, match="identify"):
        imaging.main(str(source), str(tmp_path / "a"), str(tmp_path / "b"))
