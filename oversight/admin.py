"""Boards, their categories and the rule, written through the actions."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from governance import clock
from oversight import actions
from oversight.models import Board, BoardCode, BoardRule
from parties.admin import administrator


class CodeInline(admin.TabularInline):
    model = BoardCode
    extra = 1


@admin.register(Board)
class BoardAdmin(admin.ModelAdmin):
    list_display = ("name", "order")
    ordering = ("order", "pk")
    inlines = (CodeInline,)
    actions = None

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        actions.save_board(board=obj, actor=administrator(request), at=clock.now())

    def save_formset(
        self, request: HttpRequest, form: Any, formset: Any, change: bool
    ) -> None:
        given = [
            (row.cleaned_data["kind"], row.cleaned_data["code"])
            for row in formset.forms
            if row.cleaned_data and not row.cleaned_data.get("DELETE")
        ]
        actions.set_codes(
            board_id=form.instance.pk, codes=given,
            actor=administrator(request), at=clock.now(),
        )  # fmt: skip
        formset.new_objects = formset.changed_objects = formset.deleted_objects = []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(BoardRule)
class BoardRuleAdmin(admin.ModelAdmin):
    """One row at most; without it the defaults hold."""

    list_display = ("__str__", "least_sample")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not BoardRule.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        saved = actions.set_board_rule(
            repeats=obj.repeats, repeat_days=obj.repeat_days,
            least_sample=obj.least_sample,
            actor=administrator(request), at=clock.now(),
        )  # fmt: skip
        obj.pk = saved.pk
