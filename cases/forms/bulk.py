"""Forms of what is done with several selected cases at once: asked once for all."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.forms.offered import handlers, pick, words
from cases.models import WhistleAssignment
from parties.acting import Actor


class BulkForm(forms.Form):
    """`submit` is the button, `intro` what will happen to each of the cases.

    Shape only: each case is tried by its own action, which refuses in its own words.
    """

    submit: Any = ""
    intro: Any = ""

    def __init__(self, *args: Any, actor: Actor, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.at = actor, at
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("id", f"bulk-{name}")
        self.prepare()

    def prepare(self) -> None:
        """Fill the choices from `actor` and `at`."""

    def arguments(self) -> dict[str, Any]:
        """What every one of the actions is given besides case, actor and time."""
        return dict(self.cleaned_data)


class ClaimAllForm(BulkForm):
    submit = _("认领")


class ReadAllForm(BulkForm):
    submit = _("标为已读")


class AssignAllForm(BulkForm):
    handler = pick(_("承办人"))
    opinion = words(_("交代"), required=False, rows=2)
    submit = _("分派承办人")
    intro = _("所选案件都交给同一位承办人，每件各记一条流水。")

    def prepare(self) -> None:
        found = handlers(self.actor.organisation_id, self.at)
        field = self.fields["handler"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [("", _("请选择")), *found]
        field.error_messages |= {
            "required": _("请选择承办人。"),
            "invalid_choice": _("请重新选择。"),
        }

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        return {"handler_id": given["handler"], "opinion": given["opinion"]}


class CheckInAllForm(BulkForm):
    """From the desk: nobody stands at several spots at once."""

    remark = words(_("说明"), required=False, rows=2)
    submit = pgettext_lazy("step", "线上报到")
    intro = _(
        "所选案件一并线上报到；要求到场的，请写明不能到场的原因，或逐件到场报到。"
    )

    def arguments(self) -> dict[str, Any]:
        return {
            **super().arguments(),
            "mode": WhistleAssignment.Mode.ONLINE,
            "position": None,
        }


class UrgeAllForm(BulkForm):
    opinion = words(
        _("催办事由"),
        rows=2,
        phrases=(_("时限将到，请抓紧办理"), _("已超时，请立即办理并反馈")),
    )
    submit = _("发出催办单")
    intro = _("催办单分别发给现在的承办单位和街道值班领导，每件两小时内只发一次。")

    def prepare(self) -> None:
        self.fields["opinion"].error_messages["required"] = _("请填写催办事由。")
