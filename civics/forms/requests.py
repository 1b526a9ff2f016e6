"""What people ask about their personal data."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from civics.forms.phone import AgreeingForm
from civics.models import PersonalDataRequest


class DataRequestForm(AgreeingForm):
    kind = forms.ChoiceField(
        label=_("您要办什么"),
        choices=PersonalDataRequest.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择要办什么。")},
    )
    words = forms.CharField(
        label=_("请写清楚"),
        max_length=1000,
        help_text=_("例如：联系电话写错了，应为……；请删除我去年上报时留的姓名。"),
        error_messages={
            "required": _("请写清楚要查什么、改什么或删什么。"),
            "max_length": _("最多 1000 字，请精简。"),
        },
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    about_no = forms.CharField(
        label=_("涉及哪件案件（可不填）"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    community_code = forms.ChoiceField(
        label=_("由哪个社区受理"),
        required=False,
        help_text=_("填了案卷号就不用选。"),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)

    field_order: tuple[str, ...] = (
        "submission", "kind", "words", "about_no", "community_code", "name", "phone",
        "code", "agreed",
    )  # fmt: skip

    def __init__(
        self, *args: Any, streets: list[tuple[str, list[Any]]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["community_code"].choices = [  # type: ignore[attr-defined]
            ("", _("请选择社区")),
            *(
                (street, [(one.code, one.name) for one in communities])
                for street, communities in streets
            ),
        ]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not given.get("about_no") and not given.get("community_code"):
            self.add_error("community_code", _("请选择由哪个社区受理。"))
        return given
