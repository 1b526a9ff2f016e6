"""Forms of what corrects a case: voiding, reopening, taking back."""

from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _

from cases.actions.archiving import STAGE_OF
from cases.actions.correcting import Correction
from cases.forms.offered import OfferedForm, OpinionForm, PhotoForm, pick, words
from cases.models import Category, FilingCondition, Photo, VoidRequest
from cases.workflow import PHOTO_GAPS, missing_said
from governance import geo
from governance.numbers import number_of


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
    submit = _("不批准作废")


class ReopenForm(PhotoForm):
    opinion = words(_("怎样复发、为什么重开"), phrases=(_("同一地点再次发生"),))
    submit = _("重开")
    intro = _("案件回到“待街道研判”，重新计时；原来的用时和考核不变。")
    photo_stage, photo_label = Photo.Stage.REOPEN, _("复发照片")

    field_order = ("opinion", "photos")


class CompleteFileForm(PhotoForm):
    """With the first photo that is missing; words alone where none is."""

    opinion = words(
        _("补了什么；补不了的，写明原因"),
        phrases=(_("已补传照片"), _("现场已恢复，无法补拍，情况以核查记录为准")),
    )
    submit = _("补全案卷")
    photos_required = False

    field_order: tuple[str, ...] = ("photos", "opinion")

    def prepare(self) -> None:
        codes = self.case.file_gaps.split()
        self.intro = missing_said(self.case)
        first = next((one for one in codes if one in PHOTO_GAPS), None)
        if first is None:
            del self.fields["photos"], self.fields["batch"]
            return
        self.photo_stage, self.photo_label = STAGE_OF[first], PHOTO_GAPS[first]

    def arguments(self) -> dict[str, Any]:
        if not self.photo_stage:
            return {**OfferedForm.arguments(self), "photos": None}
        return super().arguments()


class WithdrawCaseForm(OpinionForm):
    opinion = words(
        _("诉求人何时、怎样表示撤回"), phrases=(_("诉求人来电表示问题已自行解决"),)
    )
    submit, danger = _("代诉求人撤回"), True
    intro = _("案件转为“不予受理”，理由是诉求人撤回；7 天内可以复核受理。")


class AddNoteForm(OpinionForm):
    opinion = words(_("补充说明"))
    submit, versioned = _("补充说明"), False
    intro = _("本案已归档，内容不再变动；补充说明追加在办理流程里。")


class CorrectForm(OfferedForm):
    """What stands now, to be overwritten; the conditions are those of the category."""

    category = pick(_("小类"))
    condition = pick(
        _("立案条件"),
        required=False,
        help_text=_("改了小类，原来的立案条件作废；处置已开始的须重新选择。"),
    )
    address = forms.CharField(label=_("地址"), max_length=256)
    point = forms.CharField(
        label=_("经纬度"),
        required=False,
        max_length=60,
        help_text=_("经度, 纬度（CGCS2000），例如 113.000500, 28.000500。"),
    )
    urgent = forms.BooleanField(label=_("紧急"), required=False)
    opinion = words(_("更正理由"), phrases=(_("类别选错"), _("位置有误，经核实更正")))
    submit = _("更正")
    intro = _("更正前后的内容记入办理流程；换了立案条件，时限从原来的起点重算。")

    def prepare(self) -> None:
        case = self.case
        active = Category.objects.active().order_by("code5", "pk")
        found = [(one.pk, f"{one.code5} {one.name}") for one in active]
        self.offer("category", found)
        self.offer("condition", self._conditions())
        at = case.point
        self.initial.setdefault("category", case.category_id)
        self.initial.setdefault("condition", case.condition_id)
        self.initial.setdefault("address", case.address)
        self.initial.setdefault("point", f"{at.x:.6f}, {at.y:.6f}" if at else "")
        self.initial.setdefault("urgent", case.urgent)

    def _conditions(self) -> list[tuple[int, Any]]:
        given = self.data.get("category") or self.case.category_id
        found = FilingCondition.objects.filter(
            category_id=number_of(given) or 0,
            is_active=True,
            is_unparsed=False,
        ).order_by("order", "pk")
        return [
            (0, _("暂不立案")),
            *((one.pk, f"{one.text}（{one.limit_text}）") for one in found),
        ]

    def clean_point(self) -> Point | None:
        given = self.cleaned_data["point"].replace("，", ",").strip()
        before = self.case.point
        if not given or (before and given == f"{before.x:.6f}, {before.y:.6f}"):
            return None
        try:
            lng, lat = (float(one) for one in given.split(","))
            return geo.to_point(lng, lat, geo.Crs.CGCS2000)
        except ValueError as fault:
            raise forms.ValidationError(
                _("请按“经度, 纬度”填写，例如 113.000500, 28.000500。")
            ) from fault

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        return {
            "correction": Correction(
                category_id=given["category"],
                condition_id=given["condition"] or None,
                address=given["address"],
                point=given["point"],
                urgent=given["urgent"],
            ),
            "opinion": given["opinion"],
            "version": given["version"],
        }
