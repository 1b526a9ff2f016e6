"""The page on which administrators divide a community or a street 划格建议."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from governance import clock
from governance.errors import Refused
from governance.middleware import wants_piece
from grids import actions
from grids.codes import Level
from grids.drafting import in_range
from grids.forms import ProposalForm
from grids.http import administrator
from grids.models import Area, GridProposal

PAGE = "grids/proposal.html"
PIECE = "grids/_proposal.html"


@require_http_methods(["GET", "POST"])
def proposal(request: HttpRequest, code: str) -> HttpResponse:
    """Look at the draft, or ask for a new one."""
    actor = administrator(request)
    area = _area(code)
    form = ProposalForm(area, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.propose(
                area_id=area.pk, actor=actor, at=clock.now(), **form.wishes()
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            return redirect("proposal", code=code)
    context = _context(area) | {"form": form}
    return render(request, PAGE, context, status=422 if form.is_bound else 200)


@require_POST
def redraw(request: HttpRequest, code: str) -> HttpResponse:
    """One change of the draft by hand; answers the piece with the new parts."""
    actor = administrator(request)
    area = _area(code)
    draft = _draft(area)
    try:
        _redraw(request, draft, actor)
    except Refused as refused:
        context = _context(area) | {"refused": refused}
        context["chosen"] = request.POST.getlist("numbers")
        return _answer(request, context, status=422)
    if wants_piece(request):
        return _answer(request, _context(area))
    return redirect("proposal", code=code)


@require_POST
def publish(request: HttpRequest, code: str) -> HttpResponse:
    actor = administrator(request)
    area = _area(code)
    try:
        actions.publish_proposal(
            proposal_id=_draft(area).pk,
            note=request.POST.get("note", "")[:500],
            accept_gaps="accept_gaps" in request.POST,
            actor=actor,
            at=clock.now(),
        )
    except Refused as refused:
        return _answer(request, _context(area) | {"refused": refused}, status=422)
    messages.success(request, _("“%(name)s”的划分已发布。") % {"name": area.name})
    return redirect("areas_map")


@require_POST
def discard(request: HttpRequest, code: str) -> HttpResponse:
    actor = administrator(request)
    draft = _draft(_area(code))
    actions.discard_proposal(proposal_id=draft.pk, actor=actor, at=clock.now())
    messages.success(request, _("草案已放弃。"))
    return redirect("proposal", code=code)


def _area(code: str) -> Area:
    levels = (Level.STREET, Level.COMMUNITY)
    return get_object_or_404(Area, code=code, level__in=levels, valid_to=None)


def _draft(area: Area) -> GridProposal:
    draft = area.proposals.filter(status=GridProposal.Status.DRAFT).first()
    if draft is None:
        raise Http404
    return draft


def _redraw(request: HttpRequest, draft: GridProposal, actor: Any) -> None:
    """Call the one action that the pressed button names."""
    numbers = [_integer(one) for one in request.POST.getlist("numbers")]
    who = {"proposal_id": draft.pk, "actor": actor, "at": clock.now()}
    wish = request.POST.get("wish")
    if wish == "merge":
        actions.merge_parts(numbers=numbers, **who)
    elif wish == "line" and len(numbers) == 2:
        actions.redraw_border(numbers=numbers, line=_line(request), **who)
    elif wish == "line":
        actions.cut_part(number=_only(numbers), line=_line(request), **who)
    elif wish == "split":
        into = _integer(request.POST.get("into", ""))
        actions.split_part(number=_only(numbers), into=into, **who)
    elif wish == "name":
        name = request.POST.get("name", "")
        actions.name_part(number=_only(numbers), name=name, **who)
    elif wish == "assign":
        code = request.POST.get("code", "")
        actions.assign_part(number=_only(numbers), code=code, **who)
    else:
        raise Refused(_("没有这种操作。"), code="bad_wish")


def _only(numbers: list[int]) -> int:
    if len(numbers) != 1:
        raise Refused(_("请在地图或列表上选择一个格子。"), code="choose_one")
    return numbers[0]


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Refused(_("请填写整数。"), code="bad_number") from error


def _line(request: HttpRequest) -> list[tuple[float, float]]:
    try:
        given = json.loads(request.POST.get("line", ""))
        return [(float(lng), float(lat)) for lng, lat in given]
    except (ValueError, TypeError) as error:
        raise Refused(_("请先在地图上画线。"), code="bad_line") from error


def _answer(
    request: HttpRequest, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The piece for htmx, else the page."""
    if wants_piece(request):
        return render(request, PIECE, context, status=status)
    context["form"] = ProposalForm(context["area"])
    return render(request, PAGE, context, status=status)


def _context(area: Area) -> dict[str, Any]:
    draft = area.proposals.filter(status=GridProposal.Status.DRAFT).first()
    boundary = area.boundaries.filter(valid_to=None).first()
    context = {
        "area": area,
        "draft": draft,
        "drawn": boundary is not None,
        "extent": boundary.geometry.extent if boundary else None,
        "divides_street": area.level == Level.STREET,
    }
    if draft is not None:
        context |= _parts_context(area, draft)
    return context


def _parts_context(area: Area, draft: GridProposal) -> dict[str, Any]:
    below = dict(
        Area.objects.filter(parent=area, valid_to=None)
        .at_level(Level(area.level + 1))
        .order_by("code")
        .values_list("code", "name")
    )
    parts = list(draft.parts.order_by("number"))
    features = []
    for part in parts:
        part.fits = in_range(draft, part.households)  # type: ignore[attr-defined]
        part.title = part.name or below.get(part.code, "")  # type: ignore[attr-defined]
        features.append(
            {
                "type": "Feature",
                "id": part.number,
                "properties": {
                    "number": part.number,
                    "households": part.households,
                    "fits": in_range(draft, part.households),
                },
                "geometry": json.loads(part.geometry.geojson),
            }
        )
    return {
        "parts": parts,
        "misfits": sum(not in_range(draft, part.households) for part in parts),
        "counted": bool(draft.settings["high"]),
        "communities": below if area.level == Level.STREET else {},
        "shapes": {"type": "FeatureCollection", "features": features},
    }
