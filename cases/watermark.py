"""Write when, where and by whom into a picture (DOMAIN D.4, Attachment).

Pure: takes and gives JPEG bytes that `cases.imaging` has made, never what was sent. The
original stays as it came.
"""

import io
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

# Debian's fonts with Chinese, the first that is there.
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
)
SHARE = 32  # a line is one 32nd of the shorter side
LEAST = 11
QUALITY = 88


def stamp(picture: bytes, lines: list[str]) -> bytes:
    """The picture with the lines at its lower edge, light on a darkened strip.

    Without a font that has Chinese the lines keep what such a font lacks out.
    """
    with Image.open(io.BytesIO(picture), formats=("JPEG",)) as opened:
        image = opened.convert("RGB")
    size = max(min(image.size) // SHARE, LEAST)
    font, knows_chinese = _font(size)
    shown = lines if knows_chinese else [_ascii(line) for line in lines]
    shown = [line for line in shown if line]
    height = len(shown) * size * 3 // 2 + size
    strip = Image.new("RGB", (image.width, min(height, image.height)), (0, 0, 0))
    top = image.height - strip.height
    below = image.crop((0, top, image.width, image.height))
    image.paste(Image.blend(below, strip, 0.55), (0, top))
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(shown):
        place = (size // 2, top + size // 2 + number * size * 3 // 2)
        draw.text(place, line, fill=(255, 255, 255), font=font)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return buffer.getvalue()


def _ascii(line: str) -> str:
    return " ".join(line.encode("ascii", "ignore").decode().split())


@lru_cache(maxsize=32)
def _font(
    size: int,
) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, bool]:
    for path in FONTS:
        if Path(path).exists():
            return ImageFont.truetype(path, size), True
    return ImageFont.load_default(size), False
