"""Why a case is where it is, who must do what by when, and what happens otherwise.

Two plain sentences, put together from the last step in the journal and the rule behind
it, the rows of the table that are open from here, the clock that counts, and what the
platform does at its end (`workflow.CONSEQUENCES`). Nothing is written for a state.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import story
from cases.lamps import leading
from cases.limits import Limit
from cases.models import Case, CaseClock, Whistle
from cases.workflow import (
    BESIDE,
    TRANSITIONS,
    WINDOWS,
    Action,
    By,
    Stage,
    State,
    Transition,
    Who,
    consequence_of,
    missing_said,
    verb_of,
)
from governance.calendar import Unit
from governance.models import Event
from parties.acting import Actor
from parties.models import Organisation
from parties.roles import AREA_LEVEL, Role

MOST_VERBS = 4
OPINION = 40
# Not the way on: the sentence of what comes next leaves these ends out.
ASIDE = (State.MERGED, State.TRANSFERRED, State.VOIDED)
# Nor these, though they stay inside: none is the usual way from there, and whoever may
# withdraw does not have the case in hand.
ASIDE_STEPS = (Action.DISPUTE, Action.ESCALATE_TO_DISTRICT, Action.WITHDRAW)
# Which of those who answer a whistle do so in an organisation of this kind.
ANSWERING = {
    Organisation.Kind.STREET_OFFICE: (Role.STREET_DISPATCHER, Role.STREET_SHIFT_HEAD),
    Organisation.Kind.STATION: (Role.STREET_HANDLER,),
}
OTHERS_ANSWERING = (Role.DEPARTMENT_LIAISON, Role.DEPARTMENT_HANDLER)
ENDED = {
    State.ARCHIVED: gettext_lazy("本案已归档，不再变动，更正只能以补充说明追加。"),
    State.TRANSFERRED: gettext_lazy("本案已转给其他系统，本平台不再办理。"),
    State.VOIDED: gettext_lazy("本案已作废，任何人都不用再办。"),
    State.MERGED: gettext_lazy("本案随主案办理，主案的结果会告知本案上报人。"),
    State.REJECTED: gettext_lazy("本案不予受理，异议期已过。"),
    State.CLOSED: gettext_lazy("本案已办结。"),
}


@dataclass(frozen=True)
class Explanation:
    """`why` and `now`, each a whole sentence."""

    why: str
    now: str

    def __str__(self) -> str:
        return self.why + self.now


@dataclass(frozen=True)
class Duty:
    """People who may act, and the verbs of what they may do."""

    people: str
    verbs: tuple[str, ...]


def explain(case: Case, at: datetime) -> Explanation:
    """For whoever works with the case; read it `with_names()`."""
    clocks = _open_clocks(case)
    return Explanation(_why(case, at), _now(case, clocks, at))


def explain_to_resident(case: Case, at: datetime) -> str:
    """What comes next, without the names of persons, posts and steps."""
    clock = _leading(case, _open_clocks(case))
    if clock is None:
        return ""
    if case.state == State.RATING and case.last_score:
        return _("街道会与您联系回访，请保持电话畅通。")
    found = consequence_of(clock.stage)
    unit = case.holder_org.name if case.holder_org else ""
    who = unit if case.is_open and case.state != State.RATING else _("您")
    if clock.due_at is None:
        return _("%(who)s要%(duty)s，最迟时间在放假安排公布后写明。") % {
            "who": who, "duty": found.public_duty,
        }  # fmt: skip
    given = {
        "who": who, "due": moment(clock.due_at, at), "duty": found.public_duty,
        "otherwise": found.public_otherwise,
    }  # fmt: skip
    if not found.public_duty:
        return _("到%(due)s%(otherwise)s。") % given
    if clock.stage in WINDOWS:
        return _("%(who)s可以在%(due)s前%(duty)s，过期%(otherwise)s。") % given
    if at > clock.due_at:
        return (
            _("%(who)s本应在%(due)s前%(duty)s，现在已经超时，%(otherwise)s。") % given
        )
    return _("%(who)s要在%(due)s前%(duty)s，超过时间%(otherwise)s。") % given


def moment(instant: datetime, at: datetime) -> str:
    """11月23日22:45, with the year when it is not that of `at`."""
    local, today = timezone.localtime(instant), timezone.localtime(at)
    year = _("%(y)d年") % {"y": local.year} if local.year != today.year else ""
    return year + _("%(m)d月%(d)d日%(time)s") % {
        "m": local.month, "d": local.day, "time": f"{local:%H:%M}",
    }  # fmt: skip


def _why(case: Case, at: datetime) -> str:
    step = (
        Event.objects.filter(chain=case.chain, detail__has_key="transition")
        .order_by("-seq")
        .first()
    )
    state = State(case.state).label
    if step is None:
        return _("本案现在是“%(state)s”。") % {"state": state}
    given = {
        "at": moment(step.at, at), "by": story.person(step.actor), "state": state,
        "verb": verb_of(step.action), "rule": _rule(step),
    }  # fmt: skip
    if given["rule"]:
        return _("本案因“%(rule)s”于%(at)s到达“%(state)s”。") % given
    opinion = (step.detail.get("opinion") or "").strip()
    if opinion:
        short = opinion if len(opinion) <= OPINION else f"{opinion[:OPINION]}……"
        given["opinion"] = short.rstrip("。")
        return (
            _("本案于%(at)s由%(by)s“%(verb)s”到达“%(state)s”，意见：%(opinion)s。")
            % given
        )
    return _("本案于%(at)s由%(by)s“%(verb)s”到达“%(state)s”。") % given


def _rule(step: Event) -> str:
    given = step.detail.get("given") or {}
    return str(story.RULES.get(given.get("rule", ""), ""))


def _open_clocks(case: Case) -> list[CaseClock]:
    return list(
        CaseClock.objects.filter(case=case, stopped_at=None, superseded=False)
        .exclude(stage__in=BESIDE)
        .order_by("due_at", "id")
    )


def _leading(case: Case, clocks: Iterable[CaseClock]) -> CaseClock | None:
    running = [one for one in clocks if one.running_since is not None]
    return leading(running, case.state) if running else None


def _now(case: Case, clocks: list[CaseClock], at: datetime) -> str:
    if case.file_gaps:
        return _("案卷不完整，不能归档：%(missing)s补全后自动归档。") % {
            "missing": missing_said(case)
        }
    clock = _leading(case, clocks)
    if clock is None:
        return _ended(case) + _standing(case, clocks)
    if clock.due_at is None:
        return _standing(case, clocks) + _unknown(clock)
    found = consequence_of(clock.stage)
    duties = _duties(case)
    given = {
        "who": _who(case, duties), "due": moment(clock.due_at, at),
        "by": _deadlines(case, clocks, clock, at), "verbs": _verbs(duties),
        "stage": Stage(clock.stage).label, "otherwise": found.otherwise,
    }  # fmt: skip
    if clock.stage in WINDOWS:
        said = _waiting(given, at > clock.due_at)
    elif at > clock.due_at:
        said = (
            _("%(who)s本应%(by)s%(verbs)s，现已逾期："
              "系统已%(otherwise)s") % given
        )  # fmt: skip
    else:
        said = (
            _("%(who)s须%(by)s%(verbs)s，"
              "逾期将%(otherwise)s") % given
        )  # fmt: skip
    if clock.stage == Stage.CALL_BACK:
        said = _("诉求人已评价“不满意”，%(said)s") % {"said": said}
    return said + _paused(clocks) + _("。")


def _unknown(clock: CaseClock) -> str:
    """Its year was not imported when it began; a Job waits for that (C.4, rule 7)."""
    given = {
        "stage": Stage(clock.stage).label,
        "limit": Limit(clock.limit_n, Unit(clock.limit_unit)),
    }
    return (
        _("%(stage)s限%(limit)s：放假安排尚未导入，无法计算到期时间，导入后自动补算。")
        % given
    )


def _deadlines(
    case: Case, clocks: Iterable[CaseClock], first: CaseClock, at: datetime
) -> str:
    """By when what must be done: the clock that counts, and what runs beside it for
    the same unit (处置 beside 报到)."""
    beside = [
        one
        for one in clocks
        if one.running_since is not None
        and one.pk != first.pk
        and one.organisation_id == case.holder_org_id
    ]
    return _("、").join(
        _("在%(due)s前完成%(stage)s")
        % {"due": moment(one.due_at, at), "stage": Stage(one.stage).label}
        for one in (first, *beside)
        if one.due_at is not None
    )


def _waiting(given: dict[str, str], over: bool) -> str:
    """A window: who may act in it, and what its end does."""
    if over:
        return _("%(stage)s已于%(due)s届满，等%(who)s办理%(verbs)s") % given
    return (
        _("在%(due)s以前，%(who)s可以办理%(verbs)s，%(stage)s届满%(otherwise)s")
        % given
    )  # fmt: skip


def _paused(clocks: Iterable[CaseClock]) -> str:
    """Clocks that stand still meanwhile are named, so that nobody looks for them."""
    still = [
        str(Stage(one.stage).label)
        for one in clocks
        if one.running_since is None and one.assignment_id is None
    ]
    if not still:
        return ""
    return _("；%(stages)s计时暂停，恢复后接着走") % {"stages": _("、").join(still)}


def _standing(case: Case, clocks: list[CaseClock]) -> str:
    """Nothing runs: what may still be done, if anything."""
    duties = _duties(case)
    if not duties:
        return ""
    return _("%(who)s可以办理%(verbs)s%(paused)s。") % {
        "who": _who(case, duties), "verbs": _verbs(duties),
        "paused": _paused(clocks),
    }  # fmt: skip


def _ended(case: Case) -> str:
    return str(ENDED.get(State(case.state), ""))


def _duties(case: Case) -> list[Duty]:
    """Who may do what from here, in the order of the table; whoever has the case in
    hand comes before those at a desk, the platform is left out."""
    if case.state == State.CHECKING and not case.check_result:
        return [Duty(_("核查员"), (_("提交核查结论"),))]
    if case.whistles.filter(status=Whistle.Status.DRAFT).exists():
        return [Duty(_role(Role.STREET_LEADER), (_("签发吹哨单"),))]
    open_rows = [row for row in TRANSITIONS if _open(case, row)]
    pairs = [(row, who) for row in open_rows for who in row.who if who.by != By.SYSTEM]
    for of_holder in (_in_hand, _of_level):
        mine = [(row, who) for row, who in pairs if of_holder(case, who)]
        if mine:
            return _together(mine)
    return _together(pairs)


def _open(case: Case, row: Transition) -> bool:
    nobody = Actor.system()
    return (
        case.state in row.sources
        and row.target not in ASIDE
        and row.action not in ASIDE_STEPS
        and all(guard.may_admit(case, nobody) for guard in row.guards)
    )


def _in_hand(case: Case, who: Who) -> bool:
    if who.by == By.HOLDER:
        return case.holder_user_id is not None
    if who.by == By.LEAD:
        return _answers(case, who)
    if who.by == By.COMPLAINANT:
        return not case.last_score
    return who.by == By.UNIT


def _answers(case: Case, who: Who) -> bool:
    """The lead has it in hand, and this is a role in which such a body answers."""
    if case.holder_org is None or case.lead_org_id != case.holder_org_id:
        return False
    return who.role in ANSWERING.get(
        Organisation.Kind(case.holder_org.kind), OTHERS_ANSWERING
    )


def _of_level(case: Case, who: Who) -> bool:
    """A desk of the unit that holds the case: community, street, district, city."""
    level = case.holder_org.level if case.holder_org else None
    return who.by == By.AREA and AREA_LEVEL.get(who.role) == level


def _together(pairs: Iterable[tuple[Transition, Who]]) -> list[Duty]:
    verbs: dict[str, list[str]] = {}
    for row, who in pairs:
        mine = verbs.setdefault(_role(who.role), [])
        if str(row.action.label) not in mine:
            mine.append(str(row.action.label))
    return [Duty(people, tuple(said)) for people, said in verbs.items() if people]


def _role(role: str) -> str:
    if role == "resident":
        return _("诉求人")
    return str(Role(role).label) if role in Role.values else ""


def _who(case: Case, duties: list[Duty]) -> str:
    """The person in hand, else the unit and its desks: 和平街道（街道派遣员）."""
    roles = _("、").join(dict.fromkeys(duty.people for duty in duties))
    if not case.is_open or case.holder_org is None or case.state == State.RATING:
        return roles
    if case.holder_user is not None:
        return case.holder_org.name + case.holder_user.name
    if not roles:
        return case.holder_org.name
    return _("%(unit)s（%(roles)s）") % {"unit": case.holder_org.name, "roles": roles}


def _verbs(duties: list[Duty]) -> str:
    verbs = list(dict.fromkeys(verb for duty in duties for verb in duty.verbs))
    if not verbs:
        return ""
    more = _("等") if len(verbs) > MOST_VERBS else ""
    said = _("、").join(f"“{verb}”" for verb in verbs[:MOST_VERBS])
    return _("（%(verbs)s）") % {"verbs": said + more}


__all__ = ["Explanation", "explain", "explain_to_resident", "moment"]
