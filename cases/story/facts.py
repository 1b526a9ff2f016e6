"""What was given with a step, each key of `Given` by its label and its words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.handling import RESULTS
from cases.actions.reception import DESTINATIONS, REASONS
from cases.actions.requests import DECISIONS
from cases.limits import Limit
from cases.models import (
    CallBack,
    Case,
    CaseLink,
    ComplainantConsent,
    Coordination,
    Dispute,
    Escalation,
    SiteTask,
    Suspension,
    VoidRequest,
    Whistle,
    WhistleAssignment,
)
from cases.models.case import dashed
from cases.workflow import RequestStatus, Stage, WhistleKind, gaps_said
from governance.calendar import Unit

CHANNELS = {
    "portal": gettext_lazy("网页"),
    "phone": gettext_lazy("电话回访"),
    "in_person": gettext_lazy("当面回访"),
    "sms": gettext_lazy("短信回访"),
}


@dataclass
class Names:
    """Names of the ids that the events mention."""

    users: dict[int, str] = field(default_factory=dict)
    conditions: dict[int, str] = field(default_factory=dict)


def facts_of(given: dict[str, Any], by: str, names: Names) -> list[tuple[str, str]]:
    """What was given; not the unit again when it is `by` which acted."""
    found = []
    for key, (label, spell) in FACTS.items():
        value = given.get(key)
        if value is None or value == "" or value == [] or value == by:
            continue
        text = spell(value, names)
        if key == "kind" and given.get("joint"):
            text = Whistle(kind=value, is_joint=True).title
        if text:
            found.append((str(label), text))
    return found


def _text(value: Any, names: Names) -> str:
    return str(value)


def _case_no(value: Any, names: Names) -> str:
    return dashed(str(value))


def _names_of(value: Any, names: Names) -> str:
    return _("、").join(value)


def _label_in(choices: Any) -> Callable[[Any, Names], str]:
    def spell(value: Any, names: Names) -> str:
        return str(choices(value).label) if value in choices.values else ""

    return spell


def _user(value: Any, names: Names) -> str:
    return names.users.get(value, "")


def _condition(value: Any, names: Names) -> str:
    return names.conditions.get(value, "")


def _called(value: Any, names: Names) -> str:
    lines = []
    for one in value:
        role = one.get("role")
        word = WhistleAssignment.Role(role).label if role else ""
        said = _("%(organisation)s：%(task)s") % {
            "organisation": one.get("organisation", ""), "task": one.get("task", ""),
        }  # fmt: skip
        lines.append(f"{word} {said}")
    return _("；").join(lines)


def _opinions(value: Any, names: Names) -> str:
    missing = _("未提交")
    return _("；").join(
        "".join((one.get("organisation", ""), _("："), one.get("opinion") or missing))
        for one in value
    )


def _metres(value: Any, names: Names) -> str:
    return _("%(m)d 米") % {"m": round(value)}


def _late(value: Any, names: Names) -> str:
    return _("报到超时") if value else _("按时报到")


def _late_reply(value: Any, names: Names) -> str:
    return _("逾期") if value else _("按时")


def _yes(value: Any, names: Names) -> str:
    return _("是") if value else _("否")


def _result(value: Any, names: Names) -> str:
    return str({**dict(SiteTask.Result.choices), **RESULTS}.get(value, value))


def _among(words: Mapping[str, Any]) -> Callable[[Any, Names], str]:
    def spell(value: Any, names: Names) -> str:
        return str(words.get(value, value))

    return spell


def _date(value: Any, names: Names) -> str:
    return str(value)[:10]


def _moment(value: Any, names: Names) -> str:
    at = datetime.fromisoformat(value)
    return str(date_format(localtime(at), "Y-m-d H:i"))


def _exempt(value: Any, names: Names) -> str:
    return _("不计超时（申诉通过）") if value else ""


def _suggestion(value: Any, names: Names) -> str:
    lead = value.get("lead") or {}
    contacts = [one["organisation"] for one in value.get("contacts") or []]
    if contacts and not lead:
        return _("%(names)s（包联部门）") % {"names": _("、").join(contacts)}
    return lead.get("organisation") or ""


def _stars(value: Any, names: Names) -> str:
    return _("%(n)d 分") % {"n": value}


def _marked_before(value: Any, names: Names) -> str:
    return _stars(value["score"], names) if value else ""


def _confirmed(value: Any, names: Names) -> str:
    return _("按时补签") if value else _("补签超时")


def _limit(value: Any, names: Names) -> str:
    return Limit(Decimal(value["n"]), Unit(value["unit"])).spoken


def _gaps(value: Any, names: Names) -> str:
    return gaps_said(value)


def _days(value: Any, names: Names) -> str:
    return _("%(n)d 个工作日") % {"n": value}


ALL_REASONS: dict[str, Any] = {
    **REASONS,
    **dict(Dispute.Reason.choices),
    **dict(Dispute.Referral.choices),
    **dict(Coordination.Reason.choices),
}


CHANGED = {
    "category": gettext_lazy("小类"),
    "condition": gettext_lazy("立案条件"),
    "address": gettext_lazy("地址"),
    "point": gettext_lazy("位置"),
    "grid": gettext_lazy("所属网格"),
    "urgent": gettext_lazy("紧急"),
}


def _changes(value: Any, names: Names) -> str:
    def said(one: Any) -> str:
        return _yes(one, names) if isinstance(one, bool) else str(one or "—")

    return _("；").join(
        f"{CHANGED.get(key, key)}{_('：')}{said(before)} → {said(after)}"
        for key, (before, after) in value.items()
    )


FACTS: dict[str, tuple[Any, Callable[[Any, Names], str]]] = {
    "whistle": (gettext_lazy("吹哨单号"), _case_no),
    "kind": (gettext_lazy("哨型"), _label_in(WhistleKind)),
    "called": (gettext_lazy("召集单位"), _called),
    "checkin": (gettext_lazy("报到时限"), _limit),
    "kept": (gettext_lazy("继续协办，不重新起算"), _names_of),
    "condition": (gettext_lazy("立案条件"), _condition),
    "legal_basis": (gettext_lazy("权责清单依据"), _text),
    "suggestion": (gettext_lazy("建议主办"), _suggestion),
    "handler": (gettext_lazy("承办人"), _user),
    "worker": (gettext_lazy("指派网格员"), _user),
    "completed": (gettext_lazy("已补"), _gaps),
    "explained": (gettext_lazy("已说明"), _gaps),
    "gaps": (gettext_lazy("还缺"), _gaps),
    "list_item": (gettext_lazy("依据清单条目"), _text),
    "missing": (gettext_lazy("缺少的信息"), _text),
    "organisation": (gettext_lazy("单位"), _text),
    "mode": (gettext_lazy("报到方式"), _label_in(WhistleAssignment.Mode)),
    "task": (gettext_lazy("任务"), _text),
    "distance_m": (gettext_lazy("距案发点"), _metres),
    "gather_m": (gettext_lazy("距集合点"), _metres),
    "confirmed_in_time": (gettext_lazy("时限"), _confirmed),
    "points": (gettext_lazy("评分"), _stars),
    "mark_before": (gettext_lazy("原评分"), _marked_before),
    "overdue": (gettext_lazy("时限"), _late),
    "remark": (gettext_lazy("说明"), _text),
    "result": (gettext_lazy("结果"), _result),
    "override": (gettext_lazy("协办未办结，不再等待的理由"), _text),
    "supports": (gettext_lazy("协办意见"), _opinions),
    "reason": (gettext_lazy("理由"), _among(ALL_REASONS)),
    "law": (gettext_lazy("法规依据"), _text),
    "suggested": (gettext_lazy("建议承办单位"), _text),
    "positions": (gettext_lazy("各方意见"), _text),
    "work_done": (gettext_lazy("已做工作"), _text),
    "proposal": (gettext_lazy("处理建议"), _text),
    "ruling": (gettext_lazy("裁定书"), _text),
    "minutes": (gettext_lazy("会议纪要"), _text),
    "line": (gettext_lazy("原派单"), _label_in(WhistleAssignment.Status)),
    "days": (gettext_lazy("办理时限"), _days),
    "meeting": (gettext_lazy("联席会议"), _text),
    "order": (gettext_lazy("议题"), _text),
    "void_reason": (gettext_lazy("作废原因"), _label_in(VoidRequest.Reason)),
    "round": (gettext_lazy("第几轮办理"), _text),
    "destination": (gettext_lazy("转往"), _among(DESTINATIONS)),
    "receipt": (gettext_lazy("回执号"), _text),
    "master": (gettext_lazy("主案"), _case_no),
    "merged": (gettext_lazy("并入的案件"), _case_no),
    "split": (gettext_lazy("拆出的案件"), _case_no),
    "confirmed": (gettext_lazy("小类不同，已人工确认"), _yes),
    "closing_met": (gettext_lazy("达到结案条件"), _yes),
    "score": (gettext_lazy("满意程度"), _label_in(Case.Score)),
    "solved": (gettext_lazy("问题是否解决"), _yes),
    "changes": (gettext_lazy("更正"), _changes),
    "link_kind": (gettext_lazy("关系"), _label_in(CaseLink.Kind)),
    "linked": (gettext_lazy("关联的案件"), _case_no),
    "member": (gettext_lazy("成员"), _user),
    "member_role": (gettext_lazy("身份"), _text),
    "channel": (gettext_lazy("评价渠道"), _among(CHANNELS)),
    "method": (gettext_lazy("方式"), _label_in(CallBack.Method)),
    "call_result": (gettext_lazy("回访结果"), _label_in(CallBack.Result)),
    "satisfied": (gettext_lazy("诉求人是否满意"), _yes),
    "call_back": (gettext_lazy("回访记录"), _text),
    "reply": (gettext_lazy("书面答复"), _text),
    "note": (gettext_lazy("说明"), _text),
    "ground": (gettext_lazy("挂账原因"), _label_in(Suspension.Ground)),
    "resume_date": (gettext_lazy("计划恢复日期"), _date),
    "safety_measure": (gettext_lazy("期间安全措施"), _text),
    "special_reason": (gettext_lazy("特批理由"), _text),
    "decision": (gettext_lazy("审核结论"), _among(DECISIONS)),
    "request_status": (gettext_lazy("申请状态"), _label_in(RequestStatus)),
    "reckoned": (gettext_lazy("到期时间"), _moment),
    "due_before": (gettext_lazy("原时限"), _moment),
    "due_after": (gettext_lazy("批准后时限"), _moment),
    "exempt": (gettext_lazy("考核"), _exempt),
    "purpose": (gettext_lazy("用途"), _text),
    "level": (gettext_lazy("预警"), _label_in(Escalation.Level)),
    "trigger": (gettext_lazy("触发"), _label_in(Escalation.Trigger)),
    "stage": (gettext_lazy("环节"), _label_in(Stage)),
    "urging": (gettext_lazy("催办单号"), _case_no),
    "supervision": (gettext_lazy("督办单号"), _text),
    "late_reply": (gettext_lazy("回复"), _late_reply),
    "limit_stage": (gettext_lazy("阶段"), _text),
    "mentioned": (gettext_lazy("提到"), _names_of),
    "origin": (gettext_lazy("来自"), _text),
    "consent": (gettext_lazy("代报同意"), _label_in(ComplainantConsent.Kind)),
}
