"""Make a key for Web Push."""

from typing import Any

from django.core.management.base import BaseCommand

from parties.channels import web_push


class Command(BaseCommand):
    help = "生成浏览器推送的密钥，放进环境变量 WANGGE_VAPID_KEY。"
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(web_push.new_key())
