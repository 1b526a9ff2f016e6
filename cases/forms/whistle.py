"""The form of a 吹哨单: kind, one lead, any supports, and what each is asked to do."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.actions import Call, Called, checkins
from cases.actions.calls import listed_basis, minutes_limit
from cases.forms.fields import crs_field, degrees_field, position_of
from cases.forms.offered import pick, radio, words
from cases.limits import Limit
from cases.models import Case
from cases.querysets import candidates
from cases.workflow import WhistleKind
from governance.calendar import Unit
from governance.errors import Refused
from governance.forms import MomentField
from governance.numbers import number_of
from parties.acting import Actor
from parties.models import Organisation

TASK_LENGTH = 500
MINUTES = "minutes"
CHECKIN_UNITS = {
    Unit.WORK_HOUR.value: _("工作时"),
    Unit.WORK_DAY.value: _("工作日"),
    MINUTES: _("分钟（应急哨，昼夜连续）"),
}
HINTS = {
    WhistleKind.ROUTINE: _("居民诉求、日常问题，街道自身权限解决不了"),
    WhistleKind.ENFORCEMENT: _("需要部门行使执法权"),
    WhistleKind.EMERGENCY: _("危及生命财产安全、水电气热抢修"),
}


@dataclass(frozen=True)
class SupportRow:
    """A line of the list of supports; `task` is kept as typed."""

    organisation: Organisation
    chosen: bool
    task: str
    is_suggested: bool
    is_contact: bool
    load: candidates.Workload
    error: str


class WhistleForm(forms.Form):
    """`supports` are ids; the task of support 7 comes as `task_7`."""

    beside = "task_"

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    kind = radio(_("哨型"), ())
    condition = pick(_("立案条件"))
    lead = pick(_("主办单位"))
    lead_task = words(
        _("主办任务"),
        phrases=(_("到现场核实并依法处置"), _("组织力量抢修，恢复正常")),
        help_text=_("写清要做什么、做到什么程度。"),
        most=TASK_LENGTH,
    )
    supports = forms.TypedMultipleChoiceField(
        label=_("协办单位"), coerce=int, required=False, choices=()
    )
    legal_basis = forms.CharField(
        label=_("权责清单依据"),
        max_length=500,
        required=False,
        help_text=_("写明清单条目或法规条款；应急哨可不填，由系统写明先行处置。"),
    )
    checkin_n = forms.DecimalField(
        label=_("报到时限"),
        required=False,
        min_value=0,
        max_digits=6,
        decimal_places=1,
        help_text=_("不填的，按哨型的时限。"),
        error_messages={"invalid": _("请填写数字。")},
    )
    checkin_unit = forms.ChoiceField(
        label=_("报到时限单位"),
        required=False,
        choices=[("", _("请选择")), *CHECKIN_UNITS.items()],
    )
    risk = words(
        _("风险说明"),
        required=False,
        rows=2,
        most=500,
        help_text=_("应急哨必填：危及什么。"),
    )
    gather_place = forms.CharField(label=_("集合地点"), max_length=200, required=False)
    gather_at = MomentField(label=_("集合时间"), required=False)
    requires_presence = forms.BooleanField(
        label=_("要求到场"),
        required=False,
        help_text=_("勾选后，线上报到的单位须写明不能到场的原因。"),
    )
    lng = degrees_field(_("集合点经度"))
    lat = degrees_field(_("集合点纬度"))
    crs = crs_field()

    def __init__(
        self, *args: Any, case: Case, actor: Actor, at: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.actor = case, actor
        self.chosen: list[int] = []
        self.contacts = {
            one.organisation_id: one.area.name
            for one in reversed(candidates.contact_departments(case, at))
        }
        found = self.competent()
        self.organisations = _ranked(found, case, self.contacts)
        self.loads = candidates.workloads([one.pk for one in found], at)
        names = [(one.pk, one.name) for one in self.organisations]
        conditions = list(candidates.filing_conditions(case))
        self._offer("kind", list(_kinds()))
        self._offer(
            "condition",
            [(one.pk, f"{one.text}（{one.limit_text}）") for one in conditions],
            empty=len(conditions) != 1,
        )
        self._offer(
            "lead",
            [(one.pk, self._lead_label(one)) for one in self.organisations],
            empty=True,
        )
        self._offer("supports", names)
        for name in ("kind", "condition", "lead", "lead_task"):
            field = self.fields[name]
            written = name == "lead_task"
            asked = _("请填写%(label)s。") if written else _("请选择%(label)s。")
            field.error_messages["required"] = asked % {"label": field.label}
            field.error_messages["invalid_choice"] = _("请重新选择。")

    def competent(self) -> list[Organisation]:
        """Whom it may call."""
        return candidates.competent_organisations(self.case)

    def _offer(
        self, name: str, choices: list[tuple[Any, Any]], *, empty: bool = False
    ) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [("", _("请选择")), *choices] if empty else choices

    def _lead_label(self, organisation: Organisation) -> str:
        """区城管局（包联部门，在办 3 件）: why it is offered, and what it has to do."""
        reasons: list[Any] = []
        if organisation.pk in self.contacts:
            reasons.append(_("包联部门"))
        if organisation.pk in _suggested(self.case, "lead"):
            reasons.append(_("权责清单建议"))
        load = self.loads.get(organisation.pk)
        if load is not None and load.open:
            reasons.append(_("在办 %(n)d 件") % {"n": load.open})
            if load.overdue:
                reasons.append(_("超时 %(n)d 件") % {"n": load.overdue})
        if not reasons:
            return organisation.name
        why = _("，").join(str(one) for one in reasons)
        return _("%(name)s（%(why)s）") % {"name": organisation.name, "why": why}

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        self._check_leads()
        if given.get("checkin_n") is not None and not given.get("checkin_unit"):
            self.add_error("checkin_unit", _("请选择报到时限的单位。"))
        if (given.get("lng") is None) != (given.get("lat") is None):
            self.add_error("lng", _("集合点的经度和纬度要一起填写，或都不填。"))
        else:
            try:
                given["gather_point"] = position_of(given)
            except Refused as refused:
                self.add_error("lng", str(refused))
        chosen = self.chosen = given.get("supports") or []
        if any(not self.task_of(pk) for pk in chosen):
            self.add_error("supports", _("请写明每个协办单位的任务。"))
        if any(len(self.task_of(pk)) > TASK_LENGTH for pk in chosen):
            self.add_error("supports", _("任务最多 500 字，请精简。"))
        return given

    def _check_leads(self) -> None:
        """A select gives one; of several sent by hand none is chosen for the sender."""
        sent = self.data.getlist("lead")  # type: ignore[attr-defined]
        if (n := len([one for one in sent if one])) > 1:
            wrong = _("主办单位必须有且只有一个，现在是 %(n)d 个。")
            self.add_error("lead", wrong % {"n": n})

    def task_of(self, organisation_id: int) -> str:
        return str(self.data.get(f"task_{organisation_id}", "")).strip()

    def rows(self) -> list[SupportRow]:
        """Every competent organisation with what was ticked and typed."""
        suggested = _suggested(self.case, "supports")
        given = self["supports"].value() or []
        chosen = set(map(number_of, given))
        return [
            SupportRow(
                organisation=one,
                chosen=one.pk in chosen,
                task=self.task_of(one.pk),
                is_suggested=one.pk in suggested,
                is_contact=one.pk in self.contacts,
                load=self.loads.get(one.pk, candidates.Workload()),
                error=self._fault_of(one.pk) if one.pk in chosen else "",
            )
            for one in self.organisations
        ]

    def _fault_of(self, organisation_id: int) -> str:
        """What is wrong with the task of one support, as far as it was sent."""
        n = len(self.task_of(organisation_id))
        if not self.is_bound or 0 < n <= TASK_LENGTH:
            return ""
        return str(_("任务最多 500 字，请精简。") if n else _("请写明任务。"))

    def has_faulty_task(self) -> bool:
        """Then that row is marked, and not all of them."""
        return any(row.error for row in self.rows())

    def call(self) -> Call:
        """What the whistle says, of whatever is clean so far."""
        given = self.cleaned_data
        called = []
        if given.get("lead"):
            called.append(Called(given["lead"], "lead", given.get("lead_task", "")))
        for pk in self.chosen:  # also those whose task is not written yet
            called.append(Called(pk, "support", self.task_of(pk)))
        return Call(
            kind=given.get("kind", ""),
            called=tuple(called),
            condition_id=given.get("condition"),
            legal_basis=given.get("legal_basis", ""),
            risk=given.get("risk", ""),
            gather_place=given.get("gather_place", ""),
            gather_at=given.get("gather_at"),
            gather_point=given.get("gather_point"),
            requires_presence=given.get("requires_presence", False),
            checkin=_limit(given.get("checkin_n"), given.get("checkin_unit", "")),
        )

    def refuse(self, field: str | None, sentence: str) -> None:
        """Put the sentence of a Refused at the field it concerns."""
        place = "lead_task" if field == "task" else field
        self.add_error(place if place in self.fields else None, sentence)


def first_values(case: Case, at: datetime) -> dict[str, Any]:
    """What the responsibility list and the case suggest before anybody types."""
    lead = case.suggestion.get("lead") or {}
    return {
        "version": case.version,
        "kind": WhistleKind.EMERGENCY if case.urgent else WhistleKind.ROUTINE,
        "condition": case.condition_id or case.suggestion.get("condition_id"),
        "lead": lead.get("organisation_id"),
        "lead_task": "",
        "supports": sorted(_suggested(case, "supports")),
        "legal_basis": listed_basis(case),
        "gather_place": "",
        "gather_at": None,
        "at": timezone.localtime(at),
    }


def _limit(n: Decimal | None, unit: str) -> Limit | None:
    if n is None or not unit:
        return None
    return minutes_limit(n) if unit == MINUTES else Limit(n, Unit(unit))


def _kinds() -> Iterable[tuple[str, str]]:
    for kind in WhistleKind:
        yield kind.value, f"{kind.label}"


def kind_notes() -> dict[str, str]:
    """For each kind, when it is used and how fast to report for duty."""
    return {
        kind.value: _("%(hint)s；%(limit)s内报到")
        % {"hint": HINTS[kind], "limit": checkins.checkin_limit_of(kind).spoken}
        for kind in WhistleKind
    }


def _suggested(case: Case, role: str) -> set[int]:
    found = case.suggestion.get(role) or []
    lines = [found] if isinstance(found, dict) else found
    return {one["organisation_id"] for one in lines if one.get("organisation_id")}


def _ranked(
    organisations: list[Organisation], case: Case, contacts: Container[int]
) -> list[Organisation]:
    """包联部门 first (DOMAIN A.2, S3-10), then those of the responsibility list."""
    lead, supports = _suggested(case, "lead"), _suggested(case, "supports")
    return sorted(
        organisations,
        key=lambda one: (
            one.pk not in contacts, one.pk not in lead, one.pk not in supports,
        ),
    )  # fmt: skip
