"""For administrators: choose a table, upload it, look, confirm."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from exchange import actions
from exchange.actions.importing import errors_of
from exchange.blanks import template as blank
from exchange.forms import CatalogueForm, UploadForm
from exchange.kinds import BY_CODE, KINDS, Kind
from exchange.lines import Line, Lines, Status
from exchange.models import Import
from governance import clock
from governance.errors import Refused
from governance.middleware import wants_piece
from parties import http
from parties.acting import Actor
from parties.roles import TABLE_KEEPERS

PAGE = 50
RECENT = 10
SHOWN_FACTS = 6
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _administrator(request: HttpRequest) -> Actor:
    actor = http.actor(request)
    if actor.role not in TABLE_KEEPERS:
        raise Http404
    return actor


def _kind(request: HttpRequest, code: str) -> Kind:
    """A table that is theirs to bring in; for others it is not there."""
    actor, kind = _administrator(request), BY_CODE.get(code)
    if kind is None or not kind.is_kept_by(actor, clock.now()):
        raise Http404
    return kind


def _found(request: HttpRequest, token: UUID) -> Import:
    mine = Import.objects.visible_to(_administrator(request))
    found: Import = get_object_or_404(mine, token=token)
    return found


@require_GET
def tables(request: HttpRequest) -> HttpResponse:
    """Every table that can be filled in, and what was brought in lately."""
    actor = _administrator(request)
    recent = Import.objects.visible_to(actor)[:RECENT]
    context = {
        "kinds": [one for one in KINDS if one.is_kept_by(actor, clock.now())],
        "recent": [(one, BY_CODE[one.kind].label) for one in recent],
    }
    return render(request, "exchange/tables.html", context)


@require_GET
def template(request: HttpRequest, code: str) -> HttpResponse:
    kind = _kind(request, code)
    answer = HttpResponse(blank(kind), content_type=XLSX)
    answer["Content-Disposition"] = content_disposition_header(
        True, f"{kind.title}导入模板.xlsx"
    )
    return answer


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, code: str) -> HttpResponse:
    """The file is kept and checked in the background; its page tells how far."""
    actor, kind = _administrator(request), _kind(request, code)
    shape = CatalogueForm if kind.code == "catalogue" else UploadForm
    form = shape(http.posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = actions.upload(
                kind=kind.code,
                name=file.name,
                chunks=file.chunks(),
                options=form.options(),
                language=get_language() or "",
                actor=actor,
                at=clock.now(),
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            return redirect("import_review", token=kept.token)
    status = 422 if form.is_bound else 200
    context = {"form": form, "kind": kind, "exports": kind.code != "catalogue"}
    return render(request, "exchange/upload.html", context, status=status)


@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, token: UUID) -> HttpResponse:
    """What the file would do, and the button that does it."""
    kept = _found(request, token)
    refused = None
    if request.method == "POST":
        try:
            actions.confirm_import(
                import_id=kept.pk, actor=_administrator(request), at=clock.now()
            )
        except Refused as error:
            refused = error
        else:
            return redirect("import_review", token=token)
    context = _shown(request, kept) | {"refused": refused}
    name = "exchange/_review.html" if wants_piece(request) else "exchange/review.html"
    return render(request, name, context, status=422 if refused else 200)


def _shown(request: HttpRequest, kept: Import) -> dict[str, Any]:
    kind = BY_CODE[kept.kind]
    context: dict[str, Any] = {"one": kept, "kind": kind}
    if kept.is_working:
        done, total = kept.place.progress()
        return context | {"done": done, "total": total}
    if kept.state != Import.State.CHECKED or not kept.place.folder.exists():
        return context | {"is_gone": kept.state == Import.State.CHECKED}
    tabs = [
        (Status.WRONG, pgettext("lines", "错误")),
        (Status.NEW, pgettext("lines", "新增")),
        (Status.CHANGED, pgettext("lines", "更新")),
        (Status.SAME, pgettext("lines", "不变")),
    ]
    counts = kept.counts
    first = next((one for one, _label in tabs if counts.get(one)), Status.NEW)
    given = request.GET.get("show", "")
    chosen = given if given in counts else str(first)
    last = max(1, -(-int(counts.get(chosen, 0)) // PAGE))
    page = min(max(http.number_in(request, "page") or 1, 1), last)
    address = request.path

    def url(number: int) -> str:
        return f"{address}?show={chosen}&page={number}"

    return context | {
        "tabs": [(str(one), label, counts.get(one, 0)) for one, label in tabs],
        "chosen": chosen,
        "lines": [
            (one, _facts(kind, one))
            for one in Lines(kept.place.folder).of(chosen, (page - 1) * PAGE, PAGE)
        ],
        "newer_url": url(page - 1) if page > 1 else "",
        "older_url": url(page + 1) if page < last else "",
        "summary": _("第 %(page)d 页，共 %(last)d 页") % {"page": page, "last": last}
        if last > 1
        else "",
    }


def _facts(kind: Kind, line: Line) -> list[tuple[str, str]]:
    """What a new row says, where the columns of changes do not say it; no secrets."""
    if line.status != Status.NEW or line.changes:
        return []
    said = [
        (one.name, line.values.get(one.field, ""))
        for one in kind.columns[1:]
        if not one.secret
    ]
    return [(name, value) for name, value in said if value][:SHOWN_FACTS]


@require_GET
def errors(request: HttpRequest, token: UUID) -> FileResponse:
    """The original with a column 错误原因."""
    kept = _found(request, token)
    path = errors_of(kept)
    if not path.exists():
        raise Http404
    stem, dot, suffix = kept.name.rpartition(".")
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"{stem}-错误原因{dot}{suffix}",
    )


@require_POST
def drop(request: HttpRequest, token: UUID) -> HttpResponse:
    kept = _found(request, token)
    try:
        actions.drop_import(
            import_id=kept.pk, actor=_administrator(request), at=clock.now()
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("import_review", token=token)
    messages.success(
        request, _("已放弃“%(name)s”，数据没有改动。") % {"name": kept.name}
    )
    return redirect("import_upload", code=kept.kind)
