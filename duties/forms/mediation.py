"""Forms of mediation; `subject` is the case before it is opened, then the mediation."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms.fields import photos_field
from cases.forms.offered import people, pick, radio, words
from cases.models import Case
from duties.actions import (
    Agreement,
    Party,
    Sitting,
    check_steps,
    masked_party,
    visitors_of,
)
from duties.forms.steps import DutyForm
from duties.models import MediationParty, MediationSession, MediationTemplate
from governance.errors import Refused
from governance.forms import MomentField

Side = MediationParty.Side


def name_field(label: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=40,
        required=required,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def telephone_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )


class OpenForm(DutyForm):
    submit = _("开始调解")
    intro = _("当事人姓名、电话加密保存，列表和导出只显示“姓+*”。")

    template = pick(_("调解模式"))
    applicant_name = name_field(_("申请人姓名"))
    applicant_telephone = telephone_field(_("申请人电话"))
    other_name = name_field(_("被申请人姓名"))
    other_telephone = telephone_field(_("被申请人电话"))
    concerned_name = name_field(_("利害关系人姓名"), required=False)
    concerned_telephone = telephone_field(_("利害关系人电话"))

    def prepare(self) -> None:
        found = MediationTemplate.objects.filter(is_active=True).order_by("name")
        choices = [(one.pk, one.name) for one in found]
        if not choices:
            self.fields["template"].help_text = _("还没有调解模式，请管理员先设置。")
        blank = [] if len(choices) == 1 else [("", _("请选择"))]
        self.fields["template"].choices = [*blank, *choices]  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        sides = (
            (Side.APPLICANT, "applicant"), (Side.RESPONDENT, "other"),
            (Side.CONCERNED, "concerned"),
        )  # fmt: skip
        return {
            "template_id": given["template"],
            "parties": [
                Party(
                    side=side,
                    name=given[f"{name}_name"],
                    telephone=given[f"{name}_telephone"],
                )
                for side, name in sides
            ],
        }


class SessionForm(DutyForm):
    submit = _("记录调解会")

    held_at = MomentField(label=_("调解时间"))
    place = forms.CharField(label=_("地点"), max_length=100)
    present = forms.CharField(
        label=_("参加人"),
        max_length=300,
        help_text=_("调解员和到场的人，例如“人民调解员、片区民警、双方当事人”。"),
    )
    outcome = radio(_("结果"), MediationSession.Outcome.choices)
    minutes = words(_("调解笔录"), rows=5)

    def prepare(self) -> None:
        self.initial.setdefault("held_at", timezone.localtime(self.at))

    def arguments(self) -> dict[str, Any]:
        return {"sitting": Sitting(**self.cleaned_data)}


class AgreementForm(DutyForm):
    submit = _("签订协议")
    intro = _("签订后自动生成履行回访任务，到期前交回访人办理。")

    batch = forms.UUIDField(widget=forms.HiddenInput, required=False)
    text = words(_("协议内容"), rows=6)
    signed_at = MomentField(label=_("签订时间"))
    visitor = pick(_("回访人"))
    judicial_confirmation = forms.BooleanField(label=_("申请司法确认"), required=False)
    photos = photos_field()

    def prepare(self) -> None:
        found = visitors_of(self.subject.case, self.at)
        self.fields["visitor"].choices = [("", _("请选择")), *people(found)]  # type: ignore[attr-defined]
        self.initial.setdefault("signed_at", timezone.localtime(self.at))

    def clean_batch(self) -> uuid.UUID:
        return self.cleaned_data["batch"] or uuid.uuid4()

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "agreement": Agreement(
                text=given["text"],
                signed_at=given["signed_at"],
                visitor_id=given["visitor"],
                judicial_confirmation=given["judicial_confirmation"],
                photos=str(given["batch"]),
            )
        }


class RatePartyForm(DutyForm):
    submit = _("记录评价")
    intro = _("电话回访当事人后代为记录，每位当事人记录一次。")

    party = pick(
        _("当事人"), error_messages={"invalid_choice": _("这位当事人已经评价过。")}
    )
    score = radio(
        _("满意程度"), [one for one in Case.Score.choices if one[0] != Case.Score.NONE]
    )
    remark = words(_("当事人的意见"), required=False, rows=2)

    def prepare(self) -> None:
        unrated = self.subject.parties.filter(score="").order_by("pk")
        choices = [
            (one.pk, f"{one.get_side_display()} {masked_party(one)}") for one in unrated
        ]
        self.fields["party"].choices = [("", _("请选择")), *choices]  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "party_id": given["party"],
            "score": given["score"],
            "remark": given["remark"],
        }


class TemplateForm(forms.ModelForm):
    """In the administration: 调解模式, every word of it free."""

    class Meta:
        model = MediationTemplate
        fields = ("name", "steps", "raise_after", "follow_up_days", "is_active")
        widgets = {"steps": forms.Textarea(attrs={"rows": 8, "cols": 60})}

    def clean_steps(self) -> str:
        steps: str = self.cleaned_data["steps"]
        try:
            check_steps(steps)
        except Refused as refused:
            raise ValidationError(str(refused)) from refused
        return steps
