"""POST to an address that an administrator or a browser named, without being misused.

The name is resolved once and the connection goes to exactly the address that was
checked, so that a name cannot point inwards a moment later. Addresses that are not
public are refused unless `WANGGE_CHANNEL_NETWORKS` names their network. Redirects are
not followed, and all of it ends after `DEADLINE` seconds.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from parties.channels.kind import NotSent, Rejected, Unsure

CONNECT_SECONDS = 4.0
DEADLINE = 10.0
LONGEST_ANSWER = 64 * 1024
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str]


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """The other side's answer, whatever its status.

    Raises NotSent when nothing was sent, Unsure when no answer came to what was.
    """
    return _asked("POST", url, body, headers)


def get(url: str, headers: Mapping[str, str]) -> Answer:
    """The same for what is only read."""
    return _asked("GET", url, b"", headers)


def _asked(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    words = problem_of(url)
    if words:
        raise Rejected(words)
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _port(parts.scheme)
    connection = _connection(parts.scheme, host, port, _checked(host, port))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        _connect(connection, host)
        return _exchange(connection, method, target, body, headers)
    finally:
        connection.close()


def problem_of(url: str) -> str:
    """What is wrong with an address before anybody is asked about it; or nothing."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return _("网址不完整，请从 https:// 开始填写。")
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        return _("网址不完整，请从 https:// 开始填写。")
    if parts.username or parts.password:
        return _("网址里不要写用户名和密码，请用签名密钥。")
    if not all("!" <= letter <= "~" for letter in parts.path + parts.query):
        return _("网址里有空格或中文等字符，请从浏览器的地址栏复制。")
    return ""


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _checked(host: str, port: int) -> str:
    """An address of the host, all of whose addresses may be called."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NotSent(
            _("找不到主机 %(host)s，请核对网址。") % {"host": host}
        ) from error
    addresses = [ipaddress.ip_address(str(one[4][0]).split("%")[0]) for one in found]
    for address in addresses:
        if not may_call(address):
            raise Rejected(
                _(
                    "%(host)s 指向内部地址，为安全起见不能发送。"
                    "确需使用时，请运维人员在 WANGGE_CHANNEL_NETWORKS 中登记该网段。"
                )
                % {"host": host}
            )
    return str(addresses[0])


def may_call(address: Address) -> bool:
    """Public, or in a network that the deployment allows."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    allowed = map(ipaddress.ip_network, settings.CHANNEL_NETWORKS)
    if any(address in network for network in allowed):
        return True
    return address.is_global and not address.is_multicast


class _PinnedConnection(http.client.HTTPConnection):
    """Connects to the checked address, whatever the name says by then."""

    def __init__(self, host: str, port: int, address: str, **more: Any) -> None:
        super().__init__(host, port, timeout=CONNECT_SECONDS)
        self.address = address
        self.context: ssl.SSLContext | None = more.get("context")

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.context is not None:
            self.sock = self.context.wrap_socket(self.sock, server_hostname=self.host)


def _connection(scheme: str, host: str, port: int, address: str) -> _PinnedConnection:
    context = ssl.create_default_context() if scheme == "https" else None
    connection = _PinnedConnection(host, port, address, context=context)
    connection.default_port = _port(scheme)
    return connection


def _connect(connection: _PinnedConnection, host: str) -> None:
    try:
        connection.connect()
    except ssl.SSLCertVerificationError as error:
        raise NotSent(
            _("%(host)s 的证书无法验证，请对方检查证书。") % {"host": host}
        ) from error
    except OSError as error:
        raise NotSent(
            _("连接不上 %(host)s，对方可能没有运行。") % {"host": host}
        ) from error


def _exchange(
    connection: _PinnedConnection,
    method: str,
    target: str,
    body: bytes,
    headers: Mapping[str, str],
) -> Answer:
    """One request; a timer ends it even when the answer only trickles in."""
    connection.sock.settimeout(DEADLINE)
    timer = threading.Timer(DEADLINE, _hang_up, [connection.sock])
    timer.daemon = True
    timer.start()
    try:
        connection.request(method, target, body or None, dict(headers))
        answer = connection.getresponse()
        content = answer.read(LONGEST_ANSWER)
        return Answer(answer.status, content, dict(answer.headers.items()))
    except (OSError, http.client.HTTPException) as error:
        raise Unsure(_("对方没有在时限内答复，不知道是否收到。")) from error
    finally:
        timer.cancel()


def _hang_up(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
