"""What people and the platform do with tasks, items, visits and patrols.

One public function for each action, keyword-only, with `actor` and `at` from outside;
each runs in one transaction, raises `Refused`, and leaves exactly one Event.
"""

from duties.actions.addressing import Addressee, reach_below, reach_of_issuer
from duties.actions.admissions import (
    Application,
    apply_for_admission,
    approve_admission,
    evaluate_admission,
    publish_admission,
    refuse_admission,
    withdraw_admission,
)
from duties.actions.care import (
    Identity,
    Registration,
    end_care_target,
    masked,
    register_care_target,
    reveal_care_target,
    review_care_target,
)
from duties.actions.issuing import Paper, cancel, close, draft_task, issue, settle
from duties.actions.mediating import (
    Agreement,
    Party,
    Sitting,
    check_steps,
    hints_to_raise,
    masked_party,
    may_mediate,
    may_rate_parties,
    open_mediation,
    rate_party,
    record_session,
    reveal_parties,
    save_template,
    sign_agreement,
    visitors_of,
)
from duties.actions.patrols import end_forgotten, end_patrol, start_patrol
from duties.actions.receiving import accept, begin, give_back, reissue, sign, submit
from duties.actions.telling import tell
from duties.actions.visits import (
    Finding,
    Visit,
    record_visit,
    report_finding,
    targets_of,
)
from duties.actions.watching import mark_overdue, remind

__all__ = [
    "Addressee",
    "Agreement",
    "Application",
    "Finding",
    "Identity",
    "Paper",
    "Party",
    "Registration",
    "Sitting",
    "Visit",
    "accept",
    "apply_for_admission",
    "approve_admission",
    "begin",
    "cancel",
    "check_steps",
    "close",
    "draft_task",
    "end_care_target",
    "end_forgotten",
    "end_patrol",
    "evaluate_admission",
    "give_back",
    "hints_to_raise",
    "issue",
    "mark_overdue",
    "masked",
    "masked_party",
    "may_mediate",
    "may_rate_parties",
    "open_mediation",
    "publish_admission",
    "rate_party",
    "reach_below",
    "reach_of_issuer",
    "record_session",
    "record_visit",
    "refuse_admission",
    "register_care_target",
    "reissue",
    "remind",
    "report_finding",
    "reveal_care_target",
    "reveal_parties",
    "review_care_target",
    "save_template",
    "settle",
    "sign",
    "sign_agreement",
    "start_patrol",
    "submit",
    "targets_of",
    "tell",
    "visitors_of",
    "withdraw_admission",
]
