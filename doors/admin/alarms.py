"""What alarms mean, the devices, and what they sent."""

from typing import Any

from django.contrib.gis import admin
from django.http import HttpRequest

from doors import actions
from doors.models import Alarm, AlarmRule, Device
from governance import clock
from parties.admin import administrator


class SettingAdmin(admin.ModelAdmin):
    actions = None

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        actions.save_setting(record=obj, actor=administrator(request), at=clock.now())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AlarmRule)
class AlarmRuleAdmin(SettingAdmin):
    list_display = ("kind", "name", "category", "urgent", "window_minutes", "is_active")
    list_select_related = ("category",)
    raw_id_fields = ("category",)
    search_fields = ("kind", "name")
    ordering = ("kind",)


@admin.register(Device)
class DeviceAdmin(SettingAdmin):
    list_display = ("code", "name", "client", "address", "is_active")
    list_select_related = ("client",)
    list_filter = ("client", "is_active")
    search_fields = ("code", "name", "address")
    ordering = ("client", "code")
    exclude = ("point",)


@admin.register(Alarm)
class AlarmAdmin(admin.ModelAdmin):
    list_display = ("received_at", "device", "rule", "alarm_id", "case", "is_joined")
    list_select_related = ("device", "rule", "case")
    list_filter = ("rule",)
    search_fields = ("alarm_id", "device__code")
    ordering = ("-pk",)
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
