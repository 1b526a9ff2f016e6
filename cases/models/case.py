"""The case and what hangs on it directly."""

from typing import TYPE_CHECKING

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db.models import Q
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.querysets.cases import CaseQuerySet
from cases.querysets.disputes import RoutingGapQuerySet
from cases.querysets.searching import NUMBER, bigrams
from cases.workflow import OPEN_STATES, State
from governance.geo import Crs

if TYPE_CHECKING:
    from datetime import datetime


def dashed(number: str) -> str:
    """`440305-20261122-00001-S01`, as people read and say the number of a case or of a
    paper of it (吹哨单, 催办单, 督办子号), which are kept without the first dashes."""
    return f"{number[:6]}-{number[6:14]}-{number[14:]}"


class Case(models.Model):
    """One matter, from report to archive.

    `point` is SRID 4490; `raw_x`, `raw_y` and `crs` keep what was sent. The five
    placement columns are those of the day of filing and never follow a later
    re-drawing; `placement_code` is the code of the deepest of them, so that "inside"
    is a prefix. `due_at` is the earliest deadline of the clocks that run now, and
    `used_percent` what its alarms have marked as used of that limit (0, 50, 80, 100).
    `origin_label` and `origin_url` name what it came from on a floor above (a task, an
    incident, a work order); `external_no` is its number in the system it came from,
    which is told how it stands. The three `…_review` say on whose desk an open request
    lies (`workflow.requests`), empty when there is none. Exactly one unit
    (`holder_org`) answers for a case at every moment, and one person (`holder_user`)
    once it is in hand (DOMAIN C.1). `called_ids` are the units with a line in a blown
    whistle, so that scope asks this table alone. `confidential` follows the category;
    `void_requested_by` is who asked for the open 作废申请. `file_gaps` are the codes of
    what the file of a closed case was found to lack (`workflow.files`).
    """

    class Source(models.TextChoices):
        GRID = "grid", _("网格发现")
        COMMUNITY = "community", _("社区发现")
        RESIDENT = "resident", _("居民上报")
        HOTLINE = "hotline", _("热线转办")
        DEPARTMENT = "department", _("部门转办")
        DEVICE = "device", _("感知设备")
        TASK = "task", _("任务")

    class Method(models.TextChoices):
        GPS = "gps", _("手机定位")
        MAP = "map", _("地图选点")
        ADDRESS = "address", _("地址选择")

    class ClosedType(models.TextChoices):
        NORMAL = "normal", _("正常结案")
        SELF = "self", _("自办结案")
        DESPITE = "despite", pgettext_lazy("outcome", "认定结案")

    class CheckResult(models.TextChoices):
        NONE = "", "—"
        PASSED = "passed", _("通过")
        FAILED = "failed", _("不通过")

    class Score(models.TextChoices):
        NONE = "", _("未评价")
        VERY_SATISFIED = "very_satisfied", _("非常满意")
        SATISFIED = "satisfied", _("满意")
        FAIR = "fair", _("基本满意")
        DISSATISFIED = "dissatisfied", _("不满意")

    case_no = models.CharField(_("案卷号"), max_length=19, unique=True)
    state = models.CharField(_("状态"), max_length=20, choices=State)
    underway = models.GeneratedField(
        expression=Q(state__in=OPEN_STATES),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )
    """在办, kept by the database: partial indexes and queries name one column, since
    to prove one list of sixteen states from another costs PostgreSQL more than to run
    the query. An instance whose state was changed asks `is_open`."""
    resume_state = models.CharField(max_length=20, blank=True)
    version = models.PositiveIntegerField(default=0)
    source = models.CharField(_("来源"), max_length=12, choices=Source)

    category = models.ForeignKey(
        "cases.Category", models.PROTECT, verbose_name=_("小类")
    )
    condition = models.ForeignKey(
        "cases.FilingCondition", models.PROTECT, null=True, blank=True
    )
    description = models.TextField(_("问题描述"), max_length=2000)
    urgent = models.BooleanField(_("紧急"), default=False)
    confidential = models.BooleanField(_("保密"), default=False)

    point = models.PointField(_("位置"), srid=4490, null=True, blank=True)
    raw_x = models.FloatField(null=True, blank=True)
    raw_y = models.FloatField(null=True, blank=True)
    crs = models.CharField(max_length=10, choices=Crs, default=Crs.WGS84)
    accuracy_m = models.FloatField(null=True, blank=True)
    method = models.CharField(max_length=8, choices=Method, default=Method.GPS)
    address = models.CharField(_("地址"), max_length=256)
    placement_note = models.CharField(max_length=200, blank=True)
    placement_code = models.CharField(max_length=18)
    city = models.ForeignKey("grids.Area", models.PROTECT, related_name="+")
    district = models.ForeignKey("grids.Area", models.PROTECT, related_name="+")
    street = models.ForeignKey("grids.Area", models.PROTECT, related_name="+")
    community = models.ForeignKey("grids.Area", models.PROTECT, related_name="+")
    grid = models.ForeignKey(
        "grids.Area", models.PROTECT, null=True, related_name="+", db_index=False
    )

    has_photos = models.BooleanField(_("有照片"), default=False)
    reporter = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    reporter_name = models.CharField(_("上报人"), max_length=50)
    has_complainant = models.BooleanField(_("有诉求人"), default=False)
    complainant_name = models.TextField(blank=True)
    complainant_contact = models.TextField(blank=True)
    complainant_digest = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    contact_hidden = models.BooleanField(
        _("部门看不到电话"), default=False, db_default=False
    )
    query_code = models.TextField(blank=True)
    code_failures = models.PositiveSmallIntegerField(default=0)
    code_locked_until = models.DateTimeField(null=True, blank=True)

    holder_org = models.ForeignKey(
        "parties.Organisation", models.PROTECT, null=True, related_name="+"
    )
    holder_user = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    lead_org = models.ForeignKey(
        "parties.Organisation", models.PROTECT, null=True, related_name="+"
    )
    first_handler_org = models.ForeignKey(
        "parties.Organisation", models.PROTECT, null=True, related_name="+"
    )
    called_ids = ArrayField(
        models.BigIntegerField(), verbose_name=_("被吹哨单位"), default=list, blank=True
    )
    doer = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    doers = ArrayField(models.IntegerField(), default=list, blank=True)
    void_requested_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    suggestion = models.JSONField(default=dict, blank=True)
    check_result = models.CharField(
        max_length=6, choices=CheckResult, blank=True, default=""
    )
    last_score = models.CharField(max_length=16, choices=Score, blank=True, default="")
    rework_count = models.PositiveSmallIntegerField(default=0)
    reopened_count = models.PositiveSmallIntegerField(default=0)
    supporters_count = models.PositiveIntegerField(default=0)
    duplicates_count = models.PositiveIntegerField(default=0)
    merged_complainants_count = models.PositiveIntegerField(default=0)
    master = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged"
    )
    closed_type = models.CharField(max_length=8, choices=ClosedType, blank=True)
    extension_review = models.CharField(max_length=16, blank=True, default="")
    suspension_review = models.CharField(max_length=16, blank=True, default="")
    appeal_review = models.CharField(max_length=16, blank=True, default="")
    file_gaps = models.TextField(_("案卷缺少"), blank=True, default="")

    origin_label = models.CharField(_("来自"), max_length=120, blank=True)
    origin_url = models.CharField(max_length=200, blank=True)
    external_no = models.CharField(
        _("来源工单号"), max_length=64, blank=True, default=""
    )

    answers = models.JSONField(_("附加问题"), default=list, blank=True)
    found_at = models.DateTimeField(_("发现时间"))
    reported_at = models.DateTimeField(_("上报时间"))
    due_at = models.DateTimeField(_("最近时限"), null=True, blank=True)
    used_percent = models.PositiveSmallIntegerField(_("时限已用"), default=0)
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    # The postings with a webhook of their own that saw it when it was locked
    # (`cases.actions.publishing`); no column.
    followed_by: frozenset[int] = frozenset()

    class Meta:
        verbose_name = _("案件")
        verbose_name_plural = _("案件")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="case_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=OPEN_STATES) | Q(holder_org__isnull=False),
                name="case_open_has_holder",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.MERGED) | Q(master__isnull=False),
                name="case_merged_has_master",
            ),
        ]
        indexes = [
            models.Index(
                fields=[column, "due_at"],
                condition=Q(underway=True),
                name=f"case_open_{column}",
            )
            for column in (
                "city", "district", "street", "community", "grid",
                "holder_org", "holder_user",
            )
        ] + [
            models.Index(fields=["reporter", "-id"], name="case_reporter"),
            models.Index(fields=["street", "-id"], name="case_street_recent"),
            models.Index(fields=["category", "reported_at"], name="case_likeness"),
            models.Index(fields=["reported_at"], name="case_reported"),
            models.Index(
                fields=["closed_at"],
                condition=Q(closed_at__isnull=False),
                name="case_closed",
            ),
            models.Index(
                fields=["street"],
                condition=~Q(appeal_review=""),
                name="case_appealed_street",
            ),
            models.Index(
                fields=["district"],
                condition=~Q(appeal_review=""),
                name="case_appealed_district",
            ),
            models.Index(
                fields=["street", "community"],
                condition=~Q(file_gaps=""),
                name="case_incomplete",
            ),
            models.Index(
                fields=["-urgent", "due_at", "id"],
                condition=Q(underway=True),
                name="case_open_urgency",
            ),
            models.Index(
                fields=["state"],
                condition=Q(underway=True),
                name="case_open_state",
            ),
            # Counts alone, without a look at the rows.
            models.Index(
                fields=["city", "state", "id"],
                condition=Q(underway=True, confidential=False),
                name="case_count_city",
            ),
            models.Index(
                fields=["district", "state", "id"],
                condition=Q(underway=True, confidential=False),
                name="case_count_district",
            ),
            models.Index(
                fields=["extension_review"],
                condition=~Q(extension_review=""),
                name="case_extension_asked",
            ),
            models.Index(
                fields=["suspension_review"],
                condition=~Q(suspension_review=""),
                name="case_suspension_asked",
            ),
            models.Index(
                fields=["first_handler_org"],
                condition=Q(underway=True),
                name="case_open_first_handler",
            ),
            GinIndex(
                fields=["called_ids"],
                condition=Q(underway=True),
                name="case_open_called",
            ),
            GinIndex(fields=["called_ids"], name="case_called"),
            models.Index(
                fields=["reporter"],
                condition=Q(master__isnull=False),
                name="case_merged_reporter",
            ),
            models.Index(fields=["grid", "-id"], name="case_grid_recent"),
            GinIndex(bigrams("address", "description"), name="case_bigrams"),
            models.Index(Right("case_no", NUMBER), name="case_number_end"),
            models.Index(
                fields=["external_no"],
                condition=~Q(external_no=""),
                name="case_external_no",
            ),
            models.Index(
                fields=["complainant_digest"],
                condition=~Q(complainant_digest=""),
                name="case_complainant",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.display_no

    def get_absolute_url(self) -> str:
        return f"/cases/{self.pk}/"

    def get_state_display(self) -> str:  # type: ignore[no-redef]
        """Django's own looks through all choices anew, for each row of a list."""
        return str(State(self.state).label)

    @property
    def display_no(self) -> str:
        """`440305-20261122-00001`, as people read and say it."""
        return dashed(self.case_no)

    @property
    def chain(self) -> str:
        return f"case:{self.pk}"

    def done_by(self, user_id: int | None) -> None:
        """Who handed in the work of this round, and with all who ever did (`doers`)
        is kept apart from reviewing and checking it (DOMAIN C.1, 职责分离)."""
        self.doer_id = user_id
        self.had_part(user_id)

    def had_part(self, user_id: int | None) -> None:
        """Somebody did a part of it, a support for one."""
        if user_id is not None and user_id not in self.doers:
            self.doers = [*self.doers, user_id]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def answer_lines(self) -> list[tuple[str, str]]:
        """The extra questions with their answers, as people read them."""
        return [
            (one["label"], "、".join(answer) if isinstance(answer, list) else answer)
            for one in self.answers
            for answer in [one["answer"]]
        ]

    @property
    def has_raters(self) -> bool:
        """Somebody is asked to rate: an own 诉求人 or one of a merged case."""
        return self.has_complainant or self.merged_complainants_count > 0

    @property
    def is_from_resident(self) -> bool:
        return self.has_complainant or self.source in (
            self.Source.RESIDENT,
            self.Source.HOTLINE,
        )

    def minutes_left(self, at: "datetime") -> float | None:
        """Wall-clock minutes to the nearest deadline; negative when it has passed."""
        if self.due_at is None:
            return None
        return (self.due_at - at).total_seconds() / 60


class Support(models.Model):
    """＋1 我也遇到: somebody who met the same matter (DOMAIN C.7)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="supports")
    user = models.ForeignKey("parties.User", models.PROTECT, null=True)
    name = models.CharField(max_length=50)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "＋1"
        verbose_name_plural = "＋1"
        constraints = [
            models.UniqueConstraint(fields=["case", "user"], name="support_once")
        ]

    def __str__(self) -> str:
        return self.name


class ComplainantConsent(models.Model):
    """代报: whether the resident agreed that name and telephone are kept, or why not
    (PIPL 13–14; DOMAIN E.7). Who files for oneself agrees at the portal."""

    class Kind(models.TextChoices):
        ORAL = "oral", _("居民口头同意")
        WRITTEN = "written", _("居民书面同意")
        NONE = "none", _("没有取得同意")

    case = models.OneToOneField(
        Case, models.PROTECT, related_name="complainant_consent",
        verbose_name=_("案件"),
    )  # fmt: skip
    kind = models.CharField(_("是否同意"), max_length=8, choices=Kind)
    reason = models.CharField(_("没有取得同意的理由"), max_length=200, blank=True)
    recorded_by_name = models.CharField(_("记录人"), max_length=50)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("代报同意记录")
        verbose_name_plural = _("代报同意记录")

    def __str__(self) -> str:
        return str(self.get_kind_display())


class RoutingGap(models.Model):
    """The router found nobody and went one level up; for the administrator to mend."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    area = models.ForeignKey("grids.Area", models.PROTECT, related_name="+")
    missing = models.CharField(_("缺少"), max_length=100)
    at = models.DateTimeField()

    objects = RoutingGapQuerySet.as_manager()

    class Meta:
        verbose_name = _("派单缺口")
        verbose_name_plural = _("派单缺口")

    def __str__(self) -> str:
        return self.missing
