"""The whistle and the departments it calls."""

from decimal import Decimal

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.limits import Limit
from cases.models.case import Case, dashed
from cases.workflow import ON_SITE_M, WhistleKind
from governance.calendar import Unit


class Whistle(models.Model):
    """吹哨单. Drafted by the dispatcher, blown when signed (DOMAIN C.3, whistle types).

    `is_joint` (联合) combines with any kind. An emergency whistle is blown at once by
    the shift head; `confirmed_at` is the leader's signature afterwards, due by
    `confirm_due_at`. A whistle that `requires_presence` asks the units to come to the
    gathering point (SRID 4490) or, without one, to the point of the case. `checkin_n`
    of `checkin_unit` is the 报到时限 set for this whistle; without it that of its kind
    holds.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("待签发")
        BLOWN = "blown", _("已吹哨")
        WITHDRAWN = "withdrawn", _("已撤回")

    case = models.ForeignKey(Case, models.PROTECT, related_name="whistles")
    number = models.CharField(_("吹哨单号"), max_length=23, unique=True)
    kind = models.CharField(_("哨型"), max_length=12, choices=WhistleKind)
    is_joint = models.BooleanField(_("联合"), default=False)
    status = models.CharField(max_length=10, choices=Status)
    condition = models.ForeignKey(
        "cases.FilingCondition", models.PROTECT, null=True, related_name="+"
    )
    legal_basis = models.CharField(_("权责清单依据"), max_length=500, blank=True)
    ruling_number = models.CharField(_("裁定或纪要文号"), max_length=40, blank=True)
    risk = models.CharField(_("风险说明"), max_length=500, blank=True)
    gather_place = models.CharField(_("集合地点"), max_length=200, blank=True)
    gather_at = models.DateTimeField(_("集合时间"), null=True, blank=True)
    gather_point = models.PointField(_("集合点"), srid=4490, null=True, blank=True)
    requires_presence = models.BooleanField(_("须到场"), default=False)
    checkin_n = models.DecimalField(
        _("报到时限"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    checkin_unit = models.CharField(
        _("报到时限单位"), max_length=12, choices=Unit, blank=True
    )
    drafted_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    drafted_at = models.DateTimeField()
    signed_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    blown_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirm_due_at = models.DateTimeField(_("补签时限"), null=True, blank=True)
    confirm_overdue = models.BooleanField(_("补签超时"), default=False)

    class Meta:
        verbose_name = _("吹哨单")
        verbose_name_plural = _("吹哨单")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status="draft"),
                name="whistle_one_draft",
            )
        ]

    def __str__(self) -> str:
        return self.display_no

    @property
    def display_no(self) -> str:
        return dashed(self.number)

    @property
    def title(self) -> str:
        """执法哨, or 联合·执法哨 when several units are called."""
        kind = str(WhistleKind(self.kind).label)
        return gettext("联合·%(kind)s") % {"kind": kind} if self.is_joint else kind

    @property
    def checkin_limit(self) -> Limit | None:
        """What was set for this whistle alone."""
        return _limit(self.checkin_n, self.checkin_unit)

    @property
    def confirmed_in_time(self) -> bool | None:
        """Whether the leader confirmed in time; None where nothing was to confirm."""
        if self.confirm_due_at is None or self.confirmed_at is None:
            return None
        return self.confirmed_at <= self.confirm_due_at


class WhistleAssignment(models.Model):
    """One called organisation: exactly one LEAD and any number of supports.

    `checkin_n` of `checkin_unit` is the 报到时限 that held when it was called.
    `checkin_distance_m` is measured to where the units were asked to come.
    `arrived_at` is when somebody of the unit stood there: at check-in or later.
    """

    class Role(models.TextChoices):
        LEAD = "lead", _("主办")
        SUPPORT = "support", _("协办")

    class Status(models.TextChoices):
        PENDING = "pending", _("待报到")
        CHECKED_IN = "checked_in", _("已报到")
        ON_SITE = "on_site", _("已到场")
        DONE = "done", _("已办结")
        RETURN_REQUESTED = "return_requested", _("申请退回")
        RETURN_APPROVED = "return_approved", _("已准退回")
        RETURN_REJECTED = "return_rejected", _("退回被驳回")
        CANCELLED = "cancelled", _("已撤哨")

    class Mode(models.TextChoices):
        ON_SITE = "on_site", _("到场报到")
        ONLINE = "online", _("线上报到")
        RULING = "ruling", _("裁定维持，视为报到")

    whistle = models.ForeignKey(Whistle, models.PROTECT, related_name="assignments")
    case = models.ForeignKey(Case, models.PROTECT, related_name="assignments")
    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+"
    )
    role = models.CharField(_("角色"), max_length=8, choices=Role)
    task = models.CharField(_("任务"), max_length=500)
    status = models.CharField(_("状态"), max_length=16, choices=Status)
    checkin_n = models.DecimalField(
        _("报到时限"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    checkin_unit = models.CharField(
        _("报到时限单位"), max_length=12, choices=Unit, blank=True
    )
    checkin_due_at = models.DateTimeField(_("报到截止"), null=True, blank=True)
    checkin_at = models.DateTimeField(_("报到时间"), null=True, blank=True)
    checkin_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    checkin_mode = models.CharField(max_length=8, choices=Mode, blank=True)
    checkin_point = models.PointField(srid=4490, null=True, blank=True)
    checkin_distance_m = models.FloatField(null=True, blank=True)
    checkin_overdue = models.BooleanField(_("报到超时"), default=False)
    checkin_remark = models.CharField(_("报到说明"), max_length=1000, blank=True)
    arrived_at = models.DateTimeField(_("到场时间"), null=True, blank=True)
    arrived_distance_m = models.FloatField(null=True, blank=True)
    opinion = models.CharField(_("协办意见"), max_length=1000, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("吹哨派单")
        verbose_name_plural = _("吹哨派单")
        constraints = [
            models.UniqueConstraint(
                fields=["whistle", "organisation"],
                condition=~Q(status="cancelled"),
                name="assignment_org_once",
            ),
            models.UniqueConstraint(
                fields=["whistle"], condition=Q(role="lead"), name="assignment_one_lead"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "case"],
                condition=~Q(status__in=["done", "cancelled"]),
                name="assignment_open_org",
            ),
            models.Index(fields=["organisation", "case"], name="assignment_org_case"),
            models.Index(fields=["checkin_due_at"], name="assignment_checkin_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.organisation_id}"

    def get_role_display(self) -> str:  # type: ignore[no-redef]
        """As `Case.get_state_display`."""
        return str(self.Role(self.role).label)

    def get_status_display(self) -> str:  # type: ignore[no-redef]
        return str(self.Status(self.status).label)

    @property
    def checkin_limit(self) -> Limit | None:
        return _limit(self.checkin_n, self.checkin_unit)

    @property
    def is_far(self) -> bool:
        """Checked in away from the spot: that is not 到场 (DOMAIN C.9)."""
        return (
            self.arrived_at is None
            and self.checkin_distance_m is not None
            and self.checkin_distance_m > ON_SITE_M
        )

    @property
    def came_later(self) -> bool:
        """Checked in from afar and stood at the spot afterwards."""
        far = self.checkin_mode == self.Mode.ONLINE or (
            self.checkin_distance_m is not None and self.checkin_distance_m > ON_SITE_M
        )
        return self.arrived_at is not None and far


def _limit(n: Decimal | None, unit: str) -> Limit | None:
    return Limit(n, Unit(unit)) if n is not None else None


class SupportDraft(models.Model):
    """增派协办 that waits for the signature a joint whistle needs.

    It waits on while the case stands still, and lapses with the handling of the whistle
    it was to be added to: fed back, or another body takes over.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("待签发")
        SIGNED = "signed", _("已签发")
        DROPPED = "dropped", _("未同意")
        LAPSED = "lapsed", _("已失效")

    whistle = models.ForeignKey(Whistle, models.PROTECT, related_name="support_drafts")
    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+"
    )
    task = models.CharField(_("任务"), max_length=500)
    status = models.CharField(_("状态"), max_length=8, choices=Status)
    drafted_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    drafted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("增派协办")
        verbose_name_plural = _("增派协办")
        constraints = [
            models.UniqueConstraint(
                fields=["whistle", "organisation"],
                condition=Q(status="draft"),
                name="support_draft_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.whistle_id} {self.organisation_id}"
