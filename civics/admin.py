"""The portal in the administration: rule and notice through actions, the rest to look
things up."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from civics import actions
from civics.models import (
    Consent,
    DataDesk,
    Follow,
    PersonalDataRequest,
    Place,
    PrivacyNotice,
    PublicRule,
    ServiceRule,
)
from governance import clock
from governance.admin import ReadOnlyAdmin, shown
from parties.admin import administrator

PHONE = shown("phone", _("手机号"))


class OneRowAdmin(admin.ModelAdmin):
    """One row at most; without it the defaults hold."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not self.model.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ServiceRule)
class ServiceRuleAdmin(OneRowAdmin):
    list_display = (
        "__str__", "follows_a_day", "texts_a_day", "places_an_hour", "unproven_days",
    )  # fmt: skip

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        actions.set_service_rule(
            given=obj, actor=administrator(request), at=clock.now()
        )


@admin.register(PublicRule)
class PublicRuleAdmin(OneRowAdmin):
    list_display = ("__str__", "is_open", "delay_hours", "keep_days", "blur_m")
    filter_horizontal = ("hidden",)

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        hidden = form.cleaned_data["hidden"].values_list("pk", flat=True)
        actions.set_public_rule(
            given=obj, hidden=hidden, actor=administrator(request), at=clock.now()
        )


@admin.register(PrivacyNotice)
class PrivacyNoticeAdmin(ReadOnlyAdmin):
    """Added only: what people agreed to must stay as they read it."""

    list_display = ("version", "published_at")
    fields = ("version", "text")
    ordering = ("-published_at",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        saved = actions.publish_notice(
            version=obj.version, text=obj.text, actor=administrator(request),
            at=clock.now(),
        )  # fmt: skip
        obj.pk = saved.pk


@admin.register(PersonalDataRequest)
class PersonalDataRequestAdmin(ReadOnlyAdmin):
    """What was asked and how it stands; the words stay with who handles the case."""

    list_display = (
        "number",
        "kind",
        "state",
        "unit",
        "asked_at",
        "due",
        "carried_out_at",
    )
    fields = readonly_fields = (
        *("case", "kind", PHONE, "about", "asked_at"),
        *("carried_out_at", "carried_out_by_name", "open_until"),
    )
    list_filter = ("kind",)
    list_select_related = ("case__holder_org",)
    ordering = ("-asked_at",)

    @admin.display(description=_("案卷号"))
    def number(self, obj: PersonalDataRequest) -> str:
        return format_html('<span class="case-no">{}</span>', obj.case.display_no)

    @admin.display(description=_("状态"))
    def state(self, obj: PersonalDataRequest) -> str:
        return str(obj.case.get_state_display())

    @admin.display(description=_("现在由谁负责"))
    def unit(self, obj: PersonalDataRequest) -> str:
        holder = obj.case.holder_org
        return holder.name if holder and obj.case.is_open else "—"

    @admin.display(description=_("最近时限"))
    def due(self, obj: PersonalDataRequest) -> Any:
        return obj.case.due_at


class DataDeskForm(forms.ModelForm):
    def clean_organisation(self) -> Any:
        """Said at the field what the action would refuse."""
        unit = self.cleaned_data["organisation"]
        if not unit.can_be_whistled or unit.area_id is None:
            raise forms.ValidationError(
                _("请选择有所在地区、可被吹哨的单位，街道才派得到它。")
            )
        return unit


@admin.register(DataDesk)
class DataDeskAdmin(ReadOnlyAdmin):
    """Opened only: another unit of the same district takes the place of the last."""

    form = DataDeskForm
    list_display = ("organisation", "area", "opened_at", "ended_at")
    list_select_related = ("organisation", "area")
    fields = ("organisation",)
    autocomplete_fields = ("organisation",)
    ordering = ("-opened_at",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        actions.open_data_desk(
            organisation_id=obj.organisation_id, actor=administrator(request),
            at=clock.now(),
        )  # fmt: skip
        found = DataDesk.objects.in_force().filter(area=obj.organisation.area)
        obj.pk = found.get().pk


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ("given_at", PHONE, "purpose", "notice", "case", "withdrawn_at")
    fields = readonly_fields = list_display
    list_filter = ("purpose", "notice")
    list_select_related = ("phone", "case")
    ordering = ("-given_at",)


@admin.register(Follow)
class FollowAdmin(ReadOnlyAdmin):
    list_display = (
        "at",
        PHONE,
        shown("case", _("案件")),
        "joined",
        shown("ended_at", _("取消时间")),
    )
    fields = readonly_fields = list_display
    list_filter = ("joined",)
    list_select_related = ("phone", "case")
    ordering = ("-at",)


@admin.register(Place)
class PlaceAdmin(ReadOnlyAdmin):
    list_display = (
        *("name", "code", "area", "whole_area"),
        shown("created_at", _("建立时间")),
        shown("ended_at", _("停用时间")),
    )
    fields = readonly_fields = (
        *("name", "code", "address", "area", "whole_area"),
        shown("point", _("位置")),
        shown("accuracy_m", _("误差（米）")),
        shown("created_by", _("建立人")),
        *list_display[-2:],
    )
    list_select_related = ("area",)
    search_fields = ("name", "code", "area__code")
    ordering = ("area__code",)
