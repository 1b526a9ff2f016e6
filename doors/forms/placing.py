"""Which community an address in words lies in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grids.codes import Level
from grids.models import Area
from parties.acting import Actor


class PlaceRequestForm(forms.Form):
    community = forms.ModelChoiceField(
        label=_("所在社区"),
        queryset=Area.objects.none(),
        empty_label=_("请选择社区"),
        error_messages={"required": _("请选择社区。")},
        help_text=_("核定后立即立案，对方用 token 就能查到编号。"),
    )

    def __init__(self, actor: Actor, within: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        found = Area.objects.at_level(Level.COMMUNITY).filter(valid_to=None)
        reach = max(actor.area_code, within, key=len) if within else actor.area_code
        if reach:
            found = found.within([reach])
        self.fields["community"].queryset = found.order_by("code")  # type: ignore[attr-defined]
