"""What is typed into the form of a step, saved while it is typed."""

from datetime import datetime
from typing import Any

from django.forms import Field, Form, HiddenInput
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from cases.actions import own_work
from cases.difference import Difference, last_seen, since
from cases.models import Case, FormDraft
from governance import clock
from governance.errors import Refused
from governance.numbers import number_of
from parties.acting import Actor

LARGEST = 40_000


def typed(form: type[Form], given: QueryDict) -> dict[str, list[str]]:
    """The fields of the form as they were sent; nothing when nobody typed anything.

    Hidden ones are told anew each time, but for the batch on which the photos hang.
    `form.beside` is how the names of further inputs begin, which are no fields.
    """
    fields: dict[str, Field] = form.base_fields
    kept = {
        name: given.getlist(name)
        for name, field in fields.items()
        if name in given
        and (name == "batch" or not isinstance(field.widget, HiddenInput))
    }
    beside = getattr(form, "beside", "")
    if beside:
        kept |= {name: given.getlist(name) for name in given if name.startswith(beside)}
    size = sum(len(one) for values in kept.values() for one in values)
    if size > LARGEST:
        raise Refused(_("内容太长，没有存成草稿，请精简。"), code="long")
    written = any(
        value.strip()
        for name, values in kept.items()
        if name != "batch"
        for value in values
    )
    return kept if written else {}


def keep(
    request: HttpRequest, case: Case, action: str, form: type[Form], who: Actor
) -> HttpResponse:
    """Answers when it was saved, for the page to say so; nothing when it was not."""
    about: dict[str, Any] = {"case_id": case.pk, "action": action}
    about["user_id"] = who.user_id or 0
    fields = typed(form, request.POST)
    if not fields:
        own_work.drop_draft(**about)
        return JsonResponse({"said": ""})
    at = clock.now()
    seen = request.POST.get("seen", "")[:LARGEST]
    draft = own_work.keep_draft(
        **about, fields=fields, seen=seen, last_seen=last_seen(seen, case), at=at
    )
    if draft is None:
        return JsonResponse({"said": ""})
    said = _("草稿已保存 %(at)s") % {"at": date_format(localtime(at), "H:i:s")}
    return JsonResponse({"said": said})


def draft_of(case: Case, action: str, who: Actor) -> FormDraft | None:
    found: Any = FormDraft.objects.of(who.user_id, case.pk).filter(action=action)
    return found.first()


def sent_of(draft: FormDraft) -> QueryDict:
    """As the form would have sent it."""
    given = QueryDict(mutable=True)
    for name, values in draft.fields.items():
        given.setlist(name, values)
    return given


def values_of(draft: FormDraft, form: type[Form]) -> dict[str, Any]:
    """First values for a form: each field reads its own, as it would when sent."""
    given = sent_of(draft)
    files: MultiValueDict[str, Any] = MultiValueDict()
    found = {
        name: _plain(field, field.widget.value_from_datadict(given, files, name))
        for name, field in form.base_fields.items()
        if name in draft.fields
    }
    return {name: value for name, value in found.items() if value not in (None, [])}


def _plain(field: Field, value: Any) -> Any:
    """An id that was chosen as the number that it is."""
    if getattr(field, "coerce", None) is not int:
        return value
    if isinstance(value, list):
        numbers = map(number_of, value)
        return [one for one in numbers if one is not None]
    number = number_of(value)
    return value if number is None else number


def told_of(draft: FormDraft, case: Case) -> dict[str, Any]:
    """That a draft was restored, from when, and what happened to the case meanwhile."""
    difference: Difference | None = since(draft.seen, case)
    return {"restored_at": draft.saved_at, "difference": difference}


def restored(
    form: Any, action: str, first: dict[str, Any], case: Case, who: Actor, at: datetime
) -> tuple[Any, dict[str, Any]]:
    """A composer with what was typed before over its `first` values; what to say."""
    draft = draft_of(case, action, who)
    if draft is None:
        return form(initial=first, case=case, actor=who, at=at), {}
    values = first | values_of(draft, form)
    made = form(initial=values, case=case, actor=who, at=at)
    # Unbound still: only the inputs beside the fields are read from there.
    made.data = sent_of(draft)
    return made, told_of(draft, case)
