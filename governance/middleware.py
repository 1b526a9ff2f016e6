"""What no view should have to think of: a Refused that rose, an address with a NUL."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string

from governance.errors import Refused

TEXT = ("text/", "application/json", "application/geo+json")
API_PATHS = ("/api/", "/open311/")


class TextGzipMiddleware(GZipMiddleware):
    """Compresses pages and data; pictures are small, tiles their views compress.

    Django lengthens each answer by a random amount, so that what is secret in it cannot
    be guessed from its size (BREACH).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "")
        if response.streaming or not kind.startswith(TEXT):
            return response
        return super().process_response(request, response)


class PlainAddressMiddleware:
    """Refuses an address that holds a NUL, which no text in the database can."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = [one for values in request.GET.lists() for one in values[1]]
        if any("\0" in text for text in [request.path_info, *given]):
            raise BadRequest
        return self.get_response(request)


class ClientAddressMiddleware:
    """Puts the caller's own address in REMOTE_ADDR when a trusted proxy passed it on.

    Of X-Forwarded-For the last address that is no trusted proxy counts; what stands
    before it was written by the caller and proves nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trusted = set(settings.TRUSTED_PROXIES)
        if request.META.get("REMOTE_ADDR") in trusted:
            chain = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
            callers = [one.strip() for one in chain if one.strip() not in trusted]
            if callers and callers[-1]:
                request.META["REMOTE_ADDR"] = callers[-1]
        return self.get_response(request)


class RefusedMiddleware:
    """A Refused that no view caught becomes a clear answer: 422 and what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        """JSON for programs, a piece for htmx, else a page of its own.

        The page is rendered without context processors: a Refused may come from one.
        """
        if not isinstance(exception, Refused):
            return None
        if wants_json(request):
            return JsonResponse(exception.as_dict(), status=422)
        name = "_refused.html" if wants_piece(request) else "refused.html"
        body = render_to_string(f"governance/{name}", {"refused": exception})
        return HttpResponse(body, status=422)


def wants_json(request: HttpRequest) -> bool:
    if request.path.startswith(API_PATHS):
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == (
        "application/json"
    )


def wants_piece(request: HttpRequest) -> bool:
    """Whether htmx asks, which swaps a piece of the page that stands."""
    return bool(getattr(request, "htmx", False))
