"""What a person enters about being reached: addresses, and what comes by what."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance import crypto
from parties.models import Address, Channel, Importance, Preference


class ReachForm(forms.Form):
    """A row of importances for each channel that serves the person."""

    email = forms.CharField(
        label=_("接收邮箱"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("接收手机号"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def __init__(
        self,
        channels: Sequence[Channel],
        addresses: Any,
        user_id: int,
        posted: Any = None,
    ) -> None:
        kept = {
            one.kind: crypto.unseal(one.value)
            for one in addresses
            if one.kind != Address.Kind.PUSH
        }
        super().__init__(posted, initial=kept)
        self.channels = [one for one in channels if one.importances]
        chosen = dict(
            Preference.objects.filter(user=user_id).values_list(
                "channel", "importances"
            )
        )
        for channel in self.channels:
            carried = [one for one in Importance if one in channel.importances]
            self.fields[f"channel{channel.pk}"] = forms.MultipleChoiceField(
                label=channel.name,
                choices=[(one.value, one.label) for one in carried],
                required=False,
                initial=chosen.get(channel.pk, channel.importances),
                widget=forms.CheckboxSelectMultiple,
            )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip()

    def wishes(self) -> dict[int, list[str]]:
        return {one.pk: self.cleaned_data[f"channel{one.pk}"] for one in self.channels}
