"""Check what must hold between the rows; exit status 1 when something does not."""

import json
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from cases.querysets import invariants
from cases.querysets.invariants import Finding
from governance import clock, journal

GRACE_SECONDS = 60


class Command(BaseCommand):
    help = "核对案件、计时、流水、任务、消息之间必须成立的关系；有违反时退出码为 1。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "names", nargs="*", metavar="name",
            help=f"只核对这几条：{'、'.join(invariants.BY_NAME)}",
        )  # fmt: skip
        parser.add_argument(
            "--grace", type=int, default=GRACE_SECONDS, metavar="秒",
            help="到期后给后台多少秒去做（默认 60）",
        )  # fmt: skip
        parser.add_argument(
            "--full", action="store_true",
            help="另外逐条重算流水的摘要（同 verify_journal，较慢）",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(
        self, *args: Any, names: list[str], grace: int, full: bool, **options: Any
    ) -> None:
        unknown = [name for name in names if name not in invariants.BY_NAME]
        if unknown:
            raise CommandError(
                f"没有“{'、'.join(unknown)}”这一条，"
                f"可选：{'、'.join(invariants.BY_NAME)}。"
            )
        found: list[Finding] = []
        with translation.override("zh-hans"):
            for one in invariants.check(
                at=clock.now(), grace=timedelta(seconds=grace), only=names
            ):
                found.append(one)
                if not options["json"]:
                    self.stdout.write(line(one))
        faults = [str(fault) for fault in journal.verify()] if full else []
        if options["json"]:
            self.stdout.write(
                json.dumps(as_dict(found, faults), ensure_ascii=False, indent=1)
            )
        for fault in [] if options["json"] else faults:
            self.stdout.write(f"✗ {fault}")
        broken = sum(1 for one in found if not one.holds) + bool(faults)
        if broken:
            raise CommandError(f"{broken} 条不成立，见 docs/invariants.md。")
        if not options["json"]:
            seconds = sum(one.seconds for one in found)
            self.stdout.write(f"{len(found)} 条全部成立，用时 {seconds:.1f} 秒。")


def line(one: Finding) -> str:
    """`✓ 状态合法 … 1000000`, or `✗ … 3 处：案卷号…`; columns of equal width."""
    head = f"{'✓' if one.holds else '✗'} {_padded(one.invariant.name, 22)}"
    figures = f"{one.checked:>11,}  {one.seconds:6.2f}s"
    text = f"{head}{figures}  {one.invariant.sentence}"
    if one.holds:
        return text
    more = "……" if one.violations > len(one.examples) else ""
    return f"{text}：{one.violations} 处，{'，'.join(one.examples)}{more}"


def _padded(text: str, width: int) -> str:
    return text + " " * max(width - len(text), 1)


def as_dict(found: list[Finding], faults: list[str]) -> dict[str, Any]:
    return {
        "ok": all(one.holds for one in found) and not faults,
        "invariants": [
            {
                "name": one.invariant.name,
                "sentence": str(one.invariant.sentence),
                "checked": one.checked,
                "violations": one.violations,
                "examples": list(one.examples),
                "seconds": round(one.seconds, 3),
            }
            for one in found
        ],
        "journal": faults,
    }
