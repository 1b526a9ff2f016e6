"""Where an address in words lies, by the names that the platform knows.

Districts, streets, communities and grids by their full and short names, places with a
QR code, and addresses that were placed before. What is named higher up decides between
equal names below.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Length

from cases.models import Case
from civics.models import Place
from grids.codes import CODE_LENGTH, Level
from grids.models import Area

# 和平街道 is called 和平, 幸福社区 幸福; but 和平路 is neither.
KINDS = r"(街道办事处|街道|社区居委会|社区|居委会|行政村|村|镇|乡|新区|区|县|市)"
STEM = re.compile(rf"^(.+?){KINDS}$")
# What may stand before and after a short name that stands for itself.
BEFORE, AFTER = (
    r"(?:^|(?<=[^\u4e00-\u9fff])|(?<=[区县市镇乡道]))",
    (rf"(?=$|[^\u4e00-\u9fff]|{KINDS})"),
)
# A community that is called after a road is not named by an address on that road.
ROADS = "路街巷道"
LEAST = 2
LEAST_OF_PLACE = 4
LEAST_OF_ADDRESS = 6


@dataclass(frozen=True)
class Named:
    """What words say: the `community` where it is certain, else the narrowest street or
    district (`within`) whose desk can tell; neither where they name nothing known."""

    community: Area | None = None
    within: Area | None = None


def named_in(text: str) -> Named:
    text = text.strip()
    said = re.sub(r"\s+", "", text)
    areas = _areas_in(text, said)
    districts = _at(areas, Level.DISTRICT)
    streets = _inside(_at(areas, Level.STREET), districts)
    above = streets or districts
    doubtful: set[str] = set()
    for codes in _evidence(said, text, areas):
        found = {one for one in codes if not above or _lies_in(one, above)}
        if len(found) == 1:
            return Named(community=_area(found.pop()))
        doubtful |= found
    return Named(within=_common(above, doubtful))


def _evidence(said: str, address: str, areas: list[Area]) -> Iterator[set[str]]:
    """Codes of communities that the words may mean, the surest first."""
    yield {one.code for one in _at(areas, Level.COMMUNITY)}
    yield _of_places(said)
    yield _placed_before(address)
    grids = [one for one in areas if one.level > Level.COMMUNITY]
    yield {one.code[: CODE_LENGTH[Level.COMMUNITY]] for one in grids}


def _areas_in(text: str, said: str) -> list[Area]:
    """The areas in force that the words name, by a full or by a short name."""
    words = Value(said, output_field=TextField())
    known = Area.objects.filter(valid_to=None, level__gte=Level.DISTRICT)
    known = known.annotate(said=words, letters=Length("name")).filter(
        letters__gte=LEAST
    )
    short = Q(said__contains=F("short_name")) & ~Q(short_name="")
    found = known.filter(Q(said__contains=F("name")) | short | _by_stem(text))
    return [one for one in found.order_by("code") if _names(text, said, one)]


def _by_stem(text: str) -> Q:
    """Areas whose name without its kind stands in the words; looked up by each piece of
    them that may be one, so that names are compared whole."""
    pieces = {
        text[start:end]
        for start in range(len(text))
        for end in range(start + LEAST, min(start + 7, len(text) + 1))
    }
    kinds = ("街道", "社区", "村", "镇", "乡", "区", "县", "新区", "街道办事处")
    names = [piece + kind for piece in pieces if _alone(text, piece) for kind in kinds]
    return Q(name__in=names)


def _names(text: str, said: str, area: Area) -> bool:
    if area.name in said:
        return True
    if len(area.short_name) >= LEAST_OF_PLACE and area.short_name in said:
        return True
    matched = STEM.match(area.name)
    shorts = {area.short_name, matched[1] if matched else ""}
    return any(
        len(one) >= LEAST and one[-1] not in ROADS and _alone(text, one)
        for one in shorts
    )


def _alone(text: str, short: str) -> bool:
    """The short name stands for itself: 和平 does in 和平社区 and not in 和平路."""
    return re.search(f"{BEFORE}{re.escape(short)}{AFTER}", text) is not None


def _of_places(said: str) -> set[str]:
    """Communities of places with a QR code whose name or address the words contain."""
    words = Value(said, output_field=TextField())
    known = (
        Place.objects.in_use()
        .filter(whole_area=False)
        .annotate(said=words, name_letters=Length("name"), letters=Length("address"))
    )
    named = Q(said__contains=F("name"), name_letters__gte=LEAST_OF_PLACE)
    there = Q(said__contains=F("address"), letters__gte=LEAST_OF_ADDRESS)
    codes = known.filter(named | there).values_list("area__code", flat=True)
    return {one[: CODE_LENGTH[Level.COMMUNITY]] for one in codes}


def _placed_before(address: str) -> set[str]:
    """Communities where the very same address lay: of what a desk placed, else of
    cases with a position."""
    if len(address) < LEAST_OF_ADDRESS:
        return set()
    requests = apps.get_model("doors.Open311Request").objects
    placed = requests.filter(address=address, case__isnull=False)
    codes = placed.values_list("case__community__code", flat=True).distinct()
    return set(codes[:LEAST]) or set(
        Case.objects.at_address(address)
        .filter(point__isnull=False)
        .values_list("community__code", flat=True)
        .distinct()[:LEAST]
    )


def _at(areas: list[Area], level: Level) -> list[Area]:
    return [one for one in areas if one.level == level]


def _inside(areas: list[Area], above: list[Area]) -> list[Area]:
    return [one for one in areas if not above or _lies_in(one.code, above)]


def _lies_in(code: str, areas: Iterable[Area]) -> bool:
    return any(code.startswith(one.code) for one in areas)


def _common(above: list[Area], doubtful: set[str]) -> Area | None:
    """The narrowest street or district that holds all that may be meant."""
    codes = doubtful or {one.code for one in above}
    for level in (Level.STREET, Level.DISTRICT):
        heads = {one[: CODE_LENGTH[level]] for one in codes}
        if len(heads) == 1 and (found := _area(heads.pop(), level)):
            return found
    return None


def _area(code: str, level: Level = Level.COMMUNITY) -> Area | None:
    return Area.objects.filter(code=code, level=level, valid_to=None).first()
