"""Run the relay until SIGTERM or SIGINT; the round under way is finished first."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from governance import relay


class Command(BaseCommand):
    help = "把到期的后续任务交给 Celery 执行（常驻进程）。"
    requires_system_checks = ()  # it starts often; migrate has run them

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        relay.run(stopping.is_set)
