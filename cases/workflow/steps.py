"""What people do, who may do it, and the shape of a row of the table (DOMAIN C.3)."""

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from cases.workflow.states import Stage, State


class Action(TextChoices):
    """What people do; the same word in action, URL, template and journal."""

    REPORT = "report", _("上报")
    RESOLVE_ON_SPOT = "resolve_on_spot", _("即报即结")
    SELF_RESOLVE = "self_resolve", _("网格自办")
    FINISH_SELF = "finish_self", _("自办完成")
    APPROVE_SELF = "approve_self", _("审核通过")
    RETURN_SELF = "return_self", _("退回重办")
    HAND_UP = "hand_up", _("转报社区")
    SEND_TO_VERIFY = "send_to_verify", _("发核实")
    SUBMIT_VERIFICATION = "submit_verification", _("核实反馈")
    ACCEPT = "accept", _("社区接报自办")
    RAISE_TO_STREET = "raise_to_street", _("上呈街道")
    REJECT = "reject", _("不予受理")
    MERGE = "merge", _("并案")
    TRANSFER = "transfer", _("转出")
    SUBMIT_RESULT = "submit_result", _("办结提交")
    SEND_DOWN = "send_down", _("退回社区办理")
    HANDLE_AT_STREET = "handle_at_street", _("街道自办")
    WHISTLE = "whistle", _("吹哨")
    CHECK_IN = "check_in", _("主办报到")
    FEED_BACK = "feed_back", _("主办反馈")
    SEND_TO_CHECK = "send_to_check", _("审核通过·发核查")
    RETURN_RESULT = "return_result", _("审核退回")
    CONFIRM_CHECK = "confirm_check", _("核查通过")
    REWORK = "rework", _("核查不通过·返工")
    RATE = "rate", _("评价结案")
    REWORK_AFTER_RATING = "rework_after_rating", _("不满意·返工")
    CLOSE_DESPITE = "close_despite", _("不满意·认定结案")
    ARCHIVE = "archive", _("归档")
    RECONSIDER = "reconsider", _("复核受理")
    SPLIT = "split", _("拆案")
    REOPEN = "reopen", _("重开")
    VOID = "void", _("作废")
    WITHDRAW = "withdraw", _("诉求人撤回")
    ESCALATE_TO_DISTRICT = "escalate_to_district", _("上呈区级")
    DISPUTE = "dispute", _("提出异议")
    REASSIGN = "reassign", _("裁定改派")
    UPHOLD = "uphold", _("裁定维持")
    TAKE_OVER = "take_over", _("裁定街道兜底")
    REFER_TO_DISTRICT = "refer_to_district", _("提请区级协调")
    DISPATCH_BY_RULING = "dispatch_by_ruling", _("协调结论派遣")
    SEND_BACK_TO_STREET = "send_back_to_street", _("退回街道办理")
    ESCALATE_TO_CITY = "escalate_to_city", _("上呈市级")
    SEND_DOWN_TO_DISTRICT = "send_down_to_district", _("市级交办")
    ESCALATE_DISSATISFIED = "escalate_dissatisfied", _("二次不满意上呈")
    SUSPEND = "suspend", _("批准挂账")
    RESUME_HANDLING = "resume_handling", _("恢复办理")


class By:
    """How a person must stand to the case, besides the role."""

    AREA = "area"  # the posting's area contains the case
    HOLDER = "holder"  # the person who has the case in hand
    UNIT = "unit"  # the unit that has the case in hand
    LEAD = "lead"  # the lead organisation of the whistle
    SYSTEM = "system"  # the platform itself
    COMPLAINANT = "complainant"  # the resident who asked
    ANYONE = "anyone"


@dataclass(frozen=True)
class Who:
    role: str
    by: str = By.AREA


GRID = (Who("grid_worker"), Who("grid_leader"))
FINDERS = (
    *(Who(role, By.ANYONE) for role in (
        "grid_worker", "grid_leader", "micro_grid_leader", "grid_force",
        "community_acceptor", "hotline_agent", "department_liaison", "resident",
        "device")),
)  # fmt: skip
COMMUNITY = (Who("community_acceptor"),)
COMMUNITY_LEADER = (Who("community_leader"),)
STREET = (Who("street_acceptor"),)
DISPATCH = (Who("street_dispatcher"),)
SHIFT = (Who("street_shift_head"),)
STREET_LEADER = (Who("street_leader"),)
DISTRICT = (Who("district_command"),)
DISTRICT_DIRECTOR = (Who("district_director"),)
CITY = (Who("city_command"),)
# Who answers a whistle for a called organisation: a department's people, a station's,
# and those of a street office that is called across a street's border (DOMAIN F10).
CALLED = (
    "department_liaison", "department_handler", "street_handler",
    "street_dispatcher", "street_shift_head",
)  # fmt: skip
DEPARTMENT = tuple(Who(role, By.LEAD) for role in CALLED)
DISPUTER = (Who("department_liaison", By.LEAD), Who("street_handler", By.LEAD))
SYSTEM = (Who("system", By.SYSTEM),)


@dataclass(frozen=True)
class Guard:
    """A condition on case and actor; `sentence` is what the refused person reads.

    `unless` names what the person may give with the step instead: then the step is
    offered, and refused at that field when it stays empty. `more` adds to the sentence
    what only this case can say.
    """

    name: str
    sentence: Any
    holds: Callable[[Any, Any], bool]
    unless: str = ""
    more: Callable[[Any], str] | None = None

    def said(self, case: Any) -> str:
        return f"{self.sentence}{self.more(case) if self.more else ''}"

    def admits(self, case: Any, actor: Any, given: Container[str] = ()) -> bool:
        """Whether it lets the step through with what was given."""
        return self.unless in given or self.holds(case, actor)

    def may_admit(self, case: Any, actor: Any) -> bool:
        """Whether it lets the step through, at least with something given."""
        return bool(self.unless) or self.holds(case, actor)


RESUME = "RESUME"  # target: the handling state the case came from


def start(stage: Stage) -> tuple[str, Stage]:
    return ("start", stage)


def stop(stage: Stage) -> tuple[str, Stage]:
    return ("stop", stage)


def pause(stage: Stage) -> tuple[str, Stage]:
    return ("pause", stage)


def resume(stage: Stage) -> tuple[str, Stage]:
    """Go on with what is left; a clock that never ran is started."""
    return ("resume", stage)


def release(stage: Stage) -> tuple[str, Stage]:
    """Go on with a clock that was paused; one that was stopped stays so."""
    return ("release", stage)


def pass_on(stage: Stage) -> tuple[str, Stage]:
    """The same unit goes on with what is left, another gets the full limit (DOMAIN
    C.4, rule 5)."""
    return ("pass_on", stage)


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One row of DOMAIN C.3.

    `needs` are names of what must be given, `clocks` the operations in order, `tell`
    the circles of people told by the notify handler (`cases.actions.telling`).
    """

    id: str
    action: Action
    sources: tuple[State, ...]
    target: State | str
    who: tuple[Who, ...]
    needs: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    clocks: tuple[tuple[str, Stage], ...] = ()
    tell: tuple[str, ...] = ()
