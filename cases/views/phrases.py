"""常用语和模板: a page to write, approve and put them aside; what a form offers."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cases.actions import phrases as actions
from cases.forms.phrases import PhraseForm
from cases.models import Case, Phrase
from cases.phrasing import VARIABLES, filled
from governance import clock
from governance.errors import Refused
from parties import http
from parties.acting import Actor

DONE = {
    "approve": (actions.approve_phrase, gettext_lazy("“%s”已启用。")),
    "withdraw": (actions.withdraw_phrase, gettext_lazy("“%s”已停用。")),
    "drop": (actions.drop_phrase, gettext_lazy("“%s”已删除。")),
}


def visible(who: Actor) -> Any:
    found: Any = Phrase.objects.visible_to(who)
    return found.select_related("category", "organisation", "written_by", "owner")


def phrases(request: HttpRequest) -> HttpResponse:
    """What one has, what the unit has, what is for all; POST writes a new one."""
    who, at = http.actor(request), clock.now()
    form = PhraseForm(request.POST or None, actor=who, new=True)
    if request.method == "POST" and _kept(form, None, who, at):
        return redirect("phrases")
    rows = [
        (one, actions.heads(one, who))
        for one in visible(who).order_by("owner", "organisation", "title", "pk")
    ]
    groups = [
        (_("我的常用语"), [row for row in rows if row[0].owner_id is not None]),
        (_("本单位的模板"), [row for row in rows if row[0].organisation_id]),
        (
            _("全市的模板"),
            [r for r in rows if not r[0].owner_id and not r[0].organisation_id],
        ),
    ]
    context = {"form": form, "groups": groups, "variables": _variables()}
    status = 422 if form.is_bound else 200
    return render(request, "cases/phrases/phrases.html", context, status=status)


def phrase(request: HttpRequest, phrase_id: int) -> HttpResponse:
    """One, to be changed."""
    who, at = http.actor(request), clock.now()
    found = get_object_or_404(visible(who), pk=phrase_id)
    first = {
        name: getattr(found, name) for name in ("title", "text", "audience", "state")
    }
    form = PhraseForm(
        request.POST or None,
        initial={**first, "category": found.category_id},
        actor=who,
        new=False,
    )
    if request.method == "POST" and _kept(form, found.pk, who, at):
        return redirect("phrases")
    context = {"form": form, "phrase": found, "variables": _variables()}
    status = 422 if form.is_bound else 200
    return render(request, "cases/phrases/phrase.html", context, status=status)


@require_POST
def change(request: HttpRequest, phrase_id: int, what: str) -> HttpResponse:
    """`approve`, `withdraw` or `drop`."""
    who = http.actor(request)
    found = get_object_or_404(visible(who), pk=phrase_id)
    if what in DONE:
        act, said = DONE[what]
        act(phrase_id=found.pk, actor=who, at=clock.now())
        messages.success(request, said % found.title)
    return redirect("phrases")


def _kept(form: PhraseForm, phrase_id: int | None, who: Actor, at: datetime) -> bool:
    if not form.is_valid():
        return False
    given: dict[str, Any] = {"wording": form.wording(), "actor": who, "at": at}
    try:
        if phrase_id is None:
            actions.write_phrase(**given)
        else:
            actions.change_phrase(phrase_id=phrase_id, **given)
    except Refused as refused:
        refused.show_in(form)
        return False
    return True


def _variables() -> list[tuple[str, Any]]:
    return [(f"{{{name}}}", label) for name, (label, _of) in VARIABLES.items()]


def offer_phrases(form: Form, case: Case, who: Actor, at: datetime) -> None:
    """Give each field for words the texts that may be put in, already filled.

    Public ones only where residents read the text, internal ones only elsewhere.
    """
    fields = [one for one in form.fields.values() if hasattr(one, "phrases")]
    if not fields:
        return
    found: Any = Phrase.objects.selectable(who, case)[:60]
    texts = [(one, filled(one.text, case, who, at)) for one in found]
    for field in fields:
        audience = "public" if getattr(field, "is_public", False) else "internal"
        field.templates = [  # type: ignore[attr-defined]
            {"title": one.title, "text": text, "is_own": one.owner_id is not None}
            for one, text in texts
            if one.audience == audience
        ]
