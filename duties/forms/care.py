"""Forms about care targets."""

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms.offered import people, pick, radio, words
from duties.actions import Registration
from duties.actions.addressing import workers_in
from duties.forms.admissions import date_field
from duties.forms.steps import DutyForm
from duties.models import CareTarget
from grids.codes import Level
from grids.models import Area

PURPOSES = (_("上门走访"), _("电话问候"), _("紧急联系"))


class CareForm(DutyForm):
    submit = _("登记")

    grid = pick(_("所在网格"))
    name = forms.CharField(label=_("姓名"), max_length=40)
    telephone = forms.CharField(
        label=_("联系电话"),
        max_length=20,
        validators=[
            RegexValidator(
                r"^\+?[0-9][0-9 -]{5,18}\Z",
                _("电话号码不正确，例如 13800000000。"),
            )
        ],
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    building = forms.CharField(
        label=_("楼栋"), max_length=100, help_text=_("例如“幸福里 3 栋 2 单元”。")
    )
    room = forms.CharField(label=_("房号"), max_length=20)
    services = forms.MultipleChoiceField(
        label=_("服务类别"),
        choices=CareTarget.Service.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    legal_basis = radio(_("处理依据"), CareTarget.Basis.choices)
    consent_date = date_field(
        _("同意日期"), required=False, help_text=_("依据是“同意”的必须填写。")
    )
    basis_note = forms.CharField(
        label=_("依据说明"),
        max_length=200,
        required=False,
        help_text=_("依据是“法定职责”的，写明法规条款。"),
    )
    worker = pick(_("责任网格员"))
    every_days = forms.IntegerField(
        label=_("走访间隔（天）"), min_value=1, max_value=366, initial=7
    )
    next_visit_date = date_field(_("下次走访日期"))
    review_date = date_field(
        _("复核日期"), help_text=_("到这一天要重新确认是否还需要服务、是否还同意。")
    )

    def prepare(self) -> None:
        day = timezone.localtime(self.at).date()
        below = Area.objects.active(day).within([self.actor.area_code or "-"])
        grids = below.at_level(Level.GRID).order_by("code")
        self.fields["grid"].choices = [  # type: ignore[attr-defined]
            ("", _("请选择")),
            *((area.pk, area.name) for area in grids),
        ]
        workers = workers_in(self.actor.area_code or "-", self.at)
        self.fields["worker"].choices = [("", _("请选择")), *people(workers)]  # type: ignore[attr-defined]

    def registration(self) -> Registration:
        given = dict(self.cleaned_data)
        given["services"] = tuple(given["services"])
        given["grid_id"], given["worker_id"] = given.pop("grid"), given.pop("worker")
        return Registration(**given)


class RevealForm(DutyForm):
    submit = _("查看完整")
    intro = _("谁在什么时候为什么查看，会写入流水。")
    reason = words(_("查看用途"), phrases=PURPOSES, rows=2)


class ReviewForm(DutyForm):
    submit = _("完成复核")
    intro = _("确认仍需要服务、仍然同意，并约定下次复核的日期。")
    review_date = date_field(_("下次复核日期"))


class EndForm(DutyForm):
    submit = _("退出服务")
    intro = _("姓名、电话和房号会立即清除，不能恢复；走访记录保留。")
    danger = True
    reason = words(_("退出原因"), phrases=(_("本人撤回同意"), _("已搬离")), rows=2)
