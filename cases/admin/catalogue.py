"""Categories and conditions: from an imported standard, completed by the city."""

import dataclasses
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.actions.catalogue import (
    CATEGORY_EDITABLE,
    CONDITION_EDITABLE,
    edit_category,
    edit_condition,
)
from cases.actions.duplicate_rules import set_duplicate_rule
from cases.actions.questions import Wording, check_choices, set_question
from cases.admin.rows import CheckedForm, ImportedAdmin
from cases.models import (
    Category,
    DuplicateRule,
    FilingCondition,
    Question,
)
from governance import clock
from parties.admin import administrator


@admin.register(Category)
class CategoryAdmin(ImportedAdmin):
    list_display = (
        "code5",
        "name",
        "kind",
        "standard_ref",
        "self_resolvable",
        "community_matter",
        "urgent_default",
        "auto_dispatch",
        "is_confidential",
        "is_active",
    )
    list_display_links = ("code5", "name")
    list_filter = (
        "standard_ref", "kind", "community_matter", "is_active", "major_name",
    )  # fmt: skip
    actions = ("list_for_community", "strike_from_community")
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
        "community_matter",
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

    @admin.action(description=_("列入社区事项清单"))
    def list_for_community(self, request: HttpRequest, chosen: Any) -> None:
        self._edit(request, chosen, community_matter=True)

    @admin.action(description=_("移出社区事项清单"))
    def strike_from_community(self, request: HttpRequest, chosen: Any) -> None:
        self._edit(request, chosen, community_matter=False)

    def _edit(self, request: HttpRequest, chosen: Any, **changes: Any) -> None:
        for pk in chosen.order_by("pk").values_list("pk", flat=True):
            edit_category(
                category_id=pk,
                changes=changes,
                actor=administrator(request),
                at=clock.now(),
            )


@admin.register(FilingCondition)
class FilingConditionAdmin(ImportedAdmin):
    """Where flagged limits are settled: filter by 时限待人工认定."""

    list_display = (
        "text", "category", "limit", "raw_limit", "is_unparsed", "beyond_community",
    )  # fmt: skip
    list_filter = (
        "is_unparsed",
        "beyond_community",
        "is_active",
        "category__standard_ref",
    )
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
        "beyond_community",
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


class QuestionForm(CheckedForm):
    class Meta:
        model = Question
        fields = (
            "category",
            "order",
            "label",
            "kind",
            "choices",
            "is_required",
            "help_text",
            "is_active",
        )

    def check(self, given: dict[str, Any]) -> None:
        if given.keys() >= {"kind", "choices"}:
            check_choices(Question(kind=given["kind"], choices=given["choices"]))


@admin.register(Question)
class QuestionAdmin(admin.ModelAdmin):
    """What is asked when a case of the category is filed; switched off, not deleted."""

    form = QuestionForm
    list_display = ("label", "category", "kind", "is_required", "order", "is_active")
    list_filter = ("kind", "is_required", "is_active", "category__standard_ref")
    list_select_related = ("category",)
    search_fields = ("label", "category__name", "category__code5")
    ordering = ("category__code5", "order", "pk")
    autocomplete_fields = ("category",)
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("category",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        names = [one.name for one in dataclasses.fields(Wording)]
        saved = set_question(
            category_id=obj.category_id,
            question_id=obj.pk,
            wording=Wording(**{name: form.cleaned_data[name] for name in names}),
            actor=administrator(request),
            at=clock.now(),
        )
        obj.pk = saved.pk


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
