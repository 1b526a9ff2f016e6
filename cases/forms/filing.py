"""The shape of what is filed on the phone; the rules are in `cases.actions.filing`."""

import uuid
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from cases import answers
from cases.actions.filing import LEAST_DESCRIPTION, Report
from cases.forms.fields import crs_field, degrees_field, photos_field
from cases.models import Case, Category, ComplainantConsent, Question
from cases.workflow import Action
from governance.forms import MomentField
from governance.geo import Crs
from governance.numbers import number_of

PHONE_NUMBER = RegexValidator(
    r"^\+?[0-9][0-9 -]{5,18}\Z", _("电话号码不正确，例如 13800000000。")
)
KINDS = (
    (Action.REPORT.value, _("上报")),
    (Action.RESOLVE_ON_SPOT.value, _("即报即结")),
)


def _answer_field(question: Question) -> forms.Field:
    """Whether it is answered rightly is said by `cases.answers.check`."""
    facts: dict[str, Any] = {
        "label": question.label,
        "help_text": question.help_text,
        "required": False,
    }
    pairs = [(one, one) for one in question.options]
    if question.kind == answers.Kind.CHOICES:
        return forms.MultipleChoiceField(
            choices=pairs,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": _("选项已经变了，请重新选择。")},
            **facts,
        )
    widgets: dict[str, forms.Widget] = {
        answers.Kind.NUMBER: forms.TextInput(attrs={"inputmode": "decimal"}),
        answers.Kind.CHOICE: forms.RadioSelect(choices=pairs),
        answers.Kind.DATE: forms.DateInput(attrs={"type": "date"}),
    }
    return forms.CharField(widget=widgets.get(question.kind), **facts)


