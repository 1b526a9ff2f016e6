"""Drawn pictures for the demo city's cases: a street, a sky, something in the way."""

import io
import random

from PIL import Image, ImageDraw

SIZE = (960, 720)


def picture(seed: int, *, solved: bool = False) -> bytes:
    """A JPEG of a made-up street scene; `solved` leaves out what was in the way."""
    chance = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    image = Image.new("RGB", SIZE, (196, 214, 226))
    draw = ImageDraw.Draw(image)
    _houses(draw, chance)
    draw.polygon([(0, 720), (0, 520), (960, 430), (960, 720)], fill=(116, 120, 124))
    draw.line([(0, 630), (960, 560)], fill=(232, 226, 198), width=8)
    for x in range(20, 960, 190):
        draw.rectangle([x, 380, x + 10, 505], fill=(112, 84, 60))
        draw.ellipse([x - 46, 290, x + 56, 400], fill=(86, 138 + x % 40, 92))
    if not solved:
        _obstacle(draw, chance)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


def _houses(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    left = 0
    while left < SIZE[0]:
        width, top = chance.randint(90, 190), chance.randint(120, 300)
        tone = chance.randint(165, 225)
        wall = (tone, tone - 14, tone - 30)
        draw.rectangle([left, top, left + width, 520], fill=wall)
        for x in range(left + 14, left + width - 26, 38):
            for y in range(top + 18, 470, 46):
                draw.rectangle([x, y, x + 20, y + 26], fill=(92, 116, 136))
        left += width + chance.randint(4, 26)


def _obstacle(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    middle = chance.randint(320, 640)
    for _ in range(chance.randint(5, 9)):
        x, y = middle + chance.randint(-110, 110), chance.randint(520, 610)
        side = chance.randint(34, 84)
        red, green = chance.randint(120, 220), chance.randint(70, 150)
        colour = (red, green, chance.randint(40, 90))
        draw.rectangle([x, y - side, x + side, y], fill=colour, outline=(60, 44, 34))
