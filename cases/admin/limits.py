"""Limits of stages, quiet hours and the shares of a joint case, as data."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.actions.quiet import check_hours, set_quiet_hours
from cases.actions.scoring import check_shares, set_bundled_shares
from cases.actions.stage_limits import (
    check_limited,
    drop_stage_limit,
    set_stage_limit,
)
from cases.admin.rows import CheckedForm
from cases.models import BundledShares, QuietHours, StageLimit
from governance import clock
from parties.admin import administrator


class StageLimitForm(CheckedForm):
    class Meta:
        model = StageLimit
        fields = ("stage", "kind", "urgent", "n", "unit")

    def check(self, given: dict[str, Any]) -> None:
        if given.get("n") is not None and given["n"] <= 0:
            self.add_error("n", _("时限须大于 0。"))
        if given.get("stage"):
            urgent, kind = given.get("urgent", False), given.get("kind", "")
            check_limited(given["stage"], urgent=urgent, kind=kind)


@admin.register(StageLimit)
class StageLimitAdmin(admin.ModelAdmin):
    """The city's own limit of a stage; deleting a row brings the default back."""

    form = StageLimitForm
    list_display = ("stage", "kind", "urgent", "n", "unit")
    ordering = ("stage", "kind", "urgent")
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("stage", "kind", "urgent") if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        saved = set_stage_limit(
            stage=obj.stage,
            kind=obj.kind,
            urgent=obj.urgent,
            n=obj.n,
            unit=obj.unit,
            actor=administrator(request),
            at=clock.now(),
        )
        obj.pk = saved.pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        drop_stage_limit(limit_id=obj.pk, actor=administrator(request), at=clock.now())


class QuietHoursForm(CheckedForm):
    class Meta:
        model = QuietHours
        fields = ("enabled", "starts", "ends")

    def check(self, given: dict[str, Any]) -> None:
        if "starts" in given and "ends" in given:
            check_hours(given["starts"], given["ends"])


@admin.register(QuietHours)
class QuietHoursAdmin(admin.ModelAdmin):
    """One row at most; without it 21:00 to 08:00 holds."""

    form = QuietHoursForm
    list_display = ("__str__", "enabled")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not QuietHours.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        saved = set_quiet_hours(
            enabled=obj.enabled,
            starts=obj.starts,
            ends=obj.ends,
            actor=administrator(request),
            at=clock.now(),
        )
        obj.pk = saved.pk


class BundledSharesForm(CheckedForm):
    class Meta:
        model = BundledShares
        fields = ("lead", "supports", "street")

    def check(self, given: dict[str, Any]) -> None:
        if given.keys() >= set(self.Meta.fields):
            check_shares(**{name: given[name] for name in self.Meta.fields})


@admin.register(BundledShares)
class BundledSharesAdmin(admin.ModelAdmin):
    """One row at most; without it 60/20/20 holds (DOMAIN C.9)."""

    form = BundledSharesForm
    list_display = ("lead", "supports", "street")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        there = BundledShares.objects.exists()
        return not there and super().has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        saved = set_bundled_shares(
            lead=obj.lead,
            supports=obj.supports,
            street=obj.street,
            actor=administrator(request),
            at=clock.now(),
        )
        obj.pk = saved.pk
