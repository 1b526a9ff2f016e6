"""A loopback proxy between phone and server that can be cut, or answer with faults."""

import http.client
import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

HOP = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "server",
    "date",
}


class RoughRoad:
    """`faults` are used up one by one, each by the next request that sends something:
    an HTTP status, "timeout" (no answer at all), or "lost" (it arrives, but its
    answer does not). While `down`, every connection is cut at once."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self.faults: list[int | str] = []
        self.met: list[int | str] = []
        self.down = False
        road = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                road.pass_on(self)

            do_POST = do_HEAD = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def pass_on(self, request: BaseHTTPRequestHandler) -> None:
        if self.down:
            _cut(request)
            return
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        fault = None
        if request.command == "POST" and "/api/" in request.path and self.faults:
            fault = self.faults.pop(0)
            self.met.append(fault)
        if fault == "timeout":
            time.sleep(20)
            _cut(request)
        elif isinstance(fault, int):
            _answer(request, fault, [("Content-Type", "text/html")], b"<h1>no</h1>")
        else:
            status, headers, content = self._ask(request, body)
            if fault == "lost":
                _cut(request)
            else:
                _answer(request, status, headers, content)

    def _ask(
        self, request: BaseHTTPRequestHandler, body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        upstream = http.client.HTTPConnection(
            str(self.target.hostname), self.target.port, timeout=60
        )
        headers = {k: v for k, v in request.headers.items() if k.lower() not in HOP}
        upstream.request(request.command, request.path, body or None, headers)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        return answer.status, answer.getheaders(), content


def _answer(
    request: BaseHTTPRequestHandler,
    status: int,
    headers: list[tuple[str, str]],
    content: bytes,
) -> None:
    request.close_connection = True
    request.send_response(status)
    for name, value in headers:
        if name.lower() not in HOP:
            request.send_header(name, value)
    request.send_header("Content-Length", str(len(content)))
    with suppress(ConnectionError):  # the phone went elsewhere meanwhile
        request.end_headers()
        request.wfile.write(b"" if request.command == "HEAD" else content)


def _cut(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True
    with suppress(OSError):
        request.connection.shutdown(socket.SHUT_RDWR)
