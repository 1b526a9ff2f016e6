"""The catalogue, the responsibility list, limits and gaps for system administrators.

Categories and conditions come from an imported standard; here a city completes them.
Every save goes through an action.
"""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.actions.catalogue import (
    CATEGORY_EDITABLE,
    CONDITION_EDITABLE,
    edit_category,
    edit_condition,
)
from cases.actions.duplicate_rules import set_duplicate_rule
from cases.actions.quiet import set_quiet_hours
from cases.actions.responsibility import assign_responsibility, end_responsibility
from cases.actions.scoring import set_bundled_shares
from cases.actions.stage_limits import (
    check_limited,
    drop_stage_limit,
    set_stage_limit,
)
from cases.models import (
    BundledShares,
    Case,
    Category,
    DuplicateRule,
    FilingCondition,
    QuietHours,
    ResponsibilityItem,
    RoutingGap,
    StageLimit,
    SubmissionConflict,
)
from governance import clock
from governance.admin import shown
from governance.crypto import PREFIX
from governance.errors import Refused
from parties.admin import administrator


class ImportedAdmin(admin.ModelAdmin):
    """Rows are neither added nor deleted by hand, only completed and switched off."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Category)
class CategoryAdmin(ImportedAdmin):
    list_display = (
        "code5",
        "name",
        "kind",
        "standard_ref",
        "self_resolvable",
        "urgent_default",
        "auto_dispatch",
        "is_confidential",
        "is_active",
    )
    list_display_links = ("code5", "name")
    list_filter = ("standard_ref", "kind", "is_active", "major_name")
    search_fields = ("code5", "name", "plain_words", "pinyin")
    ordering = ("standard_ref", "kind", "code5")
    fields = (
        "standard_ref",
        "kind",
        "code5",
        "legacy_code4",
        "major_name",
        "name",
        "plain_words",
        "handling_unit",
        "competent_unit",
        "self_resolvable",
        "urgent_default",
        "auto_dispatch",
        "is_confidential",
        "photo_rule",
        "confusables",
        "is_local_extension",
        "is_active",
    )
    readonly_fields = tuple(name for name in fields if name not in CATEGORY_EDITABLE)

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        edit_category(
            category_id=obj.pk,
            changes={name: form.cleaned_data[name] for name in form.changed_data},
            actor=administrator(request),
            at=clock.now(),
        )


@admin.register(FilingCondition)
class FilingConditionAdmin(ImportedAdmin):
    """Where flagged limits are settled: filter by 时限待人工认定."""

    list_display = ("text", "category", "limit", "raw_limit", "is_unparsed")
    list_filter = ("is_unparsed", "is_active", "category__standard_ref")
    list_select_related = ("category",)
    search_fields = ("text", "category__name", "category__code5", "raw_limit")
    ordering = ("category__standard_ref", "category__code5", "order", "pk")
    fields = (
        "category",
        "order",
        "text",
        "raw_limit",
        "is_unparsed",
        "limit_n",
        "limit_unit",
        "stages",
        "closing_condition",
        "legal_basis",
        "collect_rule",
        "is_active",
    )
    readonly_fields = tuple(name for name in fields if name not in CONDITION_EDITABLE)

    @admin.display(description=_("处置时限"))
    def limit(self, condition: FilingCondition) -> str:
        return "" if condition.is_unparsed else condition.limit_text

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        edit_condition(
            condition_id=obj.pk,
            changes={name: form.cleaned_data[name] for name in form.changed_data},
            actor=administrator(request),
            at=clock.now(),
        )


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


class StageLimitForm(forms.ModelForm):
    class Meta:
        model = StageLimit
        fields = ("stage", "kind", "urgent", "n", "unit")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("stage"):
            urgent, kind = given.get("urgent", False), given.get("kind", "")
            try:
                check_limited(given["stage"], urgent=urgent, kind=kind)
            except Refused as refused:
                self.add_error(refused.field, str(refused))
        if given.get("n") is not None and given["n"] <= 0:
            self.add_error("n", _("时限须大于 0。"))
        return given


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


@admin.register(DuplicateRule)
class DuplicateRuleAdmin(ImportedAdmin):
    """One row; without it the defaults hold (docs/duplicates.md)."""

    list_display = ("__str__", "near_m", "far_m", "days", "likeness")
    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not DuplicateRule.objects.exists()

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        saved = set_duplicate_rule(
            limits=obj.limits, actor=administrator(request), at=clock.now()
        )
        obj.pk = saved.pk


class QuietHoursForm(forms.ModelForm):
    class Meta:
        model = QuietHours
        fields = ("enabled", "starts", "ends")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("starts") and given.get("starts") == given.get("ends"):
            self.add_error(
                "ends", _("开始和结束不能是同一时刻；不用静默时，取消启用。")
            )
        return given


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


class BundledSharesForm(forms.ModelForm):
    class Meta:
        model = BundledShares
        fields = ("lead", "supports", "street")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        parts = [given[name] for name in self.Meta.fields if name in given]
        if len(parts) == len(self.Meta.fields) and sum(parts) != 100:
            self.add_error("street", _("三项相加须为 100。"))
        return given


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


class ReadAdmin(ImportedAdmin):
    """To be looked at; what happens to a case happens by its actions."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RoutingGap)
