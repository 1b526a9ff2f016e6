"""The tables of cases, by subject."""

from cases.models.case import Case, ComplainantConsent, RoutingGap, Support
from cases.models.catalogue import Category, FilingCondition, ResponsibilityItem
from cases.models.clock import CaseClock, ClockAlert, StageLimit
from cases.models.coordination import AgendaItem, Coordination, JointMeeting
from cases.models.dispute import (
    Dispute,
    DocumentNumber,
    ResponsibilityFinding,
    ResponsibilityGap,
)
from cases.models.duplicates import DuplicateRule
from cases.models.escalation import (
    Escalation,
    QuietHours,
    StageProgress,
    SupervisionNumber,
    SupervisionOrder,
    Urging,
)
from cases.models.filing import CaseNumber, Photo, Submission, SubmissionConflict
from cases.models.follow_up import (
    CallBack,
    CaseLink,
    CaseMember,
    Rating,
    VoidRequest,
)
from cases.models.own_work import CaseViewer, FormDraft, SavedView
from cases.models.phrase import Phrase
from cases.models.question import Question
from cases.models.requests import CaseRequest, Extension, OverdueAppeal, Suspension
from cases.models.score import BundledShares, UnitScore
from cases.models.site_task import SiteTask
from cases.models.whistle import SupportDraft, Whistle, WhistleAssignment

__all__ = [
    "AgendaItem",
    "BundledShares",
    "CallBack",
    "Case",
    "CaseClock",
    "CaseLink",
    "CaseMember",
    "CaseNumber",
    "CaseRequest",
    "CaseViewer",
    "Category",
    "ClockAlert",
    "ComplainantConsent",
    "Coordination",
    "Dispute",
    "DocumentNumber",
    "DuplicateRule",
    "Escalation",
    "Extension",
    "FilingCondition",
    "FormDraft",
    "JointMeeting",
    "OverdueAppeal",
    "Photo",
    "Phrase",
    "Question",
    "QuietHours",
    "Rating",
    "ResponsibilityFinding",
    "ResponsibilityGap",
    "ResponsibilityItem",
    "RoutingGap",
    "SavedView",
    "SiteTask",
    "StageLimit",
    "StageProgress",
    "Submission",
    "SubmissionConflict",
    "SupervisionNumber",
    "SupervisionOrder",
    "Support",
    "SupportDraft",
    "Suspension",
    "UnitScore",
    "Urging",
    "VoidRequest",
    "Whistle",
    "WhistleAssignment",
]
