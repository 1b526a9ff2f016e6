"""Robots of group chats: 企业微信 and 钉钉. Each takes 20 messages a minute."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

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
    shortened,
)
from parties.channels.webhook import judge

PER_MINUTE = 20
# Errors of theirs that pass: too often (45009 of 企业微信, 130101 and 660026 of 钉钉),
# busy (-1).
PASSING = {-1, 45009, 130101, 660026}
# A robot that was sent too much to is deaf for ten minutes.
TOO_OFTEN_SECONDS = 600.0
MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#"})


class Robot(Kind):
    icon = "message-chatbot"
    per_minute = PER_MINUTE
    most_bytes = 4096

    def text_of(self, letter: Letter) -> str:
        """The message as Markdown; what people wrote cannot change its form."""
        title = letter.title.translate(MARKS)
        lines = [f"**{_('【紧急】') if letter.urgent else ''}{title}**"]
        if letter.body:
            lines.append("> " + letter.body.translate(MARKS).replace("\n", "\n> "))
        link = f"[{_('打开查看')}]({letter.url})" if letter.url else ""
        room = self.most_bytes - len(link.encode()) - 4
        return "\n\n".join(filter(None, [shortened("\n\n".join(lines), room), link]))

    def ask(self, url: str, message: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        answer = wire.post(url, compact(message), headers)
        judge(answer)
        try:
            said = json.loads(answer.body)
            code, words = int(said["errcode"]), str(said.get("errmsg", ""))[:200]
        except (ValueError, KeyError, TypeError) as error:
            raise Rejected(_("对方的答复不是机器人的格式，请核对接口地址。")) from error
        if code == 0:
            return
        told = _("机器人答复错误 %(code)d：%(words)s") % {"code": code, "words": words}
        if code in PASSING:
            raise NotSent(told, pause=None if code == -1 else TOO_OFTEN_SECONDS)
        raise Rejected(told)


class WeCom(Robot):
    """企业微信群机器人: its key is in the address of its webhook."""

    name = "wecom"
    label = gettext_lazy("企业微信群机器人")
    settings = (
        Setting(
            "url",
            gettext_lazy("接口地址"),
            gettext_lazy("一般不用改；政务微信、私有部署填写自己的地址。"),
            initial="https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        ),
        Setting(
            "key",
            gettext_lazy("机器人 key"),
            gettext_lazy("Webhook 地址里 key= 后面的部分。"),
            secret=True,
        ),
    )

    def check(self, given: Mapping[str, str]) -> dict[str, str]:
        return _checked(given, "key", _("只填 key= 后面的部分，不要填整个网址。"))

    def send(self, letter: Letter, given: Mapping[str, str]) -> None:
        message = {"msgtype": "markdown", "markdown": {"content": self.text_of(letter)}}
        self.ask(f"{given['url']}?{urlencode({'key': given['key']})}", message)


class DingTalk(Robot):
    """钉钉自定义机器人, with 加签."""

    name = "dingtalk"
    label = gettext_lazy("钉钉群机器人")
    most_bytes = 18000
    settings = (
        Setting(
            "url",
            gettext_lazy("接口地址"),
            gettext_lazy("一般不用改；专有钉钉填写自己的地址。"),
            initial="https://oapi.dingtalk.com/robot/send",
        ),
        Setting(
            "access_token",
            gettext_lazy("access_token"),
            gettext_lazy("Webhook 地址里 access_token= 后面的部分。"),
            secret=True,
        ),
        Setting(
            "secret",
            gettext_lazy("加签密钥"),
            gettext_lazy(
                "安全设置里“加签”一栏以 SEC 开头的字符串；没有启用加签时留空。"
            ),
            secret=True,
            required=False,
        ),
    )

    def check(self, given: Mapping[str, str]) -> dict[str, str]:
        words = _("只填 access_token= 后面的部分，不要填整个网址。")
        return _checked(given, "access_token", words)

    def send(self, letter: Letter, given: Mapping[str, str]) -> None:
        query = {"access_token": given["access_token"]}
        if given.get("secret"):
            timestamp = int(letter.sent_at.timestamp() * 1000)
            query |= {
                "timestamp": str(timestamp),
                "sign": dingtalk_sign(given["secret"], timestamp),
            }
        text = self.text_of(letter)
        message = {
            "msgtype": "markdown",
            "markdown": {"title": shortened(letter.title, 120), "text": text},
            "at": {"isAtAll": False},
        }
        self.ask(f"{given['url']}?{urlencode(query)}", message)


def dingtalk_sign(secret: str, timestamp: int) -> str:
    """加签: base64 of HMAC-SHA256 over `timestamp\\nsecret`; milliseconds."""
    content = f"{timestamp}\n{secret}".encode()
    digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _checked(given: Mapping[str, str], name: str, words: str) -> dict[str, str]:
    wrong = {"url": wire.problem_of(given.get("url", ""))}
    if not set(given.get(name, "")).isdisjoint("/?=& "):
        wrong[name] = words
    return {field: text for field, text in wrong.items() if text}
