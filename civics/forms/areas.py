from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class AreaForm(forms.Form):
    """A community to be followed; `streets` are (street, communities) pairs."""

    area_code = forms.ChoiceField(
        label=_("社区"),
        error_messages={
            "required": _("请选择社区。"), "invalid_choice": _("请选择社区。"),
        },
    )  # fmt: skip

    def __init__(
        self, *args: Any, streets: list[tuple[str, list[Any]]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area_code"].choices = [  # type: ignore[attr-defined]
            ("", _("请选择社区")),
            *(
                (street, [(one.code, one.name) for one in communities])
                for street, communities in streets
            ),
        ]
