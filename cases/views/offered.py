"""The steps behind the buttons of a case page: GET asks, POST calls the one action."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from cases import actions
from cases.actions.own_work import drop_draft
from cases.actions.step import too_few_photos
from cases.actions.whistling import blown_assignments
from cases.difference import seen, since
from cases.forms import (
    community,
    corrections,
    disputes,
    escalation,
    follow_ups,
    requests,
    results,
    units,
)
from cases.forms.offered import OfferedForm
from cases.forms.whistle import WhistleForm
from cases.models import Case, SupportDraft, Whistle, WhistleAssignment
from cases.offers import OWN_PAGES, SIDE_STEPS, Offer, closed_to, offers
from cases.querysets.field import waiting_photos
from cases.views import drafts
from cases.views.case import visible_case
from cases.views.photos import take_files
from cases.views.phrases import offer_phrases
from cases.workflow import Action, find
from governance import clock
from governance.errors import Refused
from governance.middleware import wants_piece
from governance.numbers import number_of
from parties import http
from parties.acting import Actor


@dataclass(frozen=True)
class Step:
    """`told` may say more of what came of it than that it is done."""

    act: Callable[..., Any]
    form: type[OfferedForm]
    told: Callable[[Any], str] | None = None


def _where(line: WhistleAssignment) -> str:
    if not line.is_far:
        return ""
    return _("您离现场 %(m)d 米，不算到场，记为“不在现场”。到现场后请登记到场。") % {
        "m": round(line.checkin_distance_m or 0)
    }


def _waits(written: WhistleAssignment | SupportDraft) -> str:
    if isinstance(written, WhistleAssignment):
        return ""
    return _("增派协办已提交，等待街道值班领导签发。")


STEPS: dict[str, Step] = {
    "self_resolve": Step(actions.self_resolve, community.SelfResolveForm),
    "finish_self": Step(actions.finish_self, results.FinishSelfForm),
    "approve_self": Step(actions.approve_self, community.ApproveSelfForm),
    "return_self": Step(actions.return_self, community.ReturnSelfForm),
    "hand_up": Step(actions.hand_up, community.HandUpForm),
    "send_to_verify": Step(actions.send_to_verify, community.VerifyForm),
    "submit_verification": Step(
        actions.submit_verification, results.SubmitVerificationForm
    ),
    "accept": Step(actions.accept, community.AcceptForm),
    "raise_to_street": Step(actions.raise_to_street, community.RaiseForm),
    "reject": Step(actions.reject, community.RejectForm),
    "merge": Step(actions.merge, community.MergeForm),
    "transfer": Step(actions.transfer, community.TransferForm),
    "submit_result": Step(actions.submit_result, results.SubmitResultForm),
    "send_down": Step(actions.send_down, community.SendDownForm),
    "handle_at_street": Step(actions.handle_at_street, community.HandleAtStreetForm),
    "check_in": Step(actions.check_in, results.CheckInForm, _where),
    "support_check_in": Step(actions.check_in, results.CheckInForm, _where),
    "arrive": Step(actions.arrive, units.ArriveForm),
    "add_support": Step(actions.add_support, units.AddSupportForm, _waits),
    "sign_support": Step(actions.sign_support, units.SignSupportForm),
    "drop_support": Step(actions.drop_support, units.DropSupportForm),
    "call_off": Step(actions.call_off, units.CallOffForm),
    "score_unit": Step(actions.score_unit, units.ScoreForm),
    "finish_support": Step(actions.finish_support, results.FinishSupportForm),
    "feed_back": Step(actions.feed_back, results.FeedBackForm),
    "send_to_check": Step(actions.send_to_check, results.SendToCheckForm),
    "return_result": Step(actions.return_result, results.ReturnResultForm),
    "submit_check": Step(actions.submit_check, results.SubmitCheckForm),
    "confirm_check": Step(actions.confirm_check, results.ConfirmCheckForm),
    "rework": Step(actions.rework, results.ReworkForm),
    "rework_after_rating": Step(
        actions.rework_after_rating, results.ReworkAfterRatingForm
    ),
    "close_despite": Step(actions.close_despite, results.CloseDespiteForm),
    "complete_file": Step(actions.complete_file, corrections.CompleteFileForm),
    "archive": Step(actions.archive, community.ArchiveForm),
    "reconsider": Step(actions.reconsider, community.ReconsiderForm),
    "split": Step(actions.split, community.SplitForm),
    "rate": Step(actions.rate_by_call_back, follow_ups.RateByCallBackForm),
    "call_back": Step(actions.call_back, follow_ups.CallBackForm),
    "log_contact": Step(actions.log_contact, follow_ups.LogContactForm),
    "correct_case": Step(actions.correct_case, corrections.CorrectForm),
    "add_note": Step(actions.add_note, corrections.AddNoteForm),
    "link": Step(actions.link, follow_ups.LinkForm),
    "unlink": Step(actions.unlink, follow_ups.UnlinkForm),
    "claim": Step(actions.claim, follow_ups.ClaimForm),
    "replace_worker": Step(actions.replace_worker, follow_ups.ReplaceWorkerForm),
    "assign_handler": Step(actions.assign_handler, follow_ups.AssignHandlerForm),
    "release": Step(actions.release, follow_ups.ReleaseForm),
    "add_member": Step(actions.add_member, follow_ups.AddMemberForm),
    "remove_member": Step(actions.remove_member, follow_ups.RemoveMemberForm),
    "reopen": Step(actions.reopen, corrections.ReopenForm),
    "withdraw": Step(actions.withdraw, corrections.WithdrawCaseForm),
    "request_void": Step(actions.request_void, corrections.RequestVoidForm),
    "refuse_void": Step(actions.refuse_void, corrections.RefuseVoidForm),
    "void": Step(actions.void, corrections.VoidForm),
    "request_extension": Step(actions.request_extension, requests.RequestExtensionForm),
    "review_extension": Step(actions.review_extension, requests.ReviewExtensionForm),
    "withdraw_extension": Step(
        actions.withdraw_extension, requests.WithdrawExtensionForm
    ),
    "request_suspension": Step(
        actions.request_suspension, requests.RequestSuspensionForm
    ),
    "review_suspension": Step(actions.review_suspension, requests.ReviewSuspensionForm),
    "suspend": Step(actions.suspend, requests.SuspendForm),
    "reject_suspension": Step(actions.reject_suspension, requests.RejectSuspensionForm),
    "withdraw_suspension": Step(
        actions.withdraw_suspension, requests.WithdrawSuspensionForm
    ),
    "resume_handling": Step(actions.resume_handling, requests.ResumeHandlingForm),
    "appeal_overdue": Step(actions.appeal_overdue, requests.AppealOverdueForm),
    "review_appeal": Step(actions.review_appeal, requests.ReviewAppealForm),
    "sign_whistle": Step(actions.sign_whistle, results.SignForm),
    "confirm_whistle": Step(actions.confirm_whistle, results.ConfirmWhistleForm),
    "withdraw_whistle": Step(actions.withdraw_whistle, results.WithdrawForm),
    "escalate_to_district": Step(actions.escalate_to_district, disputes.EscalateForm),
    "dispute": Step(actions.dispute, disputes.DisputeForm),
    "uphold": Step(actions.uphold, disputes.UpholdForm),
    "take_over": Step(actions.take_over, disputes.TakeOverForm),
    "refer_to_district": Step(actions.refer_to_district, disputes.ReferForm),
    "send_back_to_street": Step(actions.send_back_to_street, disputes.SendBackForm),
    "escalate_to_city": Step(actions.escalate_to_city, disputes.EscalateToCityForm),
    "send_down_to_district": Step(
        actions.send_down_to_district, disputes.SendDownDistrictForm
    ),
    "escalate_dissatisfied": Step(
        actions.escalate_dissatisfied, disputes.EscalateDissatisfiedForm
    ),
    "find_responsibility": Step(actions.find_responsibility, disputes.FindingForm),
    "urge": Step(actions.urge, escalation.UrgeForm),
    "supervise": Step(actions.supervise, escalation.SuperviseForm),
    "answer_supervision": Step(
        actions.answer_supervision, escalation.AnswerSupervisionForm
    ),
    "accept_supervision": Step(
        actions.accept_supervision, escalation.AcceptSupervisionForm
    ),
    "return_supervision": Step(
        actions.return_supervision, escalation.ReturnSupervisionForm
    ),
    "finish_stage": Step(actions.finish_stage, escalation.FinishStageForm),
}


# Of the steps on pages of their own, for what is typed there.
OWN_FORMS: dict[str, type[Form]] = {
    "whistle": WhistleForm,
    "reassign": disputes.ReassignForm,
    "dispatch_by_ruling": disputes.DispatchForm,
}


@never_cache
def step(request: HttpRequest, case_id: int, action: str) -> HttpResponse:
    """The form of one step; 422 with the same piece and all that was typed."""
    if action in OWN_PAGES:
        return redirect(OWN_PAGES[action], case_id)
    if action not in STEPS:
        raise Http404
    who, at = http.actor(request), clock.now()
    case = visible_case(who, case_id)
    chosen, restored = STEPS[action], {}
    if request.method == "POST":
        form = chosen.form(request.POST, request.FILES, case=case, actor=who, at=at)
        offer = Offer(action, "")
        if _acted(chosen, form, case, who, at):
            drop_draft(case_id=case.pk, action=action, user_id=who.user_id or 0)
            done = form.outcome  # type: ignore[attr-defined]
            more = chosen.told(done) if chosen.told else ""
            messages.success(request, more or _("“%s”已办理。") % form.submit)
            return went_on(request, case, who)
        renew(form, request, case, who, action, at)
    else:
        offer = offered(case, who, action, at)
        initial = _initial(request, case, offer)
        draft = drafts.draft_of(case, action, who)
        if draft is not None:
            initial |= drafts.values_of(draft, chosen.form)
            restored = drafts.told_of(draft, case)
        form = chosen.form(initial=initial, case=case, actor=who, at=at)
    offer_phrases(form, case, who, at)
    context = {
        "case": case,
        "action": action,
        "form": form,
        "title": form.submit,
        "stale": getattr(form, "is_stale", False),
        "seen": seen(case),
        **restored,
        **_about(case, action, form, who),
    }
    status = 422 if form.is_bound else 200
    template = "_step.html" if wants_piece(request) else "step.html"
    return render(request, f"cases/case/{template}", context, status=status)


@require_POST
def draft(request: HttpRequest, case_id: int, action: str) -> HttpResponse:
    """Save what is typed so far; with `discard` put it away and open the step anew."""
    who = http.actor(request)
    case = visible_case(who, case_id)
    form = STEPS[action].form if action in STEPS else OWN_FORMS.get(action)
    if form is None:
        raise Http404
    if "discard" in request.GET:
        drop_draft(case_id=case.pk, action=action, user_id=who.user_id or 0)
        return redirect("case_action", case.pk, action)
    return drafts.keep(request, case, action, form, who)


def offered(case: Case, who: Actor, action: str, at: datetime) -> Offer:
    """The offer of that name, or Refused in the words of its own guard."""
    for offer in offers(case, who, at):
        if offer.name == action:
            return offer
    if action in Action.values:
        find(case, action, who)
        if (refused := closed_to(action, case, who, at)) is not None:
            raise refused
    if action in SIDE_STEPS:
        SIDE_STEPS[action].may(case, who, at)
    raise Refused(_("这一步已经办过，或者不由您办。请刷新后再看。"), code="state")


def _initial(request: HttpRequest, case: Case, offer: Offer) -> dict[str, Any]:
    return {
        "version": case.version,
        "batch": uuid.uuid4(),
        "whistle_id": offer.subject,
        "draft": offer.subject,
        "master": request.GET.get("master", ""),
    }


def _acted(
    chosen: Step, form: OfferedForm, case: Case, who: Actor, at: datetime
) -> bool:
    valid = form.is_valid()
    take_photos(form, who, at)
    if not valid or form.errors:
        return False
    try:
        form.outcome = chosen.act(  # type: ignore[attr-defined]
            case_id=case.pk, actor=who, at=at, **form.arguments()
        )
    except Refused as refused:
        refuse(form, refused)
        return False
    return True


def take_photos(form: OfferedForm, who: Actor, at: datetime) -> None:
    """Keep the pictures that came with the form itself under its batch."""
    if not form.photo_stage:
        return
    files = form.cleaned_data.pop("photos", [])
    batch = form.cleaned_data.get("batch") or uuid.uuid4()
    form.cleaned_data["batch"] = batch
    stage = form.photo_stage
    for fault in take_files(files, batch=batch, stage=stage, actor=who, at=at):
        form.add_error("photos", fault)
    sent = waiting_photos(batch, who.user_id or 0).filter(stage=stage)
    if form.photos_required and form.errors and not sent.exists():  # type: ignore[attr-defined]
        form.add_error("photos", too_few_photos(stage, 1))


def refuse(form: Form, refused: Refused) -> None:
    """The sentence at its field; a stale form is marked so that the page says so."""
    form.is_stale = refused.code in ("stale", "state")  # type: ignore[attr-defined]
    refused.show_in(form)


def renew(
    form: Form,
    request: HttpRequest,
    case: Case,
    who: Actor,
    action: str,
    at: datetime,
) -> None:
    """A stale form shows what is different now, and goes through at the next press
    when its step is still offered; nothing is typed twice (FEATURES 50)."""
    if not getattr(form, "is_stale", False):
        return
    token = request.POST.get("seen", "")
    form.difference = since(token, case)  # type: ignore[attr-defined]
    if any(offer.name == action for offer in offers(case, who, at)):
        form.data = request.POST.copy()
        form.data["version"] = str(case.version)
        form.may_repeat = True  # type: ignore[attr-defined]


def went_on(request: HttpRequest, case: Case, who: Actor) -> HttpResponse:
    """To the case again; home when it has left the reader's scope."""
    url = reverse("case", args=[case.pk])
    if not Case.objects.visible_to(who).filter(pk=case.pk).exists():
        url = reverse("home")
    if wants_piece(request):
        return HttpResponseClientRedirect(url)
    return redirect(url)


