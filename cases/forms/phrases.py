"""The form of a 常用语 or template."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.actions.phrases import Wording
from cases.models import Category, Phrase
from cases.phrasing import check
from cases.workflow import OPEN_STATES, State
from governance.errors import Refused
from parties.acting import Actor
from parties.roles import Role

SCOPES = {"own": _("只给我自己"), "unit": _("给本单位"), "all": _("给全市")}


class PhraseForm(forms.Form):
    scope = forms.ChoiceField(label=_("给谁用"), widget=forms.RadioSelect)
    title = forms.CharField(
        label=_("名称"),
        max_length=30,
        error_messages={
            "required": _("请给它起个名称。"),
            "max_length": _("名称最多 30 个字。"),
        },
    )
    text = forms.CharField(
        label=_("内容"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("请填写内容。"),
            "max_length": _("最多 1000 字，请精简。"),
        },
    )
    audience = forms.ChoiceField(
        label=_("用途"),
        choices=Phrase.Audience,
        initial=Phrase.Audience.INTERNAL,
        widget=forms.RadioSelect,
        help_text=_("“对诉求人公开”的只在会给诉求人看到的栏目里提供。"),
    )
    category = forms.TypedChoiceField(
        label=_("只用于小类"), required=False, coerce=int, empty_value=None
    )
    state = forms.ChoiceField(label=_("只用于状态"), required=False)

    def __init__(self, *args: Any, actor: Actor, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("scope", "category", "state"):
            assert isinstance(self.fields[name], forms.ChoiceField)  # noqa: S101
        admin = actor.role == Role.SYSTEM_ADMIN
        offered = ("own", "unit", "all") if admin else ("own", "unit")
        self.fields["scope"].choices = [(one, SCOPES[one]) for one in offered]  # type: ignore[attr-defined]
        self.fields["scope"].initial = "own"
        if not new:
            del self.fields["scope"]
        self.fields["state"].choices = [("", _("所有状态"))] + [  # type: ignore[attr-defined]
            (one, State(one).label) for one in OPEN_STATES
        ]
        found = Category.objects.active().order_by("code5", "pk")
        self.fields["category"].choices = [("", _("所有小类"))] + [  # type: ignore[attr-defined]
            (one.pk, f"{one.code5} {one.name}") for one in found
        ]

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"]).strip()
        try:
            check(text)
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return text

    def wording(self) -> Wording:
        given = dict(self.cleaned_data)
        return Wording(
            scope=given.get("scope", ""),
            title=given["title"],
            text=given["text"],
            audience=given["audience"],
            category_id=given["category"],
            state=given["state"],
        )
