"""Pages go compressed over the wire, pictures as they are."""

import gzip

from django.http import FileResponse, HttpResponse
from django.test import RequestFactory

from governance.middleware import TextGzipMiddleware


def answered(response: HttpResponse | FileResponse, accepted: str = "gzip") -> object:
    request = RequestFactory().get("/", headers={"accept-encoding": accepted})
    return TextGzipMiddleware(lambda _: response)(request)


def test_page_is_compressed_for_whoever_can_read_it() -> None:
    page = answered(HttpResponse("网格" * 2000))
    assert page["Content-Encoding"] == "gzip"
    assert gzip.decompress(page.content).decode() == "网格" * 2000
    assert "Accept-Encoding" in page["Vary"]
    assert not answered(HttpResponse("网格" * 2000), "br").has_header(
        "Content-Encoding"
    )


def test_picture_and_tile_go_as_they_are() -> None:
    for kind in ("image/jpeg", "application/vnd.mapbox-vector-tile"):
        found = answered(HttpResponse(b"x" * 5000, content_type=kind))
        assert not found.has_header("Content-Encoding")
        assert found.content == b"x" * 5000
