"""What the pages of administrators have in common."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from governance.errors import Refused


class CheckedForm(forms.ModelForm):
    """Asks the check of the action that will save it; a Refused stands at its field."""

    def check(self, given: dict[str, Any]) -> None:
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            self.check(given)
        except Refused as refused:
            self.add_error(refused.field, str(refused))
        return given


class ImportedAdmin(admin.ModelAdmin):
    """Rows are neither added nor deleted by hand, only completed and switched off."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadAdmin(ImportedAdmin):
    """To be looked at; what happens to a case happens by its actions."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
