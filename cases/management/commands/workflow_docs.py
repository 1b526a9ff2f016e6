"""Write docs/workflow.md and docs/workflow.svg from the one transition table."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from cases import diagram
from cases.limits import Limit
from cases.workflow import (
    CHECKIN_LIMITS,
    DEFAULT_LIMITS,
    HANDLING_STATES,
    JOURNEY,
    OPEN_STATES,
    RESUME,
    TRANSITIONS,
    By,
    Guard,
    Stage,
    State,
    Transition,
    Who,
    consequence_of,
)
from parties.roles import Role

PAGE = settings.BASE_DIR / "docs" / "workflow.md"
PICTURE = settings.BASE_DIR / "docs" / "workflow.svg"
ENDS = (State.ARCHIVED, State.TRANSFERRED)
NONE = "—"
STANDING = {
    By.AREA: "",
    By.HOLDER: " (has it in hand)",
    By.UNIT: " (of the unit that has it)",
    By.LEAD: " (of the lead organisation)",
    By.COMPLAINANT: " (who asked)",
    By.SYSTEM: "",
    By.ANYONE: " (anywhere)",
}
OTHERS = {"system": "the platform", "resident": "resident", "device": "device"}
INTRO = """\
# The way of a case

Written by `python manage.py workflow_docs` from `cases/workflow/`; a test fails when
the two differ. Words are those of the [glossary](glossary.md).
"""
PICTURED = """\
![The way of a case](workflow.svg)

Point at a number for its words (open the picture by itself), or look it up below. An
administrator, and a desk from the street up, sees the same picture live under
`/workflow/`, with the number of open cases on every state. The same for a program:
"""
AFTER_DIAGRAM = """\
RESUME is the handling state the case came from. Beside these steps stand those that
change no state: routing, a whistle's draft, signature and withdrawal, a support's
check-in and end, the result of an on-site check, "+1" (`cases/offers.py` names those
that are buttons).
"""
ABOUT_ROWS = """\
Who may: the role, at a post whose area contains the case, unless said otherwise.
Given: what the person must give. Clocks: what happens to each, in order. Told: the
circles of people in `cases/actions/telling.py`.
"""
ABOUT_LIMITS = """\
Data, not law: a `StageLimit` overrides them, and the filing condition gives the limit
of 处置. The units are explained in [the working calendar](calendar.md).
"""


ABOUT_ENDS = """\
Said on every case page, from the same data (`cases/workflow/consequences.py`).
"""


class Command(BaseCommand):
    help = "由流转表 cases/workflow/ 生成 docs/workflow.md。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="只核对，不写入")

    def handle(self, *, check: bool, **_options: Any) -> None:
        with translation.override("zh-hans"):
            wanted = {PAGE: page(), PICTURE: f"{diagram.svg()}\n"}
        for path, text in wanted.items():
            if not check:
                path.write_text(text, encoding="utf-8")
                self.stdout.write(f"已写入 {path}。")
            elif not path.exists() or path.read_text(encoding="utf-8") != text:
                raise CommandError(
                    f"docs/{path.name} 与流转表不一致，请运行 manage.py workflow_docs。"
                )


def page() -> str:
    parts = [
        INTRO,
        "## Diagram\n",
        PICTURED,
        "\n".join(_diagram()) + "\n",
        AFTER_DIAGRAM,
        "## Transitions\n",
        ABOUT_ROWS,
        _table(
            "id|action|from|to|who may|given|guards|clocks|told",
            (_row(one) for one in TRANSITIONS),
        ),
        "## Guards\n",
        _table("guard|what the refused person reads", _guards()),
        "## States\n",
        _table(
            "state|中文|stage of the journey|standing", (_state(one) for one in State)
        ),
        "## Default limits\n",
        ABOUT_LIMITS,
        _table("clock|中文|limit|urgent", _limits()),
        "## When a clock runs out\n",
        ABOUT_ENDS,
        _table("clock|中文|the platform|moves the case", _ends()),
    ]
    return "\n".join(parts)


def _table(head: str, rows: Iterable[Iterable[str]]) -> str:
    names = head.split("|")
    lines = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _diagram() -> Iterator[str]:
    """Mermaid; the ids of all rows between two states stand on one arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in TRANSITIONS:
        for source in row.sources:
            words = arrows.setdefault((source, row.target), [])
            label = f"{row.id} {row.action.label}"
            if label not in words:
                words.append(label)
    yield "```mermaid"
    yield "stateDiagram-v2"
    reached = {name for arrow in arrows for name in arrow}
    known = (state for state in State if state in reached)
    yield from (f'    state "{state.label}" as {state}' for state in known)
    yield f'    state "{RESUME}" as {RESUME}'
    yield f"    [*] --> {State.DRAFT}"
    for (came, goes), labels in arrows.items():
        yield f"    {came} --> {goes}: {'<br/>'.join(labels)}"
    yield from (f"    {RESUME} --> {state}" for state in HANDLING_STATES)
    yield from (f"    {state} --> [*]" for state in ENDS)
    yield "```"


def _row(row: Transition) -> list[str]:
    return [
        row.id,
        f"`{row.action}` {row.action.label}",
        _list(State(one).label for one in row.sources),
        RESUME if row.target == RESUME else str(State(row.target).label),
        _list(_who(one) for one in row.who),
        _list(f"`{one}`" for one in row.needs),
        _list(f"`{one.name}`" for one in row.guards),
        _list(f"{name} {stage.label}" for name, stage in row.clocks),
        _list(f"`{one}`" for one in row.tell),
    ]


def _list(words: Iterable[Any]) -> str:
    return ", ".join(str(one) for one in words) or NONE


def _who(who: Who) -> str:
    name = OTHERS.get(who.role) or str(Role(who.role).label)
    return name + STANDING[who.by]


def _guards() -> Iterator[list[str]]:
    found: dict[str, Guard] = {}
    for row in TRANSITIONS:
        found |= {guard.name: guard for guard in row.guards}
    for name, guard in sorted(found.items()):
        yield [f"`{name}`", str(guard.sentence)]


def _state(state: State) -> list[str]:
    journey = next((str(label) for label, states in JOURNEY if state in states), NONE)
    used = any(state in row.sources or state == row.target for row in TRANSITIONS)
    if state in HANDLING_STATES or used:
        note = "open" if state in OPEN_STATES else "not open"
    else:
        note = "no row leads here yet"
    return [f"`{state}`", str(state.label), journey, note]


def _limits() -> Iterator[list[str]]:
    for stage in Stage:
        normal = DEFAULT_LIMITS.get((stage, False))
        if normal is not None:
            urgent = DEFAULT_LIMITS.get((stage, True))
            yield [f"`{stage}`", str(stage.label), str(normal), _spelled(urgent)]
    for kind, limit in CHECKIN_LIMITS.items():
        name = f"{Stage.CHECKIN.label}（{kind.label}）"
        yield [f"`{Stage.CHECKIN}`", name, str(limit), NONE]


def _ends() -> Iterator[list[str]]:
    for stage in Stage:
        found = consequence_of(stage)
        moves = f"`{found.moves[0]}`: `{found.moves[1]}`" if found.moves else NONE
        yield [f"`{stage}`", str(stage.label), str(found.otherwise), moves]


def _spelled(limit: Limit | None) -> str:
    return str(limit) if limit else NONE
