"""What alarms mean, the devices, and what they sent."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.forms.fields import crs_field, degrees_field, position_of
from doors import actions
from doors.models import Alarm, AlarmRule, Device
from governance import clock
from governance.errors import Refused
from governance.geo import Crs
from parties.admin import administrator


class SettingAdmin(admin.ModelAdmin):
    actions = None

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        actions.save_setting(record=obj, actor=administrator(request), at=clock.now())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AlarmRuleForm(forms.ModelForm):
    class Meta:
        model = AlarmRule
        fields = (
            "kind", "name", "category", "condition", "urgent", "measure", "at_least",
            "window_minutes", "quiet_minutes", "is_active",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        category, condition = given.get("category"), given.get("condition")
        if category and condition and condition.category_id != category.pk:
            self.add_error("condition", _("这条立案条件不属于所选的小类，请重新选择。"))
        if given.get("at_least") is not None and not given.get("measure"):
            self.add_error("measure", _("请写明按哪个读数判断，例如“倾角”。"))
        return given


@admin.register(AlarmRule)
class AlarmRuleAdmin(SettingAdmin):
    form = AlarmRuleForm
    list_display = (
        "kind", "name", "category", "condition", "urgent", "at_least",
        "window_minutes", "quiet_minutes", "is_active",
    )  # fmt: skip
    list_select_related = ("category", "condition")
    raw_id_fields = ("category", "condition")
    search_fields = ("kind", "name")
    ordering = ("kind",)


class DeviceForm(forms.ModelForm):
    """Its place as two numbers; there is no map in 系统管理."""

    lng = degrees_field(_("经度"))
    lat = degrees_field(_("纬度"))
    crs = crs_field()

    class Meta:
        model = Device
        fields = ("client", "code", "name", "address", "is_active")

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        if at := self.instance.point:
            self.initial.update(lng=at.x, lat=at.y, crs=Crs.CGCS2000)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if (given.get("lng") is None) != (given.get("lat") is None):
            self.add_error("lng", _("经度和纬度要一起填写。"))
        try:
            self.instance.point = position_of(given)
        except Refused as refused:
            refused.show_in(self)
        return given


@admin.register(Device)
class DeviceAdmin(SettingAdmin):
    form = DeviceForm
    list_display = ("code", "name", "client", "address", "is_active")
    list_select_related = ("client",)
    list_filter = ("client", "is_active")
    search_fields = ("code", "name", "address")
    ordering = ("client", "code")


@admin.register(Alarm)
class AlarmAdmin(admin.ModelAdmin):
    list_display = (
        "received_at", "device", "rule", "alarm_id", "case", "is_joined", "unfiled",
    )  # fmt: skip
    list_select_related = ("device", "rule", "case")
    list_filter = ("rule", "unfiled")
    fields = readonly_fields = (
        *("device", "alarm_id", "rule", "reading", "raised_at", "received_at"),
        *("case", "is_joined", "unfiled"),
    )
    search_fields = ("alarm_id", "device__code")
    ordering = ("-pk",)
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
