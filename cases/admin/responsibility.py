"""The responsibility list: who leads on which matter, where."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.actions.responsibility import assign_responsibility, end_responsibility
from cases.models import (
    ResponsibilityItem,
)
from governance import clock
from parties.admin import administrator


class ResponsibilityItemForm(forms.ModelForm):
    # In the form, though never given, so that constraints over it are checked here.
    valid_to = forms.DateField(
        required=False, disabled=True, widget=forms.HiddenInput, label=""
    )

    class Meta:
        model = ResponsibilityItem
        fields = (
            "category",
            "condition",
            "area",
            "level",
            "organisation",
            "role",
            "legal_basis",
            "valid_from",
            "valid_to",
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        condition = given.get("condition")
        if condition and condition.category != given.get("category"):
            self.add_error("condition", _("立案条件不属于所选小类。"))
        return given


@admin.register(ResponsibilityItem)
class ResponsibilityItemAdmin(admin.ModelAdmin):
    """Adding assigns; the list's action ends; an item is never rewritten."""

    form = ResponsibilityItemForm
    list_display = (
        "category",
        "condition",
        "area",
        "level",
        "organisation",
        "role",
        "valid_from",
        "valid_to",
    )
    list_filter = ("role", "level", "category__standard_ref")
    list_select_related = ("category", "condition", "area", "organisation")
    search_fields = ("category__name", "category__code5", "organisation__name")
    ordering = ("category__code5", "area__code", "role", "pk")
    autocomplete_fields = ("category", "condition", "organisation")
    raw_id_fields = ("area",)
    actions = ("end_today",)

    @admin.action(description=_("从今天起终止所选责任"))
    def end_today(self, request: HttpRequest, items: Any) -> None:
        at = clock.now()
        for item in items:
            end_responsibility(
                item_id=item.pk,
                valid_to=timezone.localdate(at),
                actor=administrator(request),
                at=at,
            )

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        saved = assign_responsibility(
            category_id=obj.category_id,
            condition_id=obj.condition_id,
            level=obj.level,
            organisation_id=obj.organisation_id,
            area_id=obj.area_id,
            role=obj.role,
            legal_basis=obj.legal_basis,
            valid_from=obj.valid_from,
            actor=administrator(request),
            at=clock.now(),
        )
        obj.pk = saved.pk

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
