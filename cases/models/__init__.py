"""The tables of cases, by subject."""

from cases.models.case import (
    Case,
    CaseNumber,
    Photo,
    Rating,
    RoutingGap,
    SiteTask,
    Submission,
    SubmissionConflict,
    Support,
)
from cases.models.catalogue import Category, FilingCondition, ResponsibilityItem
from cases.models.clock import CaseClock, ClockAlert, StageLimit
from cases.models.duplicates import DuplicateRule
from cases.models.whistle import Whistle, WhistleAssignment

__all__ = [
    "Case",
    "CaseClock",
    "CaseNumber",
    "Category",
    "ClockAlert",
    "DuplicateRule",
    "FilingCondition",
    "Photo",
    "Rating",
    "ResponsibilityItem",
    "RoutingGap",
    "SiteTask",
    "StageLimit",
    "Submission",
    "SubmissionConflict",
    "Support",
    "Whistle",
    "WhistleAssignment",
]
