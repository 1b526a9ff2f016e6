"""What every scenario of the trade asks of the running instance (DOMAIN F)."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from tests.e2e.people import Person
from tests.e2e.stack import Stack

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Apart from the numbers of the demo's own cases and of those that are looked at.
NUMBERS: Iterator[int] = count(5000)
COMMUNITY = "990101001001"


REPORT = "/desk/report/?month=2026-11"


def moment(text: str) -> datetime:
    """`2026-11-20 17:10` in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def of_month(reader: Person, name: str) -> tuple[int, int]:
    """An indicator by its name, as the 考核报表 prints it for that person."""
    page = reader.reads(REPORT)
    found = re.search(rf"{name} 越[高低]越好 \S+ (\d+) / (\d+) ", page)
    assert found, (name, page[:600])
    return int(found[1]), int(found[2])


def grown(before: tuple[int, int], after: tuple[int, int]) -> tuple[int, int]:
    """By how much numerator and denominator did: one instance has all scenarios."""
    return after[0] - before[0], after[1] - before[1]


class Scenario:
    """The clock and the journal of the instance, seen by one scenario."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    def at(self, text: str) -> None:
        """Let it be that time, and let everything that is due by then happen."""
        self.stack.set_clock(moment(text))
        self.stack.settle()

    def settle(self) -> None:
        self.stack.settle()

    def brought(self, until: str, *steps: str, **sample: Any) -> int:
        """A case that the people of the demo city have brought so far; `sample` and
        `steps` (`account:deed`) as in `tests.looks.stations`."""
        case = self.bring(until, *steps, **sample)
        self.settle()
        return case

    def bring(self, until: str, *steps: str, **sample: Any) -> int:
        """The same, without waiting for what follows of it."""
        given = {
            "code5": "06001", "kind": "matter", "until": until, "minutes_ago": 5,
            "words": "一楼住户正在院内搭建砖房。", "address": "幸福里 7 栋",
            **sample,
        }  # fmt: skip
        case = self.ask(
            "(lambda demo, looks, clock: looks.brought("
            f"{next(NUMBERS)}, demo.Sample(**{given!r}), {steps!r}, clock.now()))("
            "__import__('cases.demo').demo, "
            "__import__('tests.looks.stations').looks.stations, "
            "__import__('governance.clock').clock)"
        )
        return int(case)

    def ask(self, expression: str) -> Any:
        return self.stack.ask(expression)

    def case(self, case_id: int, *fields: str) -> list[Any]:
        """Fields of a case as JSON gives them."""
        return list(
            self.ask(f"list(Case.objects.values_list(*{fields!r}).get(pk={case_id}))")
        )

    def state(self, case_id: int) -> str:
        return str(self.case(case_id, "state")[0])

    def hands(self, case_id: int) -> list[Any]:
        """State, and the account that has the case in hand."""
        return self.case(case_id, "state", "holder_user__username")

    def steps(self, case_id: int) -> list[str]:
        """The transitions in order."""
        return list(
            self.ask(
                "[e.detail['transition'] for e in Event.objects.filter("
                f"chain='case:{case_id}').order_by('seq') if 'transition' in e.detail]"
            )
        )

    def category(self, code5: str) -> int:
        return int(self.ask(f"Category.objects.filter(code5='{code5}').first().pk"))

    def clock(self, case_id: int, stage: str, *fields: str) -> list[Any]:
        """Fields of the newest clock of a stage."""
        return list(
            self.ask(
                f"list(CaseClock.objects.filter(case={case_id}, stage='{stage}')"
                f".order_by('-pk').values_list(*{fields!r}).first())"
            )
        )

    def due(self, case_id: int, stage: str) -> datetime | None:
        """When the newest clock of a stage ends, in Shanghai."""
        (found,) = self.clock(case_id, stage, "due_at")
        return datetime.fromisoformat(found).astimezone(SHANGHAI) if found else None

    def runs_out(self, case_id: int, stage: str, text: str) -> bool:
        """Whether the newest clock of a stage ends then, give or take what it takes
        the people of a scenario to act."""
        found = self.due(case_id, stage)
        return found is not None and abs(found - moment(text)) < timedelta(minutes=2)

    def figure(
        self,
        cases: int | list[int],
        code: str,
        *,
        month: str = "2026-11",
        unit: str = "",
    ) -> tuple[int, int]:
        """An indicator of these cases alone, and of one unit when it is named."""
        only = cases if isinstance(cases, list) else [cases]
        year, number = month.split("-")
        whose = f"Organisation.objects.get(name='{unit}').pk" if unit else "None"
        numerator, denominator = self.ask(
            "(lambda kpi: (lambda found: [found.numerator, found.denominator])("
            f"kpi.BY_CODE['{code}'].ratio(kpi.Scope("
            f"Case.objects.filter(pk__in={only}), "
            f"kpi.Period.month({year}, {int(number)}), "
            f"__import__('governance.clock').clock.now(), {whose}))))"
            "(__import__('cases.querysets.kpi', fromlist=['kpi']))"
        )
        return int(numerator), int(denominator)

    def told(self, case_id: int, username: str) -> list[str]:
        """The titles of all messages about a case to one person, oldest first."""
        return self.told_of(f"case:{case_id}", username)

    def told_of(self, chain: str, username: str) -> list[str]:
        """The same about anything else that keeps a journal: `task:7`, `incident:3`."""
        return list(
            self.ask(
                "list(Notification.objects.filter("
                f"subject='{chain}', user__username='{username}')"
                ".order_by('pk').values_list('title', flat=True))"
            )
        )

    def code_of(self, case_id: int) -> tuple[str, str]:
        """The number and the query code, as they were told to the resident."""
        number, code = self.ask(
            f"[(c := Case.objects.get(pk={case_id})).case_no, "
            "__import__('governance.crypto').crypto.unseal(c.query_code)]"
        )
        return str(number), str(code)

    def sound(self) -> None:
        """The journal is whole and the deadlines are what it says."""
        self.stack.manage("verify_journal")
        self.stack.manage("recompute_deadlines", "--all")
