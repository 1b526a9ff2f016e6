"""The forms behind the buttons: shape only, one for each step.

Every field bears the name that a Refused of its action gives; `arguments()` are the
keyword arguments of that action besides the ids, the actor and the time.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.forms.offered import words
from duties.actions import Addressee, reach_below
from duties.actions.addressing import KINDS, Reach
from governance.forms import MomentField
from grids.codes import Level
from parties.acting import Actor

SUMMARY = (_("已按要求全部完成"), _("已走访完毕，没有发现异常"))
ACCEPTED = (_("情况属实，验收通过"), _("同意"))
BACK = (_("请补充现场照片"), _("请写清走访情况"), _("还有对象没有走访"))


def asked(field: forms.Field) -> Any:
    """The sentence for a required field that was left empty."""
    if isinstance(field, forms.BooleanField):
        return _("请确认后勾选。")
    chosen = isinstance(field, forms.ChoiceField | forms.MultipleChoiceField)
    return (_("请选择%(label)s。") if chosen else _("请填写%(label)s。")) % {
        "label": field.label
    }


class DutyForm(forms.Form):
    """`submit` is the button, `intro` what will happen; `refuse` places a Refused."""

    submit: Any = _("提交")
    intro: Any = ""
    danger = False

    def __init__(
        self, *args: Any, subject: Any = None, actor: Actor, at: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.subject, self.actor, self.at = subject, actor, at
        for field in self.fields.values():
            field.error_messages.setdefault("invalid_choice", _("请重新选择。"))
            if field.required:
                field.error_messages["required"] = asked(field)
        self.prepare()

    def prepare(self) -> None:
        """Fill choices and initial values from `subject`, `actor` and `at`."""

    def arguments(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def refuse(self, field: str | None, sentence: str) -> None:
        self.add_error(field if field in self.fields else None, sentence)


class VersionedForm(DutyForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class SignForm(VersionedForm):
    submit = _("签收")


class BeginForm(VersionedForm):
    submit = _("开始办理")


def addressees_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("接收单位"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("有接收单位不在范围内，请重新选择。")},
    )


def addressee_choices(reach: Reach) -> list[tuple[Any, list[tuple[str, str]]]]:
    """Grouped: areas by level, units, persons."""
    groups: dict[Any, list[tuple[str, str]]] = {}
    for area in reach.areas:
        label = str(Level(area.level).label)
        groups.setdefault(label, []).append((f"area:{area.pk}", area.name))
    units = [(f"organisation:{one.pk}", one.name) for one in reach.organisations]
    people = [
        (f"person:{one.user_id}", f"{one.user.name}（{one.post.name}）")
        for one in reach.postings
    ]
    found = list(groups.items())
    if units:
        found.append((str(_("部门和单位")), units))
    if people:
        found.append((str(_("个人")), people))
    return found


class ReissueForm(VersionedForm):
    submit = _("分解下发")
    intro = _("发给下一级，时限不能晚于上级给您的截止时间；下级反馈后由您验收。")

    addressees = addressees_field()
    requirement = words(_("补充要求"), required=False)
    due_at = MomentField(
        label=_("下级截止时间"),
        required=False,
        help_text=_("不填就与您的截止时间相同。"),
    )

    def prepare(self) -> None:
        had = {
            f"{kind}:{one}"
            for line in self.subject.task.receivers.values(*KINDS)
            for kind, one in line.items()
        }
        groups = addressee_choices(reach_below(self.subject, self.at))
        left = [
            (label, [one for one in choices if one[0] not in had])
            for label, choices in groups
        ]
        self.fields["addressees"].choices = left  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        given["addressees"] = [Addressee.of(one) for one in given["addressees"]]
        return given


class SubmitForm(VersionedForm):
    submit = _("提交反馈")

    result = words(_("办理情况"), phrases=SUMMARY)
    override = words(
        _("先反馈的原因"),
        required=False,
        rows=2,
        help_text=_("只有下级还没有全部验收通过时才要填写。"),
    )

    def prepare(self) -> None:
        if not self.subject.children.exists():
            del self.fields["override"]


class AcceptForm(VersionedForm):
    submit = _("验收通过")
    opinion = words(_("验收意见"), required=False, phrases=ACCEPTED, rows=2)


class GiveBackForm(VersionedForm):
    submit = _("退回补充")
    danger = True
    opinion = words(_("要补充什么"), phrases=BACK)


class IssueForm(VersionedForm):
    submit = pgettext_lazy("task", "签发")
    intro = _("签发后立即下发，时限从现在开始计算。")


class CancelForm(VersionedForm):
    submit = _("撤销任务")
    danger = True
    opinion = words(_("撤销理由"))


class CloseForm(VersionedForm):
    submit = _("办结任务")
    intro = _("接收单位全部验收通过后会自动办结；要提前办结的，请写明意见。")
    opinion = words(_("办结意见"))


class OpinionForm(DutyForm):
    opinion = words(_("意见"), phrases=(_("同意"),))


class ApproveForm(OpinionForm):
    submit = _("审核通过")


class RefuseForm(OpinionForm):
    submit = _("不予准入")
    danger = True
    opinion = words(_("理由"))


class PublishForm(DutyForm):
    submit = _("公布")
    intro = _("公布后列入网格事项清单，可以据此下发任务。")


class EvaluateForm(OpinionForm):
    submit = _("评估")
    opinion = words(_("评估结论"))


class WithdrawForm(OpinionForm):
    submit = _("退出事项")
    danger = True
    opinion = words(_("退出理由"))
