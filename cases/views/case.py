"""One case, whole: what it is, where it stands, what may be done, what happened."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from cases import story
from cases.actions.contacts import masked, reveal_contact
from cases.actions.linking import links_of
from cases.actions.own_work import look_at
from cases.explain import explain
from cases.forms.results import RevealForm
from cases.lamps import clock_rows, lamp_of, leading, staged
from cases.models import (
    Case,
    CaseClock,
    CaseLink,
    CaseViewer,
    ComplainantConsent,
    Escalation,
    FormDraft,
    Photo,
    ResponsibilityFinding,
    SupportDraft,
    Whistle,
    WhistleAssignment,
)
from cases.offers import Offer, offers
from cases.querysets.duplicates import Matter
from cases.views import comparing, words
from cases.views.requests import asked_of
from cases.workflow import BESIDE, Action, Stage, verb_of
from governance import clock
from governance.errors import Refused
from governance.middleware import wants_piece
from parties import actions as parties
from parties import http
from parties.acting import Actor
from parties.models import Notification

PHOTO_GROUPS = (
    (_("处置前"), (Photo.Stage.REPORT, Photo.Stage.BEFORE, Photo.Stage.VERIFY)),
    (_("报到"), (Photo.Stage.CHECK_IN,)),
    (_("挂账佐证"), (Photo.Stage.EVIDENCE,)),
    (_("处置后"), (Photo.Stage.AFTER,)),
    (_("核查与评价"), (Photo.Stage.CHECK, Photo.Stage.RATING)),
    (_("复发"), (Photo.Stage.REOPEN,)),
)

SIGNING = (_("经办人"), _("审核人"), _("负责人"), _("日期"))


def visible_case(who: Actor, case_id: int) -> Case:
    """The case with all names the page shows; 404 outside the scope."""
    found = Case.objects.visible_to(who).select_related(
        "category", "condition", "city", "district", "street", "community", "grid",
        "holder_org", "holder_user", "lead_org", "first_handler_org", "doer", "master",
    )  # fmt: skip
    case: Case = get_object_or_404(found, pk=case_id)
    return case


@require_GET
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    who, at = http.actor(request), clock.now()
    found = visible_case(who, case_id)
    context = _whole(found, who, at)
    return render(request, "cases/case/case.html", context)


@require_GET
def case_file(request: HttpRequest, case_id: int) -> HttpResponse:
    """案卷: everything about the case on paper, the oldest first."""
    who, at = http.actor(request), clock.now()
    found = visible_case(who, case_id)
    context = {**_whole(found, who, at), "printed_by": who, "signing": SIGNING}
    context["entries"] = list(reversed(context["entries"]))
    return render(request, "cases/case/file.html", context)


def _whole(found: Case, who: Actor, at: datetime) -> dict[str, Any]:
    offered = offers(found, who, at)
    entries = story.timeline(found)
    photos = list(found.photos.order_by("received_at", "id"))
    pairs = comparing.pairs(photos)
    return {
        "case": found,
        "offers": [one for one in offered if not one.is_aside],
        "aside": [one for one in offered if one.is_aside],
        "entries": [one for one in entries if not one.is_note],
        "notes": [one for one in entries if one.is_note],
        "explanation": explain(found, at),
        "journey": words.journey(found, words.events_of(found)),
        "whistles": _whistles(found, at),
        **disputes_of(found),
        "pairs": pairs,
        "photo_groups": _groups(comparing.left_over(photos, pairs)),
        "contact": masked(found, who) if found.has_complainant else None,
        "consent": ComplainantConsent.objects.filter(case=found).first()
        if found.has_complainant
        else None,
        "alike": _alike(found, offered, who),
        "merged": list(found.merged.visible_to(who).order_by("pk")),
        "master_visible": Case.objects.visible_to(who)
        .filter(pk=found.master_id)
        .exists()
        if found.master_id
        else False,
        "links": links_seen(found, who),
        "members": list(
            found.members.filter(removed_at=None).select_related("user").order_by("pk")
        ),
        "call_backs": list(found.call_backs.order_by("-at", "-pk")),
        "ratings": list(
            found.ratings.select_related("merged_case").order_by("-at", "-pk")
        ),
        "site_tasks": list(
            found.site_tasks.select_related("worker").order_by("-sent_at", "-pk")
        ),
        "requests": asked_of(found),
        "escalations": escalations_of(found),
        "orders": list(
            found.supervision_orders.with_names().order_by("-issued_at", "-pk")
        ),
        "urgings": list(
            found.urgings.select_related("organisation", "urged_by").order_by("-pk")
        ),
        "drafts": set(
            FormDraft.objects.of(who.user_id, found.pk).values_list("action", flat=True)
        ),
        "at": at,
        **_clocks(found, at),
    }


def escalations_of(found: Case) -> list[Escalation]:
    """What is in force at the highest level the case stands at; none is no banner."""
    rows = list(
        Escalation.objects.in_force()
        .filter(case=found)
        .select_related("clock", "organisation")
        .order_by("-level", "at", "pk")
    )
    return [row for row in rows if row.level == rows[0].level]


def _clocks(found: Case, at: datetime) -> dict[str, Any]:
    clocks = list(
        CaseClock.objects.filter(case=found, superseded=False).select_related(
            "organisation"
        )
    )
    running = [
        one
        for one in clocks
        if one.running_since and one.stopped_at is None and one.stage not in BESIDE
    ]
    counting = leading(running, found.state) if running and found.is_open else None
    handles = [one for one in clocks if one.stage == Stage.HANDLE]
    handle = max(handles, key=lambda one: one.round, default=None)
    return {
        "clocks": clock_rows(clocks, at),
        "lamp": lamp_of(counting, at, None) if counting else None,
        "staged": staged(found, handle, at),
    }


def _whistles(found: Case, at: datetime) -> list[dict[str, Any]]:
    """Each whistle that was not withdrawn with its lines, the newest first."""
    whistles = (
        found.whistles.exclude(status=Whistle.Status.WITHDRAWN)
        .select_related("drafted_by", "signed_by", "confirmed_by", "condition")
        .prefetch_related(
            "assignments__organisation",
            "assignments__checkin_by",
            "assignments__score",
            Prefetch(
                "assignments__clocks",
                CaseClock.objects.filter(stopped_at=None),
            ),
            Prefetch(
                "support_drafts",
                SupportDraft.objects.filter(
                    status=SupportDraft.Status.DRAFT
                ).select_related("organisation"),
            ),
        )
        .order_by("-drafted_at", "-pk")
    )
    return [
        {
            "whistle": one,
            "drafts": list(one.support_drafts.all()),
            "lines": sorted(one.assignments.all(), key=lambda a: (a.role, a.pk)),
            "is_late": {
                line.pk
                for line, clock in _reporting(one)
                if clock.due_at is not None and at > clock.due_at
            },
            "waiting": {
                line.pk for line, clock in _reporting(one) if not clock.running_since
            },
        }
        for one in whistles
    ]


def _reporting(whistle: Whistle) -> list[tuple[WhistleAssignment, CaseClock]]:
    """The lines that have not reported yet, each with its 报到 clock."""
    return [
        (line, clock)
        for line in whistle.assignments.all()
        for clock in line.clocks.all()
        if line.status == WhistleAssignment.Status.PENDING
    ]


def disputes_of(found: Case) -> dict[str, Any]:
    """disputes, coordinations, agenda_items and finding: what was argued and ruled."""
    return {
        "disputes": list(
            found.disputes.select_related("organisation", "ruled_by").order_by("pk")
        ),
        "coordinations": list(
            found.coordinations.select_related("meeting").order_by("pk")
        ),
        "agenda_items": list(
            found.agenda_items.filter(taken_off_at=None)
            .select_related("meeting")
            .order_by("pk")
        ),
        "finding": ResponsibilityFinding.objects.filter(case=found)
        .select_related("organisation")
        .first(),
    }


def _groups(photos: list[Photo]) -> list[tuple[str, list[Photo]]]:
    groups = [
        (str(label), [one for one in photos if one.stage in stages])
        for label, stages in PHOTO_GROUPS
    ]
    return [(label, shown) for label, shown in groups if shown]


def links_seen(found: Case, who: Actor) -> list[tuple[CaseLink, Case]]:
    """Each link with its other end, as far as that may be seen."""
    rows = list(links_of(found).order_by("-at", "-pk"))
    ids = {one.case_id for one in rows} | {one.other_id for one in rows}
    seen = Case.objects.visible_to(who).select_related("category").in_bulk(ids)
    ends = [
        (one, one.other_id if one.case_id == found.pk else one.case_id) for one in rows
    ]
    return [(one, seen[pk]) for one, pk in ends if pk in seen]


def _alike(found: Case, offered: list[Offer], who: Actor) -> list[tuple[Case, str]]:
    """Likely duplicates and why, for those who may merge."""
    if not any(one.name == Action.MERGE for one in offered):
        return []
    alike = Case.objects.visible_to(who).alike(Matter.of(found))
    return [(one.case, words.reason(one)) for one in alike]


@require_POST
def seen(request: HttpRequest, case_id: int) -> HttpResponse:
    """Messages about a case whose page was opened are read."""
    who = http.actor(request)
    found = visible_case(who, case_id)
    own = Notification.objects.visible_to(who.user_id or 0).unread()
    ids = list(own.filter(subject=found.chain).values_list("pk", flat=True))
    if ids and who.user_id is not None:
        parties.mark_read(user_id=who.user_id, ids=ids, at=clock.now())
    return HttpResponse(status=204)


@require_POST
def presence(request: HttpRequest, case_id: int) -> HttpResponse:
    """Notes that the page is open, and says who else has it open or is writing, and
    whether somebody moved the case on meanwhile. Every page asks every 4 seconds."""
    who, at = http.actor(request), clock.now()
    found = get_object_or_404(Case.objects.visible_to(who), pk=case_id)
    look_at(case_id=found.pk, user_id=who.user_id or 0, at=at)
    return render(
        request,
        "cases/case/_presence.html",
        {
            "case": found,
            "has_moved": has_moved(found, request.POST),
            **others_at(found, who, at),
        },
    )


def has_moved(found: Case, opened: QueryDict) -> bool:
    """Somebody moved it on since the page was opened, or noted something beside its
    way (`seen` is when it was last written)."""
    changed = found.updated_at.isoformat()
    same = opened.get("version") == str(found.version)
    return not same or opened.get("seen", changed) != changed


def others_at(found: Case, who: Actor, at: datetime) -> dict[str, Any]:
    """viewers: who looks at it; writers: (name, step) of drafts that are not sent."""
    looking: Any = CaseViewer.objects.others(who.user_id, found.pk, at)
    drafts: Any = FormDraft.objects.by_others(who.user_id, found.pk, at)
    return {
        "viewers": [one.user.name for one in looking],
        "writers": [(one.user.name, verb_of(one.action)) for one in drafts],
    }


def contact(request: HttpRequest, case_id: int) -> HttpResponse:
    """查看完整: asks for the reason (GET), shows name and telephone once (POST)."""
    who, at = http.actor(request), clock.now()
    found = visible_case(who, case_id)
    form = RevealForm(request.POST or None, case=found, actor=who, at=at)
    context: dict[str, Any] = {
        "case": found,
        "form": form,
        "contact": masked(found, who),
    }
    if request.method == "POST" and form.is_valid():
        try:
            context["contact"] = reveal_contact(
                case_id=found.pk, actor=who, at=at, **form.arguments()
            )
            context["is_open"] = True
        except Refused as refused:
            form.add_error("reason" if refused.field else None, str(refused))
    status = 422 if form.is_bound and form.errors else 200
    template = "_contact.html" if wants_piece(request) else "contact.html"
    return render(request, f"cases/case/{template}", context, status=status)
