"""How each kind puts a letter, signs it and understands the answer."""

import base64
import hashlib
import hmac
import json
import smtplib
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from parties.channels import (
    Gone,
    Letter,
    NotSent,
    Rejected,
    Unsure,
    kind_of,
    kinds,
    web_push,
    webhook,
    wire,
)
from parties.channels.kind import shortened
from parties.channels.robots import dingtalk_sign
from tests.parties.receiver import Receiver, receiving

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OK = (200, b'{"errcode":0,"errmsg":"ok"}')


@pytest.fixture
def receiver(settings: Any) -> Any:
    settings.CHANNEL_NETWORKS = ["127.0.0.0/8"]
    with receiving() as found:
        yield found


def a_letter(**more: Any) -> Letter:
    given = {
        "key": "wg_1", "title": "吹哨：井盖丢失", "body": "A-1 幸福路 1 号",
        "url": "https://grid.example.cn/cases/1/", "path": "/cases/1/",
        "written_at": AT, "sent_at": AT, **more,
    }  # fmt: skip
    return Letter(**given)


def send(kind: str, letter: Letter, **given: str) -> None:
    way = kind_of(kind)
    assert way is not None
    way.send(letter, given)


# --- signed webhook ---------------------------------------------------------------
def test_the_signature_is_that_of_the_standard() -> None:
    """The vector of the reference libraries of standardwebhooks.com."""
    signed = webhook.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330, b'{"test": 2432232314}',
    )  # fmt: skip
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_webhook_is_signed_over_what_is_sent(receiver: Receiver) -> None:
    secret = webhook.new_secret()
    send("webhook", a_letter(), url=receiver.url + "?a=1", secret=secret)
    got = receiver.got[0]
    assert got.path == "/hook?a=1"
    assert got.headers["webhook-id"] == "wg_1"
    stamp = int(got.headers["webhook-timestamp"])
    assert stamp == int(AT.timestamp())
    assert got.headers["webhook-signature"] == webhook.signature(
        secret, "wg_1", stamp, got.body
    )
    assert json.loads(got.body) == {
        "type": "message",
        "timestamp": AT.isoformat(),
        "data": {
            "title": "吹哨：井盖丢失", "body": "A-1 幸福路 1 号",
            "url": "https://grid.example.cn/cases/1/", "importance": "notice",
            "subject": "",
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (500, NotSent, "500"), (503, NotSent, "503"), (408, NotSent, "408"),
        (400, Rejected, "核对网址和密钥"), (404, Rejected, "404"),
        (302, Rejected, "302"), (0, Unsure, "没有在时限内答复"),
    ],
)  # fmt: skip
def test_what_an_answer_means(
    receiver: Receiver, status: int, error: type[Exception], words: str
) -> None:
    receiver.answers = [(status, b"")]
    with pytest.raises(error, match=words):
        send("webhook", a_letter(), url=receiver.url, secret=webhook.new_secret())
    assert len(receiver.got) == 1


def test_too_many_requests_name_the_pause(receiver: Receiver) -> None:
    receiver.answers = [(429, b"")]
    with pytest.raises(NotSent) as caught:
        send("webhook", a_letter(), url=receiver.url, secret=webhook.new_secret())
    assert caught.value.pause == 120


# --- the guard --------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/",
        "http://10.0.0.7/", "http://192.168.1.1/", "http://169.254.169.254/latest/",
        "http://[::ffff:127.0.0.1]:9/", "http://0.0.0.0:9/", "http://100.64.0.1/",
        "http://2130706433:9/", "http://224.0.0.1/", "http://[fd00::1]/",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(url: str, settings: Any) -> None:
    settings.CHANNEL_NETWORKS = []
    with pytest.raises(Rejected, match="内部地址"):
        wire.post(url, b"", {})


@pytest.mark.parametrize(
    "url", ["ftp://example.cn/", "https://", "example.cn/hook", "https://a:b/", ""]
)
def test_an_address_must_be_whole(url: str) -> None:
    with pytest.raises(Rejected, match="从 https:// 开始"):
        wire.post(url, b"", {})


def test_an_address_holds_no_password() -> None:
    assert "不要写用户名" in wire.problem_of("https://me:secret@example.cn/")


@pytest.mark.parametrize(
    "url",
    ["https://a.cn/回调", "https://a.cn/a b", "https://a.cn/?问", "http://a.cn/\x01"],
)
def test_what_cannot_be_asked_for_is_said_at_once(url: str) -> None:
    assert "空格或中文" in wire.problem_of(url)
    assert wire.problem_of("https://例子.cn/%E5%9B%9E") == ""


