"""Master data of people for system administrators; every save goes by an action."""

from copy import copy
from functools import partial
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from governance import clock
from grids.codes import Level
from grids.models import Area
from parties import actions, http
from parties.acting import Actor
from parties.models import ContactDepartment, Organisation, Post, Posting, User
from parties.roles import Role

admin.site.unregister([AccessAttempt, AccessFailureLog, AccessLog, Group])


def administrator(request: HttpRequest) -> Actor:
    """The acting administrator; the first superuser may make the first posts."""
    if http.is_first_administrator(request):
        return Actor(
            user_id=request.user.pk,
            name=request.user.name,  # type: ignore[union-attr]
            role=Role.SYSTEM_ADMIN,
            ip=request.META.get("REMOTE_ADDR", ""),
        )
    return http.actor(request)


class KeptAdmin(admin.ModelAdmin):
    """Saves through `actions.keep`; nothing of a person's is deleted, only ended."""

    def save_model(
        self, request: HttpRequest, obj: Any, form: ModelForm, change: bool
    ) -> None:
        kept = [name for name in form.changed_data if hasattr(type(obj), name)]
        plain = [name for name in kept if not _is_many(obj, name)]
        actions.keep(
            record=obj,
            changed={name: form.initial.get(name) for name in plain},
            actor=administrator(request),
            at=clock.now(),
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OfSecurity(admin.ModelAdmin):
    """Looked up here, and changed by the security administrator on pages of their own
    (`parties.views.security`); here only as long as nobody holds that post."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return http.keeps_accounts(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return http.keeps_accounts(request) and allowed


def _is_many(obj: Any, name: str) -> bool:
    return bool(obj._meta.get_field(name).many_to_many)


@admin.register(Organisation)
class OrganisationAdmin(KeptAdmin):
    list_display = ("name", "short_name", "kind", "level", "area", "can_be_whistled")
    list_filter = ("level", "kind", "can_be_whistled", "is_active")
    list_select_related = ("area",)
    search_fields = ("name", "short_name", "code")
    ordering = ("level", "area__code", "name")
    autocomplete_fields = ("parent",)
    raw_id_fields = ("area", "jurisdictions")


class ContactDepartmentForm(ModelForm):
    class Meta:
        model = ContactDepartment
        fields = ("organisation", "area", "starts_date", "ends_date", "note")

    def clean_area(self) -> Area:
        area: Area = self.cleaned_data["area"]
        if area.level not in (Level.STREET, Level.COMMUNITY):
            raise ValidationError(_("包联的对象是社区或街道，请重新选择。"))
        return area


@admin.register(ContactDepartment)
class ContactDepartmentAdmin(KeptAdmin):
    """Who is suggested first when a whistle is composed."""

    form = ContactDepartmentForm
    list_display = ("organisation", "area", "starts_date", "ends_date", "note")
    list_filter = ("area__level",)
    list_select_related = ("organisation", "area")
    search_fields = ("organisation__name", "area__name", "area__code")
    ordering = ("area__code", "organisation__name")
    autocomplete_fields = ("organisation",)
    raw_id_fields = ("area",)


class PasswordByAdministrator(AdminPasswordChangeForm):
    """Sets a first password through the action; its owner must change it."""

    def __init__(self, user: User, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.actor = actor
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name].required = True

    def save(self, commit: bool = True) -> User:
        return actions.change_password(
            user_id=self.user.pk,
            password=self.cleaned_data["password1"],
            actor=self.actor,
            at=clock.now(),
        )


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("username", "name")


@admin.register(User)
class UserAdmin(KeptAdmin, OfSecurity, DjangoUserAdmin):
    list_display = ("username", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "name")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "created_at")
    add_form = NewUserForm
    fieldsets = (
        (None, {"fields": ("username", "password", "name")}),
        (
            _("状态"),
            {
                "fields": (
                    "is_active",
                    "is_staff",
                    "is_superuser",
                    "must_change_password",
                )
            },
        ),
        (_("时间"), {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "username",
                    "name",
                    "usable_password",
                    "password1",
                    "password2",
                )
            },
        ),
    )

    actions = ("unlock",)

    @admin.action(description=_("解除登录锁定"), permissions=["change"])
    def unlock(self, request: HttpRequest, users: Any) -> None:
        for user in users:
            actions.unlock(
                user_id=user.pk, actor=administrator(request), at=clock.now()
            )

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        bound = copy(self)
        bound.change_password_form = partial(
            PasswordByAdministrator, actor=administrator(request)
        )
        page = super(UserAdmin, bound).user_change_password
        return page(request, id, form_url)

    def save_model(
        self, request: HttpRequest, obj: Any, form: ModelForm, change: bool
    ) -> None:
        if not change:
            obj.must_change_password = True
        super().save_model(request, obj, form, change)


@admin.register(Post)
class PostAdmin(KeptAdmin, OfSecurity):
    list_display = ("name", "role", "organisation", "area")
    list_filter = ("role",)
    list_select_related = ("organisation", "area")
    search_fields = ("name", "organisation__name", "area__code", "area__name")
    ordering = ("organisation__name", "name")
    autocomplete_fields = ("organisation",)
    raw_id_fields = ("area",)


@admin.register(Posting)
class PostingAdmin(OfSecurity):
    """Adding appoints; the list's action ends; a posting is never edited."""

    list_display = ("user", "post", "starts_at", "ends_at", "is_primary", "source")
    list_filter = ("source", "post__role")
    list_select_related = ("user", "post__organisation")
    search_fields = ("user__name", "user__username", "post__name")
    ordering = ("-pk",)
    autocomplete_fields = ("user", "post")
    fields = ("user", "post", "starts_at", "ends_at", "is_primary", "reason")
    actions = ("end",)

    @admin.action(description=_("结束所选任职"), permissions=["add"])
    def end(self, request: HttpRequest, postings: Any) -> None:
        for posting in postings:
            actions.end_posting(
                posting_id=posting.pk, actor=administrator(request), at=clock.now()
            )

    def save_model(
        self, request: HttpRequest, obj: Any, form: ModelForm, change: bool
    ) -> None:
        posting = actions.appoint(
            user_id=obj.user_id,
            post_id=obj.post_id,
            starts_at=obj.starts_at,
            ends_at=obj.ends_at,
            is_primary=obj.is_primary,
            reason=obj.reason,
            actor=administrator(request),
            at=clock.now(),
        )
        obj.pk = posting.pk

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
