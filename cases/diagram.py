"""The transition table as a picture: one layout for the page and for docs/workflow.svg.

States stand in columns by the stage of the journey; their places are set by hand, the
arrows and their labels follow from the table. Rows with the same ends share an arrow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from cases.workflow import (
    HANDLING_STATES,
    JOURNEY,
    OPEN_STATES,
    RESUME,
    TRANSITIONS,
    State,
)

S = State
TITLE, RESUMED = _("案件流转图"), _("回到原办理状态")
WIDE, HIGH = 124, 44  # of a state
COLUMNS = (132, 348, 566, 872, 1110, 1316)  # the middle of each; most arrows pass 2-3
TOP, STEP = 84, 92
SIZE = (1430, 716)
LABEL_HIGH, DIGIT, GAP = 15, 7.2, 2
SHARES = (0.5, 0.34, 0.66, 0.42, 0.58)  # where along the way, in turn

# Column and row of each state; columns are those of `JOURNEY`.
PLACES: dict[str, tuple[float, float]] = {
    S.DRAFT: (0, 2), S.SELF_HANDLING: (0, 3.35), S.SELF_REVIEW: (0, 4.7),
    S.REPORTED: (1, 2), S.VERIFYING: (1, 3.35), S.COMMUNITY_HANDLING: (1, 4.7),
    S.STREET_PENDING: (2, 2), S.WHISTLED: (2, 3.35), S.STREET_HANDLING: (2, 4.7),
    S.CITY_COORD: (3, 0.35), S.DISTRICT_COORD: (3, 1.45), S.DISPUTED: (3, 2.55),
    S.JOINT_HANDLING: (3, 3.65), S.SUSPENDED: (3, 5.5),
    S.RATING: (4, 1.65), S.CHECKING: (4, 3), S.FEEDBACK_REVIEW: (4, 4.35),
    RESUME: (4, 5.5),
    S.CLOSED: (5, 1.65), S.ARCHIVED: (5, 3.2),
    S.VOIDED: (0, 0.35), S.REJECTED: (0.61, 0.35), S.MERGED: (1.21, 0.35),
    S.TRANSFERRED: (1.81, 0.35),
}  # fmt: skip
# Arrows to and from these go up and down.
ENDS = (S.VOIDED, S.REJECTED, S.MERGED, S.TRANSFERRED)
# Arrows that would cross others go along a lane: side to leave by, its row, side to
# arrive at.
LANES: dict[tuple[str, str], tuple[str, float, str]] = {
    (S.SELF_REVIEW, S.CLOSED): ("bottom", 6.3, "right"),
    (S.SELF_REVIEW, S.RATING): ("bottom", 6.12, "right"),
    (S.COMMUNITY_HANDLING, S.FEEDBACK_REVIEW): ("bottom", 5.98, "left"),
    (S.CLOSED, S.STREET_PENDING): ("top", -0.3, "top"),
}
SIDES = {"left": (-1, 0), "right": (1, 0), "top": (0, -1), "bottom": (0, 1)}
Point = tuple[float, float]
Box = tuple[float, float, float, float]

STYLE = """
svg{--paper:#fff;--line:#d8e0e4;--ink:#1c2b33;--quiet:#5a6b74;--band:#f4f6f7;
--open:#e3f0f4;--edge:#7b8d96;--main:#0b5a73}
@media (prefers-color-scheme:dark){svg{--paper:#17242b;--line:#2b3d46;--ink:#e3ebee;
--quiet:#9fb0b9;--band:#101b21;--open:#143743;--edge:#7f929b;--main:#4db6d3}}
"""
SHAPES = """
.flow-band{fill:var(--band)}.flow-stage{fill:var(--quiet);font:600 14px sans-serif;
text-anchor:middle}
.flow-node rect{fill:var(--paper);stroke:var(--line);stroke-width:1.5}
.flow-node.is-open rect{fill:var(--open);stroke:var(--main)}.flow-node text{
fill:var(--ink);font:500 14px sans-serif;text-anchor:middle;dominant-baseline:central}
.flow-node .flow-back{fill:var(--main);font-size:12px}
.flow-node .flow-small{font-size:12px}
.flow-node.is-resume rect{stroke-dasharray:5 4;stroke:var(--main);fill:var(--paper)}
.flow-edge path{fill:none;stroke:var(--edge);stroke-width:1.4}
.flow-edge rect{fill:var(--band)}
.flow-edge text{fill:var(--main);font:600 11px ui-monospace,monospace;
text-anchor:middle;dominant-baseline:central;cursor:help}
.flow-edge:hover path{stroke:var(--main);stroke-width:2.6}
.flow-tip{fill:var(--edge)}
"""


@dataclass(frozen=True)
class Edge:
    """All rows between two states: `ids` on the arrow, `words` in its title."""

    source: str
    target: str
    ids: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Drawn:
    edge: Edge
    path: str
    label: Box


def edges() -> list[Edge]:
    """One for each pair of states that a row connects, in the order of the table."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in TRANSITIONS:
        for source in row.sources:
            words = found.setdefault((source, row.target), {})
            words[row.id] = f"{row.id} {row.action.label}"
    return [
        Edge(str(source), str(target), tuple(words), tuple(words.values()))
        for (source, target), words in found.items()
    ]


def centre(name: str) -> Point:
    column, row = PLACES[name]
    whole = min(int(column), len(COLUMNS) - 2)
    left, right = COLUMNS[whole], COLUMNS[whole + 1]
    return left + (column - whole) * (right - left), TOP + row * STEP


def box_of(name: str) -> Box:
    x, y = centre(name)
    return x - WIDE / 2, y - HIGH / 2, x + WIDE / 2, y + HIGH / 2


def _sides(edge: Edge) -> tuple[str, str]:
    """Which side an arrow leaves by and which one it comes to."""
    lane = LANES.get((edge.source, edge.target))
    if lane is not None:
        return lane[0], lane[2]
    (ax, ay), (bx, by) = centre(edge.source), centre(edge.target)
    if edge.target in ENDS and ay - by > STEP and edge.source != S.SELF_HANDLING:
        return "top", "bottom"
    if edge.source in ENDS:
        return "bottom", "top"
    if abs(bx - ax) < WIDE:
        if abs(by - ay) > STEP * 1.6:
            return ("right", "right") if by > ay else ("left", "left")
        return ("bottom", "top") if by > ay else ("top", "bottom")
    return ("right", "left") if bx > ax else ("left", "right")


def _ports(found: list[Edge]) -> dict[tuple[int, str], Point]:
    """Where on its side each end stands: spread out, in the order of the other ends."""
    ends: dict[tuple[str, str], list[tuple[float, int, str]]] = {}
    for number, edge in enumerate(found):
        for end, name, other, side in zip(
            ("out", "in"), (edge.source, edge.target), (edge.target, edge.source),
            _sides(edge), strict=True,
        ):  # fmt: skip
            x, y = centre(other)
            along = x if side in ("top", "bottom") else y
            ends.setdefault((name, side), []).append((along, number, end))
    ports = {}
    for (name, side), here in ends.items():
        x, y = centre(name)
        dx, dy = SIDES[side]
        length = WIDE if dx == 0 else HIGH
        for place, (_along, number, end) in enumerate(sorted(here), start=1):
            shift = length * (place / (len(here) + 1) - 0.5)
            ports[number, end] = (
                x + dx * WIDE / 2 + (shift if dx == 0 else 0),
                y + dy * HIGH / 2 + (shift if dy == 0 else 0),
            )
    return ports


def _curve(a: Point, b: Point, out: str, into: str) -> list[Point]:
    """A cubic Bézier, sampled; it leaves and arrives at right angles to the sides."""
    reach = max(34.0, 0.42 * (abs(b[0] - a[0]) + abs(b[1] - a[1])))
    if out == into:
        reach = 36 + 0.1 * abs(b[1] - a[1])
    (ox, oy), (ix, iy) = SIDES[out], SIDES[into]
    c = (a[0] + ox * reach, a[1] + oy * reach)
    d = (b[0] + ix * reach, b[1] + iy * reach)
    return [a, c, d, b]


def _lane(a: Point, b: Point, row: float, into: str) -> list[Point]:
    """Corners of a way along a lane."""
    y = TOP + row * STEP
    if into in ("top", "bottom"):
        return [a, (a[0], y), (b[0], y), b]
    x = b[0] + SIDES[into][0] * 28
    return [a, (a[0], y), (x, y), (x, b[1]), b]


def _bezier_at(points: list[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3)
    return (
        sum(w * p[0] for w, p in zip(weights, points, strict=True)),
        sum(w * p[1] for w, p in zip(weights, points, strict=True)),
    )


def _between(points: list[Point], t: float) -> Point:
    """The point at share `t` of the length of a way of straight pieces."""
    lengths = [abs(b[0] - a[0]) + abs(b[1] - a[1]) for a, b in pairwise(points)]
    left = t * sum(lengths)
    for (a, b), length in zip(pairwise(points), lengths, strict=True):
        if left <= length and length:
            share = left / length
            return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
        left -= length
    return points[-1]


def drawn() -> list[Drawn]:
    """Every arrow with its path and the place of its label, which covers nothing."""
    found = edges()
    ports = _ports(found)
    taken = [box_of(name) for name in PLACES]
    shapes, passed = [], dict[tuple[int, ...], int]()
    for number, edge in enumerate(found):
        a, b = ports[number, "out"], ports[number, "in"]
        lane = LANES.get((edge.source, edge.target))
        if lane is not None:
            points = _lane(a, b, lane[1], lane[2])
            path = _rounded(points)
        else:
            points = _curve(a, b, *_sides(edge))
            path = "M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}".format(
                *(value for point in points for value in point)
            )
        gap = tuple(sorted(int(PLACES[end][0]) for end in (edge.source, edge.target)))
        passed[gap] = passed.get(gap, -1) + 1
        share = SHARES[passed[gap] % len(SHARES)]
        label = _free(edge, points, lane is not None, taken, share)
        taken.append(label)
        shapes.append(Drawn(edge, path, label))
    return shapes


def _free(
    edge: Edge, points: list[Point], straight: bool, taken: list[Box], wished: float
) -> Box:
    """The place along the arrow that is free and nearest to the one wished for."""
    wide = len(" ".join(edge.ids)) * DIGIT + 6
    at = _between if straight else _bezier_at
    shares = sorted((n / 60 for n in range(6, 55)), key=lambda t: abs(t - wished))
    boxes = [_around(at(points, share), wide) for share in shares]
    for box in boxes:
        if not any(overlap(_wider(box), other) for other in taken):
            return box
    return boxes[0]


def _around(point: Point, wide: float) -> Box:
    x, y = point
    return (
        x - wide / 2,
        y - LABEL_HIGH / 2,
        x + wide / 2,
        y + LABEL_HIGH / 2,
    )


def _wider(box: Box) -> Box:
    return box[0] - GAP, box[1] - GAP, box[2] + GAP, box[3] + GAP


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _rounded(points: list[Point], radius: float = 12) -> str:
    """Straight pieces with round corners."""
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        start, end = _towards(corner, before, radius), _towards(corner, after, radius)
        path += f"L{start[0]:.1f} {start[1]:.1f}Q{corner[0]:.1f} {corner[1]:.1f}"
        path += f" {end[0]:.1f} {end[1]:.1f}"
    return path + f"L{points[-1][0]:.1f} {points[-1][1]:.1f}"


def _towards(corner: Point, other: Point, radius: float) -> Point:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = max(abs(dx), abs(dy)) or 1
    share = min(radius, length / 2) / length
    return corner[0] + dx * share, corner[1] + dy * share


def svg(
    *,
    links: Mapping[str, str] | None = None,
    badges: Mapping[str, tuple[int, str]] | None = None,
    style: str = STYLE,
) -> str:
    """The whole picture. `links` are addresses of the states, `badges` numbers with
    the address they lead to (or none); without a style the page's own colours hold."""
    wide, high = SIZE
    role = "group" if links else "img"  # a picture holds nothing to be pressed
    parts = [
        f'<svg class="flow" xmlns="http://www.w3.org/2000/svg" role="{role}" '
        f'viewBox="0 0 {wide} {high}" aria-label="{escape(str(TITLE))}">',
        f"<style>{style}{SHAPES}</style>" if style else "",
        '<defs><marker id="flow-tip" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
        '<path class="flow-tip" d="M0 0L8 4L0 8z"/></marker></defs>',
        *_bands(),
        *(_arrow(one) for one in drawn()),
        *(
            _node(name, (links or {}).get(name, ""), (badges or {}).get(name))
            for name in PLACES
        ),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def _bands() -> Iterable[str]:
    edges_between = [(a + b) / 2 for a, b in pairwise(COLUMNS)]
    borders = [8.0, *edges_between, SIZE[0] - 8.0]
    for (label, _states), middle, (left, right) in zip(
        JOURNEY, COLUMNS, pairwise(borders), strict=True
    ):
        yield (
            f'<rect class="flow-band" x="{left + 5:.0f}" y="8" '
            f'width="{right - left - 10:.0f}" height="{SIZE[1] - 16}" rx="10"/>'
            f'<text class="flow-stage" x="{middle}" y="34">{escape(str(label))}</text>'
        )


def _arrow(one: Drawn) -> str:
    left, top, right, bottom = one.label
    words = "\n".join(one.edge.words)
    return (
        f'<g class="flow-edge" data-ids="{" ".join(one.edge.ids)}">'
        f"<title>{escape(words)}</title>"
        f'<path d="{one.path}" marker-end="url(#flow-tip)"/>'
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
        f'height="{bottom - top:.1f}" rx="3"/>'
        f'<text x="{(left + right) / 2:.1f}" y="{(top + bottom) / 2:.1f}">'
        f"{' '.join(one.edge.ids)}</text></g>"
    )


def _node(name: str, link: str, badge: tuple[int, str] | None) -> str:
    x, y = centre(name)
    is_open = name != RESUME and name in OPEN_STATES
    kind = " is-resume" if name == RESUME else " is-open" if is_open else ""
    label = str(RESUMED) if name == RESUME else str(State(name).label)
    back = (
        f'<text class="flow-back" x="{x + WIDE / 2 - 11:.1f}" y="{y:.1f}">↩</text>'
        if name in HANDLING_STATES
        else ""
    )
    body = (
        f'<rect x="{x - WIDE / 2:.1f}" y="{y - HIGH / 2:.1f}" width="{WIDE}" '
        f'height="{HIGH}" rx="{HIGH / 2 if name == RESUME else 9}"/>'
        f"{_text(label, x, y)}{back}"
    )
    if link:
        body = f'<a href="{escape(link)}">{body}</a>'
    return (
        f'<g class="flow-node{kind}" data-state="{name}">{body}'
        f"{_badge(x, y, badge) if badge else ''}</g>"
    )


def _text(label: str, x: float, y: float) -> str:
    """In the middle; a label too long for the box in two smaller lines."""
    words = label.split(" ")
    wide = sum(14 if ord(one) > 0x2E80 else 7.6 for one in label)
    if wide <= WIDE - 12 or len(words) < 2:
        return f'<text x="{x:.1f}" y="{y:.1f}">{escape(label)}</text>'
    half = min(
        range(1, len(words)),
        key=lambda n: abs(len(" ".join(words[:n])) - len(" ".join(words[n:]))),
    )
    first, second = (escape(" ".join(part)) for part in (words[:half], words[half:]))
    return (
        f'<text class="flow-small"><tspan x="{x:.1f}" y="{y - 8:.1f}">{first}</tspan>'
        f'<tspan x="{x:.1f}" y="{y + 8:.1f}">{second}</tspan></text>'
    )


def _badge(x: float, y: float, badge: tuple[int, str]) -> str:
    number, link = badge
    wide = max(22, len(str(number)) * 8 + 12)
    left, top = x + WIDE / 2 - wide + 8, y - HIGH / 2 - 11
    body = (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide}" height="20" rx="10"/>'
        f'<text x="{left + wide / 2:.1f}" y="{top + 10:.1f}">{number}</text>'
    )
    if link:
        body = f'<a href="{escape(link)}">{body}</a>'
    return f'<g class="flow-count" data-n="{number}">{body}</g>'
