"""Seal and open single fields (personal data) with AES-256-GCM.

The key is derived from `WANGGE_FIELD_KEY`. A sealed value is `v1:` and URL-safe base64
of nonce and ciphertext; an empty text stays empty.
"""

import base64
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

PREFIX = "v1:"
NONCE_BYTES = 12


def seal(text: str) -> str:
    if not text:
        return ""
    nonce = os.urandom(NONCE_BYTES)
    body = nonce + _cipher().encrypt(nonce, text.encode(), None)
    return PREFIX + base64.urlsafe_b64encode(body).decode()


def unseal(sealed: str) -> str:
    """The clear text; raises `InvalidTag` when tampered with."""
    if not sealed:
        return ""
    body = base64.urlsafe_b64decode(sealed.removeprefix(PREFIX))
    return _cipher().decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], None).decode()


def fingerprint(text: str) -> str:
    """A blind index (DOMAIN E.8): equal texts have equal ones, and without the key
    nobody finds the text again by trying. 64 hex digits."""
    key = hashlib.sha256(b"fingerprint:" + settings.FIELD_KEY.encode()).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _cipher() -> AESGCM:
    return AESGCM(hashlib.sha256(settings.FIELD_KEY.encode()).digest())
