"""A report in three steps: what, where, who. One form, shown in parts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.filing import FilingForm
from cases.models import Category
from civics.actions.data_requests import STANDARD
from civics.forms.phone import AgreeingForm

WHAT = ("category", "description", "photos")
WHERE = ("lng", "lat", "crs", "community_code", "grid_code", "address")
# What a step takes from what was sent; the files go their own way.
KEPT = {
    "what": ("category", "description", "urgent"),
    "where": (
        "lng", "lat", "crs", "accuracy_m", "method", "community_code", "grid_code",
        "address",
    ),
}  # fmt: skip


class ReportForm(FilingForm):
    """All of it, bound to what the browser's session holds so far."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = reportable()  # type: ignore[attr-defined]
        self.fields["description"].label = _("请说说是什么问题")
        self.fields["address"].label = _("在什么地方")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if "address" in given and not (
            given.get("lng") is not None or given.get("community_code")
        ):
            self.add_error(
                "community_code", _("请在地图上点选位置，或者选择所在的社区。")
            )
        return given

    def fails(self, step: str) -> bool:
        """Whether something of this step is still missing or wrong."""
        if step == "what":
            return any(name in self.errors for name in WHAT)
        wrong = [name for name in self.errors if name.startswith("answers.")]
        return bool(wrong) or any(name in self.errors for name in WHERE)


class WhoForm(AgreeingForm):
    """`same` names the case that this is not to be a second one of."""

    contact_hidden = forms.BooleanField(
        label=_("不让部门看到我的手机号"),
        required=False,
        help_text=_("只有社区和街道能看，用来核实和回访；部门要联系您，由社区转达。"),
    )
    same = forms.CharField(required=False, max_length=18)


def reportable() -> Any:
    """The categories that residents choose from."""
    return Category.objects.active().exclude(standard_ref=STANDARD)
