"""E-mail through the mail server of the settings (`WANGGE_MAIL_…`)."""

import smtplib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.utils import formatdate

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parties.channels.kind import Kind, Letter, NotSent, Rejected, Setting, Unsure


class Mail(Kind):
    name = "email"
    label = gettext_lazy("电子邮件")
    icon = "mail"
    address = "email"
    settings = (
        Setting(
            "sender",
            gettext_lazy("发件地址"),
            gettext_lazy("留空用系统默认的发件地址。"),
            required=False,
        ),
    )

    def missing(self) -> str:
        return "" if settings.MAIL_CONFIGURED else _("本系统还没有配置邮件服务器。")

    def check(self, given: Mapping[str, str]) -> dict[str, str]:
        return address_problem("sender", given.get("sender", ""))

    def send(self, letter: Letter, given: Mapping[str, str]) -> None:
        mark = _("【紧急】") if letter.urgent else ""
        message = EmailMessage(
            subject=mark + " ".join(letter.title.split()),
            body="\n\n".join(filter(None, [letter.title, letter.body, letter.url])),
            from_email=given.get("sender") or settings.DEFAULT_FROM_EMAIL,
            to=[letter.to],
            headers={
                # The same letter again has the same Message-ID.
                "Message-ID": f"<{letter.key}@{settings.MAIL_DOMAIN}>",
                "Date": formatdate(letter.sent_at.timestamp()),
                "Auto-Submitted": "auto-generated",
            },
        )
        with _connected() as message.connection:
            _hand_over(message)


@contextmanager
def _connected() -> Iterator[BaseEmailBackend]:
    """Signed in at the mail server; until then nothing was sent."""
    connection = get_connection()
    try:
        connection.open()
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent(_("邮件服务器拒绝了账号或密码，请运维人员核对。")) from error
    except smtplib.SMTPResponseException as error:
        raise _judged(error.smtp_code) from error
    except OSError as error:
        raise NotSent(_("连接不上邮件服务器。")) from error
    try:
        yield connection
    finally:
        # What was said before the parting counts.
        with suppress(OSError):
            connection.close()


def _hand_over(message: EmailMessage) -> None:
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _words in error.recipients.values()]
        if codes and max(codes) < 500:  # busy with this mailbox, or greylisting
            raise _judged(max(codes), resting=False) from error
        raise Rejected(_("邮件服务器不接受这个收件地址，请本人核对。")) from error
    except smtplib.SMTPResponseException as error:
        raise _judged(error.smtp_code) from error
    except OSError as error:
        raise Unsure(_("邮件服务器没有答复，不知道是否收到。")) from error


def _judged(code: int, *, resting: bool = True) -> Exception:
    words = _("邮件服务器答复 %(code)d。") % {"code": code}
    if 400 <= code < 500:
        return NotSent(words, resting=resting)
    return Rejected(words)


def address_problem(name: str, address: str) -> dict[str, str]:
    if not address:
        return {}
    try:
        validate_email(address)
    except ValidationError:
        return {name: _("邮箱地址不完整，应形如 name@example.cn。")}
    return {}
