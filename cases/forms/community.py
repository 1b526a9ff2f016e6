"""Forms of 社区接报 and of everything that is returned, raised, merged or passed on."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.actions.handling import community_item
from cases.actions.reception import DESTINATIONS, REASONS
from cases.forms.offered import (
    AGREE,
    RETURN,
    VISIT,
    OfferedForm,
    OpinionForm,
    people,
    pick,
    words,
)
from cases.models import Case, FilingCondition
from cases.querysets import candidates
from cases.workflow import NEEDS_VERIFYING


class ApproveSelfForm(OpinionForm):
    opinion = words(_("审核意见"), phrases=AGREE)
    submit = _("审核通过")


class ReturnSelfForm(OpinionForm):
    opinion = words(_("退回理由"), phrases=RETURN)
    submit, danger = _("退回重办"), True


class HandUpForm(OpinionForm):
    opinion = words(_("为什么办不了"))
    submit = _("转报社区")


class RaiseForm(OpinionForm):
    opinion = words(
        _("上呈理由和初步意见"),
        phrases=(_("超出社区职责，请街道研判"), _("社区已劝导，需执法部门处置")),
    )
    submit = _("上呈街道")


class ReconsiderForm(OpinionForm):
    opinion = words(_("复核意见"))
    submit = _("复核受理")


class SplitForm(OpinionForm):
    opinion = words(_("拆案理由"))
    submit = _("拆案")
    intro = _("本案将恢复为“待接报”，重新开始接报计时。")


class SelfResolveForm(OfferedForm):
    submit = _("开始自办")
    intro = _("由您在网格内自行处置，完成后提交处置后照片。")


class ArchiveForm(OfferedForm):
    submit, versioned = _("归档"), False
    intro = _("归档后本案只读，不能再办理。")


class VerifyForm(OfferedForm):
    worker = pick(_("核实网格员"))
    # Both are read together by who is sent (`reception.send_to_verify`).
    requirement = words(_("核实要求"), phrases=VISIT, most=270)
    missing = forms.CharField(
        label=_("信息不全，缺什么"),
        required=False,
        max_length=200,
        help_text=_("如地址不清、看不出数量、联系不上；公众上报或没有照片的可不填。"),
    )
    ids = ("worker",)
    submit = _("发核实")
    intro = _("核实期间接报计时暂停。")

    def prepare(self) -> None:
        if not NEEDS_VERIFYING.holds(self.case, self.actor):
            self.fields["missing"].help_text = NEEDS_VERIFYING.sentence
        self.offer("worker", people(candidates.field_workers(self.case, self.at)))


class ConditionForm(OfferedForm):
    """With the filing condition, prefilled by what the list suggests."""

    condition = pick(_("立案条件"))
    ids: tuple[str, ...] = ("condition",)

    def conditions(self) -> Iterable[FilingCondition]:
        return candidates.filing_conditions(self.case)

    def prepare(self) -> None:
        found = list(self.conditions())
        self.offer(
            "condition",
            [(one.pk, f"{one.text}（{one.limit_text}）") for one in found],
        )
        self.initial.setdefault(
            "condition",
            self.case.condition_id or self.case.suggestion.get("condition_id"),
        )


class CommunityConditionForm(ConditionForm):
    """Only what is on the community's list of matters."""

    def conditions(self) -> Iterable[FilingCondition]:
        return candidates.filing_conditions(self.case).filter(beyond_community=False)


class AcceptForm(CommunityConditionForm):
    handler = pick(_("承办人"))
    ids = ("condition", "handler")
    submit = _("接报并交办")
    intro = _("由本社区办理，处置时限按立案条件从现在开始计算。")

    field_order = ("handler", "condition")

    def prepare(self) -> None:
        super().prepare()
        self.offer("handler", people(candidates.community_handlers(self.case, self.at)))


class SendDownForm(CommunityConditionForm):
    opinion = words(_("理由"), phrases=(_("属社区事项清单，请社区办理"),))
    list_item = forms.CharField(
        label=_("依据清单条目"),
        max_length=300,
        help_text=_("已按社区事项清单和权责清单带出，可改写。"),
    )
    submit, danger = _("退回社区办理"), True

    field_order = ("condition", "list_item", "opinion")

    def prepare(self) -> None:
        super().prepare()
        self.initial.setdefault("list_item", community_item(self.case))


class HandleAtStreetForm(ConditionForm):
    organisation = pick(_("承办科室或站所"))
    opinion = words(_("交办意见"), required=False, phrases=AGREE)
    ids = ("condition", "organisation")
    submit = _("交办")

    field_order = ("organisation", "condition", "opinion")

    def prepare(self) -> None:
        super().prepare()
        offices = candidates.street_offices(self.case)
        self.offer("organisation", [(one.pk, one.name) for one in offices])


class RejectForm(OfferedForm):
    reason = forms.ChoiceField(label=_("不予受理的理由"), choices=())
    opinion = words(
        _("告知上报人的内容"),
        help_text=_("上报人会看到这段话，请写明理由和救济途径。"),
        is_public=True,
    )
    submit, danger = _("不予受理"), True

    def prepare(self) -> None:
        self.offer("reason", REASONS.items())


class TransferForm(OfferedForm):
    destination = forms.ChoiceField(label=_("转往"), choices=())
    receipt = forms.CharField(label=_("对方回执号"), max_length=100)
    opinion = words(_("转出理由"))
    submit, danger = _("转出"), True

    def prepare(self) -> None:
        self.offer("destination", DESTINATIONS.items())


class MergeForm(OfferedForm):
    """`master` is a case number as people write it; cleaned to the case in scope."""

    master = forms.CharField(
        label=_("主案号"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("19 位案卷号，可带短横线。"),
    )
    opinion = words(_("并案理由"), phrases=(_("同一地点、同一问题，重复上报"),))
    confirmed = forms.BooleanField(
        label=_("两案小类不同，已核对确是同一件事"),
        required=False,
        help_text=_("小类相同或容易混淆时不用勾选。"),
    )
    ids = ("master",)
    submit, danger = _("并入主案"), True
    intro = _("本案办结随主案；上报人会收到主案的办理结果。")

    def clean_master(self) -> int:
        digits = "".join(one for one in self.cleaned_data["master"] if one.isdigit())
        master = (
            Case.objects.visible_to(self.actor)
            .filter(case_no=digits)
            .values_list("pk", flat=True)
            .first()
        )
        if master is None:
            raise forms.ValidationError(_("没有找到主案，请核对案卷号。"))
        return int(master)
