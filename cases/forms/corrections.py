"""Forms of what corrects a case: voiding, reopening, taking back."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.offered import OfferedForm, OpinionForm, PhotoForm, words
from cases.models import Photo, VoidRequest


class RequestVoidForm(OfferedForm):
    reason = forms.ChoiceField(label=_("作废原因"), choices=())
    opinion = words(_("为什么要作废"))
    submit, danger = _("申请作废"), True
    intro = _("由区指挥中心批准后作废。居民不再需要办理的，请走“诉求人撤回”。")

    def prepare(self) -> None:
        self.offer("reason", VoidRequest.Reason.choices)


class VoidForm(OpinionForm):
    opinion = words(_("审批意见"), phrases=(_("情况属实，同意作废"),))
    submit, danger = _("批准作废"), True
    intro = _("作废后不能恢复，全部计时停止。")


class RefuseVoidForm(OpinionForm):
    opinion = words(_("不批准的理由"), phrases=(_("情况真实，请按流程办理"),))
    submit, danger = _("不批准作废"), True


class ReopenForm(PhotoForm):
    opinion = words(_("怎样复发、为什么重开"), phrases=(_("同一地点再次发生"),))
    submit = _("重开")
    intro = _("案件回到“待街道研判”，重新计时；原来的用时和考核不变。")
    photo_stage, photo_label = Photo.Stage.REOPEN, _("复发照片")

    field_order = ("opinion", "photos")


class WithdrawCaseForm(OpinionForm):
    opinion = words(
        _("诉求人何时、怎样表示撤回"), phrases=(_("诉求人来电表示问题已自行解决"),)
    )
    submit, danger = _("代诉求人撤回"), True
    intro = _("案件转为“不予受理”，理由是诉求人撤回；7 天内可以复核受理。")


class ResidentWithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("为什么撤回（可不填）"),
        required=False,
        max_length=1000,
        error_messages={"max_length": _("最多 1000 字，请精简。")},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
