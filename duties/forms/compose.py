"""What is written when a task is drafted, its checklist included."""

from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms.offered import words
from cases.models import Category
from duties import checklists
from duties.actions import Addressee, Paper, reach_of_issuer
from duties.checklists import QuestionKind
from duties.forms.steps import DutyForm, addressee_choices, addressees_field
from duties.models import CareTarget, GridItemAdmission
from duties.workflow import Kind
from governance.calendar import Unit
from governance.forms import MomentField

ROWS = 12
SEPARATORS = "、，,;；/"


class ComposeForm(DutyForm):
    submit = _("存为拟稿")

    title = forms.CharField(label=_("标题"), max_length=80)
    kind = forms.ChoiceField(label=_("类型"), choices=Kind.choices)
    requirement = words(_("任务要求"), rows=4)
    limit_n = forms.DecimalField(
        label=_("时限"),
        max_digits=5,
        decimal_places=1,
        initial=5,
        validators=[MinValueValidator(0.5, _("时限至少 0.5。"))],
        error_messages={
            "invalid": _("请填写数字，例如 5。"),
            "max_digits": _("时限太长，请填写较小的数字。"),
            "max_whole_digits": _("时限太长，请填写较小的数字。"),
            "max_decimal_places": _("时限最多一位小数。"),
        },
    )
    limit_unit = forms.ChoiceField(
        label=_("时限单位"), choices=Unit.choices, initial=Unit.WORK_DAY
    )
    admission = forms.ModelChoiceField(
        label=_("引用的网格事项"),
        queryset=GridItemAdmission.objects.none(),
        required=False,
        help_text=_("派给社区、网格的任务要引用已公布的网格事项；应急任务除外。"),
        empty_label=_("不引用"),
    )
    expires_at = MomentField(
        label=_("应急失效时间"),
        required=False,
        help_text=_("只有应急任务填写。"),
    )
    service_kind = forms.ChoiceField(
        label=_("走访对象"),
        required=False,
        choices=[("", _("不指定")), *CareTarget.Service.choices],
        help_text=_("选了类别，接收人就按关爱服务对象清单逐户走访。"),
    )
    addressees = addressees_field()

    def prepare(self) -> None:
        day = timezone.localtime(self.at).date()
        items = GridItemAdmission.objects.visible_to(self.actor).in_force(day)
        self.fields["admission"].queryset = items.order_by("item", "pk")  # type: ignore[attr-defined]
        choices = addressee_choices(reach_of_issuer(self.actor, self.at))
        self.fields["addressees"].choices = choices  # type: ignore[attr-defined]

    def paper(self, questions: list[dict[str, Any]]) -> Paper:
        given = self.cleaned_data
        emergency = given["kind"] == Kind.EMERGENCY
        return Paper(
            title=given["title"],
            kind=given["kind"],
            requirement=given["requirement"],
            limit_n=given["limit_n"],
            limit_unit=given["limit_unit"],
            addressees=tuple(Addressee.of(one) for one in given["addressees"]),
            admission_id=given["admission"].pk if given["admission"] else None,
            service_kind=given["service_kind"] if given["kind"] == Kind.VISIT else "",
            checklist=questions,
            expires_at=given["expires_at"] if emergency else None,
        )


class QuestionForm(forms.Form):
    """One line of the checklist; a line without a text is no question."""

    text = forms.CharField(
        label=_("检查内容"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": _("例如：通道是否堵塞")}),
    )
    kind = forms.ChoiceField(label=_("回答方式"), choices=QuestionKind.choices)
    options = forms.CharField(label=_("选项"), required=False, max_length=200)
    abnormal = forms.CharField(label=_("算异常的回答"), required=False, max_length=200)
    category = forms.ModelChoiceField(
        label=_("异常时的上报类别"),
        queryset=Category.objects.none(),
        required=False,
        empty_label=_("上报时再选"),
    )
    required = forms.BooleanField(label=_("必答"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.active()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not given.get("text") or "kind" not in given:
            return given
        options = _split(given.get("options", ""))
        if given["kind"] == QuestionKind.CHOICE and len(options) < 2:
            self.add_error("options", _("单选至少写两个选项，用顿号隔开。"))
        known = {str(label): value for value, label in checklists.YES_NO.items()}
        if given["kind"] == QuestionKind.CHOICE:
            known = {option: option for option in options}
        abnormal = _split(given.get("abnormal", ""))
        asks = given["kind"] in (QuestionKind.YES_NO, QuestionKind.CHOICE)
        if asks and any(one not in known for one in abnormal):
            self.add_error(
                "abnormal",
                _("算异常的回答要从“%(known)s”里选。") % {"known": "、".join(known)},
            )
        given["options"] = options if given["kind"] == QuestionKind.CHOICE else []
        given["abnormal"] = [known[one] for one in abnormal if one in known]
        return given


def _split(text: str) -> list[str]:
    for separator in SEPARATORS[1:]:
        text = text.replace(separator, SEPARATORS[0])
    return [one.strip() for one in text.split(SEPARATORS[0]) if one.strip()]


QuestionFormSet = forms.formset_factory(QuestionForm, extra=ROWS, max_num=20)


def questions_of(formset: Any) -> list[dict[str, Any]]:
    """The questions of a valid formset, numbered from 1."""
    lines = [form.cleaned_data for form in formset if form.cleaned_data.get("text", "")]
    return [
        checklists.question(
            number,
            text=line["text"],
            kind=line["kind"],
            required=line["required"],
            options=line["options"],
            abnormal=line["abnormal"],
            category=line["category"].pk if line["category"] else None,
        )
        for number, line in enumerate(lines, start=1)
    ]
