"""Build the demo city: people, catalogue, cases, tasks and boards; twice is once."""

from typing import Any

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
            self.stdout.write(f"  {login.group:<12}{login.username:<28}{login.name}")
        self.stdout.write("演示接口密钥（用法见“接口文档”）：")
        for key in demo.DEMO_KEYS:
            self.stdout.write(f"  {key.scope.label:<12}{key.text}")
