"""What administrators may not do by hand, said once."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


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
