"""Text messages. The console kind prints them, for demonstrations; a deployment names
its provider's kind in `WANGGE_CHANNEL_KINDS` (docs/channels.md)."""

import logging
from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parties.channels.kind import Kind, Letter

logger = logging.getLogger(__name__)


class ConsoleSms(Kind):
    name = "console_sms"
    label = gettext_lazy("短信（演示：打印在日志里）")
    icon = "device-mobile-message"
    address = "phone"
    idempotent = True

    def missing(self) -> str:
        if settings.PRODUCTION:
            return _("打印短信只用于演示，正式环境请接入短信服务商。")
        return ""

    def send(self, letter: Letter, given: Mapping[str, str]) -> None:
        words = " ".join(filter(None, [letter.title, letter.body, letter.url]))
        logger.info("SMS %s: %s", letter.to, words)
