"""Names, codes and shapes of 示例市; every name is invented."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from shapely.geometry import MultiLineString, Polygon

from grids.codes import CODE_LENGTH, Level, kind_of
from grids.demo.drawing import Block, bent_blocks, bent_line, draw
from grids.planar import Surface, reading_order, welded

SEED = 9901
CITY_CODE, CITY_NAME = "9901", "示例市"
NAMES: dict[str, dict[str, tuple[str, str, str, str]]] = {
    "城东区": {
        "和平": ("幸福", "安康", "青年路", "文化里"),
        "光明": ("朝阳", "向阳", "育才", "春晖"),
        "东湖": ("湖滨", "柳荫", "听雨", "翠堤"),
        "新华": ("书香", "工农", "建设", "团结"),
    },
    "城西区": {
        "江湾": ("渡口", "望江", "滨江", "渔歌"),
        "西园": ("桃园", "梅园", "竹园", "兰亭"),
        "凤鸣": ("梧桐", "鸣泉", "凤台", "锦绣"),
        "南桥": ("石桥", "南门", "古井", "福安"),
    },
}
ORDINALS = "一二三四五六"
TOWER = "幸福商贸楼"
# Of the first grid of the main community; a micro-grid needs no boundary of its own.
MICRO_GRID = ("990101001001001001", "幸福一格第一微网格", 42)


@dataclass(frozen=True)
class PlannedArea:
    level: Level
    code: str
    name: str
    short_name: str
    households: int
    geometry: Surface
    special_type: str = ""

    @property
    def kind(self) -> str:
        return kind_of(self.code, self.level)


@dataclass(frozen=True)
class PlannedWay:
    """All lines of one kind of the backdrop: river, arterial, road or lane."""

    kind: str
    lines: MultiLineString


@cache
def areas() -> list[PlannedArea]:
    """Every area, parents before children."""
    blocks = draw(SEED).blocks
    drawn = list(zip(blocks, bent_blocks(blocks), strict=True))
    grids = [grid for place in _places(blocks) for grid in _grids(place, drawn)]
    above = [
        area
        for level in (Level.CITY, Level.DISTRICT, Level.STREET, Level.COMMUNITY)
        for area in _divisions(level, grids)
    ]
    return above + grids


def ways() -> list[PlannedWay]:
    kinds: dict[str, list] = {}
    for kind, line in draw(SEED).ways:
        kinds.setdefault(kind, []).append(bent_line(line))
    return [PlannedWay(kind, MultiLineString(lines)) for kind, lines in kinds.items()]


def _places(blocks: Sequence[Block]) -> list[tuple[int, int, int]]:
    return sorted({one.place for one in blocks})


def _grids(
    place: tuple[int, int, int], drawn: Sequence[tuple[Block, Polygon]]
) -> Iterator[PlannedArea]:
    """Numbered from the north-west (DOMAIN B.2), the special one from 701."""
    chance = random.Random(f"{SEED}{place}")  # noqa: S311 - a drawing, not a secret
    community, name = _code(place), _name(place)
    own = [(block, shape) for block, shape in drawn if block.place == place]
    general = [shape for block, shape in own if not block.special]
    for number, index in enumerate(reading_order(general)):
        yield PlannedArea(
            level=Level.GRID,
            code=f"{community}{number + 1:03}",
            name=f"{name}社区第{ORDINALS[number]}网格",
            short_name=f"{name}{ORDINALS[number]}格",
            households=chance.randint(310, 490),
            geometry=general[index],
        )
    for number, shape in enumerate(shape for block, shape in own if block.special):
        yield PlannedArea(
            level=Level.GRID,
            code=f"{community}{701 + number}",
            name=TOWER,
            short_name=TOWER,
            households=0,
            geometry=shape,
            special_type="商务楼宇",
        )


def _divisions(level: Level, grids: Sequence[PlannedArea]) -> Iterator[PlannedArea]:
    """The areas of a level as unions of the grids below."""
    length = CODE_LENGTH[level]
    for code in sorted({grid.code[:length] for grid in grids}):
        own = [grid for grid in grids if grid.code.startswith(code)]
        short, name = _titles(code, level)
        yield PlannedArea(
            level=level,
            code=code,
            name=name,
            short_name=short,
            households=sum(grid.households for grid in own),
            geometry=welded([grid.geometry for grid in own]),
        )


def _code(place: tuple[int, int, int]) -> str:
    district, street, community = (number + 1 for number in place)
    return f"{CITY_CODE}{district:02}{street:03}{community:03}"


def _name(place: tuple[int, int, int]) -> str:
    district, street, community = place
    streets = list(NAMES.values())[district]
    return list(streets.values())[street][community]


def _titles(code: str, level: Level) -> tuple[str, str]:
    """(short name, name) of a division."""
    if level == Level.CITY:
        return CITY_NAME, CITY_NAME
    district = list(NAMES)[int(code[4:6]) - 1]
    if level == Level.DISTRICT:
        return district, district
    street = list(NAMES[district])[int(code[6:9]) - 1]
    if level == Level.STREET:
        return street, f"{street}街道"
    community = NAMES[district][street][int(code[9:12]) - 1]
    return community, f"{community}社区"
