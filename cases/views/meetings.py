"""治理联席会议 and 职责空白: what no single unit settles."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cases import actions
from cases.actions.gaps import SETTLERS
from cases.actions.meetings import CONVENERS
from cases.forms.meetings import (
    AgendaForm,
    MeetingForm,
    RulingsForm,
    SettleGapForm,
    TakeOffForm,
)
from cases.models import Case, JointMeeting, ResponsibilityGap, RoutingGap
from cases.querysets.disputes import GAP_READERS, MEETING_READERS, awaiting_meeting
from governance import clock
from governance.errors import Refused
from parties import http
from parties.acting import Actor

PAGE = 25


def meetings(request: HttpRequest) -> HttpResponse:
    """The meetings in scope, the newest first, and what waits for one."""
    who, found = _reader(request, MEETING_READERS), meetings_listed(request)
    waiting = awaiting_meeting(Case.objects.visible_to(who), who.area_code)
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "may_convene": who.role in CONVENERS,
        "waiting": list(waiting[:PAGE]) if who.role in CONVENERS else [],
    }
    return render(request, "cases/meetings/meetings.html", context)


def meetings_listed(request: HttpRequest) -> Any:
    """All meetings in scope; not found for posts that have no part in them."""
    who = _reader(request, MEETING_READERS)
    return JointMeeting.objects.visible_to(who).with_agenda_size().latest_first()


@never_cache
def convene(request: HttpRequest) -> HttpResponse:
    who, at = _reader(request, CONVENERS), clock.now()
    form = MeetingForm(request.POST or None)
    if form.is_valid():
        meeting = _try(
            form,
            lambda: actions.convene_meeting(actor=who, at=at, **form.cleaned_data),
        )
        if meeting is not None:
            return redirect("meeting", meeting.pk)
    status = 422 if form.is_bound else 200
    context = {"form": form}
    return render(request, "cases/meetings/convene.html", context, status=status)


@never_cache
def meeting(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Agenda, what was decided of each item, and the minutes; prints as minutes."""
    who = http.actor(request)
    return _page(request, who, _visible(who, meeting_id), {})


@require_POST
def put_on_agenda(request: HttpRequest, meeting_id: int) -> HttpResponse:
    who, at = http.actor(request), clock.now()
    found = _visible(who, meeting_id)
    form = AgendaForm(request.POST, waiting=_waiting(who, found))
    if form.is_valid() and _try(
        form,
        lambda: actions.put_on_agenda(
            meeting_id=found.pk, case_id=form.cleaned_data["case"], actor=who, at=at
        ),
    ):
        return redirect("meeting", found.pk)
    return _page(request, who, found, {"agenda_form": form})


@require_POST
def take_off_agenda(request: HttpRequest, meeting_id: int) -> HttpResponse:
    who, at = http.actor(request), clock.now()
    found = _visible(who, meeting_id)
    form = TakeOffForm(request.POST)
    if form.is_valid():
        item = get_object_or_404(found.items, pk=form.cleaned_data["item"])
        opinion = form.cleaned_data["opinion"]
        if _try(
            form,
            lambda: actions.take_off_agenda(
                item_id=item.pk, opinion=opinion, actor=who, at=at
            ),
        ):
            return redirect("meeting", found.pk)
    return _page(request, who, found, {"take_off_form": form})


