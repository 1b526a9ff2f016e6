"""What makes an app of the phone pages: manifest, service worker, pass, catalogue."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cases.actions.handling import RESULTS
from cases.models import Category, SiteTask
from parties import http

# The files every phone page needs. The map is no part of it: it is asked for when a
# person opens it, and kept from then on.
SHELL = (
    "css/app.css",
    "vendor/icons/icons.css",
    "css/phone.css",
    "css/duties.css",
    "css/map.css",
    "vendor/icons/icons.woff2",
    "vendor/idb/index.js",
    "vendor/client-zip/index.js",
    "img/mark.svg",
    "js/theme.js",
    "js/frame.js",
    "js/vault.js",
    "js/outbox.js",
    "js/phone.js",
    "js/filing.js",
    "js/phone_draft.js",
    "js/phone_photos.js",
    "js/phone_outbox.js",
    "js/phone_step.js",
    "js/phone_spot.js",
    "js/phone_home.js",
    "js/photos.js",
    "js/sign_out.js",
    "js/export.js",
    "js/exif.js",
    "django_htmx/htmx-4.min.js",
)
PAGES = ("phone_home",)

# How far something is, by the codes of static/js/outbox.js, where {1} is filled in.
WORDS = {
    "draft": _("草稿，还没有提交"),
    "queued": _("等待发送"),
    "sending": _("正在发送…"),
    "sending_photos": _("正在发送，照片 {1}/{2}"),
    "sent": _("已送达 {1}（{2}）"),
    "offline": _("没有信号，有信号时自动发送"),
    "timeout": _("网络太慢，这次没有传完"),
    "server": _("服务器暂时没有应答"),
    "sign_in": _("登录已过期，重新登录后自动发送"),
    "http_403": _("服务器没有接受（403），内容还在手机上"),
    "http_413": _("服务器说照片太大（413），内容还在手机上"),
    "http": _("服务器没有接受（{1}），内容还在手机上"),
    "photo_gone": _("有一张照片在手机上找不到了，请修改后重发"),
    "refused": _("需要您处理：{1}"),
    "again": _("，约 {1}后自动再试"),
    "seconds": _("{1} 秒"),
    "minutes": _("{1} 分钟"),
    "photos": _("照片 {1} 张"),
    "untitled": _("未选类别的上报"),
    "drop": _("删除“{1}”？"),
    **{one.value: one.label for one in SiteTask.Result if one.value},
    **RESULTS,
}


@cache
def shell_version() -> str:
    """Changes with every file of the shell and with the worker itself."""
    digest = hashlib.sha256()
    for name in (*SHELL, "js/phone_worker.js"):
        digest.update(static(name).encode())
        digest.update(Path(str(finders.find(name))).read_bytes())
    return digest.hexdigest()[:16]


@login_not_required
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """Served from the root, so that it may answer for every phone page."""
    shell = {
        "version": shell_version(),
        "files": [*(static(name) for name in SHELL), reverse("phone_no_signal")],
        "pages": [reverse(name) for name in PAGES],
        "fresh": [reverse("phone_catalogue")],
        "statics": settings.STATIC_URL,
        "nothing": reverse("phone_no_signal"),
    }
    script = static("js/phone_worker.js")
    body = f"const SHELL = {json.dumps(shell)};\nimportScripts({json.dumps(script)});\n"
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/"
    response["Cache-Control"] = "no-cache"
    return response


@login_not_required
@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest: what a phone needs to put the pages on its home screen."""
    icons: list[dict[str, Any]] = [
        {
            "src": static(f"img/app-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
        }
        for size in (192, 512)
    ]
    icons += [{**icon, "src": icon["src"], "purpose": "maskable"} for icon in icons]
    return JsonResponse(
        {
            "id": reverse("phone_home"),
            "name": _("网格 Wangge"),
            "short_name": _("网格"),
            "start_url": reverse("phone_home"),
            "scope": "/",
            "display": "standalone",
            "orientation": "portrait",
            "background_color": "#f4f6f7",
            "theme_color": "#0b4a60",
            "lang": "zh-CN",
            "icons": icons,
            "shortcuts": [
                {"name": _("上报问题"), "url": reverse("phone_file")},
                {"name": _("待发送"), "url": reverse("phone_outbox")},
            ],
        },
        content_type="application/manifest+json",
    )


@login_not_required
@require_GET
def no_signal(request: HttpRequest) -> HttpResponse:
    """Shown without a signal instead of a page that was never opened."""
    return render(request, "cases/phone/no_signal.html")


@login_not_required
@never_cache
@require_GET
def phone_pass(request: HttpRequest) -> JsonResponse:
    """Whether the server is there, whom it knows, and the token for what is sent."""
    known = request.user.is_authenticated and not request.user.must_change_password
    account = str(request.user.pk) if known else None
    return JsonResponse({"account": account, "csrf": get_token(request)})


@require_GET
def catalogue_copy(request: HttpRequest) -> HttpResponse:
    """The catalogue as the phone keeps it, with an ETag: 304 while nothing changed."""
    http.actor(request)
    known = {"categories": Category.objects.active().compact()}
    body = json.dumps(known, ensure_ascii=False, separators=(",", ":"))
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return get_conditional_response(request, etag=etag, response=response) or response


@never_cache
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """Drafts and what waits to be sent; the phone fills it in from its own store."""
    http.actor(request)
    return render(request, "cases/phone/outbox.html", {"words": WORDS})
