"""内部备注 on a case page, and whom one may mention there."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from cases import story
from cases.actions.notes import full_label, labels, leave_note
from cases.forms.notes import NoteForm
from cases.models import Case
from cases.querysets.candidates import readers
from governance import clock
from governance.errors import Refused
from governance.middleware import wants_piece
from parties import http


@require_POST
def notes(request: HttpRequest, case_id: int) -> HttpResponse:
    """Leaves a note; 422 with what was typed."""
    who, at = http.actor(request), clock.now()
    case = get_object_or_404(Case.objects.visible_to(who), pk=case_id)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            leave_note(case_id=case.pk, actor=who, at=at, **form.cleaned_data)
        except Refused as refused:
            form.add_error("opinion", str(refused))
    piece = wants_piece(request)
    if not form.errors and not piece:
        return redirect(f"{case.get_absolute_url()}#notes")
    left = [one for one in story.timeline(case) if one.is_note]
    context: dict[str, Any] = {"case": case, "notes": left}
    if form.errors:
        context["note_form"] = form
    status = 422 if form.errors else 200
    template = "_notes.html" if piece else "notes.html"
    return render(request, f"cases/case/{template}", context, status=status)


@require_GET
def people(request: HttpRequest, case_id: int) -> JsonResponse:
    """Who may be mentioned: what to write after the @, and the post to tell them by."""
    who, at = http.actor(request), clock.now()
    case = get_object_or_404(Case.objects.visible_to(who), pk=case_id)
    found = readers(case, at)
    known = labels(found)
    return JsonResponse(
        {
            "people": [
                {
                    "say": one.user.name
                    if len(known[one.user.name]) == 1
                    else full_label(one),
                    "name": one.user.name,
                    "post": f"{one.post.organisation.name}·{one.post.name}",
                }
                for one in found
                if one.user_id != who.user_id
            ]
        }
    )
