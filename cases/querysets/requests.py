"""Reads of extensions, suspensions and appeals: whose desk they lie on, 问题库."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from cases.querysets.cases import CaseQuerySet
from cases.workflow import REVIEWERS, By, RequestStatus, State

if TYPE_CHECKING:
    from parties.acting import Actor


def awaiting(actor: "Actor") -> Q:
    """Cases with a request that this role reviews now."""
    found = Q(pk__in=[])
    for kind, desks in REVIEWERS.items():
        for status, reviewers in desks.items():
            for who in reviewers:
                if who.role != actor.role:
                    continue
                here = Q(**{f"{kind}_review": status})
                if who.by == By.UNIT:
                    here &= Q(holder_org_id=actor.organisation_id)
                found |= here
    return found


def appealed(actor: "Actor") -> Q:
    """Closed cases with an appeal that this role reviews now."""
    over = Q(underway=False) & ~Q(appeal_review="")
    return over & awaiting(actor)


def reviews_appeals(actor: "Actor") -> bool:
    return any(
        who.role == actor.role
        for reviewers in REVIEWERS["appeal"].values()
        for who in reviewers
    )


class SuspensionQuerySet(models.QuerySet["models.Model"]):
    def running(self) -> Self:
        return self.filter(
            status=RequestStatus.APPROVED,
            resumed_at=None,
            case__state=State.SUSPENDED,
        )

    def of_cases(self, cases: CaseQuerySet) -> Self:
        """Of these cases, what resumes first on top, with the names a row shows."""
        return (
            self.filter(case__in=cases)
            .select_related(
                "case__category", "case__street", "case__community", "organisation"
            )
            .order_by("resume_date", "pk")
        )
