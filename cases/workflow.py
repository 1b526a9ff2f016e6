"""The way of a case: its states, its clocks and the one table of transitions.

Source: DOMAIN C.2–C.4. Pure data and pure functions: no queries, no Django models.
The buttons a person sees, the API's list of allowed actions and the actions themselves
all ask `find` and `allowed`; nothing else decides a next state. To add a step, add a
row here and an action in `cases.actions` that names it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from cases.limits import Limit
from governance.calendar import Unit
from governance.errors import Refused


class State(TextChoices):
    DRAFT = "DRAFT", _("草稿")
    REPORTED = "REPORTED", _("待接报")
    VERIFYING = "VERIFYING", _("核实中")
    SELF_HANDLING = "SELF_HANDLING", _("网格自办中")
    SELF_REVIEW = "SELF_REVIEW", _("自办待审")
    COMMUNITY_HANDLING = "COMMUNITY_HANDLING", _("社区处置中")
    STREET_PENDING = "STREET_PENDING", _("待街道研判")
    STREET_HANDLING = "STREET_HANDLING", _("街道处置中")
    WHISTLED = "WHISTLED", _("已吹哨·待报到")
    JOINT_HANDLING = "JOINT_HANDLING", _("部门处置中")
    DISPUTED = "DISPUTED", _("争议裁定中")
    DISTRICT_COORD = "DISTRICT_COORD", _("区级协调中")
    CITY_COORD = "CITY_COORD", _("市级协调中")
    SUSPENDED = "SUSPENDED", _("挂账中")
    FEEDBACK_REVIEW = "FEEDBACK_REVIEW", _("反馈待审")
    CHECKING = "CHECKING", _("核查中")
    RATING = "RATING", _("待评价")
    CLOSED = "CLOSED", _("已结案")
    ARCHIVED = "ARCHIVED", _("已归档")
    REJECTED = "REJECTED", _("不予受理")
    MERGED = "MERGED", _("已并案")
    TRANSFERRED = "TRANSFERRED", _("已转出")
    VOIDED = "VOIDED", _("已作废")


S = State

OPEN_STATES = (
    S.REPORTED, S.VERIFYING, S.SELF_HANDLING, S.SELF_REVIEW, S.COMMUNITY_HANDLING,
    S.STREET_PENDING, S.STREET_HANDLING, S.WHISTLED, S.JOINT_HANDLING, S.DISPUTED,
    S.DISTRICT_COORD, S.CITY_COORD, S.SUSPENDED, S.FEEDBACK_REVIEW, S.CHECKING,
    S.RATING,
)  # fmt: skip
HANDLING_STATES = (S.COMMUNITY_HANDLING, S.STREET_HANDLING, S.JOINT_HANDLING)

# The four stages people speak of, and the one each state belongs to.
JOURNEY = (
    (_("网格发现"), (S.DRAFT, S.SELF_HANDLING, S.SELF_REVIEW)),
    (_("社区接报"), (S.REPORTED, S.VERIFYING, S.COMMUNITY_HANDLING)),
    (_("街道吹哨"), (S.STREET_PENDING, S.STREET_HANDLING, S.WHISTLED)),
    (_("部门报到"), (S.JOINT_HANDLING, S.DISPUTED, S.DISTRICT_COORD, S.CITY_COORD,
                 S.SUSPENDED)),
    (_("核查评价"), (S.FEEDBACK_REVIEW, S.CHECKING, S.RATING)),
    (_("结案归档"), (S.CLOSED, S.ARCHIVED)),
)  # fmt: skip


class Stage(TextChoices):
    """The clocks of DOMAIN C.4."""

    ACCEPT = "ACCEPT", _("接报")
    VERIFY = "VERIFY", _("核实")
    JUDGE = "JUDGE", _("研判")
    CHECKIN = "CHECKIN", _("报到")
    HANDLE = "HANDLE", _("处置")
    REVIEW = "REVIEW", _("审核")
    CHECK = "CHECK", _("核查")
    RATING_WINDOW = "RATING_WINDOW", _("评价期")
    OBJECTION_WINDOW = "OBJECTION_WINDOW", _("异议期")
    ARCHIVE_AFTER = "ARCHIVE_AFTER", _("归档等待")


def _limit(n: int | str, unit: Unit) -> Limit:
    return Limit(Decimal(n), unit)


# Data, not law: every default may be overridden by a StageLimit.
DEFAULT_LIMITS: dict[tuple[Stage, bool], Limit] = {
    (Stage.ACCEPT, False): _limit(2, Unit.WORK_HOUR),
    (Stage.ACCEPT, True): _limit("0.5", Unit.URGENT_HOUR),
    (Stage.VERIFY, False): _limit(4, Unit.WORK_HOUR),
    (Stage.VERIFY, True): _limit("0.5", Unit.URGENT_HOUR),
    (Stage.JUDGE, False): _limit(4, Unit.WORK_HOUR),
    (Stage.JUDGE, True): _limit("0.25", Unit.URGENT_HOUR),
    (Stage.HANDLE, False): _limit(5, Unit.WORK_DAY),
    (Stage.HANDLE, True): _limit(2, Unit.URGENT_HOUR),
    (Stage.REVIEW, False): _limit(4, Unit.WORK_HOUR),
    (Stage.CHECK, False): _limit(4, Unit.WORK_HOUR),
    (Stage.RATING_WINDOW, False): _limit(5, Unit.NATURAL_DAY),
    (Stage.OBJECTION_WINDOW, False): _limit(7, Unit.NATURAL_DAY),
    (Stage.ARCHIVE_AFTER, False): _limit(7, Unit.NATURAL_DAY),
}


class WhistleKind(TextChoices):
    ROUTINE = "routine", _("日常哨")
    ENFORCEMENT = "enforcement", _("执法哨")
    EMERGENCY = "emergency", _("应急哨")


CHECKIN_LIMITS: dict[WhistleKind, Limit] = {
    WhistleKind.ROUTINE: _limit(1, Unit.WORK_DAY),
    WhistleKind.ENFORCEMENT: _limit(4, Unit.WORK_HOUR),
    WhistleKind.EMERGENCY: _limit("0.5", Unit.URGENT_HOUR),
}


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
        "grid_worker", "grid_leader", "micro_grid_leader", "community_acceptor",
        "hotline_agent", "department_liaison", "resident")),
)  # fmt: skip
COMMUNITY = (Who("community_acceptor"),)
COMMUNITY_LEADER = (Who("community_leader"),)
STREET = (Who("street_acceptor"),)
DISPATCH = (Who("street_dispatcher"),)
SHIFT = (Who("street_shift_head"),)
STREET_LEADER = (Who("street_leader"),)
DEPARTMENT = (Who("department_liaison", By.LEAD), Who("department_handler", By.LEAD))
SYSTEM = (Who("system", By.SYSTEM),)


@dataclass(frozen=True)
class Guard:
    """A condition on case and actor; `sentence` is what the refused person reads."""

    name: str
    sentence: Any
    holds: Callable[[Any, Any], bool]


SELF_RESOLVABLE = Guard(
    "self_resolvable", _("这个小类不允许网格自办，请转报社区。"),
    lambda case, actor: case.category.self_resolvable,
)  # fmt: skip
NOT_URGENT = Guard(
    "not_urgent", _("紧急案件不能走这一步，请按应急流程办理。"),
    lambda case, actor: not case.urgent,
)  # fmt: skip
NO_COMPLAINANT = Guard(
    "no_complainant", _("本案有诉求人，须先请诉求人评价。"),
    lambda case, actor: not case.has_complainant,
)  # fmt: skip
HAS_COMPLAINANT = Guard(
    "has_complainant", _("本案没有诉求人，请直接结案。"),
    lambda case, actor: case.has_complainant,
)  # fmt: skip
NOT_THE_DOER = Guard(
    "not_the_doer", _("办理人不能审核、核查自己办理的案件，请由他人办理。"),
    lambda case, actor: actor.user_id is None or actor.user_id != case.doer_id,
)  # fmt: skip
CHECK_PASSED = Guard(
    "check_passed", _("核查员尚未提交“通过”的核查结论。"),
    lambda case, actor: case.check_result == "passed",
)  # fmt: skip
CHECK_SUBMITTED = Guard(
    "check_submitted", _("核查员尚未提交核查结论。"),
    lambda case, actor: case.check_result != "",
)  # fmt: skip
DISSATISFIED = Guard(
    "dissatisfied", _("诉求人没有评价“不满意”。"),
    lambda case, actor: case.last_score == "dissatisfied",
)  # fmt: skip
REWORK_LEFT = Guard(
    "rework_left", _("已返工两次，不能再次返工，请呈值班领导认定。"),
    lambda case, actor: case.rework_count < 2,
)  # fmt: skip
COMMUNITY_CASE = Guard(
    "community_case", _("这是街道办理的案件，由街道受理员审核。"),
    lambda case, actor: case.resume_state == S.COMMUNITY_HANDLING,
)  # fmt: skip
STREET_CASE = Guard(
    "street_case", _("这是社区办理的案件，由社区负责人审核。"),
    lambda case, actor: case.resume_state != S.COMMUNITY_HANDLING,
)  # fmt: skip

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


C = Stage
A = Action
T = Transition

TRANSITIONS: tuple[Transition, ...] = (
    T(id="T01", action=A.REPORT, sources=(S.DRAFT,), target=S.REPORTED, who=FINDERS,
      needs=("category", "description", "point", "address", "photos"),
      clocks=(start(C.ACCEPT),), tell=("community_desk",)),
    T(id="T02", action=A.RESOLVE_ON_SPOT, sources=(S.DRAFT,), target=S.SELF_REVIEW,
      who=(Who("grid_worker", By.ANYONE),),
      needs=("photos_before", "photos_after", "measures"), guards=(SELF_RESOLVABLE,),
      clocks=(start(C.HANDLE), stop(C.HANDLE), start(C.REVIEW)),
      tell=("community_desk",)),
    T(id="T03", action=A.SELF_RESOLVE, sources=(S.REPORTED,), target=S.SELF_HANDLING,
      who=GRID, guards=(SELF_RESOLVABLE, NOT_URGENT),
      clocks=(stop(C.ACCEPT), start(C.HANDLE)), tell=("community_desk",)),
    T(id="T04", action=A.FINISH_SELF, sources=(S.SELF_HANDLING,), target=S.SELF_REVIEW,
      who=(Who("grid_worker", By.HOLDER), Who("grid_leader", By.HOLDER)),
      needs=("measures", "photos_after"),
      clocks=(stop(C.HANDLE), start(C.REVIEW)), tell=("community_desk",)),
    T(id="T05", action=A.APPROVE_SELF, sources=(S.SELF_REVIEW,), target=S.CLOSED,
      who=COMMUNITY, needs=("opinion",), guards=(NOT_THE_DOER, NO_COMPLAINANT),
      clocks=(stop(C.REVIEW), start(C.ARCHIVE_AFTER)), tell=("reporter",)),
    T(id="T06", action=A.APPROVE_SELF, sources=(S.SELF_REVIEW,), target=S.RATING,
      who=COMMUNITY, needs=("opinion",), guards=(NOT_THE_DOER, HAS_COMPLAINANT),
      clocks=(stop(C.REVIEW), start(C.RATING_WINDOW)), tell=("reporter",)),
    T(id="T07", action=A.RETURN_SELF, sources=(S.SELF_REVIEW,), target=S.SELF_HANDLING,
      who=COMMUNITY, needs=("opinion",), guards=(NOT_THE_DOER,),
      clocks=(stop(C.REVIEW), resume(C.HANDLE)), tell=("holder",)),
    T(id="T08", action=A.HAND_UP, sources=(S.SELF_HANDLING,), target=S.REPORTED,
      who=(Who("grid_worker", By.HOLDER), Who("grid_leader", By.HOLDER)),
      needs=("opinion",), clocks=(pause(C.HANDLE), start(C.ACCEPT)),
      tell=("community_desk",)),
    T(id="T09", action=A.SEND_TO_VERIFY, sources=(S.REPORTED,), target=S.VERIFYING,
      who=COMMUNITY + STREET, needs=("worker", "opinion"),
      clocks=(pause(C.ACCEPT), start(C.VERIFY)), tell=("holder",)),
    T(id="T10", action=A.SUBMIT_VERIFICATION, sources=(S.VERIFYING,),
      target=S.REPORTED,
      who=(Who("grid_worker", By.HOLDER), Who("grid_leader", By.HOLDER)),
      needs=("result", "opinion"), clocks=(stop(C.VERIFY), resume(C.ACCEPT)),
      tell=("community_desk",)),
    T(id="T11", action=A.ACCEPT, sources=(S.REPORTED,), target=S.COMMUNITY_HANDLING,
      who=COMMUNITY, needs=("handler", "condition"),
      clocks=(stop(C.ACCEPT), resume(C.HANDLE)), tell=("holder", "reporter")),
    T(id="T12", action=A.RAISE_TO_STREET, sources=(S.REPORTED,),
      target=S.STREET_PENDING, who=COMMUNITY + SYSTEM, needs=("opinion",),
      clocks=(stop(C.ACCEPT), start(C.JUDGE)),
      tell=("street_command", "reporter", "informed_if_urgent")),
    T(id="T13", action=A.REJECT, sources=(S.REPORTED,), target=S.REJECTED,
      who=COMMUNITY, needs=("reason", "opinion"),
      clocks=(stop(C.ACCEPT), stop(C.HANDLE), start(C.OBJECTION_WINDOW)),
      tell=("reporter", "street_command")),
    T(id="T14", action=A.MERGE, sources=(S.REPORTED, S.STREET_PENDING),
      target=S.MERGED, who=COMMUNITY + STREET, needs=("master", "opinion"),
      clocks=(stop(C.ACCEPT), stop(C.JUDGE), stop(C.HANDLE)), tell=("reporter",)),
    T(id="T15", action=A.TRANSFER, sources=(S.REPORTED, S.STREET_PENDING),
      target=S.TRANSFERRED, who=COMMUNITY + STREET,
      needs=("destination", "receipt", "opinion"),
      clocks=(stop(C.ACCEPT), stop(C.JUDGE), stop(C.HANDLE)), tell=("reporter",)),
    T(id="T16", action=A.SUBMIT_RESULT, sources=(S.COMMUNITY_HANDLING,),
      target=S.FEEDBACK_REVIEW,
      who=(Who("community_handler", By.UNIT), Who("community_acceptor", By.UNIT),
           Who("grid_worker", By.HOLDER)),
      needs=("result", "measures", "photos_after"),
      clocks=(stop(C.HANDLE), start(C.REVIEW)), tell=("community_leader",)),
    T(id="T17", action=A.RAISE_TO_STREET, sources=(S.COMMUNITY_HANDLING,),
      target=S.STREET_PENDING, who=COMMUNITY, needs=("opinion",),
      clocks=(pause(C.HANDLE), start(C.JUDGE)), tell=("street_command", "reporter")),
    T(id="T18", action=A.SEND_DOWN, sources=(S.STREET_PENDING,),
      target=S.COMMUNITY_HANDLING, who=DISPATCH, needs=("opinion", "condition"),
      clocks=(stop(C.JUDGE), resume(C.HANDLE)), tell=("community_desk",)),
    T(id="T19", action=A.HANDLE_AT_STREET, sources=(S.STREET_PENDING,),
      target=S.STREET_HANDLING, who=DISPATCH, needs=("organisation", "condition"),
      clocks=(stop(C.JUDGE), start(C.HANDLE)), tell=("unit",)),
    T(id="T20", action=A.WHISTLE, sources=(S.STREET_PENDING, S.STREET_HANDLING),
      target=S.WHISTLED, who=DISPATCH + SHIFT + STREET_LEADER + SYSTEM,
      needs=("kind", "lead", "task", "legal_basis", "condition"),
      clocks=(stop(C.JUDGE), start(C.HANDLE), start(C.CHECKIN)),
      tell=("departments", "community_desk", "grid_workers")),
    T(id="T21", action=A.REJECT, sources=(S.STREET_PENDING,), target=S.REJECTED,
      who=SHIFT, needs=("reason", "opinion"),
      clocks=(stop(C.JUDGE), stop(C.HANDLE), start(C.OBJECTION_WINDOW)),
      tell=("reporter", "community_desk")),
    T(id="T23", action=A.SUBMIT_RESULT, sources=(S.STREET_HANDLING,),
      target=S.FEEDBACK_REVIEW, who=(Who("street_handler", By.UNIT),),
      needs=("result", "measures", "photos_after"),
      clocks=(stop(C.HANDLE), start(C.REVIEW)), tell=("street_command",)),
    T(id="T24", action=A.CHECK_IN, sources=(S.WHISTLED,), target=S.JOINT_HANDLING,
      who=DEPARTMENT, needs=("mode",), clocks=(stop(C.CHECKIN),),
      tell=("street_command", "community_desk", "grid_workers")),
    T(id="T36", action=A.FEED_BACK, sources=(S.JOINT_HANDLING,),
      target=S.FEEDBACK_REVIEW, who=DEPARTMENT,
      needs=("result", "measures", "photos_after"),
      clocks=(stop(C.HANDLE), start(C.REVIEW)), tell=("street_command",)),
    T(id="T37", action=A.SEND_TO_CHECK, sources=(S.FEEDBACK_REVIEW,),
      target=S.CHECKING, who=COMMUNITY_LEADER, needs=("worker", "opinion"),
      guards=(COMMUNITY_CASE, NOT_THE_DOER),
      clocks=(stop(C.REVIEW), start(C.CHECK)), tell=("holder",)),
    T(id="T37", action=A.SEND_TO_CHECK, sources=(S.FEEDBACK_REVIEW,),
      target=S.CHECKING, who=STREET, needs=("worker", "opinion"),
      guards=(STREET_CASE, NOT_THE_DOER),
      clocks=(stop(C.REVIEW), start(C.CHECK)), tell=("holder",)),
    T(id="T38", action=A.RETURN_RESULT, sources=(S.FEEDBACK_REVIEW,), target=RESUME,
      who=COMMUNITY_LEADER, needs=("opinion",), guards=(COMMUNITY_CASE, NOT_THE_DOER),
      clocks=(stop(C.REVIEW), resume(C.HANDLE)), tell=("holder", "unit")),
    T(id="T38", action=A.RETURN_RESULT, sources=(S.FEEDBACK_REVIEW,), target=RESUME,
      who=STREET, needs=("opinion",), guards=(STREET_CASE, NOT_THE_DOER),
      clocks=(stop(C.REVIEW), resume(C.HANDLE)), tell=("holder", "unit")),
    T(id="T39", action=A.CONFIRM_CHECK, sources=(S.CHECKING,), target=S.RATING,
      who=STREET, needs=("opinion",),
      guards=(CHECK_PASSED, NOT_THE_DOER, HAS_COMPLAINANT),
      clocks=(stop(C.CHECK), start(C.RATING_WINDOW)), tell=("reporter",)),
    T(id="T40", action=A.CONFIRM_CHECK, sources=(S.CHECKING,), target=S.CLOSED,
      who=STREET + SHIFT, needs=("opinion", "closing_met"),
      guards=(CHECK_PASSED, NOT_THE_DOER, NO_COMPLAINANT),
      clocks=(stop(C.CHECK), start(C.ARCHIVE_AFTER)), tell=("reporter", "unit")),
    T(id="T41", action=A.REWORK, sources=(S.CHECKING,), target=RESUME, who=STREET,
      needs=("opinion",), guards=(CHECK_SUBMITTED, NOT_THE_DOER),
      clocks=(stop(C.CHECK), resume(C.HANDLE)), tell=("holder", "unit", "unit_leader")),
    T(id="T42", action=A.RATE, sources=(S.RATING,), target=S.CLOSED,
      who=(Who("resident", By.COMPLAINANT), *SYSTEM), needs=("score",),
      clocks=(stop(C.RATING_WINDOW), start(C.ARCHIVE_AFTER)), tell=("unit",)),
    T(id="T43", action=A.REWORK_AFTER_RATING, sources=(S.RATING,), target=RESUME,
      who=STREET, needs=("opinion", "call_back"), guards=(DISSATISFIED, REWORK_LEFT),
      clocks=(stop(C.RATING_WINDOW), resume(C.HANDLE)),
      tell=("holder", "unit", "unit_leader")),
    T(id="T44", action=A.CLOSE_DESPITE, sources=(S.RATING,), target=S.CLOSED,
      who=STREET_LEADER, needs=("opinion", "reply"), guards=(DISSATISFIED,),
      clocks=(stop(C.RATING_WINDOW), start(C.ARCHIVE_AFTER)), tell=("reporter",)),
    T(id="T46", action=A.ARCHIVE, sources=(S.CLOSED,), target=S.ARCHIVED,
      who=(*SYSTEM, Who("archivist")), clocks=(stop(C.ARCHIVE_AFTER),)),
    T(id="T48", action=A.RECONSIDER, sources=(S.REJECTED,), target=S.REPORTED,
      who=SHIFT, needs=("opinion",),
      clocks=(stop(C.OBJECTION_WINDOW), start(C.ACCEPT)),
      tell=("community_desk", "reporter")),
    T(id="T49", action=A.SPLIT, sources=(S.MERGED,), target=S.REPORTED, who=STREET,
      needs=("opinion",), clocks=(start(C.ACCEPT),),
      tell=("community_desk", "reporter")),
)  # fmt: skip


def stands(who: Who, case: Any, actor: Any) -> bool:
    """Whether the actor has that role and stands to the case as the row asks."""
    if who.role != actor.role:
        return False
    if who.by == By.AREA:
        return bool(actor.acts_in(case.placement_code))
    if who.by == By.HOLDER:
        return actor.user_id is not None and case.holder_user_id == actor.user_id
    if who.by == By.UNIT:
        return case.holder_org_id == actor.organisation_id
    if who.by == By.LEAD:
        return case.lead_org_id == actor.organisation_id
    if who.by == By.SYSTEM:
        return bool(actor.is_system)
    return True


def rows(action: str, state: str) -> list[Transition]:
    return [t for t in TRANSITIONS if t.action == action and state in t.sources]


def find(case: Any, action: str, actor: Any) -> Transition:
    """The row that applies, or Refused with the sentence of what is in the way."""
    candidates = rows(action, case.state)
    if not candidates:
        raise Refused(
            _("案件现在是“%(state)s”，不能“%(action)s”，请刷新后再看。")
            % {"state": State(case.state).label, "action": Action(action).label},
            code="state",
        )
    mine = [t for t in candidates if any(stands(w, case, actor) for w in t.who)]
    if not mine:
        raise Refused(
            _("您当前的岗位不能对本案“%(action)s”。")
            % {"action": Action(action).label},
            code="role",
        )
    broken = ""
    for transition in mine:
        failed = [g for g in transition.guards if not g.holds(case, actor)]
        if not failed:
            return transition
        broken = failed[0].sentence
    raise Refused(str(broken), code="guard")


def allowed(case: Any, actor: Any) -> list[Transition]:
    """The rows open to this person now, in table order; the buttons of a page."""
    found: dict[str, Transition] = {}
    for transition in TRANSITIONS:
        if (
            transition.action not in found
            and case.state in transition.sources
            and any(stands(who, case, actor) for who in transition.who)
            and all(guard.holds(case, actor) for guard in transition.guards)
        ):
            found[transition.action] = transition
    return list(found.values())
