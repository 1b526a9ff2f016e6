"""Time, place and operator stand in the served picture, not in the original."""

import io
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.files.storage import default_storage
from PIL import Image, ImageChops

from cases import watermark
from cases.actions.photos import marks
from cases.models import Photo
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, SPOT, World


def plain(size: tuple[int, int] = (640, 480)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (200, 200, 200)).save(buffer, "JPEG")
    return buffer.getvalue()


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture)).convert("L")


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (64, 48)])
def test_the_strip_lies_at_the_lower_edge_and_the_rest_is_untouched(
    size: tuple[int, int],
) -> None:
    stamped = watermark.stamp(plain(size), ["2026-11-23 09:00", "幸福社区"])
    image = opened(stamped)
    assert image.size == size
    assert image.getpixel((size[0] - 1, size[1] - 1)) < 130
    assert abs(int(image.getpixel((5, 2))) - 200) < 6 or size == (64, 48)


def test_other_words_make_another_picture() -> None:
    one = opened(watermark.stamp(plain(), ["2026-11-23 09:00"]))
    other = opened(watermark.stamp(plain(), ["2026-11-24 10:00"]))
    assert ImageChops.difference(one, other).getbbox() is not None


def test_without_a_chinese_font_the_figures_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watermark, "FONTS", ())
    watermark._font.cache_clear()
    stamped = watermark.stamp(plain(), ["2026-11-23 09:00 幸福社区", "社区"])
    bare = watermark.stamp(plain(), ["2026-11-23 09:00"])
    watermark._font.cache_clear()
    assert stamped == bare


@pytest.mark.django_db
def test_marks_say_when_where_and_which_unit(world: World) -> None:
    lines = marks(
        taken_at=MONDAY_9, position=Point(*SPOT, srid=4490), actor=world.actor("grid_a")
    )
    assert lines[0] == "2026-11-23 09:00:00"
    assert "113.00050E 28.00050N" in lines[1]
    assert "网格" in lines[1]
    assert lines[2] == "幸福社区"


@pytest.mark.django_db
def test_marks_without_a_position_or_far_from_every_grid(world: World) -> None:
    far = marks(
        taken_at=MONDAY_9, position=Point(80, 40, srid=4490), actor=Actor.resident()
    )
    assert far[1:] == ["80.00000E 40.00000N", "居民"]
    none = marks(taken_at=MONDAY_9, position=None, actor=Actor.resident())
    assert none[1:] == ["没有定位", "居民"]


@pytest.mark.django_db
def test_what_is_served_is_marked_and_the_original_is_not(
    world: World, photos: Any, snapshot: bytes
) -> None:
    photos(world.actor("grid_a"), "report")
    photo = Photo.objects.get()
    with default_storage.open(photo.original) as original:
        assert original.read() == snapshot
    with default_storage.open(photo.served) as served:
        image = opened(served.read())
    assert image.getpixel((photo.width - 1, photo.height - 1)) < 100