def test_all_addresses_of_a_name_are_looked_at(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CHANNEL_NETWORKS = []
    found = [(0, 0, 0, "", (one, 443)) for one in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found)
    with pytest.raises(Rejected, match="内部地址"):
        wire.post("https://two.example.cn/", b"", {})


def test_the_connection_goes_to_the_address_that_was_checked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that points elsewhere the second time is not asked a second time."""
    answers = [[(0, 0, 0, "", ("127.0.0.1", receiver.port))]]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: answers.pop())
    called = []

    def connect(address: tuple[str, int], timeout: float) -> Any:
        called.append(address)
        sock = wire.socket.socket()
        sock.settimeout(timeout)
        sock.connect(address)
        return sock

    monkeypatch.setattr("socket.create_connection", connect)
    wire.post(f"http://rebinding.example.cn:{receiver.port}/hook", b"{}", {})
    assert called == [("127.0.0.1", receiver.port)]
    assert receiver.got[0].headers["host"] == f"rebinding.example.cn:{receiver.port}"


def test_who_is_not_there_got_nothing(receiver: Receiver) -> None:
    receiver.down()
    with pytest.raises(NotSent, match="连接不上"):
        wire.post(receiver.url, b"", {})


def test_an_answer_that_trickles_in_is_not_waited_for(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "DEADLINE", 0.2)
    monkeypatch.setattr(Receiver, "next_answer", lambda _self: time.sleep(1) or OK)
    with pytest.raises(Unsure, match="没有在时限内答复"):
        wire.post(receiver.url, b"{}", {})


# --- robots -----------------------------------------------------------------------
def test_wecom_gets_markdown_at_its_key(receiver: Receiver) -> None:
    receiver.answers = [OK]
    send("wecom", a_letter(importance="urgent"), url=receiver.url, key="k-1")
    got = receiver.got[0]
    assert got.path == "/hook?key=k-1"
    assert json.loads(got.body) == {
        "msgtype": "markdown",
        "markdown": {
            "content": "**【紧急】吹哨：井盖丢失**\n\n> A-1 幸福路 1 号\n\n"
            "[打开查看](https://grid.example.cn/cases/1/)"
        },
    }


def test_what_people_wrote_cannot_change_the_form(receiver: Receiver) -> None:
    receiver.answers = [OK]
    bad = a_letter(title="[点我](http://x) **", body="# 一\n<font>", url="")
    send("wecom", bad, url=receiver.url, key="k")
    text = json.loads(receiver.got[0].body)["markdown"]["content"]
    assert text == "**\\[点我\\](http://x) \\*\\***\n\n> \\# 一\n> \\<font\\>"


def test_a_long_message_is_cut_before_its_link(receiver: Receiver) -> None:
    receiver.answers = [OK]
    send("wecom", a_letter(body="长" * 3000), url=receiver.url, key="k")
    text = json.loads(receiver.got[0].body)["markdown"]["content"]
    assert len(text.encode()) <= 4096
    assert "…" in text
    assert text.endswith("(https://grid.example.cn/cases/1/)")
    assert shortened("短", 9) == "短"


@pytest.mark.parametrize(
    ("code", "error", "pause"),
    [(45009, NotSent, 600), (-1, NotSent, None), (93000, Rejected, None)],
)
def test_errors_of_wecom(
    receiver: Receiver, code: int, error: type[Exception], pause: float | None
) -> None:
    receiver.answers = [(200, json.dumps({"errcode": code, "errmsg": "bad"}).encode())]
    with pytest.raises(error, match=f"{code}：bad") as caught:
        send("wecom", a_letter(), url=receiver.url, key="k")
    assert getattr(caught.value, "pause", None) == pause


def test_an_answer_in_another_shape_is_no_robot(receiver: Receiver) -> None:
    receiver.answers = [(200, b"<html>")]
    with pytest.raises(Rejected, match="不是机器人的格式"):
        send("wecom", a_letter(), url=receiver.url, key="k")


def test_dingtalk_is_signed_with_time_and_secret(receiver: Receiver) -> None:
    receiver.answers = [OK]
    send("dingtalk", a_letter(), url=receiver.url, access_token="t/+", secret="SECx")
    got, stamp = receiver.got[0], int(AT.timestamp() * 1000)
    assert parse_qs(urlsplit(got.path).query) == {
        "access_token": ["t/+"],
        "timestamp": [str(stamp)],
        "sign": [dingtalk_sign("SECx", stamp)],
    }
    assert json.loads(got.body)["markdown"]["title"] == "吹哨：井盖丢失"


def test_dingtalk_sign_is_base64_of_hmac_over_both_lines() -> None:
    expected = base64.b64encode(
        hmac.new(b"this is secret", b"1577262236757\nthis is secret", hashlib.sha256)
        .digest()
    )  # fmt: skip
    assert dingtalk_sign("this is secret", 1577262236757) == expected.decode()


def test_dingtalk_without_a_secret_is_not_signed(receiver: Receiver) -> None:
    receiver.answers = [OK]
    send("dingtalk", a_letter(), url=receiver.url, access_token="t", secret="")
    assert receiver.got[0].path == "/hook?access_token=t"


# --- e-mail -----------------------------------------------------------------------
def test_an_e_mail_has_the_same_id_each_time() -> None:
    for _ in range(2):
        send("email", a_letter(to="a@example.cn", importance="urgent"), sender="")
    first, second = mail.outbox
    assert first.subject == "【紧急】吹哨：井盖丢失"
    assert first.to == ["a@example.cn"]
    assert "https://grid.example.cn/cases/1/" in first.body
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_a_line_break_in_a_title_ends_no_header() -> None:
    send("email", a_letter(to="a@example.cn", title="一\nBcc: b@example.cn"), sender="")
    assert mail.outbox[0].subject == "一 Bcc: b@example.cn"
    assert mail.outbox[0].message()["Bcc"] is None


@pytest.mark.parametrize(
    ("raised", "error", "words"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"")}), Rejected, "收件地址"),
        (smtplib.SMTPRecipientsRefused({"a": (451, b"")}), NotSent, "451"),
        (smtplib.SMTPDataError(451, b""), NotSent, "451"),
        (smtplib.SMTPDataError(554, b""), Rejected, "554"),
        (smtplib.SMTPServerDisconnected(), Unsure, "没有答复"),
        (TimeoutError(), Unsure, "没有答复"),
        (ConnectionResetError(), Unsure, "没有答复"),
    ],
)
def test_what_the_mail_server_said(
    monkeypatch: pytest.MonkeyPatch,
    raised: Exception,
    error: type[Exception],
    words: str,
) -> None:
    def fail(*_: Any) -> None:
        raise raised

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    with pytest.raises(error, match=words):
        send("email", a_letter(to="a@example.cn"), sender="")


@pytest.mark.parametrize(
    ("raised", "error", "words"),
    [
        (smtplib.SMTPAuthenticationError(535, b""), NotSent, "账号或密码"),
        (smtplib.SMTPConnectError(421, b""), NotSent, "421"),
        (smtplib.SMTPServerDisconnected(), NotSent, "连接不上"),
        (TimeoutError(), NotSent, "连接不上"),
        (ConnectionRefusedError(), NotSent, "连接不上"),
    ],
)
def test_a_mail_server_that_is_not_reached_got_nothing(
    monkeypatch: pytest.MonkeyPatch,
    raised: Exception,
    error: type[Exception],
    words: str,
) -> None:
    def fail(*_: Any) -> None:
        raise raised

    monkeypatch.setattr(EmailBackend, "open", fail)
    with pytest.raises(error, match=words) as caught:
        send("email", a_letter(to="a@example.cn"), sender="")
    assert getattr(caught.value, "resting", False)
    assert mail.outbox == []


def test_a_mailbox_that_is_busy_does_not_rest_the_mail_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any) -> None:
        raise smtplib.SMTPRecipientsRefused({"a@example.cn": (450, b"greylisted")})

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    with pytest.raises(NotSent, match="450") as caught:
        send("email", a_letter(to="a@example.cn"), sender="")
    assert not caught.value.resting


def test_a_mail_server_that_does_not_say_goodbye_got_the_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr(EmailBackend, "close", fail)
    send("email", a_letter(to="a@example.cn"), sender="")
    assert len(mail.outbox) == 1


# --- Web Push ---------------------------------------------------------------------
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZ"
    "GH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


def test_encryption_is_that_of_rfc_8291() -> None:
    """Appendix A of the RFC, byte for byte."""
    number = int.from_bytes(
        web_push.decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"
    )
    sealed = web_push.sealed(
        b"When I grow up, I want to be a watermelon",
        KEYS,
        sender=ec.derive_private_key(number, web_push.CURVE),
        salt=web_push.decoded("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert web_push.encoded(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vC"
        "YLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXL"
        "WyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_the_push_service_can_check_who_sends(settings: Any) -> None:
    """RFC 8292: a token for this service, that the public key in it verifies."""
    settings.VAPID_KEY = web_push.new_key()
    settings.VAPID_CONTACT = "mailto:ops@example.cn"
    header = web_push.vapid("https://push.example.net:8443/x/1", 1_000_000)
    token, key = header.removeprefix("vapid t=").split(", k=")
    head, claims, mark = token.split(".")
    assert json.loads(web_push.decoded(head)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(web_push.decoded(claims)) == {
        "aud": "https://push.example.net:8443", "exp": 1_000_000 + 43200,
        "sub": "mailto:ops@example.cn",
    }  # fmt: skip
    raw = web_push.decoded(mark)
    both = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(
        web_push.CURVE, web_push.decoded(key)
    )
    public.verify(
        encode_dss_signature(*both), f"{head}.{claims}".encode(), ec.ECDSA(SHA256())
    )
    assert key == web_push.public_key()


def test_a_push_is_sent_sealed(receiver: Receiver, settings: Any) -> None:
    settings.VAPID_KEY = web_push.new_key()
    receiver.answers = [(201, b"")]
    to = json.dumps({"endpoint": receiver.url, "keys": KEYS})
    send("web_push", a_letter(to=to, importance="urgent"))
    got = receiver.got[0]
    assert got.headers["content-encoding"] == "aes128gcm"
    assert got.headers["urgency"] == "high"
    assert got.headers["ttl"] == "86400"
    assert "吹哨".encode() not in got.body


@pytest.mark.parametrize(
    ("status", "error"), [(410, Gone), (404, Gone), (500, NotSent), (413, Rejected)]
)
def test_what_the_push_service_said(
    receiver: Receiver, settings: Any, status: int, error: type[Exception]
) -> None:
    settings.VAPID_KEY = web_push.new_key()
    receiver.answers = [(status, b"")]
    to = json.dumps({"endpoint": receiver.url, "keys": KEYS})
    with pytest.raises(error) as caught:
        send("web_push", a_letter(to=to))
    assert not getattr(caught.value, "resting", False)


@pytest.mark.parametrize(("down", "error"), [(True, NotSent), (False, Unsure)])
def test_a_push_service_that_is_not_there_says_nothing_of_the_others(
    receiver: Receiver, settings: Any, down: bool, error: type[Exception]
) -> None:
    settings.VAPID_KEY = web_push.new_key()
    receiver.answers = [(0, b"")]
    if down:
        receiver.down()
    to = json.dumps({"endpoint": receiver.url, "keys": KEYS})
    with pytest.raises(error) as caught:
        send("web_push", a_letter(to=to))
    assert getattr(caught.value, "resting", None) is False


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", json.dumps({"endpoint": "https://a.cn/", "keys": {}}),
        json.dumps({"endpoint": "http://a.cn/", "keys": KEYS}),
        json.dumps({"endpoint": "https://a.cn/", "keys": {**KEYS, "auth": "AA"}}),
        json.dumps({"endpoint": "https://a.cn/", "keys": {**KEYS, "p256dh": "BAAA"}}),
    ],
)  # fmt: skip
def test_what_is_no_subscription(text: str) -> None:
    with pytest.raises(Rejected, match="推送地址不完整"):
        web_push.checked(text)


# --- all of them ------------------------------------------------------------------
def test_kinds_are_offered_only_where_they_work(settings: Any) -> None:
    settings.VAPID_KEY, settings.MAIL_CONFIGURED, settings.PRODUCTION = "", False, True
    missing = {name: kind.missing() for name, kind in kinds().items()}
    assert "推送密钥" in missing["web_push"]
    assert "邮件服务器" in missing["email"]
    assert "演示" in missing["console_sms"]
    assert missing["webhook"] == missing["wecom"] == missing["dingtalk"] == ""


def test_a_deployment_adds_a_kind_of_its_own(settings: Any) -> None:
    settings.CHANNEL_KINDS = ["parties.channels.sms.ConsoleSms"]
    assert kind_of("console_sms") is not None
    assert kind_of("carrier_pigeon") is None


def test_the_console_prints_the_message(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        send("console_sms", a_letter(to="13800000000"))
    assert "13800000000: 吹哨：井盖丢失" in caplog.text


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("webhook", {"url": "x", "secret": "whsec_" + "A" * 44}, "url"),
        ("webhook", {"url": "https://a.cn/", "secret": "abc"}, "secret"),
        ("webhook", {"url": "https://a.cn/", "secret": "whsec_AAAA"}, "secret"),
        ("wecom", {"url": "https://a.cn/", "key": "https://a.cn/?key=1"}, "key"),
        ("dingtalk", {"url": "https://a.cn/", "access_token": "a b"}, "access_token"),
        ("email", {"sender": "nobody"}, "sender"),
    ],
)
def test_settings_are_checked(kind: str, given: dict[str, str], field: str) -> None:
    way = kind_of(kind)
    assert way is not None
    assert list(way.check(given)) == [field]
