"""OpenID Connect: the authorization code flow with PKCE, state and nonce.

The ID token is believed only when its signature fits a key of the provider, and it was
issued by it, for us, for this very sign-in and not long ago (OpenID Connect Core 1.0,
3.1.3.7). Everything is fetched anew at each sign-in, so that a changed key needs
nobody's attention.
"""

import base64
import hashlib
import hmac
import json
import logging
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from doors.models import IdentityProvider
from governance.errors import Refused
from parties.channels import NotSent, Rejected, Unsure, wire

logger = logging.getLogger(__name__)
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
LEEWAY_SECONDS = 120
WANTED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class Attempt:
    """What is remembered between leaving and coming back, in the session."""

    provider: str
    state: str
    nonce: str
    verifier: str
    back: str
    next: str = ""


@dataclass(frozen=True)
class Somebody:
    subject: str
    name: str


def begin(provider: IdentityProvider, *, back: str, next: str) -> tuple[str, Attempt]:
    """Where to send the browser, and what to remember; `back` is our own address."""
    found = discovered(provider)
    attempt = Attempt(
        provider=provider.code,
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        back=back,
        next=next,
    )
    digest = hashlib.sha256(attempt.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": provider.scopes,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    endpoint = str(found["authorization_endpoint"])
    joint = "&" if "?" in endpoint else "?"
    return f"{endpoint}{joint}{urlencode(query)}", attempt


def finish(
    provider: IdentityProvider,
    attempt: dict[str, Any] | None,
    given: dict[str, str],
    *,
    at: datetime,
) -> Somebody:
    """Who came back. Raises Refused with what to do when it is not to be believed."""
    if attempt is None or attempt.get("provider") != provider.code:
        raise Refused(_("登录已经超时，请重新登录。"), code="state")
    if not hmac.compare_digest(
        attempt["state"].encode(), given.get("state", "").encode()
    ):
        raise Refused(_("登录请求对不上，请重新登录。"), code="state")
    if given.get("error") or not given.get("code"):
        raise Refused(
            _("%(name)s没有同意登录，请重试或用账号密码登录。") % {"name": provider},
            code="denied",
        )
    found = discovered(provider)
    if given.get("iss") and given["iss"] != found["issuer"]:  # RFC 9207
        raise _unbelievable(provider, "iss of the answer")
    token = _exchanged(provider, found, attempt, given["code"])
    claims = _verified(provider, found, attempt, token, at)
    name = claims.get("name") or claims.get("preferred_username") or ""
    return Somebody(str(claims["sub"]), "".join(filter(str.isprintable, str(name))))


def discovered(provider: IdentityProvider) -> dict[str, Any]:
    """The provider's own description of itself."""
    base = provider.issuer.rstrip("/")
    found = _fetched(provider, f"{base}/.well-known/openid-configuration")
    if any(not isinstance(found.get(name), str) for name in WANTED):
        raise _unbelievable(provider, "discovery is not whole")
    if found["issuer"].rstrip("/") != base:
        raise _unbelievable(provider, "another issuer in the discovery")
    return found


def _exchanged(
    provider: IdentityProvider,
    found: dict[str, Any],
    attempt: dict[str, Any],
    code: str,
) -> str:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": attempt["back"],
        "code_verifier": attempt["verifier"],
        "client_id": provider.client_id,
    }
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    secret = provider.open_secret()
    ways = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if secret and "client_secret_basic" in ways:
        pair = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    elif secret:
        form["client_secret"] = secret
    body = urlencode(form).encode()
    answer = _asked(provider, found["token_endpoint"], body, headers)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise _unbelievable(provider, "no id_token")
    return token


def _verified(
    provider: IdentityProvider,
    found: dict[str, Any],
    attempt: dict[str, Any],
    token: str,
    at: datetime,
) -> dict[str, Any]:
    try:
        fetched = cast(KeySetSerialization, _fetched(provider, found["jwks_uri"]))
        keys = KeySet.import_key_set(fetched)
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            now=int(at.timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": found["issuer"]},
            aud={"essential": True, "value": provider.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": attempt["nonce"]},
        ).validate(claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _unbelievable(provider, repr(error)) from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if several and claims.get("azp") != provider.client_id:
        raise _unbelievable(provider, "azp")
    subject = claims["sub"]
    if not subject or len(subject) > 255 or not subject.isprintable():
        raise _unbelievable(provider, "sub")
    return dict(claims)


def _fetched(provider: IdentityProvider, url: str) -> dict[str, Any]:
    return _asked(provider, url, None, {"Accept": "application/json"})


def _asked(
    provider: IdentityProvider, url: str, body: bytes | None, headers: dict[str, str]
) -> dict[str, Any]:
    """JSON of the provider. Its address is guarded as those of channels are."""
    try:
        answer = (
            wire.get(url, headers) if body is None else wire.post(url, body, headers)
        )
    except (NotSent, Rejected, Unsure) as error:
        logger.warning("identity provider %s: %s", provider.code, error)
        raise Refused(
            _("现在连不上%(name)s，请稍后再试，或用账号密码登录。")
            % {"name": provider},
            code="unreachable",
        ) from error
    try:
        found = json.loads(answer.body) if answer.status == 200 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _unbelievable(provider, f"{url} answered {answer.status}")
    return found


def _unbelievable(provider: IdentityProvider, why: str) -> Refused:
    """The log says why, the page only what to do."""
    logger.warning("identity provider %s is not believed: %s", provider.code, why)
    return Refused(
        _("%(name)s的登录结果核验没有通过，请重新登录；仍不行请联系系统管理员。")
        % {"name": provider},
        code="untrusted",
    )


def remembered(attempt: Attempt) -> dict[str, Any]:
    return asdict(attempt)
