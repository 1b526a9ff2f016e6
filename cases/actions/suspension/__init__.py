"""挂账: a case that cannot be handled now stands still until a day that is named.

DOMAIN B.5 and C.3, "Suspension", T34, T35: the handling party asks, the dispatcher
reviews first; the district decides, or the street's leader up to 30 days. In time, with
a safety measure and its photo, at most 365 days, once for a case (a second time as the
district's 特批), never for an emergency.
"""

from cases.actions.suspension.asking import (
    LONGEST,
    may_request_suspension,
    may_withdraw_suspension,
    open_suspension,
    request_suspension,
    withdraw_suspension,
)
from cases.actions.suspension.deciding import (
    may_decide_suspension,
    may_review_suspension,
    reject_suspension,
    review_suspension,
    suspend,
)
from cases.actions.suspension.running import remind_suspension, resume_handling

__all__ = [
    "LONGEST",
    "may_decide_suspension",
    "may_request_suspension",
    "may_review_suspension",
    "may_withdraw_suspension",
    "open_suspension",
    "reject_suspension",
    "remind_suspension",
    "request_suspension",
    "resume_handling",
    "review_suspension",
    "suspend",
    "withdraw_suspension",
]
