"""Reads of tasks and their receivers that have a name."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from duties.workflow import (
    ANSWERED,
    COMMAND,
    COMMUNITY,
    DEPARTMENT,
    FIELD,
    STREET,
    ReceiverState,
    TaskState,
)

if TYPE_CHECKING:
    from parties.acting import Actor

OVERSEERS = (*COMMUNITY, *STREET, *COMMAND, "inspector", "assessor", "archivist")
ISSUERS = (*COMMUNITY, *STREET, *COMMAND, *DEPARTMENT)


class TaskQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        """The own unit's, drafts included, and what was sent into the scope."""
        receivers = apps.get_model("duties.TaskReceiver").objects
        sent = receivers.sent_into(actor).filter(task=OuterRef("pk"))
        seen = Q(Exists(sent)) & ~Q(state=TaskState.DRAFT)
        if actor.role in ISSUERS:
            seen |= Q(issuer_id=actor.organisation_id)
        return self.filter(seen)

    def with_counts(self) -> Self:
        """Annotated with what the list tells of all receivers of a task.

        expected 应签收, signed 已签收, answered 已反馈, accepted 已验收, overdue 逾期.
        """
        return self.annotate(
            expected=Count("receivers"),
            signed=Count("receivers", filter=Q(receivers__signed_at__isnull=False)),
            answered=Count("receivers", filter=Q(receivers__state__in=ANSWERED)),
            accepted=Count(
                "receivers", filter=Q(receivers__state=ReceiverState.ACCEPTED)
            ),
            overdue=Count("receivers", filter=Q(receivers__overdue_at__isnull=False)),
        )

    def with_names(self) -> Self:
        return self.select_related(
            "issuer", "admission", "drafted_by", "issued_by", "admission__area"
        )

    def newest(self) -> Self:
        return self.order_by("-id")


class ReceiverQuerySet(models.QuerySet["models.Model"]):
    def sent_into(self, actor: "Actor") -> Self:
        """Addressed to this person, unit or area, or to an area below it."""
        if actor.is_system:
            return self
        if actor.role in FIELD:
            return self.filter(Q(area_id=actor.area_id) | Q(person_id=actor.user_id))
        mine = Q(organisation_id=actor.organisation_id) | Q(person_id=actor.user_id)
        if actor.role in DEPARTMENT:
            return self.filter(mine)
        if actor.role in OVERSEERS and actor.area_code:
            inside = Q(area__code__startswith=actor.area_code)
            below = Q(parent__area__code__startswith=actor.area_code)
            return self.filter(inside | below | mine)
        return self.none()

    def visible_to(self, actor: "Actor") -> Self:
        """Sent into the scope once issued; all of what the own unit has issued."""
        seen = Q(pk__in=self.sent_into(actor).values("pk"))
        seen &= ~Q(task__state=TaskState.DRAFT)
        if actor.role in ISSUERS:
            seen |= Q(task__issuer_id=actor.organisation_id)
        return self.filter(seen)

    def addressed_to(self, actor: "Actor") -> Self:
        """What this person answers for: of the post's area, the unit, or by name."""
        mine = Q(person_id=actor.user_id)
        if actor.area_id is not None:
            mine |= Q(area_id=actor.area_id)
        if actor.role in DEPARTMENT:
            mine |= Q(organisation_id=actor.organisation_id)
        return self.filter(mine)

    def to_accept(self, actor: "Actor") -> Self:
        """Handed in, and this person's post or unit is who passed it on."""
        above = Q(parent__area_id=actor.area_id, parent__area__isnull=False)
        mine = Q(parent=None, task__issuer_id=actor.organisation_id)
        if actor.role not in ISSUERS:
            return self.none()
        return self.filter(
            above | mine,
            state=ReceiverState.SUBMITTED,
            task__state=TaskState.ISSUED,
        )

    def waiting(self) -> Self:
        """Of tasks that run, not yet handed in; what is due first at the top."""
        return (
            self.filter(task__state=TaskState.ISSUED)
            .exclude(state__in=ANSWERED)
            .order_by(models.F("due_at").asc(nulls_last=True), "id")
        )

    def with_names(self) -> Self:
        return self.select_related(
            "task__issuer", "area", "organisation", "person", "parent__area",
            "parent__organisation", "parent__person", "signed_by", "submitted_by",
        )  # fmt: skip

    def of_task(self, task_id: int) -> Self:
        """All of one task, parents before their children, by the order of codes."""
        return (
            self.filter(task=task_id)
            .with_names()
            .order_by(models.F("area__code").asc(nulls_last=True), "id")
        )

    def counts(self) -> dict[str, int]:
        found: dict[str, Any] = self.aggregate(
            expected=Count("pk"),
            signed=Count("pk", filter=Q(signed_at__isnull=False)),
            answered=Count("pk", filter=Q(state__in=ANSWERED)),
            accepted=Count("pk", filter=Q(state=ReceiverState.ACCEPTED)),
            overdue=Count("pk", filter=Q(overdue_at__isnull=False)),
        )
        return found

    def unanswered(self, at: datetime) -> Self:
        """Late now, and not yet marked so."""
        return self.filter(
            task__state=TaskState.ISSUED, due_at__lt=at, overdue_at=None
        ).exclude(state__in=ANSWERED)