class RoutingGapAdmin(ReadAdmin):
    """Where nobody was on duty: appoint somebody there."""

    list_display = (
        shown("at", _("时间")),
        shown("area", _("区域")),
        "missing",
        shown("case", _("案件")),
    )
    fields = readonly_fields = list_display
    list_filter = ("missing",)
    list_select_related = ("area", "case")
    search_fields = ("area__name", "area__code", "case__case_no")
    ordering = ("-pk",)


@admin.register(SubmissionConflict)
class SubmissionConflictAdmin(ReadAdmin):
    """Other content that came under a known id; both are kept to be compared."""

    list_display = (
        shown("received_at", _("接收时间")),
        shown("submission", _("提交编号")),
        "filed_as",
    )
    fields = readonly_fields = (*list_display, "first_body", "other_body")
    list_select_related = ("submission__case",)
    ordering = ("-pk",)

    @admin.display(description=_("已立案件"))
    def filed_as(self, conflict: SubmissionConflict) -> str:
        return str(conflict.submission.case or "—")

    @admin.display(description=_("先到的内容"))
    def first_body(self, conflict: SubmissionConflict) -> str:
        return _legible(conflict.submission.body)

    @admin.display(description=_("后到的内容"))
    def other_body(self, conflict: SubmissionConflict) -> str:
        return _legible(conflict.body)


def _legible(body: dict[str, Any]) -> str:
    """What was sent, without the sealed fields."""
    plain = {key: value for key, value in body.items() if not _is_sealed(value)}
    return json.dumps(plain, ensure_ascii=False, indent=2)


def _is_sealed(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(PREFIX)


@admin.register(Case)
class CaseAdmin(ReadAdmin):
    """Where each case stands; personal data of residents is not shown here."""

    list_display = (
        "number",
        "category",
        "state",
        shown("street", _("街道")),
        shown("holder_org", _("现由谁负责")),
        "due_at",
    )
    fields = readonly_fields = (
        "number",
        "state",
        "source",
        "category",
        shown("condition", _("立案条件")),
        "description",
        "urgent",
        "address",
        shown("street", _("街道")),
        shown("community", _("社区")),
        shown("grid", _("网格")),
        "reporter_name",
        "has_complainant",
        shown("holder_org", _("现由谁负责")),
        shown("holder_user", _("负责人")),
        shown("lead_org", _("主办单位")),
        shown("rework_count", _("返工次数")),
        shown("supporters_count", _("我也遇到")),
        shown("master", _("并入的主案")),
        "found_at",
        "reported_at",
        "due_at",
        shown("closed_at", _("结案时间")),
        shown("version", _("版本")),
    )
    list_filter = ("state", "urgent", "source")
    list_select_related = ("category", "street", "holder_org")
    search_fields = ("case_no", "address")
    ordering = ("-pk",)
    show_full_result_count = False

    @admin.display(description=_("案卷号"), ordering="case_no")
    def number(self, case: Case) -> str:
        return case.display_no
