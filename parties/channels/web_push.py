"""Web Push: to a browser that its owner subscribed, on the phone or at the desk.

Encrypted as RFC 8291 (aes128gcm), signed as RFC 8292 (VAPID, ES256). The service of
the browser's maker carries it and can read neither title nor body.
"""

import base64
import json
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parties.channels import wire
from parties.channels.kind import (
    Gone,
    Kind,
    Letter,
    NotSent,
    Rejected,
    Unsure,
    compact,
    shortened,
)
from parties.channels.webhook import judge

RECORD_SIZE = 4096
# How long the service keeps a message for a device that is off.
KEPT = timedelta(hours=24)
SIGNED_FOR = timedelta(hours=12)
CURVE = ec.SECP256R1()
GONE = {404, 410}


class WebPush(Kind):
    name = "web_push"
    label = gettext_lazy("浏览器推送")
    icon = "bell-ringing"
    address = "push"
    # The device shows a letter of the same key in the place of the one before.
    idempotent = True

    def missing(self) -> str:
        return "" if settings.VAPID_KEY else _("本系统还没有配置推送密钥。")

    def send(self, letter: Letter, given: Mapping[str, str]) -> None:
        subscription = json.loads(letter.to)
        shown = {
            "title": shortened(letter.title, 300),
            "body": shortened(letter.body, 1200),
            "url": letter.path,
            "tag": letter.key,
            "urgent": letter.urgent,
        }
        endpoint = subscription["endpoint"]
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(KEPT.total_seconds())),
            "Urgency": "high" if letter.urgent else "normal",
            "Authorization": vapid(endpoint, int(letter.sent_at.timestamp())),
        }
        body = sealed(compact(shown), subscription["keys"])
        try:
            answer = wire.post(endpoint, body, headers)
            if answer.status in GONE:
                raise Gone(_("这台设备已取消推送。"))
            judge(answer)
        except (NotSent, Unsure) as error:
            # One browser's service says nothing of another's.
            error.resting = False
            raise


def checked(text: str) -> str:
    """A subscription as the browser gave it, reduced to what is needed.

    Raises Rejected when it is none.
    """
    wrong = Rejected(_("浏览器给出的推送地址不完整，请刷新页面再试。"))
    try:
        given = json.loads(text)
        endpoint, keys = str(given["endpoint"]), given["keys"]
        _point(str(keys["p256dh"]))
        whole = len(decoded(str(keys["auth"]))) == 16
    except (ValueError, KeyError, TypeError) as error:
        raise wrong from error
    if not whole or wire.problem_of(endpoint) or urlsplit(endpoint).scheme != "https":
        raise wrong
    kept = {"p256dh": str(keys["p256dh"]), "auth": str(keys["auth"])}
    return compact({"endpoint": endpoint, "keys": kept}).decode()


def sealed(
    plain: bytes,
    keys: Mapping[str, str],
    *,
    sender: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """RFC 8291: one record for the holder of `keys` (p256dh and auth, base64url)."""
    sender = sender or ec.generate_private_key(CURVE)
    salt = salt or os.urandom(16)
    receiver = decoded(keys["p256dh"])
    own = _raw(sender.public_key())
    shared = sender.exchange(ec.ECDH(), _point(keys["p256dh"]))
    info = b"WebPush: info\0" + receiver + own
    secret = _derived(decoded(keys["auth"]), shared, info, 32)
    key = _derived(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, secret, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD_SIZE.to_bytes(4, "big") + bytes([len(own)]) + own
    return head + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def vapid(endpoint: str, now: int) -> str:
    """RFC 8292: who sends, for this push service and half a day."""
    parts = urlsplit(endpoint)
    claims: dict[str, Any] = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": now + int(SIGNED_FOR.total_seconds()),
        "sub": settings.VAPID_CONTACT,
    }
    head = encoded(compact({"typ": "JWT", "alg": "ES256"}))
    content = f"{head}.{encoded(compact(claims))}"
    signed = private_key().sign(content.encode(), ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(signed)
    mark = encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={content}.{mark}, k={public_key()}"


def public_key() -> str:
    """What a browser is given when it subscribes; empty where there is no key."""
    if not settings.VAPID_KEY:
        return ""
    return encoded(_raw(private_key().public_key()))


def private_key() -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(decoded(settings.VAPID_KEY), "big")
    return ec.derive_private_key(number, CURVE)


def new_key() -> str:
    """A value for `WANGGE_VAPID_KEY`."""
    number = ec.generate_private_key(CURVE).private_numbers().private_value
    return encoded(number.to_bytes(32, "big"))


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(raw: bytes) -> str:
    """Base64url as the web writes it, without the padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _point(text: str) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decoded(text))


def _raw(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
