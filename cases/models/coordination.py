"""What the district and the city coordinate, and the joint meeting that decides it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models.case import Case
from cases.querysets.disputes import JointMeetingQuerySet
from grids.codes import Level


class JointMeeting(models.Model):
    """治理联席会议 of a district; `number` (会议纪要号) is given with the minutes."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("拟召开")
        HELD = "held", _("已召开")
        ISSUED = "issued", _("纪要已发")

    district = models.ForeignKey("grids.Area", models.PROTECT, related_name="+")
    number = models.CharField(_("会议纪要号"), max_length=40, blank=True)
    title = models.CharField(_("会议名称"), max_length=120)
    held_at = models.DateTimeField(_("会议时间"))
    place = models.CharField(_("会议地点"), max_length=200)
    members = models.TextField(_("参会单位和人员"), max_length=2000)
    status = models.CharField(_("状态"), max_length=8, choices=Status)
    convened_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    convened_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    issued_at = models.DateTimeField(null=True, blank=True)

    objects = JointMeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("治理联席会议")
        verbose_name_plural = _("治理联席会议")
        constraints = [
            models.UniqueConstraint(
                fields=["district", "number"],
                condition=~Q(number=""),
                name="minutes_number_once",
            ),
            models.CheckConstraint(
                condition=Q(status="issued", issued_at__isnull=False) & ~Q(number="")
                | ~Q(status="issued") & Q(number="", issued_at=None),
                name="minutes_issued_have_number",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/desk/meetings/{self.pk}/"

    @property
    def chain(self) -> str:
        return f"meeting:{self.pk}"


class AgendaItem(models.Model):
    """A case that the meeting decides on; `ruling` is what it decided.

    An item that was taken off again stays, so that the number of the others does.
    """

    meeting = models.ForeignKey(JointMeeting, models.PROTECT, related_name="items")
    case = models.ForeignKey(Case, models.PROTECT, related_name="agenda_items")
    order = models.PositiveSmallIntegerField(_("议题"))
    ruling = models.CharField(_("会议意见"), max_length=1000, blank=True)
    is_concluded = models.BooleanField(default=False)
    taken_off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("议题")
        verbose_name_plural = _("议题")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "order"], name="agenda_order_once"
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(taken_off_at=None, is_concluded=False),
                name="agenda_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.case_id}"


class Coordination(models.Model):
    """One stay of a case with the district or the city: why it came, how it left."""

    class Origin(models.TextChoices):
        ESCALATED = "escalated", _("街道上呈")
        REFERRED = "referred", _("争议提请")
        DISSATISFIED = "dissatisfied", _("二次不满意")
        RAISED = "raised", _("区级上呈")
        SENT_DOWN = "sent_down", pgettext_lazy("outcome", "市级交办")

    class Reason(models.TextChoices):
        BEYOND_POWER = "beyond_power", _("超街道权限")
        CROSS_STREET = "cross_street", _("跨街道")
        REWORKED_TWICE = "reworked_twice", _("两次返工仍不满意")

    class Outcome(models.TextChoices):
        PENDING = "", _("协调中")
        DISPATCHED = "dispatched", pgettext_lazy("outcome", "协调结论派遣")
        RETURNED = "returned", _("退回街道")
        ESCALATED = "escalated", pgettext_lazy("outcome", "上呈市级")
        SENT_DOWN = "sent_down", pgettext_lazy("outcome", "市级交办")

    case = models.ForeignKey(Case, models.PROTECT, related_name="coordinations")
    level = models.PositiveSmallIntegerField(_("层级"), choices=Level)
    origin = models.CharField(_("来由"), max_length=12, choices=Origin)
    reason = models.CharField(_("理由"), max_length=16, choices=Reason, blank=True)
    matter = models.CharField(_("事由"), max_length=1000)
    work_done = models.CharField(_("已做工作"), max_length=1000, blank=True)
    proposal = models.CharField(_("建议"), max_length=1000, blank=True)
    opened_at = models.DateTimeField()
    outcome = models.CharField(
        _("结果"), max_length=10, choices=Outcome, blank=True, default=""
    )
    conclusion = models.CharField(_("结论"), max_length=1000, blank=True)
    document = models.CharField(_("文号"), max_length=40, blank=True)
    meeting = models.ForeignKey(JointMeeting, models.PROTECT, null=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("区市协调")
        verbose_name_plural = _("区市协调")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(outcome=""), name="coordination_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_origin_display()}"
