"""A task and the tree of those who received it."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from duties.querysets.tasks import ReceiverQuerySet, TaskQuerySet
from duties.workflow import ANSWERED, Kind, ReceiverState, TaskState
from governance.calendar import Unit


class Task(models.Model):
    """What is sent down (DOMAIN C.8): one paper, however far it is passed on.

    `checklist` is a list of questions (`duties.checklists`), `service_kind` the
    service whose care targets are to be visited. `due_at` is fixed at 签发.
    """

    title = models.CharField(_("标题"), max_length=80)
    kind = models.CharField(_("类型"), max_length=10, choices=Kind)
    requirement = models.TextField(_("要求"), max_length=2000)
    state = models.CharField(
        _("状态"), max_length=9, choices=TaskState, default=TaskState.DRAFT
    )
    version = models.PositiveIntegerField(default=0)
    issuer = models.ForeignKey(
        "parties.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("下发单位"),
    )
    admission = models.ForeignKey(
        "duties.GridItemAdmission",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("准入事项"),
    )
    service_kind = models.CharField(_("走访对象"), max_length=12, blank=True)
    checklist = models.JSONField(_("检查表"), default=list, blank=True)
    limit_n = models.DecimalField(_("时限"), max_digits=6, decimal_places=1)
    limit_unit = models.CharField(_("时限单位"), max_length=12, choices=Unit)
    due_at = models.DateTimeField(_("截止时间"), null=True, blank=True)
    expires_at = models.DateTimeField(_("应急失效时间"), null=True, blank=True)
    drafted_by = models.ForeignKey("parties.User", models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(_("拟稿时间"))
    issued_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_at = models.DateTimeField(_("签发时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("办结或撤销时间"), null=True, blank=True)
    end_note = models.CharField(_("办结或撤销说明"), max_length=1000, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("任务")
        verbose_name_plural = _("任务")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=TaskState.values), name="task_state_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values), name="task_kind_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind="emergency") | Q(expires_at__isnull=False),
                name="task_emergency_expires",
            ),
            models.CheckConstraint(
                condition=~Q(state="ISSUED") | Q(due_at__isnull=False),
                name="task_issued_is_due",
            ),
        ]
        indexes = [
            models.Index(fields=["issuer", "-id"], name="task_issuer"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/desk/duties/{self.pk}/"

    @property
    def chain(self) -> str:
        return f"task:{self.pk}"

    @property
    def is_emergency(self) -> bool:
        return self.kind == Kind.EMERGENCY


class TaskReceiver(models.Model):
    """One addressee of a task: a post area, an organisation or a person.

    `parent` is the receiver that passed it on, none for those the issuer named. It has
    a chain of its own, so that a thousand grids can sign at once. `overdue_at` is when
    the deadline was found to have passed without an answer; it stays as a fact.
    """

    task = models.ForeignKey(Task, models.PROTECT, related_name="receivers")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    area = models.ForeignKey(
        "grids.Area", models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, null=True, blank=True, related_name="+"
    )
    person = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        _("状态"),
        max_length=12,
        choices=ReceiverState,
        default=ReceiverState.PENDING_SIGN,
    )
    version = models.PositiveIntegerField(default=0)
    requirement = models.CharField(_("补充要求"), max_length=1000, blank=True)
    due_at = models.DateTimeField(_("截止时间"), null=True, blank=True)
    overdue_at = models.DateTimeField(_("逾期时间"), null=True, blank=True)
    signed_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_at = models.DateTimeField(_("签收时间"), null=True, blank=True)
    result = models.TextField(_("反馈内容"), max_length=2000, blank=True)
    submitted_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(_("反馈时间"), null=True, blank=True)
    opinion = models.CharField(_("验收意见"), max_length=1000, blank=True)
    returned_count = models.PositiveSmallIntegerField(_("退回次数"), default=0)
    accepted_at = models.DateTimeField(_("验收时间"), null=True, blank=True)

    objects = ReceiverQuerySet.as_manager()

    class Meta:
        verbose_name = _("任务接收")
        verbose_name_plural = _("任务接收")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ReceiverState.values),
                name="receiver_state_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    area__isnull=False, organisation__isnull=True, person__isnull=True
                )
                | Q(area__isnull=True, organisation__isnull=False, person__isnull=True)
                | Q(area__isnull=True, organisation__isnull=True, person__isnull=False),
                name="receiver_one_addressee",
            ),
            *(
                models.UniqueConstraint(
                    fields=["task", addressee], name=f"receiver_{addressee}_once"
                )
                for addressee in ("area", "organisation", "person")
            ),
        ]
        indexes = [
            models.Index(
                fields=["area", "due_at"],
                condition=~Q(state__in=ANSWERED),
                name="receiver_open_area",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Needs area, organisation and person read along."""
        if self.area_id is not None:
            return str(self.area.name)  # type: ignore[union-attr]
        return str((self.organisation or self.person).name)  # type: ignore[union-attr]

    @property
    def chain(self) -> str:
        return f"receiver:{self.pk}"

    @property
    def is_answered(self) -> bool:
        return self.state in ANSWERED

    def is_late(self, at: datetime) -> bool:
        """The deadline has passed and nothing was handed in."""
        return not self.is_answered and self.due_at is not None and at > self.due_at
