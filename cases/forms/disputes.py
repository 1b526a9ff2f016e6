"""Forms of disputes, rulings and what goes up to the district and the city."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.actions.coordination import LONGEST_DAYS
from cases.actions.disputes import disputable_until, reach_of_ruling
from cases.actions.whistling import blown_assignments
from cases.forms.offered import OfferedForm, OpinionForm, pick, words
from cases.forms.whistle import WhistleForm
from cases.models import Coordination, Dispute
from cases.querysets import candidates
from cases.workflow import State
from parties.models import Organisation


def _choice(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=[("", _("请选择")), *(one for one in choices if one[0])]
    )


def _days(label: Any, *, required: bool, help_text: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=required,
        min_value=1,
        max_value=LONGEST_DAYS,
        help_text=help_text,
        error_messages={
            "invalid": _("请填写整数。"),
            "min_value": _("至少 1 个工作日。"),
            "max_value": _("最多 60 个工作日。"),
        },
    )


class DisputeForm(OfferedForm):
    reason = _choice(_("异议理由"), Dispute.Reason.choices)
    legal_basis = words(
        _("法规依据"),
        rows=2,
        most=500,
        help_text=_("写明法律法规或三定方案，引用到条款。"),
    )
    suggested_organisation = pick(_("建议承办单位"), required=False)
    suggested = forms.CharField(
        label=_("列表中没有的单位"),
        max_length=200,
        required=False,
        help_text=_("选了建议承办单位的不用填。"),
    )
    opinion = words(_("异议意见"))
    ids = ("suggested_organisation",)
    submit, danger = _("提出异议"), True

    def prepare(self) -> None:
        found = candidates.competent_organisations(self.case, self.case.district)
        self.offer(
            "suggested_organisation",
            [
                (one.pk, one.name)
                for one in found
                if one.pk != self.actor.organisation_id
            ],
        )
        line = blown_assignments(self.case).filter(role="lead").first()
        until = disputable_until(self.case, line) if line else None
        if until is not None:
            self.intro = gettext(
                "异议须在 %(until)s 前提出，每个部门每案只能提一次。"
                "裁定期间处置和报到时限暂停。"
            ) % {"until": timezone.localtime(until).strftime("%m-%d %H:%M")}
        else:
            self.intro = gettext("应急哨须先处置，结案后申请责任认定。")


class UpholdForm(OfferedForm):
    ruling = words(
        _("裁定意见"), phrases=(_("属贵单位法定职责，异议不成立，请立即办理。"),)
    )
    submit = _("裁定维持")
    intro = _(
        "维持原派单：原主办视为已报到，处置时限接着剩余时间计算，计无理退回 1 次。"
    )


class TakeOverForm(OfferedForm):
    organisation = pick(_("街道承办科室或站所"))
    ruling = words(
        _("裁定意见"), phrases=(_("暂无明确责任主体，按属地原则由街道先行处置。"),)
    )
    ids = ("organisation",)
    submit = _("裁定街道兜底")
    intro = _("处置时限重新计算；本案列入“职责空白”，供修订权责清单时研究。")

    def prepare(self) -> None:
        offices = candidates.street_offices(self.case)
        self.offer("organisation", [(one.pk, one.name) for one in offices])


class ReferForm(OfferedForm):
    reason = _choice(_("提请理由"), Dispute.Referral.choices)
    focus = words(_("争议焦点"))
    positions = words(_("各方意见"))
    proposal = words(_("处理建议"))
    submit = _("提请区级协调")

    def prepare(self) -> None:
        self.initial.setdefault(
            "positions",
            "\n".join(
                f"{one.organisation.name}：{one.opinion}（{one.legal_basis}）"
                for one in self.case.disputes.select_related("organisation").order_by(
                    "raised_at", "pk"
                )
            )[:1000],
        )


class AccountForm(OfferedForm):
    """事由、已做工作、建议."""

    matter = words(_("事由"))
    work_done = words(_("已做工作"))
    proposal = words(_("处理建议"))


class EscalateForm(AccountForm):
    reason = _choice(_("上呈理由"), Coordination.Reason.choices)
    submit = _("上呈区级")
    intro = _("上呈后处置时限暂停，由区指挥中心协调。")

    field_order = ("reason", "matter", "work_done", "proposal")

    def prepare(self) -> None:
        reasons = Coordination.Reason
        open_to = [reasons.CROSS_STREET]
        if self.actor.role != "street_dispatcher":
            open_to.insert(0, reasons.BEYOND_POWER)
            if self.case.rework_count >= 2:
                open_to.append(reasons.REWORKED_TWICE)
        self.offer("reason", [(one.value, one.label) for one in open_to])


class EscalateToCityForm(AccountForm):
    submit = _("上呈市级")


class EscalateDissatisfiedForm(OpinionForm):
    opinion = words(_("上呈意见"))
    submit = _("上呈区级")
    intro = _("两次返工的记录随案上呈。")


class SendBackForm(OpinionForm):
    opinion = words(_("退回意见"))
    submit, danger = _("退回街道办理"), True


class SendDownDistrictForm(OfferedForm):
    opinion = words(_("交办意见"))
    days = _days(_("交办时限（工作日）"), required=True, help_text="")
    submit = _("市级交办")

    def prepare(self) -> None:
        self.initial.setdefault("days", 2)


class FindingForm(OfferedForm):
    organisation = pick(_("责任单位"))
    legal_basis = words(_("法规依据"), rows=2, most=500)
    opinion = words(_("认定意见"))
    ids = ("organisation",)
    submit = _("责任认定")
    intro = _("只用于考核，不改变案件办理结果。")

    def prepare(self) -> None:
        found = candidates.competent_organisations(self.case, self.case.district)
        self.offer("organisation", [(one.pk, one.name) for one in found])


class ReassignForm(WhistleForm):
    """A whistle by ruling: 裁定书 first, then the lead and the supports."""

    ruling = words(_("裁定意见"), phrases=(_("经研究，本案改由以下单位主办。"),))

    submit: Any = _("裁定改派")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ruling"].error_messages["required"] = gettext("请写明裁定意见。")

    def competent(self) -> list[Organisation]:
        reach = reach_of_ruling(self.case, self.actor)
        return candidates.competent_organisations(self.case, reach)

    def arguments(self) -> dict[str, Any]:
        return {
            "call": self.call(),
            "ruling": self.cleaned_data["ruling"],
            "version": self.cleaned_data["version"],
        }


class DispatchForm(ReassignForm):
    """By the minutes of a meeting, whose number and words are then known, or by a
    ruling; everybody competent in the district (the city) may be called."""

    days = _days(
        _("办理时限（工作日）"),
        required=False,
        help_text=_("不填的，按立案条件的时限。"),
    )

    submit = _("按协调结论派遣")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = (
            self.case.agenda_items.filter(
                taken_off_at=None, is_concluded=False, meeting__status="issued"
            )
            .select_related("meeting")
            .first()
        )
        if self.item is not None:
            self.fields["ruling"].required = False
            self.fields["ruling"].label = _("会议意见")
            self.initial.setdefault("ruling", self.item.ruling)

    def competent(self) -> list[Organisation]:
        in_city = self.case.state == State.CITY_COORD
        reach = self.case.city if in_city else self.case.district
        return candidates.competent_organisations(self.case, reach)

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "days": self.cleaned_data.get("days")}
