"""Forms of 延期, 挂账 and 超期申诉: asked, reviewed, withdrawn."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.actions.extension import due_if_approved, open_extension
from cases.actions.requests import DECISIONS
from cases.actions.suspension import LONGEST, open_suspension
from cases.forms.offered import AGREE, OfferedForm, OpinionForm, PhotoForm, radio, words
from cases.models import Extension, Photo, Suspension
from cases.workflow import RequestStatus
from governance import calendar
from governance.errors import Refused


class ReasonForm(OfferedForm):
    reason = words(_("理由"))


class ReviewForm(OfferedForm):
    """同意 or 不同意, and why."""

    decision = radio(_("审核结论"), DECISIONS.items())
    opinion = words(_("审核意见"), phrases=AGREE)


class RequestExtensionForm(ReasonForm):
    reason = words(_("申请延期的理由"))
    submit = _("申请延期")
    intro = _("批准后在现有时限上增加一个原时限；每案最多批准 2 次，未批准的不计。")


class ReviewExtensionForm(ReviewForm):
    submit = _("审核延期")

    def prepare(self) -> None:
        extension = open_extension(self.case)
        if extension is None:
            return
        self.intro = gettext("%(unit)s申请延期：%(reason)s %(due)s") % {
            "unit": extension.organisation.name if extension.organisation else "",
            "reason": extension.reason,
            "due": self._due_words(extension),
        }

    def _due_words(self, extension: Extension) -> str:
        """A year without its holidays stops the granting, not the refusing."""
        try:
            due = due_if_approved(extension, self.at)
        except Refused as refused:
            return str(refused)
        return gettext("批准后时限为 %(due)s。") % {"due": _moment(due)}


def _moment(at: Any) -> str:
    return str(formats.date_format(timezone.localtime(at), "Y-m-d H:i")) if at else ""


class WithdrawExtensionForm(OfferedForm):
    submit, danger = _("撤回延期申请"), True
    intro = _("撤回后不计入延期次数，时限内可以再次申请。")


class RequestSuspensionForm(PhotoForm):
    ground = radio(_("挂账原因"), Suspension.Ground.choices)
    reason = words(_("理由和依据"))
    resume_date = forms.DateField(
        label=_("计划恢复日期"),
        help_text=_("当天 09:00 自动恢复办理；最长 365 天。"),
        error_messages={"invalid": _("请选择日期，例如 2026-12-31。")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    safety_measure = words(
        _("期间安全措施"), rows=2, phrases=(_("已设置围挡和警示标志，每日巡查"),)
    )
    submit = _("申请挂账")
    intro = _(
        "批准后处置暂停计时，其间不能办理；30 天以内由街道值班领导或区指挥中心终审，"
        "更长的、原因为“其他”的和再次挂账的由区指挥中心终审。"
    )
    photo_stage, photo_label = Photo.Stage.EVIDENCE, _("佐证照片（安全措施）")

    field_order = ("ground", "reason", "resume_date", "safety_measure", "photos")

    def prepare(self) -> None:
        today = self.at.astimezone(calendar.ZONE).date()
        self.fields["resume_date"].widget.attrs.update(
            min=str(today + timedelta(days=1)), max=str(today + LONGEST)
        )


def _asked(form: OfferedForm) -> str:
    """What the request to suspend says, for whoever reviews it."""
    suspension = open_suspension(form.case)
    if suspension is None:
        return ""
    days = (suspension.resume_date - form.at.astimezone(calendar.ZONE).date()).days
    return gettext(
        "%(ground)s：%(reason)s（计划 %(date)s 恢复，还有 %(days)d 天）。"
        "期间安全措施：%(measure)s"
    ) % {
        "ground": suspension.get_ground_display(),
        "reason": suspension.reason,
        "date": suspension.resume_date,
        "days": days,
        "measure": suspension.safety_measure,
    }


class ReviewSuspensionForm(ReviewForm):
    submit = _("初审挂账")

    def prepare(self) -> None:
        self.intro = _asked(self)


class SuspendForm(OpinionForm):
    opinion = words(_("审核意见"), phrases=(_("同意挂账，期间落实安全措施"),))
    special_reason = words(
        _("特批理由"),
        rows=2,
        required=False,
        help_text=_("本案挂过账，再次挂账须区级特批。"),
    )
    submit = _("批准挂账")

    def prepare(self) -> None:
        self.intro = _asked(self)
        granted = self.case.suspensions.filter(status=RequestStatus.APPROVED)
        if not granted.exists():
            del self.fields["special_reason"]


class RejectSuspensionForm(OpinionForm):
    opinion = words(_("不批准的理由"))
    submit, danger = _("不批准挂账"), True


class WithdrawSuspensionForm(OfferedForm):
    submit, danger = _("撤回挂账申请"), True
    intro = _("撤回后案件照常办理，时限一直在计。")


class ResumeHandlingForm(OpinionForm):
    opinion = words(_("恢复办理的原因"), phrases=(_("挂账原因已消除"),))
    submit = _("恢复办理")
    intro = _("恢复后按剩余时限继续计时，回到挂账前的承办单位。")


class AppealOverdueForm(ReasonForm):
    reason = words(_("超期的客观原因"))
    submit = _("提交超期申诉")
    intro = _("每案只能申诉一次，街道、区两级审核；通过后不计超时，超期事实保留。")


class ReviewAppealForm(ReviewForm):
    submit = _("审核超期申诉")

    def prepare(self) -> None:
        appeal = self.case.appeals.select_related("organisation").first()
        if appeal is not None:
            unit = appeal.organisation.name if appeal.organisation else ""
            self.intro = gettext("：").join((unit, appeal.reason))
