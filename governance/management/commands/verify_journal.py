"""Check every chain and anchor of the journal; exit status 1 when one is at fault."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance import journal
from governance.models import Anchor, Event


class Command(BaseCommand):
    help = "校验流水的完整性：哈希链、锚点和锚点文件。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--chain", help="只校验这一条链，例如 case:17")

    def handle(self, *args: Any, chain: str | None, **options: Any) -> None:
        found = 0
        for fault in journal.verify(chain):
            self.stdout.write(str(fault))
            found += 1
        if found:
            raise CommandError(f"发现 {found} 处问题。")
        events = Event.objects.filter(chain=chain) if chain else Event.objects.all()
        self.stdout.write(
            f"流水完整：{events.count()} 条流水，{Anchor.objects.count()} 个锚点。"
        )
