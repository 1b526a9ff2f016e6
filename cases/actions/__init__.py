"""What people and the platform do with a case; the only writers.

One public function for each action, keyword-only, with `actor` and `at` from outside;
each runs in one transaction, raises `Refused`, and leaves exactly one Event.
"""

from cases.actions.alerting import tell_alert
from cases.actions.appeal import appeal_overdue, review_appeal
from cases.actions.archiving import archive, archive_or_list, complete_file
from cases.actions.assigning import assign_handler, claim, release
from cases.actions.bringing_in import Picture, bring_in, may_bring_in, worker_of
from cases.actions.calling_back import call_back, log_contact
from cases.actions.calls import Call, Called
from cases.actions.confirming import confirm_whistle, watch_confirmation
from cases.actions.coordination import (
    dispatch_by_ruling,
    escalate_after_rating,
    escalate_dissatisfied,
    escalate_to_city,
    escalate_to_district,
    send_back_to_street,
    send_down_to_district,
)
from cases.actions.correcting import Correction, add_note, correct_case
from cases.actions.disputes import (
    dispute,
    reassign,
    refer_to_district,
    take_over,
    uphold,
)
from cases.actions.duty import arrive, check_in, feed_back, finish_support
from cases.actions.escalation import escalate, urge, watch_overdue
from cases.actions.extension import (
    request_extension,
    review_extension,
    withdraw_extension,
)
from cases.actions.field_steps import FIELD_STEPS, StepTaken, may_take, take_step
from cases.actions.filing import (
    Report,
    report,
    resolve_on_spot,
    support,
)
from cases.actions.gaps import (
    find_responsibility,
    settle_gap,
)
from cases.actions.guarding import arrive_on_guard, leave_guard, send_guard
from cases.actions.handling import (
    approve_self,
    finish_self,
    hand_up,
    handle_at_street,
    return_self,
    self_resolve,
    send_down,
    submit_result,
)
from cases.actions.incoming import note_incoming
from cases.actions.linking import link, link_recurrence, unlink
from cases.actions.meetings import (
    convene_meeting,
    hold_meeting,
    issue_minutes,
    put_on_agenda,
    take_off_agenda,
)
from cases.actions.membership import add_member, remove_member
from cases.actions.merging import merge, merged_may_rate, rate_merged, split
from cases.actions.photos import content_of, remove_photo, upload_photo
from cases.actions.rating import close_unrated, rate, rate_by_call_back
from cases.actions.receiving import Conflict, keep_conflict
from cases.actions.reception import (
    accept,
    raise_to_street,
    reconsider,
    reject,
    send_to_verify,
    submit_verification,
    transfer,
)
from cases.actions.reckoning import reckon_clock
from cases.actions.reopening import ask_again, may_ask_again, reopen, withdraw
from cases.actions.replacing import replace_worker
from cases.actions.review import (
    close_despite,
    confirm_check,
    return_result,
    rework,
    rework_after_rating,
    send_to_check,
    submit_check,
)
from cases.actions.routing import route
from cases.actions.saved_views import change_view, drop_view, keep_view, move_view
from cases.actions.scoring import bundled_shares, score_unit, set_bundled_shares
from cases.actions.stages import finish_stage, watch_stage
from cases.actions.supervision import (
    accept_supervision,
    answer_supervision,
    return_supervision,
    supervise,
    watch_supervision,
)
from cases.actions.supplementing import supplement
from cases.actions.supports import add_support, call_off, drop_support, sign_support
from cases.actions.suspension import (
    reject_suspension,
    remind_suspension,
    request_suspension,
    resume_handling,
    review_suspension,
    suspend,
    withdraw_suspension,
)
from cases.actions.telling import tell
from cases.actions.timers import watch_clock
from cases.actions.voiding import refuse_void, request_void, void
from cases.actions.whistling import sign_whistle, whistle, withdraw_whistle

__all__ = [
    "FIELD_STEPS",
    "Call",
    "Called",
    "Conflict",
    "Correction",
    "Picture",
    "Report",
    "StepTaken",
    "accept",
    "accept_supervision",
    "add_member",
    "add_note",
    "add_support",
    "answer_supervision",
    "appeal_overdue",
    "approve_self",
    "archive",
    "archive_or_list",
    "arrive",
    "arrive_on_guard",
    "ask_again",
    "assign_handler",
    "bring_in",
    "bundled_shares",
    "call_back",
    "call_off",
    "change_view",
    "check_in",
    "claim",
    "close_despite",
    "close_unrated",
    "complete_file",
    "confirm_check",
    "confirm_whistle",
    "content_of",
    "convene_meeting",
    "correct_case",
    "dispatch_by_ruling",
    "dispute",
    "drop_support",
    "drop_view",
    "escalate",
    "escalate_after_rating",
    "escalate_dissatisfied",
    "escalate_to_city",
    "escalate_to_district",
    "feed_back",
    "find_responsibility",
    "finish_self",
    "finish_stage",
    "finish_support",
    "hand_up",
    "handle_at_street",
    "hold_meeting",
    "issue_minutes",
    "keep_conflict",
    "keep_view",
    "leave_guard",
    "link",
    "link_recurrence",
    "log_contact",
    "may_ask_again",
    "may_bring_in",
    "may_take",
    "merge",
    "merged_may_rate",
    "move_view",
    "note_incoming",
    "put_on_agenda",
    "raise_to_street",
    "rate",
    "rate_by_call_back",
    "rate_merged",
    "reassign",
    "reckon_clock",
    "reconsider",
    "refer_to_district",
    "refuse_void",
    "reject",
    "reject_suspension",
    "release",
    "remind_suspension",
    "remove_member",
    "remove_photo",
    "reopen",
    "replace_worker",
    "report",
    "request_extension",
    "request_suspension",
    "request_void",
    "resolve_on_spot",
    "resume_handling",
    "return_result",
    "return_self",
    "return_supervision",
    "review_appeal",
    "review_extension",
    "review_suspension",
    "rework",
    "rework_after_rating",
    "route",
    "score_unit",
    "self_resolve",
    "send_back_to_street",
    "send_down",
    "send_down_to_district",
    "send_guard",
    "send_to_check",
    "send_to_verify",
    "set_bundled_shares",
    "settle_gap",
    "sign_support",
    "sign_whistle",
    "split",
    "submit_check",
    "submit_result",
    "submit_verification",
    "supervise",
    "supplement",
    "support",
    "suspend",
    "take_off_agenda",
    "take_over",
    "take_step",
    "tell",
    "tell_alert",
    "transfer",
    "unlink",
    "uphold",
    "upload_photo",
    "urge",
    "void",
    "watch_clock",
    "watch_confirmation",
    "watch_overdue",
    "watch_stage",
    "watch_supervision",
    "whistle",
    "withdraw",
    "withdraw_extension",
    "withdraw_suspension",
    "withdraw_whistle",
    "worker_of",
]
