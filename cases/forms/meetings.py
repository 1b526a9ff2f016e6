"""Forms of the joint meeting and of what nobody answers for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import AgendaItem, Case, JointMeeting, ResponsibilityGap
from cases.querysets import candidates
from cases.querysets.disputes import agenda
from governance.forms import MomentField


class MeetingForm(forms.Form):
    title = forms.CharField(
        label=_("会议名称"),
        max_length=120,
        error_messages={"required": _("请填写会议名称。")},
    )
    held_at = MomentField(
        label=_("会议时间"), error_messages={"required": _("请填写会议时间。")}
    )
    place = forms.CharField(
        label=_("会议地点"),
        max_length=200,
        error_messages={"required": _("请填写会议地点。")},
    )
    members = forms.CharField(
        label=_("参会单位和人员"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("请填写参会单位和人员。")},
    )


class AgendaForm(forms.Form):
    """`case` is one of those that wait for a meeting of this district."""

    case = forms.TypedChoiceField(
        label=_("列入议题的案件"),
        coerce=int,
        error_messages={
            "required": _("请选择案件。"),
            "invalid_choice": _("请重新选择案件。"),
        },
    )

    def __init__(self, *args: Any, waiting: list[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["case"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [
            ("", _("请选择")),
            *(
                (one.pk, f"{one.display_no} {one.category.name}（{one.street.name}）")
                for one in waiting
            ),
        ]


class TakeOffForm(forms.Form):
    item = forms.IntegerField(widget=forms.HiddenInput)
    opinion = forms.CharField(
        label=_("移出议题的理由"),
        max_length=1000,
        error_messages={"required": _("请写明移出议题的理由。")},
    )


class RulingsForm(forms.Form):
    """A text for each item; may stay empty until the minutes are issued."""

    def __init__(self, *args: Any, meeting: JointMeeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items: list[AgendaItem] = list(agenda(meeting))
        for item in self.items:
            self.fields[f"ruling_{item.pk}"] = forms.CharField(
                label=_("议题 %(order)d 的会议意见") % {"order": item.order},
                required=False,
                max_length=1000,
                initial=item.ruling,
                error_messages={"max_length": _("最多 1000 字，请精简。")},
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    def rows(self) -> list[tuple[AgendaItem, Any]]:
        return [(item, self[f"ruling_{item.pk}"]) for item in self.items]

    def rulings(self) -> dict[int, str]:
        return {
            item.pk: self.cleaned_data.get(f"ruling_{item.pk}", "")
            for item in self.items
        }


class SettleGapForm(forms.Form):
    item = forms.TypedChoiceField(
        label=_("销号依据的权责清单条目"),
        coerce=int,
        error_messages={
            "required": _("请选择权责清单条目。"),
            "invalid_choice": _("请重新选择权责清单条目。"),
        },
    )

    def __init__(self, *args: Any, gap: ResponsibilityGap, **kwargs: Any) -> None:
        kwargs["prefix"] = f"gap{gap.pk}"
        super().__init__(*args, **kwargs)
        lines = candidates.lines_of_the_list(gap.category_id, gap.area.code)
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [
            ("", _("请选择")),
            *(
                (one.pk, f"{one.get_role_display()} {one.who}（{one.legal_basis}）")
                for one in lines
            ),
        ]