def _about(case: Case, action: str, form: OfferedForm, who: Actor) -> dict[str, Any]:
    """What the person should see beside the fields."""
    found: dict[str, Any] = {}
    if form.photo_stage:
        batch = form.cleaned_data["batch"] if form.is_bound else form["batch"].value()
        sent = list(waiting_photos(batch, who.user_id or 0)) if form.is_bound else []
        found |= {"batch": batch, "photos": sent, "stage": form.photo_stage}
    if action == "feed_back":
        found["supports"] = list(
            blown_assignments(case)
            .filter(role=WhistleAssignment.Role.SUPPORT)
            .select_related("organisation")
            .order_by("pk")
        )
    if action in ("answer_supervision", "accept_supervision", "return_supervision"):
        orders = case.supervision_orders.with_names().order_by("pk")
        own = orders.filter(organisation_id=who.organisation_id or 0).awaiting_reply()
        answered = orders.filter(status="answered")
        asked = own if action == "answer_supervision" else answered
        found |= {"order": asked.first(), "at": form.at}
    if "whistle_id" in form.fields:
        whistle_id = number_of(form["whistle_id"].value()) or 0
        found["whistle"] = case.whistles.filter(pk=whistle_id).first()
        found["lines"] = (
            list(
                found["whistle"]
                .assignments.select_related("organisation")
                .order_by("role", "pk")
            )
            if isinstance(found["whistle"], Whistle)
            else []
        )
    return found
