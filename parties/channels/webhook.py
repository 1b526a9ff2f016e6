"""A signed webhook, as Standard Webhooks 1.0 (standardwebhooks.com) describes it.

`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over id, timestamp and body,
joined by dots; `webhook-id` stays the same when a letter is sent again.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parties.channels import wire
from parties.channels.kind import (
    Kind,
    Letter,
    NotSent,
    Rejected,
    Setting,
    compact,
)

PREFIX = "whsec_"
# Their words for "not now": the request itself was well.
LATER = {408, 425, 429}


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The bytes behind `whsec_…`; raises ValueError when it is none."""
    if not secret.startswith(PREFIX):
        raise ValueError
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def signature(secret: str, letter_id: str, timestamp: int, body: bytes) -> str:
    content = f"{letter_id}.{timestamp}.".encode() + body
    digest = hmac.new(key_of(secret), content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


class Webhook(Kind):
    name = "webhook"
    label = gettext_lazy("签名 Webhook")
    icon = "webhook"
    idempotent = True
    strict = True
    settings = (
        Setting("url", gettext_lazy("接收网址"), gettext_lazy("对方接收消息的地址。")),
        Setting(
            "secret",
            gettext_lazy("签名密钥"),
            gettext_lazy("以 whsec_ 开头，对方用它核对消息是否出自本系统。"),
            secret=True,
            fresh=new_secret,
        ),
    )

    def check(self, given: Mapping[str, str]) -> dict[str, str]:
        wrong = {"url": wire.problem_of(given.get("url", ""))}
        secret = given.get("secret", "")
        try:
            short = bool(secret) and len(key_of(secret)) < 24
        except ValueError:
            short = True
        if short:
            wrong["secret"] = _("密钥应为 whsec_ 加上 Base64 编码的至少 24 个字节。")
        return {name: words for name, words in wrong.items() if words}

    def send(self, letter: Letter, given: Mapping[str, str]) -> None:
        body = compact(content_of(letter))
        timestamp = int(letter.sent_at.timestamp())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Wangge-Webhook/1",
            "webhook-id": letter.key,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(
                given["secret"], letter.key, timestamp, body
            ),
        }
        judge(wire.post(given["url"], body, headers))


def content_of(letter: Letter) -> dict[str, object]:
    """The body: type, time and data; a step of a case brings its own."""
    data = dict(letter.data) or {
        "type": "message",
        "title": letter.title,
        "body": letter.body,
        "url": letter.url,
        "importance": letter.importance,
        "subject": letter.subject,
    }
    return {
        "type": data.pop("type"),
        "timestamp": letter.written_at.isoformat(),
        "data": data,
    }


def judge(answer: wire.Answer) -> None:
    """Any 2xx is received; what is not says whether to come back."""
    if 200 <= answer.status < 300:
        return
    words = _("对方答复 %(status)d。") % {"status": answer.status}
    if answer.status >= 500 or answer.status in LATER:
        after = answer.headers.get("Retry-After", "")
        raise NotSent(words, pause=float(after) if after.isdecimal() else None)
    raise Rejected(words + _("请核对网址和密钥。"))
