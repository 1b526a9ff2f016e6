"""What the security administrator types: accounts, posts, appointments."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from governance.forms import MomentField
from grids.models import Area
from parties.models import Organisation, Post, User
from parties.roles import Role


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("事由"),
        max_length=200,
        error_messages={"required": _("请写明事由。")},
        widget=forms.TextInput(attrs={"list": "reasons"}),
    )


class FirstPasswordForm(forms.Form):
    """Of an account that there is; whoever owns it must change it at once."""

    password = forms.CharField(
        label=_("初始密码"),
        strip=False,
        error_messages={"required": _("请填写初始密码。")},
        help_text=_("至少 8 个字符，不能全是数字；本人首次登录后必须修改。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一遍"),
        strip=False,
        error_messages={"required": _("请再输一遍初始密码。")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("again", given.get("password")) != given.get("password"):
            self.add_error("again", _("两次输入的密码不一致。"))
        return given


class AccountForm(FirstPasswordForm):
    username = forms.CharField(
        label=_("账号"),
        max_length=60,
        validators=User._meta.get_field("username").validators,
        error_messages={"required": _("请填写账号。")},
        help_text=_("登录用，小写字母、数字、点、下划线和短横线；建立后不能改。"),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("姓名"), max_length=40, error_messages={"required": _("请填写姓名。")}
    )
    field_order = ("username", "name", "password", "again")


class PostField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        area = f"（{obj.area.name}）" if obj.area else ""
        return f"{obj.organisation.name} · {obj.name}{area}"


class AppointForm(ReasonForm):
    """`posts` are those that were looked up."""

    post = PostField(
        label=_("岗位"),
        queryset=Post.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一个岗位。")},
    )
    starts_at = MomentField(label=_("开始时间"))
    ends_at = MomentField(
        label=_("结束时间"),
        required=False,
        help_text=_("不填为长期；到这个时间自动卸任。"),
    )
    is_primary = forms.BooleanField(label=_("设为主岗"), required=False)
    field_order = ("post", "starts_at", "ends_at", "is_primary", "reason")

    def __init__(self, posts: Any, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["starts_at"] = at
        self.fields["post"].queryset = posts  # type: ignore[attr-defined]


class PostForm(forms.Form):
    role = forms.ChoiceField(
        label=_("角色"),
        choices=[("", _("请选择")), *Role.choices],
        error_messages={"required": _("请选择角色。")},
    )
    organisation = forms.CharField(
        label=_("单位"),
        max_length=100,
        error_messages={"required": _("请填写单位全称。")},
        help_text=_("填单位全称。"),
        widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
    )
    area = forms.CharField(
        label=_("管理范围编码"),
        max_length=18,
        required=False,
        help_text=_("网格岗位填网格编码，社区、街道、区、市的岗位填所在区划编码。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("岗位名称"),
        max_length=60,
        required=False,
        help_text=_("不填则与角色同名。"),
    )

    def clean_organisation(self) -> Organisation:
        named = Organisation.objects.active().filter(
            name=self.cleaned_data["organisation"].strip()
        )
        if len(found := list(named[:2])) != 1:
            raise forms.ValidationError(
                _("有几个同名的单位，请在表格导入里用信用代码建立岗位。")
                if found
                else _("没有这个单位，请填单位全称；新单位由系统管理员建立。")
            )
        return found[0]

    def clean_area(self) -> Area | None:
        code = self.cleaned_data["area"].strip()
        if not code:
            return None
        area: Area | None = Area.objects.filter(code=code, valid_to=None).first()
        if area is None:
            raise forms.ValidationError(_("没有这个编码的区划，请核对。"))
        return area
