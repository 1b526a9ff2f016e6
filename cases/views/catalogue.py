"""Look up the catalogue and the 权责清单; import a city's standard."""

from base64 import b64encode
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.actions.catalogue import (
    CatalogueReport,
    check_catalogue,
    import_catalogue,
)
from cases.catalogue_rows import CatalogueRow, Fault
from cases.forms.catalogue import CatalogueUploadForm
from cases.models import Category, ResponsibilityItem
from cases.workbooks import Source, error_workbook, read_catalogue
from governance import clock
from governance.calendar import Unit
from governance.errors import Refused
from parties import http
from parties.acting import Actor
from parties.roles import Role

PAGE = 30
SHOWN_ROWS = 100
PARCEL_SALT = "cases.catalogue_import"
PARCEL_SECONDS = 3600
LARGEST_LINK = 2 * 1024 * 1024


@dataclass(frozen=True)
class Line:
    """A category in the list, with the names of who answers for it in sight."""

    category: Category
    leads: list[str]
    supports: list[str]


def catalogue(request: HttpRequest) -> HttpResponse:
    """Categories found by words, kind, 大类 and standard."""
    actor = http.actor(request)
    today = timezone.localdate(clock.now())
    found = _found(request.GET).with_conditions().with_responsibilities(today, actor)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "lines": [_line(category) for category in page],
        "page": page,
        "newer_url": _page_url(request, page, -1),
        "older_url": _page_url(request, page, +1),
        "q": request.GET.get("q", ""),
    }
    if getattr(request, "htmx", False):
        return render(request, "cases/_catalogue_rows.html", context)
    context |= {
        "kinds": Category.Kind.choices,
        "majors": Category.objects.active().majors(),
        "standards": Category.objects.active().standards(),
        "chosen": request.GET,
        "may_import": actor.role == Role.SYSTEM_ADMIN,
    }
    return render(request, "cases/catalogue.html", context)


def catalogue_category(request: HttpRequest, category_id: int) -> HttpResponse:
    """One category: conditions, limits, what it is confused with, who answers."""
    actor = http.actor(request)
    today = timezone.localdate(clock.now())
    category = get_object_or_404(
        Category.objects.with_conditions().with_responsibilities(today, actor),
        pk=category_id,
    )
    hints = {one["code5"]: one["hint"] for one in category.confusables}
    others = Category.objects.under(category.standard_ref).active()
    return render(
        request,
        "cases/catalogue_category.html",
        {
            "category": category,
            "items": category.valid_responsibilities,
            "confusables": [
                (other, hints[other.code5])
                for other in others.filter(code5__in=list(hints)).order_by("code5")
            ],
        },
    )


def catalogue_import(request: HttpRequest) -> HttpResponse:
    """Upload and check; nothing is written before the preview is confirmed."""
    _administrator(request)
    if request.method != "POST":
        form = CatalogueUploadForm()
        return render(request, "cases/catalogue_import.html", {"form": form})
    form = CatalogueUploadForm(request.POST, request.FILES)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        try:
            context |= _checked(request, form)
        except Refused as refused:
            form.add_error(refused.field or None, refused.message)
    status = 200 if "parcel" in context else 422
    return render(request, "cases/catalogue_import.html", context, status=status)


@require_POST
def catalogue_import_confirm(request: HttpRequest) -> HttpResponse:
    """Write what the preview showed: its parcel is signed."""
    actor = _administrator(request)
    try:
        parcel = signing.loads(
            request.POST.get("parcel", ""), salt=PARCEL_SALT, max_age=PARCEL_SECONDS
        )
    except signing.BadSignature:
        messages.error(request, _("预览已过期，请重新上传文件。"))
        return redirect("catalogue_import")
    report = import_catalogue(
        rows=[CatalogueRow(**row) for row in parcel["rows"]],
        standard_ref=parcel["standard_ref"],
        units={spelling: Unit(unit) for spelling, unit in parcel["units"].items()},
        actor=actor,
        at=clock.now(),
    )
    messages.success(
        request,
        _(
            "已导入“%(standard)s”：立案条件新增 %(new)d 条、更新 %(updated)d 条、"
            "停用 %(retired)d 条，%(flagged)d 条时限待人工认定。"
        )
        % {
            "standard": report.standard_ref,
            "new": report.conditions["new"],
            "updated": report.conditions["updated"],
            "retired": report.conditions["retired"],
            "flagged": len(report.flagged),
        },
    )
    return redirect("catalogue")


def _administrator(request: HttpRequest) -> Actor:
    actor = http.actor(request)
    if actor.role != Role.SYSTEM_ADMIN:
        raise Http404
    return actor


def _checked(request: HttpRequest, form: CatalogueUploadForm) -> dict[str, Any]:
    """The preview of an upload: its report, and a parcel when it can be confirmed."""
    file = form.cleaned_data["file"]
    rows, faults = read_catalogue(file)
    standard_ref, units = form.cleaned_data["standard_ref"], form.units()
    report = check_catalogue(
        rows=rows, standard_ref=standard_ref, units=units, faults=faults
    )
    context: dict[str, Any] = {"report": report, "shown": _shown(report)}
    if report.faults:
        return context | {"errors_url": _errors_url(file, report.faults)}
    parcel = {
        "rows": [asdict(row) for row in rows],
        "standard_ref": standard_ref,
        "units": units,
    }
    return context | {"parcel": signing.dumps(parcel, salt=PARCEL_SALT, compress=True)}


def _shown(report: CatalogueReport) -> dict[str, Any]:
    """The rows worth looking at, cut to a screen's worth, and how many were cut."""
    changed = [one for one in report.outcomes if one.status != "unchanged"]
    return {
        "changed": changed[:SHOWN_ROWS],
        "flagged": report.flagged[:SHOWN_ROWS],
        "faults": report.faults[:SHOWN_ROWS],
        "limit": SHOWN_ROWS,
        "changed_count": len(changed),
    }


def _errors_url(file: Source, faults: list[Fault]) -> str:
    """The error workbook as a link that holds it; empty when it is too large."""
    content = error_workbook(file, faults)
    if len(content) > LARGEST_LINK:
        return ""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return f"data:{kind};base64,{b64encode(content).decode()}"


def listed(request: HttpRequest) -> Any:
    """All categories that the address asks for."""
    http.actor(request)
    return _found(request.GET)


def _found(given: QueryDict) -> Any:
    found = Category.objects.active().search(given.get("q", ""))
    for name, field in {
        "kind": "kind",
        "major": "parent_code",
        "standard": "standard_ref",
    }.items():
        if value := given.get(name):
            found = found.filter(**{field: value})
    return found


def _page_url(request: HttpRequest, page: Any, step: int) -> str:
    number = page.number + step
    if not 1 <= number <= page.paginator.num_pages:
        return ""
    query = request.GET.copy()
    query["page"] = str(number)
    return f"{request.path}?{query.urlencode()}"


def _line(category: Category) -> Line:
    items = category.valid_responsibilities
    names = {
        role: list(dict.fromkeys(item.who for item in items if item.role == role))
        for role in ResponsibilityItem.Role.values
    }
    return Line(category, names["lead"], names["support"])
