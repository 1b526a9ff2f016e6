"""The data desk's page of one request: what is held, and carrying it out."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cases.actions.contacts import masked
from cases.models import Case
from civics import actions
from civics.forms.data_desk import CorrectForm, DeleteForm, HandOverForm
from civics.models import PersonalDataRequest
from civics.querysets.holdings import Holdings, holdings_of
from civics.views.data_file import data_file
from governance import clock
from governance.errors import Refused
from parties import http
from parties.acting import Actor

Kind = PersonalDataRequest.Kind
DONE = {
    Kind.SEE: gettext_lazy("已交给本人：30 天内凭手机验证码下载，短信已发。"),
    Kind.CORRECT: gettext_lazy("已更正。"),
    Kind.DELETE: gettext_lazy("已删除。还在办的案件，办结 30 天后自动删除。"),
}


@never_cache
def data_desk(request: HttpRequest, submission: uuid.UUID) -> HttpResponse:
    who, at = http.actor(request), clock.now()
    found = _request(who, submission)
    if found.carried_out_at is None:
        actions.require_desk(found, who)
    held = holdings_of(found.phone)
    form = _form(found, held, http.posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            _carry_out(found, form, who, at)
        except Refused as refused:
            refused.show_in(form)
        else:
            messages.success(request, str(DONE[Kind(found.kind)]))
            return redirect("data_desk", submission)
    return _page(request, found, held, form, submission, who)


@require_POST
def data_export(request: HttpRequest, submission: uuid.UUID) -> HttpResponse:
    """The file, for the desk; that it was taken is journalled."""
    who = http.actor(request)
    found = _request(who, submission)
    held = actions.export_data(request_id=found.pk, actor=who, at=clock.now())
    return data_file(held, desk=who)


def _request(who: Actor, submission: uuid.UUID) -> PersonalDataRequest:
    """Outside the scope there is none."""
    case = get_object_or_404(Case.objects.visible_to(who), submission=submission)
    return get_object_or_404(
        PersonalDataRequest.objects.select_related("case__category", "phone", "about"),
        case=case,
    )


def _form(found: PersonalDataRequest, held: Holdings, given: Any) -> forms.Form:
    if found.kind == Kind.CORRECT:
        chosen = [str(found.about_id)] if found.about_id else []
        return CorrectForm(given, cases=held.cases, initial={"case_ids": chosen})
    return DeleteForm(given) if found.kind == Kind.DELETE else HandOverForm(given)


def _carry_out(
    found: PersonalDataRequest, form: forms.Form, who: Actor, at: datetime
) -> None:
    given: dict[str, Any] = {"request_id": found.pk, "actor": who, "at": at}
    said = form.cleaned_data
    if found.kind == Kind.SEE:
        actions.hand_over_data(**given)
    elif found.kind == Kind.CORRECT:
        actions.correct_data(
            case_ids=[int(one) for one in said["case_ids"]],
            name=said["name"],
            contact=said["contact"],
            reason=said["reason"],
            **given,
        )
    else:
        actions.delete_data(reason=said["reason"], **given)


def _page(
    request: HttpRequest,
    found: PersonalDataRequest,
    held: Holdings,
    form: forms.Form,
    submission: uuid.UUID,
    who: Actor,
) -> HttpResponse:
    context = {
        "request_": found,
        "case": found.case,
        "cases": [
            {
                "case": one,
                "contact": masked(one, who),
                "is_own": one.pk == found.case_id,
                "is_secret": one.confidential and one.pk != found.case_id,
            }
            for one in held.cases
        ],
        "held": held,
        "form": form,
        "submission": submission,
        "outcome": _outcome(found),
    }
    status = 422 if form.is_bound else 200
    return render(request, "civics/data_desk.html", context, status=status)


def _outcome(found: PersonalDataRequest) -> list[tuple[str, int]]:
    labels = {
        "cases": _("案件"),
        "kept": _("办结后再删的案件"),
        "follows": _("关注"),
        "consents": _("同意记录"),
        "letters": _("短信"),
    }
    return [(labels[key], found.outcome[key]) for key in labels if key in found.outcome]
