"""The month of a list."""

from datetime import datetime

from django import forms
from django.utils import timezone


class MonthForm(forms.Form):
    month = forms.RegexField(r"^2\d{3}-(0[1-9]|1[0-2])$", required=False)

    def begins(self) -> datetime | None:
        """The first instant of the month here; None without one."""
        given = self.cleaned_data["month"] if self.is_valid() else ""
        if not given:
            return None
        return timezone.make_aware(datetime.fromisoformat(f"{given}-01"))