class FilingForm(forms.Form):
    """`submission` is made by the client; photos were uploaded under the same id."""

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(label=_("办理方式"), choices=KINDS, initial=Action.REPORT)
    category = forms.ModelChoiceField(
        label=_("问题类别"),
        queryset=Category.objects.none(),
        error_messages={
            "required": _("请选择问题类别。"),
            "invalid_choice": _("这个类别已停用，请重新选择。"),
        },
    )
    description = forms.CharField(
        label=_("问题描述"),
        min_length=LEAST_DESCRIPTION,
        max_length=2000,
        error_messages={
            "required": _("请写问题描述，至少 10 个字。"),
            "min_length": _("问题描述至少 10 个字，请写清楚是什么、在哪里、多严重。"),
            "max_length": _("问题描述最多 2000 字，请精简。"),
        },
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    measures = forms.CharField(
        label=_("处置说明"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    photos = photos_field()
    photos_after = photos_field()
    lng = degrees_field(_("经度"))
    lat = degrees_field(_("纬度"))
    crs = crs_field()
    accuracy_m = forms.FloatField(required=False, widget=forms.HiddenInput)
    method = forms.ChoiceField(
        choices=Case.Method.choices, required=False, widget=forms.HiddenInput
    )
    community_code = forms.CharField(required=False, max_length=12)
    grid_code = forms.CharField(required=False, max_length=18)
    address = forms.CharField(
        label=_("地址"),
        max_length=256,
        error_messages={
            "required": _("请填写地址，例如“和平路 12 号门前”。"),
            "max_length": _("地址最多 256 字。"),
        },
    )
    urgent = forms.BooleanField(label=_("紧急"), required=False)
    complainant_name = forms.CharField(
        label=_("居民姓名"), required=False, max_length=50
    )
    complainant_contact = forms.CharField(
        label=_("联系电话"),
        required=False,
        max_length=20,
        validators=[PHONE_NUMBER],
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    consent = forms.ChoiceField(
        label=_("居民同意留下姓名和电话吗"),
        choices=ComplainantConsent.Kind.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    consent_reason = forms.CharField(
        label=_("没有取得同意的理由"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    contact_hidden = forms.BooleanField(label=_("不让部门看到电话"), required=False)
    found_at = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    duplicates_seen = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.active()  # type: ignore[attr-defined]
        self.fields["address"].widget.attrs["list"] = "usual-addresses"
        self.questions = self._asked()
        for question in self.questions:
            self.fields[f"answers.{question.pk}"] = _answer_field(question)

    def _asked(self) -> list[Question]:
        """The extra questions of the category that was chosen."""
        chosen = number_of(self["category"].value()) or 0
        asked = Question.objects.filter(category_id=chosen, is_active=True)
        return list(asked.order_by("order", "id"))

    @property
    def question_fields(self) -> list[forms.BoundField]:
        return [self[f"answers.{question.pk}"] for question in self.questions]

    @property
    def answers(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            str(one.pk): answer
            for one in self.questions
            if (answer := given.get(f"answers.{one.pk}")) not in ("", [], None)
        }

    def clean_submission(self) -> uuid.UUID:
        return self.cleaned_data["submission"] or uuid.uuid4()

    def clean_crs(self) -> str:
        return self.cleaned_data["crs"] or Crs.WGS84

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.on_spot and not given.get("measures") and "measures" in given:
            self.add_error("measures", _("请填写处置说明，写清怎么处理的。"))
        if (given.get("lng") is None) != (given.get("lat") is None):
            self.add_error("lng", _("经度和纬度要一起填写。"))
        if given.get("complainant_name") and not given.get("complainant_contact"):
            self.add_error("complainant_contact", _("请填写居民的联系电话。"))
        if given.get("complainant_contact") and not given.get("complainant_name"):
            self.add_error("complainant_name", _("请填写居民的姓名或称呼。"))
        if given.get("complainant_contact"):
            self._check_consent(given)
        _kept, faults = answers.check(self.questions, self.answers)
        for question_id, sentence in faults.items():
            if f"answers.{question_id}" not in self.errors:
                self.add_error(f"answers.{question_id}", sentence)
        return given

    def _check_consent(self, given: dict[str, Any]) -> None:
        if not given.get("consent") and "consent" not in self.errors:
            self.add_error("consent", _("请选择居民是否同意留下姓名和电话。"))
        without = given.get("consent") == ComplainantConsent.Kind.NONE
        if without and not given.get("consent_reason", "").strip():
            self.add_error(
                "consent_reason",
                _("请写明为什么没有取得同意，例如“情况紧急，联系不上本人”。"),
            )

    @property
    def on_spot(self) -> bool:
        return self["kind"].value() == Action.RESOLVE_ON_SPOT

    def report(self) -> Report:
        given = self.cleaned_data
        located = given["lng"] is not None
        return Report(
            category_id=given["category"].pk,
            description=given["description"],
            address=given["address"],
            lng=given["lng"],
            lat=given["lat"],
            crs=given["crs"],
            accuracy_m=given["accuracy_m"],
            method=(given["method"] or Case.Method.MAP)
            if located
            else Case.Method.ADDRESS,
            grid_code=given["grid_code"],
            community_code="" if located else given["community_code"],
            urgent=given["urgent"],
            photos=str(given["submission"]),
            measures=given["measures"] if self.on_spot else "",
            complainant_name=given["complainant_name"],
            complainant_contact=given["complainant_contact"],
            contact_hidden=given["contact_hidden"],
            consent=given["consent"],
            consent_reason=given["consent_reason"],
            found_at=given["found_at"],
            answers=self.answers,
        )

    def refuse(self, field: str | None, code: str, sentence: str) -> None:
        """Put the sentence of a Refused where the person can mend it."""
        place = {"point": "lng", "crs": "lng", None: ""}.get(field, field)
        if not place:
            place = {"outside": "lng", "guard": "kind"}.get(code, "")
        self.add_error(place if place in self.fields else None, sentence)


class PlaceForm(forms.Form):
    """A category at a place and the words so far, as the duplicate hint asks."""

    category = forms.ModelChoiceField(queryset=Category.objects.none())
    lng = forms.FloatField(min_value=-180, max_value=180, required=False)
    lat = forms.FloatField(min_value=-90, max_value=90, required=False)
    crs = crs_field()
    community_code = forms.CharField(required=False, max_length=12)
    address = forms.CharField(required=False)
    description = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.active()  # type: ignore[attr-defined]

    def clean_crs(self) -> str:
        return self.cleaned_data["crs"] or Crs.WGS84

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        located = given.get("lng") is not None and given.get("lat") is not None
        if not located and not given.get("community_code"):
            raise forms.ValidationError(_("请先定位，或选择所在社区。"))
        return given


class PhotoForm(forms.Form):
    """One picture sent by itself."""

    id = forms.UUIDField()
    batch = forms.UUIDField()
    stage = forms.CharField(max_length=8)
    photo = forms.FileField()
    taken_at = MomentField(required=False)
    lng = forms.FloatField(required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90)
    crs = crs_field()
