"""Build the demo city: people, catalogue, cases, tasks and boards; twice is once."""

from typing import Any
from unicodedata import east_asian_width

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from doors import demo
from governance import clock
from parties.demo import PASSWORD, demo_logins


class Command(BaseCommand):
    help = "建立示例市：区划、人员、目录、示例案件和任务（只用于演示和测试环境）"

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("正式环境不能建立示例市。")
        demo.build(at=clock.now())
        self.stdout.write(f"演示账号（密码都是 {PASSWORD}）：")
        for login in demo_logins():
            self.stdout.write(
                f"  {_wide(login.group, 30)}{_wide(login.username, 32)}{login.name}"
            )
        self.stdout.write("演示接口密钥（用法见“接口文档”）：")
        for key in demo.DEMO_KEYS:
            self.stdout.write(f"  {_wide(str(key.scope.label), 30)}{key.text}")


def _wide(text: str, columns: int) -> str:
    """Filled up with spaces; on a terminal a Chinese character takes two columns."""
    taken = sum(2 if east_asian_width(one) in "WF" else 1 for one in text)
    return text + " " * max(1, columns - taken)
