"""Forms of emergencies."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.offered import radio, words
from cases.models import Category
from duties.actions import Emergency
from duties.forms.steps import DutyForm
from duties.forms.visits import FindingForm
from duties.models import Incident, SituationReport
from governance.forms import MomentField


class StartForm(DutyForm):
    submit = _("启动应急")
    intro = _("启动后应急任务立即发往所有下一级；到失效时间自动停止。")

    title = forms.CharField(label=_("名称"), max_length=60)
    kind = forms.ChoiceField(label=_("类型"), choices=Incident.Kind.choices)
    level = radio(_("级别"), Incident.Level.choices)
    requirement = words(_("要求"), rows=4)
    expires_at = MomentField(label=_("失效时间"))
    report_hours = forms.IntegerField(
        label=_("报送间隔（小时）"), min_value=1, max_value=24, initial=2
    )

    def arguments(self) -> dict[str, Any]:
        return {"emergency": Emergency(**self.cleaned_data)}


class ReportForm(DutyForm):
    submit = _("报送")

    kind = radio(_("情况"), SituationReport.Kind.choices)
    text = words(_("情况说明"), required=False, rows=2)


class NoteForm(DutyForm):
    submit = _("记入日志")
    text = words(_("值班记录"), rows=2)


class CloseForm(DutyForm):
    submit = _("结束应急")
    intro = _("结束后应急任务一并办结，网格不再报送；复盘总结记入日志。")
    danger = True
    review = words(_("复盘总结"), rows=6)


class IncidentCaseForm(FindingForm):
    """`subject` is the grid's part of the emergency task."""

    submit = _("上报险情")
    intro = _("按应急上报，直接交街道指挥中心处置。")

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def prepare(self) -> None:
        self.fields["category"].queryset = Category.objects.active()  # type: ignore[attr-defined]
        self.fields["crs"].widget = forms.HiddenInput()
        del self.fields["urgent"]

    def clean_submission(self) -> uuid.UUID:
        return self.cleaned_data["submission"] or uuid.uuid4()

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        given["urgent"] = True
        return given
