"""A small OpenID Connect provider on the loopback that checks what it is sent."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "wangge", "p@ss:wörd"


@dataclass
class Provider:
    """`people` are claims by the code they were given with; `changed` spoils tokens."""

    port: int
    now: int
    key: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"})
    )
    signing: RSAKey | None = None
    changed: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    algorithm: str = "RS256"

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def consents(self, address: str, subject: str, name: str) -> tuple[str, str]:
        """What its sign-in page does: code and state for the way back."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = {**asked, "sub": subject, "name": name}
        return code, asked["state"]

    def token(self, form: dict[str, str], authorization: str) -> dict[str, str] | None:
        asked = self.codes.pop(form.get("code", ""), None)
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        client, _colon, secret = pair.partition(":")
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        right = asked is not None and (
            (unquote(client), unquote(secret)) == (CLIENT, SECRET)
            and challenge == asked["code_challenge"]
            and form["redirect_uri"] == asked["redirect_uri"]
            and form["grant_type"] == "authorization_code"
        )
        if not right or asked is None:
            self.faults.append(str(form))
            return None
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": asked["sub"],
            "nonce": asked["nonce"], "iat": self.now, "exp": self.now + 300,
            "name": asked["name"], **self.changed,
        }  # fmt: skip
        header = {"alg": self.algorithm, "kid": "one"}
        key: Any = self.signing or self.key
        return {"id_token": jwt.encode(header, claims, key), "access_token": "x"}

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        }


@contextmanager
def providing(now: int) -> Iterator[Provider]:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        provider = Provider(port=server.server_address[1], now=now)
        server.RequestHandlerClass = _handler(provider)
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        try:
            yield provider
        finally:
            server.shutdown()


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                self._answer(200, provider.discovery())
            elif self.path == "/jwks":
                keys = KeySet([provider.key])
                self._answer(200, keys.as_dict(private=False))
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            found = provider.token(form, self.headers.get("Authorization", ""))
            self._answer(200 if found else 400, found or {"error": "invalid_grant"})

        def _answer(self, status: int, content: Any) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
