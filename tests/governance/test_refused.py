"""A Refused reaches people and programs as a sentence, never as an error page."""

import pytest
from django.http import HttpResponse, JsonResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware
from rest_framework.exceptions import NotFound

from governance.api import exception_handler
from governance.errors import Refused
from governance.middleware import RefusedMiddleware

REFUSED = Refused("请先上传现场照片。", code="photo_missing", field="photos")


def answer(path="/desk/", error=REFUSED, **headers):
    """What the middleware makes of an error that a view let rise."""
    request = RequestFactory().get(path, headers=headers)

    def view(request):
        return middleware.process_exception(request, error)

    middleware = RefusedMiddleware(view)
    return HtmxMiddleware(middleware)(request)


def test_person_gets_a_page_of_its_own():
    page = answer(accept="text/html")
    assert page.status_code == 422
    assert "请先上传现场照片。" in page.content.decode()
    assert "<html" in page.content.decode()


def test_htmx_gets_a_piece():
    piece = answer(hx_request="true", accept="*/*")
    assert piece.status_code == 422
    assert "请先上传现场照片。" in piece.content.decode()
    assert "<html" not in piece.content.decode()


@pytest.mark.parametrize(
    ("path", "accept"),
    [("/api/v1/cases", "*/*"), ("/areas/locate", "application/json")],
)
def test_program_gets_json(path, accept):
    reply = answer(path, accept=accept)
    assert isinstance(reply, JsonResponse)
    assert reply.status_code == 422
    assert b"photo_missing" in reply.content


def test_message_cannot_carry_markup():
    page = answer(error=Refused("<script>alert(1)</script>"), accept="text/html")
    assert b"<script>alert" not in page.content


def test_bug_is_left_to_rise():
    assert answer(error=ValueError("bug")) is None


def test_api_answers_refused_with_its_code_and_field():
    reply = exception_handler(REFUSED, {})
    assert reply.status_code == 422
    assert reply.data == {
        "code": "photo_missing",
        "message": "请先上传现场照片。",
        "message_en": "The request was refused; see the Chinese message.",
        "field": "photos",
        "errors": [
            {
                "code": "photo_missing",
                "message": "请先上传现场照片。",
                "message_en": "The request was refused; see the Chinese message.",
                "field": "photos",
            }
        ],
    }


def test_api_leaves_other_errors_to_rest_framework():
    assert exception_handler(NotFound(), {}).status_code == 404
    assert exception_handler(ValueError(), {}) is None


@pytest.mark.parametrize("name", ["404.html", "403.html", "403_csrf.html", "500.html"])
def test_error_pages_need_no_context(name):
    from django.template.loader import render_to_string

    page = HttpResponse(render_to_string(name))
    assert "<h1" in page.content.decode()
