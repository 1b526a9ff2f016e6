"""The record of a visit, made of the task's checklist, and the case from it."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.actions.filing import LEAST_DESCRIPTION
from cases.forms.fields import crs_field, photos_field
from cases.forms.offered import words
from cases.models import Category
from duties import checklists
from duties.actions import Finding, Visit, masked, targets_of
from duties.checklists import QuestionKind
from duties.forms.admissions import date_field
from duties.forms.steps import DutyForm
from duties.models import VisitRecord
from duties.workflow import Kind


class RecordForm(DutyForm):
    """`subject` is the receiver; one field for each question of its task."""

    submit = _("保存记录")

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    batch = forms.UUIDField(widget=forms.HiddenInput, required=False)
    target = forms.TypedChoiceField(label=_("走访对象"), coerce=int, empty_value=None)
    subject_name = forms.CharField(
        label=_("对象"),
        max_length=100,
        help_text=_("走访、检查了谁或哪里。"),
    )
    photos = photos_field()
    remark = words(_("情况说明"), required=False)
    next_visit_date = date_field(
        _("下次走访日期"), required=False, help_text=_("不填就按走访间隔推算。")
    )

    def prepare(self) -> None:
        task = self.subject.task
        self.fields["subject_name"].error_messages["required"] = _(
            "请填写走访或检查的对象，例如“和平路 12 号商铺”。"
        )
        if task.kind == Kind.VISIT and task.service_kind:
            del self.fields["subject_name"]
            choices = [
                (one.pk, f"{masked(one).name} {one.building}")
                for one in targets_of(self.subject).by_next_visit()
            ]
            self.fields["target"].choices = [("", _("请选择")), *choices]  # type: ignore[attr-defined]
        else:
            del self.fields["target"], self.fields["next_visit_date"]
        for asked in task.checklist:
            if asked["kind"] != QuestionKind.PHOTO:
                self.fields[asked["key"]] = _answer_field(asked)
        self.order_fields(
            ["target", "subject_name", *(one["key"] for one in task.checklist)]
        )

    @property
    def photo_titles(self) -> str:
        """What the checklist asks pictures of."""
        return "、".join(
            one["text"]
            for one in self.subject.task.checklist
            if one["kind"] == QuestionKind.PHOTO
        )

    def clean_submission(self) -> uuid.UUID:
        return self.cleaned_data["submission"] or uuid.uuid4()

    def clean_batch(self) -> uuid.UUID:
        return self.cleaned_data["batch"] or uuid.uuid4()

    def visit(self) -> Visit:
        given = self.cleaned_data
        keys = [one["key"] for one in self.subject.task.checklist]
        return Visit(
            target_id=given.get("target"),
            subject=given.get("subject_name") or "",
            answers={key: given[key] for key in keys if given.get(key)},
            remark=given["remark"],
            next_visit_date=given.get("next_visit_date"),
            photos=str(given["batch"]),
        )

    def refuse(self, field: str | None, sentence: str) -> None:
        super().refuse("subject_name" if field == "subject" else field, sentence)


def _answer_field(asked: dict[str, Any]) -> forms.Field:
    """The action asks once more, and for the photos."""
    said: dict[str, Any] = {
        "required": _("请回答：%(text)s。") % {"text": asked["text"]},
        "invalid_choice": _("请重新选择。"),
    }
    if asked["kind"] == QuestionKind.TEXT:
        return forms.CharField(
            label=asked["text"],
            required=asked["required"],
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 2}),
            error_messages=said,
        )
    return forms.ChoiceField(
        label=asked["text"],
        required=asked["required"],
        choices=checklists.choices(asked),
        widget=forms.RadioSelect,
        error_messages=said,
    )


class FindingForm(DutyForm):
    """`subject` is the abnormal record; what is known is filled in already."""

    submit = _("一键上报")
    intro = _("走访照片会随案件一起上报，来源记为“任务”。")

    batch = forms.UUIDField(widget=forms.HiddenInput, required=False)
    category = forms.ModelChoiceField(
        label=_("问题类别"),
        queryset=Category.objects.none(),
        empty_label=_("请选择"),
        error_messages={"invalid_choice": _("这个类别已停用，请重新选择。")},
    )
    description = forms.CharField(
        label=_("问题描述"),
        min_length=LEAST_DESCRIPTION,
        max_length=2000,
        error_messages={"min_length": _("问题描述至少 10 个字，请写清楚。")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    address = forms.CharField(label=_("地址"), max_length=256)
    urgent = forms.BooleanField(label=_("紧急"), required=False)
    photos = photos_field()
    lng = forms.FloatField(
        widget=forms.HiddenInput, required=False, min_value=-180, max_value=180
    )
    lat = forms.FloatField(
        widget=forms.HiddenInput, required=False, min_value=-90, max_value=90
    )
    crs = crs_field()

    def prepare(self) -> None:
        self.fields["category"].queryset = Category.objects.active()  # type: ignore[attr-defined]
        self.fields["crs"].widget = forms.HiddenInput()
        found = (one for one in self.subject.answers if one["abnormal"])
        known = next((one["category"] for one in found if one["category"]), None)
        self.initial.setdefault("category", known)
        self.initial.setdefault("description", described(self.subject))
        self.initial.setdefault("address", _where(self.subject))

    def clean_batch(self) -> uuid.UUID:
        return self.cleaned_data["batch"] or uuid.uuid4()

    def finding(self) -> Finding:
        given = self.cleaned_data
        return Finding(
            category_id=given["category"].pk,
            description=given["description"],
            address=given["address"],
            urgent=given["urgent"],
            lng=given["lng"],
            lat=given["lat"],
            crs=given["crs"] or "wgs84",
            photos=str(given["batch"]),
        )


def described(record: VisitRecord) -> str:
    """What was abnormal, in a sentence to go on from."""
    found = [
        f"{one['text']}：{checklists.spoken(one)}"
        for one in record.answers
        if one["abnormal"]
    ]
    said = str(_("走访发现异常：")) + "；".join(found)
    return f"{said}。{record.remark}" if record.remark else f"{said}。"


def _where(record: VisitRecord) -> str:
    return record.target.building if record.target else record.subject
