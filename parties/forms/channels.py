"""What an administrator enters of a channel; its kind brings the fields of its own."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parties.actions import Plan
from parties.channels import Kind, Setting
from parties.channels.webhook import Webhook
from parties.models import Address, Channel, Importance, Organisation, User
from parties.roles import Role


class Clock(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class ChannelForm(forms.Form):
    """`way` is the kind; `channel` the one to be changed, if there is one already."""

    name = forms.CharField(
        label=gettext_lazy("名称"),
        max_length=60,
        help_text=gettext_lazy("写清楚发到哪里，例如“街道指挥群”。"),
        error_messages={"required": gettext_lazy("请填写名称。")},
    )
    enabled = forms.BooleanField(
        label=gettext_lazy("启用这个渠道"), required=False, initial=True
    )
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("服务单位"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=gettext_lazy("全部单位"),
        help_text=gettext_lazy(
            "只发送给这个单位在岗人员的消息；单位负责人可以看到发送情况。"
        ),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("服务角色"),
        choices=[("", gettext_lazy("全部角色")), *Role.choices],
        required=False,
    )
    person = forms.CharField(
        label=gettext_lazy("服务人员账号"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("只服务一个人时填写他的账号，一般留空。"),
    )
    importances = forms.MultipleChoiceField(
        label=gettext_lazy("发送哪些消息"),
        choices=Importance.choices,
        required=False,
        initial=Importance.values,
        widget=forms.CheckboxSelectMultiple,
    )
    case_events = forms.BooleanField(
        label=gettext_lazy("推送案件的每一步（供业务系统对接）"),
        required=False,
        help_text=gettext_lazy(
            "案件每办理一步推送一次，同一案件按先后顺序，保密案件除外。"
        ),
    )
    complainants = forms.BooleanField(
        label=gettext_lazy("给诉求人发短信"),
        required=False,
        help_text=gettext_lazy(
            "收到、不予受理、暂缓、办结时，发给留了手机号的诉求人。"
        ),
    )
    quiet_starts = forms.TimeField(
        label=gettext_lazy("静默开始"), required=False, widget=Clock()
    )
    quiet_ends = forms.TimeField(
        label=gettext_lazy("静默结束"),
        required=False,
        widget=Clock(),
        help_text=gettext_lazy("这段时间里的消息等到结束时再发；紧急消息不受影响。"),
    )

    def __init__(
        self,
        way: Kind,
        *args: Any,
        channel: Channel | None = None,
        **kwargs: Any,
    ) -> None:
        self.way, self.channel = way, channel
        if channel is not None:
            kwargs.setdefault("initial", _initial(channel))
        super().__init__(*args, **kwargs)
        units = Organisation.objects.active().order_by("level", "name")
        self.fields["organisation"].queryset = units  # type: ignore[attr-defined]
        own = {one.name: _field(one, channel) for one in way.settings}
        if not isinstance(way, Webhook):
            del self.fields["case_events"]
        if way.address != Address.Kind.PHONE:
            del self.fields["complainants"]
        for name, field in own.items():
            self.fields[name] = field
        self.order_fields(["name", *own])

    def clean_person(self) -> User | None:
        username = self.cleaned_data["person"].strip()
        if not username:
            return None
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise forms.ValidationError(_("没有这个账号，请核对。"))
        return user

    def plan(self) -> Plan:
        given = self.cleaned_data
        person, unit = given["person"], given["organisation"]
        return Plan(
            name=given["name"],
            enabled=given["enabled"],
            organisation_id=unit.pk if unit else None,
            role=given["role"],
            person_id=person.pk if person else None,
            importances=given["importances"],
            case_events=given.get("case_events", False),
            complainants=given.get("complainants", False),
            quiet_starts=given["quiet_starts"],
            quiet_ends=given["quiet_ends"],
            options=self._given(secret=False),
            secrets=self._given(secret=True),
        )

    def _given(self, *, secret: bool) -> dict[str, str]:
        return {
            one.name: self.cleaned_data[one.name].strip()
            for one in self.way.settings
            if one.secret == secret
        }


def _field(one: Setting, channel: Channel | None) -> forms.CharField:
    """A secret that is kept already may be left empty, and is never shown."""
    kept = channel is not None and one.name in channel.open_secrets()
    text = str(one.help)
    if kept:
        text = _("已保存，留空则不变。") + text
    elif one.fresh is not None:
        text = _("已生成，请现在复制交给对方，保存后不再显示。") + text
    initial = one.fresh() if one.fresh and not kept else one.initial
    return forms.CharField(
        label=one.label,
        help_text=text,
        required=one.required and not kept,
        max_length=500,
        initial=initial,
        error_messages={"required": _("请填写%(label)s。") % {"label": one.label}},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def _initial(channel: Channel) -> dict[str, Any]:
    names = (
        "name", "enabled", "organisation", "role", "importances", "case_events",
        "complainants", "quiet_starts", "quiet_ends",
    )  # fmt: skip
    found = {name: getattr(channel, name) for name in names}
    person = channel.person.username if channel.person else ""
    return {**channel.options, **found, "person": person}


class DropForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("放弃原因"),
        max_length=200,
        error_messages={"required": gettext_lazy("请写明为什么放弃。")},
        widget=forms.TextInput(attrs={"list": "reasons"}),
    )
