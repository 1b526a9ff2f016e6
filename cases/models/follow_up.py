"""What corrects or follows up a case: voiding, links, ratings, call-backs, members."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models.case import Case


class VoidRequest(models.Model):
    """作废申请: asked for by one person, approved or refused by another (T50).

    It lapses when the case goes on meanwhile to where nothing can be voided.
    """

    class Reason(models.TextChoices):
        TEST = "test", _("测试数据")
        MISTAKE = "mistake", _("误操作")

    class Status(models.TextChoices):
        OPEN = "open", _("待批准")
        APPROVED = "approved", _("已批准")
        REFUSED = "refused", _("未批准")
        LAPSED = "lapsed", _("已失效")

    case = models.ForeignKey(Case, models.PROTECT, related_name="void_requests")
    reason = models.CharField(_("作废原因"), max_length=8, choices=Reason)
    words = models.CharField(_("说明"), max_length=1000)
    status = models.CharField(_("状态"), max_length=8, choices=Status)
    requested_by = models.ForeignKey(
        "parties.User", models.PROTECT, related_name="+", verbose_name=_("申请人")
    )
    requested_at = models.DateTimeField(_("申请时间"))
    decided_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    opinion = models.CharField(_("审批意见"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("作废申请")
        verbose_name_plural = _("作废申请")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(status="open"), name="void_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
                name="void_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.case_id}"


class CaseLink(models.Model):
    """Two cases that belong together; without effect on either's state (DOMAIN C.7).

    `case` is the later one: the recurrence of `other`, or what was found during a task
    that `other` gave rise to. Taken back, the row stays with who, when and why.
    """

    class Kind(models.TextChoices):
        RELATED = "related", pgettext_lazy("relation", "关联")
        RECURRENCE = "recurrence", _("复发")
        TASK = "task", _("任务来源")

    case = models.ForeignKey(Case, models.PROTECT, related_name="links")
    other = models.ForeignKey(Case, models.PROTECT, related_name="links_here")
    kind = models.CharField(_("关系"), max_length=12, choices=Kind)
    reason = models.CharField(_("理由"), max_length=1000)
    by = models.ForeignKey("parties.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    removed_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)
    removal_reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        verbose_name = _("案件关联")
        verbose_name_plural = _("案件关联")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "other"],
                condition=Q(removed_at=None),
                name="link_once",
            ),
            models.CheckConstraint(
                condition=~Q(case=F("other")), name="link_not_to_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.case_id} {self.other_id}"


class Rating(models.Model):
    """What a 诉求人 says of the result: of the case itself, or of `merged_case`."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="ratings")
    merged_case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="+"
    )
    score = models.CharField(max_length=16, choices=Case.Score)
    solved = models.BooleanField(_("是否解决"), null=True)
    comment = models.CharField(_("意见"), max_length=1000, blank=True)
    channel = models.CharField(max_length=12)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("评价")
        verbose_name_plural = _("评价")

    def __str__(self) -> str:
        return self.get_score_display()


class CallBack(models.Model):
    """回访: what the complainant said when he was asked how it went."""

    class Method(models.TextChoices):
        PHONE = "phone", _("电话")
        IN_PERSON = "in_person", _("当面")
        SMS = "sms", _("短信")

    class Result(models.TextChoices):
        SOLVED = "solved", _("已解决")
        UNSOLVED = "unsolved", _("未解决")
        UNREACHED = "unreached", _("联系不上")

    case = models.ForeignKey(Case, models.PROTECT, related_name="call_backs")
    by = models.ForeignKey("parties.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(_("回访人"), max_length=50)
    at = models.DateTimeField(_("回访时间"))
    method = models.CharField(_("回访方式"), max_length=12, choices=Method)
    result = models.CharField(_("回访结果"), max_length=12, choices=Result)
    satisfied = models.BooleanField(_("是否满意"), null=True)
    words = models.CharField(_("回访记录"), max_length=1000)

    class Meta:
        verbose_name = _("回访")
        verbose_name_plural = _("回访")

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.get_result_display()}"


class CaseMember(models.Model):
    """Somebody let into a confidential case, and as what (DOMAIN F6)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="members")
    user = models.ForeignKey("parties.User", models.PROTECT, related_name="+")
    role = models.CharField(_("身份"), max_length=50)
    added_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("办理成员")
        verbose_name_plural = _("办理成员")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user"],
                condition=Q(removed_at=None),
                name="member_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id}"
