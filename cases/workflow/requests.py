"""What is asked for beside the way of a case, and who reviews it (DOMAIN B.5, C.3).

延期, 挂账 and 超期申诉 go from desk to desk. While one is open its status stands on the
case too (`extension_review`, `suspension_review`, `appeal_review`), where the guards of
the table and the lists look.
"""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from cases.workflow.rules import stands
from cases.workflow.states import HANDLING_STATES
from cases.workflow.steps import DISPATCH, DISTRICT, SHIFT, STREET_LEADER, By, Who
from cases.workflow.steps import Action as A
from cases.workflow.table import TRANSITIONS


class RequestStatus(TextChoices):
    UNIT_REVIEW = "unit_review", _("待单位初审")
    STREET_REVIEW = "street_review", _("待街道审核")
    LEADER_REVIEW = "leader_review", _("待街道或区终审")
    DISTRICT_REVIEW = "district_review", _("待区级审核")
    APPROVED = "approved", _("已批准")
    REJECTED = "rejected", _("未批准")
    CANCELLED = "cancelled", _("已撤销")


R = RequestStatus
OPEN_REQUESTS = (R.UNIT_REVIEW, R.STREET_REVIEW, R.LEADER_REVIEW, R.DISTRICT_REVIEW)
UNIT_REVIEWERS = (
    Who("department_liaison", By.UNIT),
    Who("department_leader", By.UNIT),
    Who("community_leader", By.UNIT),
)
REVIEWERS: dict[str, dict[str, tuple[Who, ...]]] = {
    "extension": {
        R.UNIT_REVIEW: UNIT_REVIEWERS,
        R.STREET_REVIEW: DISPATCH,
        R.DISTRICT_REVIEW: DISTRICT,
    },
    "suspension": {
        R.STREET_REVIEW: DISPATCH,
        R.LEADER_REVIEW: STREET_LEADER + DISTRICT,
        R.DISTRICT_REVIEW: DISTRICT,
    },
    "appeal": {
        R.STREET_REVIEW: DISPATCH + SHIFT,
        R.DISTRICT_REVIEW: DISTRICT,
    },
}
"""Kind of request, status, and whose desk it then lies on."""


def handles(case: Any, actor: Any) -> bool:
    """承办方: whoever may hand in the result of this case from where it stands."""
    return case.state in HANDLING_STATES and any(
        stands(who, case, actor)
        for row in TRANSITIONS
        if row.action in (A.SUBMIT_RESULT, A.FEED_BACK) and case.state in row.sources
        for who in row.who
    )
