"""Forms of checking in, handling, reviewing, checking and closing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.actions.duty import MODES
from cases.actions.handling import RESULTS
from cases.forms.offered import (
    INSPECT,
    RETURN,
    OfferedForm,
    OpinionForm,
    PhotoForm,
    SpotForm,
    people,
    pick,
    radio,
    words,
)
from cases.models import CallBack, Photo, SiteTask, WhistleAssignment
from cases.querysets import candidates

Result = SiteTask.Result


def _of(*chosen: SiteTask.Result) -> list[tuple[str, Any]]:
    return [(one.value, one.label) for one in chosen]


class CheckInForm(SpotForm):
    mode = radio(_("报到方式"), ((one.value, one.label) for one in MODES))
    remark = words(_("说明"), required=False, rows=2)
    submit, versioned = pgettext_lazy("step", "报到"), False
    photo_stage, photo_label = Photo.Stage.CHECK_IN, _("到场照片")
    photos_required = False

    field_order = ("mode", "remark", "photos")

    def prepare(self) -> None:
        self.initial.setdefault("mode", WhistleAssignment.Mode.ON_SITE)
        newest = self.case.whistles.filter(status="blown").order_by("-blown_at", "-pk")
        if (whistle := newest.first()) and whistle.requires_presence:
            self.intro = _("这次吹哨要求到场：离现场 500 米以内。")
            self.fields["remark"].help_text = _("不能到场的，必须写明原因。")


class FinishSelfForm(PhotoForm):
    measures = words(_("处置说明"))
    submit = _("自办完成")
    photo_stage, photo_label = Photo.Stage.AFTER, _("处置后照片")

    field_order = ("measures", "photos")


class SubmitResultForm(PhotoForm):
    field_order: tuple[str, ...] = ("result", "measures", "photos")

    result = radio(_("办理结果"), RESULTS.items())
    measures = words(_("采取的措施"))
    submit = _("办结提交")
    photo_stage, photo_label = Photo.Stage.AFTER, _("处置后照片")


class FeedBackForm(SubmitResultForm):
    override = words(
        _("协办未办结，不再等待的理由"),
        required=False,
        rows=2,
        help_text=_("协办单位都已办结时不用填写。"),
    )
    submit = _("主办反馈")

    field_order = ("result", "measures", "photos", "override")


class FinishSupportForm(PhotoForm):
    opinion = words(_("协办意见"), phrases=(_("已按任务要求完成"),))
    submit, versioned = _("协办办结"), False
    photos_required = False
    photo_stage, photo_label = Photo.Stage.AFTER, _("处置后照片")

    field_order = ("opinion", "photos")


class SubmitVerificationForm(SpotForm):
    result = radio(_("核实结论"), _of(Result.TRUE, Result.UNTRUE, Result.UNCLEAR))
    remark = words(
        _("情况说明"),
        required=False,
        help_text=_("不属实、无法核实，或不在现场 200 米内的，必须写明。"),
    )
    submit = _("提交核实")
    photo_stage, photo_label = Photo.Stage.VERIFY, _("现场照片")

    field_order = ("result", "photos", "remark")


class SubmitCheckForm(SpotForm):
    result = radio(_("核查结论"), _of(Result.PASSED, Result.FAILED))
    remark = words(
        _("情况说明"),
        required=False,
        help_text=_("不通过的，必须写明不合格的地方；没有定位的，必须写明原因。"),
    )
    submit = _("提交核查")
    photo_stage, photo_label = Photo.Stage.CHECK, _("现场照片")

    field_order = ("result", "photos", "remark")


class SendToCheckForm(OfferedForm):
    worker = pick(_("核查网格员"), help_text=_("处置人和审核人不能核查。"))
    requirement = words(_("核查要求"), phrases=INSPECT, most=500)
    ids = ("worker",)
    submit = _("审核通过，发核查")

    def prepare(self) -> None:
        apart = (*self.case.doers, self.actor.user_id)
        found = candidates.field_workers(self.case, self.at)
        self.offer("worker", people(one for one in found if one.user_id not in apart))


class ReturnResultForm(OpinionForm):
    opinion = words(_("退回理由和缺少的内容"), phrases=RETURN)
    submit, danger = _("审核退回"), True
    intro = _("退回后处置时限接着剩余时间计算，审核用时不算。")


class ConfirmCheckForm(OfferedForm):
    opinion = words(_("结案意见"), phrases=(_("核查通过，同意结案"),))
    closing_met = forms.BooleanField(label=_("已对照结案条件，确认达到"))
    submit = _("核查通过")

    def prepare(self) -> None:
        if self.case.has_raters:
            self.fields["closing_met"].required = False
            self.intro = _("本案有诉求人，通过后请诉求人评价。")
        condition = self.case.condition
        if condition is not None and condition.closing_condition:
            self.fields["closing_met"].help_text = condition.closing_condition


class ReworkForm(OpinionForm):
    opinion = words(_("不合格点和返工要求"))
    submit, danger = _("返工"), True
    intro = _("返工不重新计时，接着剩余的处置时间计算。")


class ReworkAfterRatingForm(OfferedForm):
    method = radio(_("回访方式"), CallBack.Method.choices)
    call_back = words(_("回访记录"), help_text=_("何时、向谁、怎么说的。"))
    opinion = words(_("不满意的原因和返工要求"))
    submit, danger = _("返工"), True

    def prepare(self) -> None:
        self.initial.setdefault("method", CallBack.Method.PHONE)


class CloseDespiteForm(OfferedForm):
    opinion = words(_("认定结案的理由"), phrases=(_("诉求超出政策规定，已依法答复"),))
    reply = words(_("给诉求人的书面答复"), is_public=True)
    submit, danger = _("认定结案"), True
    intro = _("仍计为不满意。")


class WhistleIdForm(OfferedForm):
    whistle_id = forms.IntegerField(widget=forms.HiddenInput)


class SignForm(WhistleIdForm):
    submit = _("签发并吹哨")
    intro = _("签发后立即吹哨，报到和处置时限从现在开始计算。")


class ConfirmWhistleForm(WhistleIdForm):
    submit, versioned = _("补签"), False
    intro = _("确认这份已先行吹响的应急哨。")


class WithdrawForm(WhistleIdForm):
    opinion = words(_("撤回理由"))
    submit, danger = _("撤回"), True


class RevealForm(OfferedForm):
    reason = forms.CharField(label=_("用途"), max_length=200)
    submit, versioned = _("查看完整"), False
    intro = _("您的姓名、时间和用途会记入本案流水。")

    def prepare(self) -> None:
        self.fields["reason"].widget.attrs["placeholder"] = _("例如：电话回访办理结果")
