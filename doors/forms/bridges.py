"""What the desk puts in place of what the platform did not know of an order."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import Category
from doors import actions
from doors.models import WorkOrder
from grids.codes import Level
from grids.models import Area


class FileOrderForm(forms.Form):
    category = forms.ModelChoiceField(
        label=_("小类"), queryset=Category.objects.none(), empty_label=_("请选择小类")
    )
    community = forms.ModelChoiceField(
        label=_("所在社区"),
        queryset=Area.objects.none(),
        required=False,
        to_field_name="code",
        empty_label=_("按来件的坐标"),
    )
    address = forms.CharField(label=_("地址"), max_length=256)
    description = forms.CharField(
        label=_("问题描述"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    remember = forms.BooleanField(
        label=_("以后这个来源的同一类别都按所选小类立件"), required=False
    )

    def __init__(self, order: WorkOrder, sent: actions.Sent, *args: Any, **kw: Any):
        self.sent = sent
        kw.setdefault(
            "initial",
            {
                "address": sent.address,
                "description": sent.words,
                "category": _known_category(order, sent),
            },
        )
        super().__init__(*args, **kw)
        categories = Category.objects.active().order_by("code5")
        communities = Area.objects.at_level(Level.COMMUNITY).filter(valid_to=None)
        self.fields["category"].queryset = categories  # type: ignore[attr-defined]
        below = order.source.desk.area
        if below is not None:
            communities = communities.within([below.code])
        self.fields["community"].queryset = communities.order_by("code")  # type: ignore[attr-defined]
        self.fields["community"].required = sent.lng is None or sent.lat is None

    def decision(self) -> actions.Decision:
        given, chosen = self.cleaned_data, self.cleaned_data["community"]
        return actions.Decision(
            category_id=given["category"].pk,
            description=given["description"],
            address=given["address"],
            community_code=chosen.code if chosen else "",
            lng=None if chosen else self.sent.lng,
            lat=None if chosen else self.sent.lat,
            remember=given["remember"],
        )


class ReturnOrderForm(forms.Form):
    reason = forms.CharField(
        label=_("退回原因"),
        max_length=400,
        help_text=_("来源系统会收到这段话。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _known_category(order: WorkOrder, sent: actions.Sent) -> int | None:
    known = order.source.categories.filter(external_code=sent.category)
    return known.values_list("category", flat=True).first()
