"""The methods of GeoReport v2 and the update extension (docs/open311.md)."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import actions as cases
from cases.models import Case, Photo
from cases.views.photos import served
from civics.querysets.public import rule
from doors import actions
from doors.models import Open311Request, Open311Update
from doors.open311 import asked, posted, reads, shapes
from doors.open311.encoding import Answer, instant
from doors.open311.http import actor_of, client_of, door
from doors.open311.openapi import document
from doors.open311.problems import unknown
from governance import clock, crypto
from parties.acting import Actor

ROOT = "open311_root"


@door("GET")
def discovery(request: HttpRequest) -> Answer:
    """Where the endpoint is, in which formats, and since when it has changed."""
    changed = reads.changed_at()
    changeset = instant(changed) if changed else "2026-01-01T00:00:00+08:00"
    kind = "production" if settings.PRODUCTION else "test"
    url = _absolute(request, reverse(ROOT))
    body = {
        "changeset": changeset,
        "contact": _("请联系%(platform)s的管理员，网址 %(url)s")
        % {
            "platform": settings.CITY_NAME + _("网格化治理平台"),
            "url": _absolute(request, "/"),
        },
        "key_service": _("api_key 由平台管理员发放：写明系统名称、负责人和用途。"),
        "endpoints": [shapes.endpoint(url, changeset, kind)],
    }
    return Answer("discovery", body)


@door("GET")
def services(request: HttpRequest) -> Answer:
    return Answer("services", [shapes.service(one) for one in reads.services()])


@door("GET")
def service_definition(request: HttpRequest, service_code: str) -> Answer:
    category = reads.service(service_code)
    if category is None:
        raise unknown(posted.no_service(service_code))
    return Answer("service_definition", shapes.definition(category))


@door("GET", "POST")
def requests(request: HttpRequest) -> Answer:
    return _file(request) if request.method == "POST" else _list(request)


def _list(request: HttpRequest) -> Answer:
    at = clock.now()
    numbers = asked.words(request.GET, "service_request_id")
    if numbers:  # overrides all other arguments
        return _given(request, reads.by_numbers(numbers, at))
    found = reads.listed(
        window=asked.window(request.GET, at),
        at=at,
        codes=asked.words(request.GET, "service_code"),
        statuses=asked.statuses(request.GET),
        page=asked.page(request.GET),
    )
    return _given(request, found)


def _given(request: HttpRequest, found: Iterable[Case]) -> Answer:
    listed, more = list(found), asked.extensions(request.GET)
    ids = [case.pk for case in listed]
    sent = reads.requests_of(ids)
    added = reads.batches_of(ids) if more else {}
    batches = [*(one.pk for one in sent.values()), *chain(*added.values())]
    beside = shapes.Beside(
        requests=sent,
        expected=reads.expected(ids),
        photos=reads.photos_of(batches, clock.now()),
        batches=added,
        steps=reads.steps_of(listed) if more else None,
        blur_m=rule().blur_m,
        photo_url=lambda photo: _photo_url(request, photo),
    )
    body = [shapes.request(case, beside) for case in listed]
    return Answer("service_requests", body)


def _file(request: HttpRequest) -> Answer:
    client = client_of(request)
    form = posted.request_of(request.POST, client, key=_submission(request))
    posted.check_pictures(request.POST, len(_files(request)))
    actor, at = actor_of(request, client), clock.now()
    _keep_pictures(request, form.id, Photo.Stage.REPORT, actor, at)
    row = actions.file_request(asked=form, client=client, actor=actor, at=at)
    made = Open311Request.objects.select_related("case").get(pk=row.pk)
    return Answer("service_requests", [shapes.made(made, _notice(made))])


def _submission(request: HttpRequest) -> str:
    """What the client calls this request, if anything, so that twice is once."""
    named = asked.text(request.POST, "submission_id")
    return named or request.headers.get("Idempotency-Key", "")


def _notice(row: Open311Request) -> str:
    if row.case is None:
        return _("地址还需人工核定，请稍后用 token 查询编号。")
    return _("编号 %(no)s，查询码 %(code)s，可在平台查询进展并评价。") % {
        "no": row.case.display_no, "code": crypto.unseal(row.case.query_code),
    }  # fmt: skip


@door("GET")
def service_request(request: HttpRequest, service_request_id: str) -> Answer:
    answer = _given(request, reads.by_numbers([service_request_id], clock.now()))
    if not answer.body:
        raise unknown(posted.no_request(service_request_id))
    return answer


@door("GET")
def token(request: HttpRequest, token: str) -> Answer:
    """The number of the case; empty as long as there is none."""
    row = None
    try:
        found = Open311Request.objects.select_related("case")
        row = found.filter(pk=uuid.UUID(token)).first()
    except ValueError:
        pass
    if row is None:
        raise unknown(_("没有 token 为“%(token)s”的请求。") % {"token": token[:40]})
    return Answer("service_requests", [shapes.token(row)])


@door("GET", "POST")
def updates(request: HttpRequest) -> Answer:
    return _take(request) if request.method == "POST" else _updates(request)


def _updates(request: HttpRequest) -> Answer:
    at = clock.now()
    window = asked.window(request.GET, at)
    number = asked.text(request.GET, "service_request_id")
    found = reads.updates(window, number, at)
    rows = Open311Update.objects.filter(event_id__in=[one.pk for one, _c in found])
    batches = dict(rows.values_list("event_id", "batch"))
    photos = reads.photos_of(list(batches.values()), at)
    body = []
    for event, case in found:
        batch = batches.get(event.pk)
        pictures = photos.get(batch) if batch else None
        url = _photo_url(request, pictures[0]) if pictures else ""
        body.append(shapes.update(event, case, url))
    return Answer("service_request_updates", body)


def _take(request: HttpRequest) -> Answer:
    client = client_of(request)
    told = posted.update_of(request.POST, client)
    posted.check_pictures(request.POST, len(_files(request)))
    actor, at = actor_of(request, client), clock.now()
    case = reads.given_out(at).filter(case_no=told.case_no).first()
    if case is None:
        raise unknown(posted.no_request(told.case_no))
    _keep_pictures(request, told.batch, Photo.Stage.EVIDENCE, actor, at)
    row = actions.take_update(
        told=told, case_id=case.pk, client=client, actor=actor, at=at
    )
    return Answer("service_request_updates", [shapes.taken(row)])


@door("GET")
def photo(request: HttpRequest, photo_id: uuid.UUID) -> FileResponse:
    """A picture that came in by this door (`reads.public_photos`)."""
    found = reads.public_photos(clock.now()).filter(pk=photo_id).first()
    if found is None:
        raise unknown(_("没有这张图片。"))
    return served(found.served)


@door("GET")
def openapi(request: HttpRequest) -> HttpResponse:
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


@door("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
def nothing(request: HttpRequest, path: str = "") -> Answer:
    raise unknown(_("没有这个地址，请对照接口说明。"))


def _keep_pictures(
    request: HttpRequest, batch: uuid.UUID, stage: str, actor: Actor, at: datetime
) -> None:
    """Take in uploaded files and pictures in media_url; again they are the same."""
    contents = [cases.content_of(file) for file in _files(request)]
    contents += posted.pictures_in(request.POST)
    for content in contents:
        cases.upload_photo(
            photo_id=uuid.uuid5(batch, hashlib.sha256(content).hexdigest()),
            batch=batch,
            stage=stage,
            content=content,
            actor=actor,
            at=at,
        )


def _files(request: HttpRequest) -> list[UploadedFile]:
    return [file for name in request.FILES for file in request.FILES.getlist(name)]


def _photo_url(request: HttpRequest, photo: Photo) -> str:
    return _absolute(request, reverse("open311_photo", args=[photo.pk]))


def _absolute(request: HttpRequest, path: str) -> str:
    """The address as others reach it."""
    base = settings.SITE_URL
    return f"{base}{path}" if base else request.build_absolute_uri(path)
