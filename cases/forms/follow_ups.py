"""Forms of what follows a case up: talking with the resident and rating for him."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.actions.linking import links_of
from cases.forms.offered import (
    OfferedForm,
    OpinionForm,
    handlers,
    people,
    pick,
    radio,
    words,
)
from cases.models import CallBack, Case, CaseLink
from cases.querysets import candidates

Method = CallBack.Method
YES_NO = (("yes", _("是")), ("no", _("否")))


def yes_no(label: Any, *, required: bool = True) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=YES_NO,
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=required,
        widget=forms.RadioSelect,
    )


class CallBackForm(OfferedForm):
    method = radio(_("回访方式"), Method.choices)
    result = radio(_("回访结果"), CallBack.Result.choices)
    satisfied = yes_no(_("诉求人是否满意"), required=False)
    words = words(_("回访记录"), help_text=_("何时、向谁、怎么说的。"))
    submit = _("记录回访")

    def prepare(self) -> None:
        self.initial.setdefault("method", Method.PHONE)


class LogContactForm(OfferedForm):
    method = radio(
        pgettext_lazy("record", "联系方式"),
        [(one.value, one.label) for one in (Method.PHONE, Method.IN_PERSON)],
    )
    words = words(_("联系了谁、说了什么"))
    submit = _("记录联系")
    intro = _("首次联系诉求人后，“首次响应”停止计时。")

    def prepare(self) -> None:
        self.initial.setdefault("method", Method.PHONE)


class RateByCallBackForm(OfferedForm):
    method = radio(_("回访方式"), Method.choices)
    score = radio(_("满意程度"), [one for one in Case.Score.choices if one[0]])
    solved = yes_no(_("问题是否解决"))
    words = words(_("回访记录"), help_text=_("何时、向谁、怎么说的。"))
    submit = _("代为评价")
    intro = _("按诉求人在回访中说的代为评价；“不满意”的不结案，由街道返工或认定。")

    def prepare(self) -> None:
        self.initial.setdefault("method", Method.PHONE)


class LinkForm(OfferedForm):
    """`other` is a case number as people write it; cleaned to the case in scope."""

    other = forms.CharField(
        label=_("关联的案卷号"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("19 位案卷号，可带短横线。"),
    )
    kind = radio(_("两案的关系"), CaseLink.Kind.choices)
    opinion = words(_("关联理由"), phrases=(_("同一地点、同一问题，先后发生"),))
    ids = ("other",)
    submit = pgettext_lazy("step", "关联")
    intro = _("关联不改变两案的办理，只把它们连在一起查看和统计。")

    def clean_other(self) -> int:
        digits = "".join(one for one in self.cleaned_data["other"] if one.isdigit())
        seen = Case.objects.visible_to(self.actor).filter(case_no=digits)
        found = seen.values_list("pk", flat=True).first()
        if found is None:
            raise forms.ValidationError(_("没有找到要关联的案件，请核对案卷号。"))
        return int(found)


class UnlinkForm(OfferedForm):
    link = pick(_("要取消的关联"))
    opinion = words(_("取消关联的理由"))
    ids = ("link",)
    submit, danger = _("取消关联"), True

    def prepare(self) -> None:
        found = links_of(self.case).select_related("case", "other").order_by("pk")
        self.offer("link", [(one.pk, self._label(one)) for one in found])

    def _label(self, one: CaseLink) -> str:
        far = one.other if one.case_id == self.case.pk else one.case
        return f"{one.get_kind_display()} {far.display_no}"


class ClaimForm(OfferedForm):
    """Without a version: who was faster is told by name, whatever else happened."""

    submit, versioned = _("认领"), False
    intro = _("由您承办本案，您是唯一的责任人。")


class AssignHandlerForm(OfferedForm):
    handler = pick(_("承办人"))
    opinion = words(_("交代"), required=False)
    ids = ("handler",)
    submit = _("分派承办人")

    def prepare(self) -> None:
        self.offer("handler", handlers(self.case.holder_org_id, self.at))


class ReplaceWorkerForm(OfferedForm):
    worker = pick(_("改派给"))
    opinion = words(_("改派的理由"), phrases=(_("原网格员请假"), _("原网格员已调岗")))
    ids = ("worker",)
    submit = _("改派网格员")
    intro = _("时限不变；原网格员手里的任务转给新的网格员。")

    def prepare(self) -> None:
        apart = (self.case.holder_user_id, *self.case.doers)
        found = candidates.field_workers(self.case, self.at)
        self.offer("worker", people(one for one in found if one.user_id not in apart))


class ReleaseForm(OpinionForm):
    opinion = words(_("为什么释放"))
    submit, danger = _("释放"), True
    intro = _("本案回到单位待办，由其他人认领或分派。")


class AddMemberForm(OfferedForm):
    user = pick(_("人员"))
    role = forms.CharField(
        label=_("身份"),
        max_length=50,
        help_text=_("如人民调解员、片区民警、法律顾问。"),
    )
    opinion = words(_("增加的理由"))
    ids = ("user",)
    submit = _("增加办理成员")
    intro = _("本案保密，只有经办人和办理成员看得到。")

    def prepare(self) -> None:
        self.offer("user", people(candidates.possible_members(self.case, self.at)))


class RemoveMemberForm(OpinionForm):
    user = pick(_("成员"))
    opinion = words(_("移出的理由"))
    ids = ("user",)
    submit, danger = _("移出办理成员"), True

    field_order = ("user", "opinion")

    def prepare(self) -> None:
        found = self.case.members.filter(removed_at=None).select_related("user")
        self.offer(
            "user", [(one.user_id, f"{one.user.name}（{one.role}）") for one in found]
        )
