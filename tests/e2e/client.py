"""A plain HTTP client with a session, for tests that need no browser."""

import http.cookiejar
import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any

from parties.demo.cast import PASSWORD


class Client:
    """Signed in as a demo account; answers (status, JSON or text)."""

    def __init__(self, url: str, username: str) -> None:
        self.url = url
        self._open_jar()
        self.get("/login/")
        status, _page = self.form("/demo-login/", username=username)
        if status != 200:  # not among the cards of the sign-in page
            status, _page = self.form("/login/", username=username, password=PASSWORD)
        assert status == 200, f"no account {username}"
        assert self.get("/notifications/bell/")[0] == 200, f"not in as {username}"

    def _open_jar(self) -> None:
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar)
        )

    def get(self, path: str) -> tuple[int, Any]:
        return self._open(urllib.request.Request(self.url + path))

    def form(self, path: str, **fields: Any) -> tuple[int, Any]:
        return self.form_pairs(path, list(fields.items()))

    def form_pairs(self, path: str, pairs: list[tuple[str, Any]]) -> tuple[int, Any]:
        """A form in which one name may come several times."""
        body = urllib.parse.urlencode(pairs).encode()
        kind = "application/x-www-form-urlencoded"
        return self._post(path, body, kind)

    def json(self, path: str, content: Any) -> tuple[int, Any]:
        return self._post(path, json.dumps(content).encode(), "application/json")

    def photo(
        self, batch: str, stage: str, content: bytes, **known: Any
    ) -> tuple[int, Any]:
        """`known` is what the phone says of it: `taken_at`, `lng` and `lat`."""
        edge = uuid.uuid4().hex
        parts = {"id": str(uuid.uuid4()), "batch": batch, "stage": stage, **known}
        body = b"".join(
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            f"{value}\r\n".encode()
            for name, value in parts.items()
        )
        body += (
            f'--{edge}\r\nContent-Disposition: form-data; name="photo"; '
            f'filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        ).encode()
        body += content + f"\r\n--{edge}--\r\n".encode()
        return self._post(
            "/api/v1/photos/", body, f"multipart/form-data; boundary={edge}"
        )

    def _post(self, path: str, body: bytes, kind: str) -> tuple[int, Any]:
        request = urllib.request.Request(self.url + path, data=body)
        request.add_header("Content-Type", kind)
        token = next((c.value for c in self.jar if c.name == "csrftoken"), "")
        request.add_header("X-CSRFToken", token or "")
        request.add_header("Referer", self.url + path)
        return self._open(request)

    def _open(self, request: urllib.request.Request) -> tuple[int, Any]:
        request.add_header("Accept", "application/json")
        try:
            with self.opener.open(request, timeout=20) as answer:
                return answer.status, _read(answer)
        except urllib.error.HTTPError as answer:
            return answer.code, _read(answer)


def _read(answer: Any) -> Any:
    """JSON as its content, a picture as its bytes, anything else as text."""
    body = answer.read()
    kind = answer.headers.get_content_type()
    if kind.startswith("image/"):
        return body
    return json.loads(body) if kind == "application/json" else body.decode()
