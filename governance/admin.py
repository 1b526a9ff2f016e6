"""Configuration of the working calendar, and a look into the jobs.

The journal is not here: it is the audit administrator's (DOMAIN E.6).
"""

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance import actions, clock
from governance.errors import Refused
from governance.forms import ImportHolidaysForm, OverrideForm, WorkSchemeForm
from governance.identity import Identity
from governance.models import CalendarYear, Holiday, Job, WorkScheme


def shown(name: str, label: Any) -> Any:
    """A read-only column for the field `name`, headed `label`; JSON is laid out."""

    @admin.display(description=label, ordering=name)
    def column(row: models.Model) -> Any:
        value = getattr(row, name)
        if isinstance(value, dict | list):
            text = json.dumps(value, ensure_ascii=False, indent=2)
            return format_html("<pre>{}</pre>", text)
        return value

    column.__name__ = f"shown_{name}"
    return column


def acting(request: HttpRequest) -> Identity:
    return Identity(name=request.user.get_username(), user_id=request.user.pk)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only the system writes."""

    actions = None
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = (
        shown("id", gettext_lazy("编号")),
        shown("task", gettext_lazy("任务")),
        shown("subject", gettext_lazy("对象")),
        shown("run_at", gettext_lazy("应执行时间")),
        shown("done_at", gettext_lazy("完成时间")),
        shown("attempts", gettext_lazy("尝试次数")),
    )
    fields = (
        *list_display[1:],
        shown("args", gettext_lazy("参数")),
        shown("key", gettext_lazy("唯一键")),
        shown("leased_until", gettext_lazy("租约到期")),
        shown("error", gettext_lazy("最近错误")),
        shown("created_at", gettext_lazy("产生时间")),
    )
    readonly_fields = fields
    list_filter = (("done_at", admin.EmptyFieldListFilter),)
    search_fields = ("=subject", "=task")
    search_help_text = gettext_lazy("按对象（如 case:17）或任务查找")
    ordering = ("-id",)


@admin.register(CalendarYear)
class CalendarYearAdmin(ReadOnlyAdmin):
    list_display = (
        shown("year", gettext_lazy("年份")),
        "source",
        shown("imported_at", gettext_lazy("导入时间")),
    )
    fields = list_display
    readonly_fields = fields
    ordering = ("-year",)


@admin.register(WorkScheme)
class WorkSchemeAdmin(admin.ModelAdmin):
    actions = None
    form = WorkSchemeForm
    list_display = ("name", "starts_date", "ends_date", "written_periods")
    ordering = ("starts_date", "id")

    @admin.display(description=gettext_lazy("工作时段"))
    def written_periods(self, scheme: WorkScheme) -> str:
        return "，".join("–".join(period) for period in scheme.periods)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        saved = actions.save_scheme(
            scheme_id=obj.pk,
            **form.cleaned_data,
            actor=acting(request),
            at=clock.now(),
        )
        obj.pk = saved.pk

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        default = obj is None or obj.starts_date is None
        return not default and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: WorkScheme) -> None:
        actions.drop_scheme(scheme_id=obj.pk, actor=acting(request), at=clock.now())


@admin.register(Holiday)
class HolidayAdmin(admin.ModelAdmin):
    """Imported days are looked at; local rules are added, changed and dropped."""

    actions = None
    form = OverrideForm
    list_display = ("date", "kind", "name", "override")
    list_filter = ("kind", "override")
    date_hierarchy = "date"
    ordering = ("-date", "override")

    def get_urls(self) -> list:
        own = path(
            "import/",
            self.admin_site.admin_view(self.import_file),
            name="governance_holiday_import",
        )
        return [own, *super().get_urls()]

    def import_file(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportHolidaysForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            try:
                sources = actions.import_holidays(
                    document=form.cleaned_data["file"],
                    actor=acting(request),
                    at=clock.now(),
                )
            except Refused as refused:
                form.add_error("file", refused.message.splitlines())
            else:
                years = "、".join(str(year) for year in sources)
                messages.success(
                    request, _("已导入%(years)s年放假安排。") % {"years": years}
                )
                return redirect("admin:governance_holiday_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("导入放假安排"),
            "form": form,
            "opts": self.opts,
            "known": CalendarYear.objects.order_by("year"),
        }
        return render(
            request,
            "admin/governance/holiday/import.html",
            context,
            status=422 if form.errors else 200,
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["date"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        local = obj is None or obj.override
        return local and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        local = obj is not None and obj.override
        return local and super().has_delete_permission(request, obj)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        saved = actions.override_day(
            day=obj.date,
            kind=obj.kind,
            name=obj.name,
            actor=acting(request),
            at=clock.now(),
        )
        obj.pk = saved.pk

    def delete_model(self, request: HttpRequest, obj: Holiday) -> None:
        actions.drop_override(day=obj.date, actor=acting(request), at=clock.now())