@require_POST
def record_rulings(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Keep what was decided; with `issue` the minutes go out as well."""
    who, at = http.actor(request), clock.now()
    found = _visible(who, meeting_id)
    form = RulingsForm(request.POST, meeting=found)
    if form.is_valid() and _try(
        form,
        lambda: actions.hold_meeting(
            meeting_id=found.pk, rulings=form.rulings(), actor=who, at=at
        ),
    ):
        if "issue" not in request.POST:
            messages.success(request, _("会议意见已保存。"))
            return redirect("meeting", found.pk)
        issued = _try(
            form,
            lambda: actions.issue_minutes(meeting_id=found.pk, actor=who, at=at),
        )
        if issued is not None:
            text = _("%(number)s已印发，请逐件按会议意见派遣。")
            messages.success(request, text % {"number": issued.number})
            return redirect("meeting", found.pk)
    return _page(request, who, _visible(who, meeting_id), {"rulings_form": form})


def gaps(request: HttpRequest) -> HttpResponse:
    """职责空白, the open ones first; and where the router found nobody."""
    who, found = _reader(request, GAP_READERS), gaps_listed(request)
    bad: SettleGapForm | None = None
    if request.method == "POST":
        gap = get_object_or_404(found, pk=request.POST.get("gap") or 0)
        bad = SettleGapForm(request.POST, gap=gap)
        if bad.is_valid() and _settled(bad, gap, who):
            messages.success(request, _("已销号。"))
            return redirect("gaps")
        bad.gap = gap  # type: ignore[attr-defined]
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    routing = RoutingGap.objects.visible_to(who)
    context = {
        "page": page,
        "rows": [(gap, _gap_form(gap, who, bad)) for gap in page],
        "routing": list(
            routing.select_related("case", "area").order_by("-at", "-pk")[:PAGE]
        ),
        "most": PAGE,
    }
    status = 422 if bad is not None else 200
    return render(request, "cases/meetings/gaps.html", context, status=status)


def gaps_listed(request: HttpRequest) -> Any:
    """All gaps in scope; not found for posts that have no part in them."""
    who = _reader(request, GAP_READERS)
    return ResponsibilityGap.objects.visible_to(who).open_first()


def _gap_form(
    gap: ResponsibilityGap, who: Actor, bad: SettleGapForm | None
) -> SettleGapForm | None:
    if gap.settled_by_id or who.role not in SETTLERS:
        return None
    if bad is not None and bad.gap.pk == gap.pk:  # type: ignore[attr-defined]
        return bad
    return SettleGapForm(gap=gap)


def _settled(form: SettleGapForm, gap: ResponsibilityGap, who: Actor) -> Any:
    return _try(
        form,
        lambda: actions.settle_gap(
            gap_id=gap.pk,
            item_id=form.cleaned_data["item"],
            actor=who,
            at=clock.now(),
        ),
    )


def _reader(request: HttpRequest, roles: tuple[str, ...]) -> Actor:
    """Whoever acts; 404 for posts that have no part in it."""
    who = http.actor(request)
    if who.role not in roles:
        raise Http404
    return who


def _visible(who: Actor, meeting_id: int) -> JointMeeting:
    found: JointMeeting = get_object_or_404(
        JointMeeting.objects.visible_to(who).select_related("district", "issued_by"),
        pk=meeting_id,
    )
    return found


def _waiting(who: Actor, found: JointMeeting) -> list[Case]:
    cases = Case.objects.visible_to(who)
    return list(awaiting_meeting(cases, found.district.code))


def _try(form: Form, act: Callable[[], Any]) -> Any:
    """What the action answers, or None with its Refused at the field."""
    try:
        return act()
    except Refused as refused:
        refused.show_in(form)
        return None


def _page(
    request: HttpRequest, who: Actor, found: JointMeeting, given: dict[str, Any]
) -> HttpResponse:
    conducts = who.role in CONVENERS and who.acts_in(found.district.code)
    is_open = found.status != JointMeeting.Status.ISSUED
    on_agenda = Case.objects.filter(agenda_items__meeting=found)
    visible = set(on_agenda.visible_to(who).values_list("pk", flat=True))
    secret = set(on_agenda.filter(confidential=True).values_list("pk", flat=True))
    context: dict[str, Any] = {
        "meeting": found,
        "rulings_form": RulingsForm(meeting=found),
        "writes": conducts and is_open,
        "adds": conducts and found.status == JointMeeting.Status.PLANNED,
        "visible": visible,
        "hidden": set() if conducts else secret - visible,
    }
    if context["adds"]:
        context["agenda_form"] = AgendaForm(waiting=_waiting(who, found))
    context |= given
    status = 422 if given else 200
    return render(request, "cases/meetings/meeting.html", context, status=status)
