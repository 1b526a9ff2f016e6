"""E-mail through the mail server of the settings (`WANGGE_MAIL_…`)."""

import smtplib
from collections.abc import Mapping
from email.utils import formatdate

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
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
        try:
            message.send()
        except smtplib.SMTPRecipientsRefused as error:
            raise Rejected(_("邮件服务器不接受这个收件地址，请本人核对。")) from error
        except smtplib.SMTPAuthenticationError as error:
            raise NotSent(_("邮件服务器拒绝了账号或密码，请运维人员核对。")) from error
        except smtplib.SMTPResponseException as error:
            raise _judged(error) from error
        except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
            raise Unsure(_("邮件服务器没有答复，不知道是否收到。")) from error
        except OSError as error:
            raise NotSent(_("连接不上邮件服务器。")) from error


def _judged(error: smtplib.SMTPResponseException) -> Exception:
    words = _("邮件服务器答复 %(code)d。") % {"code": error.smtp_code}
    return NotSent(words) if 400 <= error.smtp_code < 500 else Rejected(words)


def address_problem(name: str, address: str) -> dict[str, str]:
    if not address:
        return {}
    try:
        validate_email(address)
    except ValidationError:
        return {name: _("邮箱地址不完整，应形如 name@example.cn。")}
    return {}
