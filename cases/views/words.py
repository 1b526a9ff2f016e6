"""Where a case stands, in words for which nobody has to know the states' names."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cases.actions.reception import DESTINATIONS, REASONS
from cases.lamps import Lamp, lamps_of
from cases.models import Case, Escalation
from cases.querysets.duplicates import Alike
from cases.workflow import JOURNEY, State
from governance.models import Event
from parties.acting import Actor
from parties.models import Organisation

STATE_WORDS = {
    State.REPORTED: gettext_lazy("已送到社区，等待接报"),
    State.VERIFYING: gettext_lazy("正在派人到现场核实"),
    State.SELF_HANDLING: gettext_lazy("网格正在处理"),
    State.SELF_REVIEW: gettext_lazy("网格已处理，社区正在审核"),
    State.COMMUNITY_HANDLING: gettext_lazy("社区正在处理"),
    State.STREET_PENDING: gettext_lazy("已呈报街道，正在研判"),
    State.STREET_HANDLING: gettext_lazy("街道正在处理"),
    State.WHISTLED: gettext_lazy("街道已吹哨，等部门报到"),
    State.JOINT_HANDLING: gettext_lazy("部门已报到，正在处理"),
    State.DISPUTED: gettext_lazy("责任单位有争议，正在裁定"),
    State.DISTRICT_COORD: gettext_lazy("区级正在协调"),
    State.CITY_COORD: gettext_lazy("市级正在协调"),
    State.SUSPENDED: gettext_lazy("暂时办不了，已挂账等待恢复"),
    State.FEEDBACK_REVIEW: gettext_lazy("已办理，正在审核结果"),
    State.CHECKING: gettext_lazy("正在到现场核查"),
    State.RATING: gettext_lazy("已办好，等待评价"),
    State.CLOSED: gettext_lazy("已办结"),
    State.ARCHIVED: gettext_lazy("已办结归档"),
    State.REJECTED: pgettext_lazy("state", "不予受理"),
    State.MERGED: gettext_lazy("与同一问题合并办理"),
    State.TRANSFERRED: gettext_lazy("已转给其他系统办理"),
    State.VOIDED: gettext_lazy("已作废"),
}


@dataclass(frozen=True)
class Row:
    """A case in a list."""

    case: Case
    words: str
    holder: str
    lamp: Lamp | None
    returned: bool
    alarm: Escalation | None = None


@dataclass(frozen=True)
class Told:
    """One line of what a resident reads.

    `unit` answers from then on, `before` did until then when it was another one: who
    says “not ours” always names the next (FEATURES 70). `more` is meant for residents.
    """

    title: str
    at: datetime
    unit: str
    before: str = ""
    more: str = ""


@dataclass(frozen=True)
class Stop:
    """One of the stages of the journey: `done`, `now` or `ahead`."""

    label: str
    is_: str


def span(minutes: float) -> str:
    """`3 天 2 小时`, `45 分钟`; the two largest units."""
    whole = max(1, round(abs(minutes)))
    days, rest = divmod(whole, 24 * 60)
    hours, minutes_left = divmod(rest, 60)
    if days:
        return _("%(d)d 天 %(h)d 小时") % {"d": days, "h": hours}
    if hours:
        return _("%(h)d 小时 %(m)d 分") % {"h": hours, "m": minutes_left}
    return _("%(m)d 分钟") % {"m": minutes_left}


def reason(alike: Alike) -> str:
    """Why two cases are likely one: “相距 12 米，同一小类，文字相似 81%”."""
    pair, category = alike.pair, alike.case.category
    said = [
        _("没有点位，在同一社区")
        if pair.metres is None
        else _("相距 %(m)d 米") % {"m": round(pair.metres)},
        _("同一小类")
        if pair.same_category
        else _("易混小类“%(name)s”") % {"name": category.name},
    ]
    if alike.by_words:
        said.append(_("文字相似 %(n)d%%") % {"n": round(pair.likeness * 100)})
    return _("，").join(said)


def told_resident(case: Case, *, has_rated: bool) -> str:
    """How it stands, to the resident; somebody who has rated is not asked again."""
    if case.state == State.RATING and has_rated:
        return _("已收到您的评价，正在处理")
    return str(STATE_WORDS[State(case.state)])


def holder(case: Case, actor: Actor) -> str:
    """Who has it now; empty when nobody has anything left to do."""
    if not case.is_open:
        return ""
    if case.holder_user_id in actor.hands:
        return _("在您手里")
    unit = case.holder_org.name if case.holder_org else ""
    if case.holder_user is not None:
        return f"{unit} {case.holder_user.name}"
    return unit


def rows(cases: Iterable[Case], actor: Actor, at: datetime) -> list[Row]:
    """For a list; read the cases `with_names()`."""
    found = list(cases)
    lamps = lamps_of(found, at)
    levels = Escalation.objects.highest_of(found)
    return [
        Row(
            case=case,
            words=str(STATE_WORDS.get(State(case.state), "")),
            holder=holder(case, actor),
            lamp=lamps.get(case.pk),
            alarm=levels.get(case.pk),
            returned=case.state == State.SELF_HANDLING and case.doer_id is not None,
        )
        for case in found
    ]


def row(case: Case, actor: Actor, at: datetime) -> Row:
    return rows([case], actor, at)[0]


def events_of(case: Case) -> list[Event]:
    return list(Event.objects.filter(chain=case.chain).order_by("seq"))


def journey(case: Case, events: list[Event]) -> list[Stop]:
    """The stages people speak of: passed, present, ahead."""
    been = {event.detail.get("to") for event in events}
    stops = []
    for label, states in JOURNEY:
        if case.state in states:
            is_ = "now"
        elif been.intersection(states) or State.DRAFT in states:
            is_ = "done"
        else:
            is_ = "ahead"
        stops.append(Stop(str(label), is_))
    return stops


def progress(case: Case, events: list[Event]) -> list[Told]:
    """What a resident is told, newest first: steps and units, no persons, no opinions.

    A step that led to the same words and the same unit as the one before is left out.
    """
    units = _units(events)
    told: list[Told] = []
    before = ""
    for event in events:
        words = _public_words(event)
        if not words:
            continue
        unit = units.get((event.detail.get("holder") or {}).get("org") or 0, "")
        unit, more = _led_to(case, event) or (unit, "")
        if told and (told[-1].title, told[-1].unit) == (words, unit):
            continue
        passed = before if before and unit and unit != before else ""
        told.append(Told(words, event.at, unit, passed, more))
        before = unit or before
    return list(reversed(told))


def _led_to(case: Case, event: Event) -> tuple[str, str] | None:
    """Who is next where the case left the house or was not taken up, and the words that
    are given to the resident with it."""
    given, state = event.detail.get("given") or {}, event.detail.get("to")
    if state == State.TRANSFERRED:
        where = str(DESTINATIONS.get(given.get("destination", ""), ""))
        return where, _("回执号：%(no)s") % {"no": given.get("receipt", "")}
    if state == State.REJECTED:
        why = str(REASONS.get(given.get("reason", ""), ""))
        if given.get("reason") == "withdrawn":
            return "", why
        said = _("，").join(filter(None, [why, event.detail.get("opinion", "")]))
        return "", _("%(said)s。有异议的，由%(unit)s复核。") % {
            "said": said.rstrip("。"), "unit": case.street.name,
        }  # fmt: skip
    return None


def _public_words(event: Event) -> str:
    state = event.detail.get("to")
    return str(STATE_WORDS[State(state)]) if state in State.values else ""


def _units(events: list[Event]) -> dict[int, str]:
    wanted = {(event.detail.get("holder") or {}).get("org") for event in events}
    found = Organisation.objects.filter(pk__in=[one for one in wanted if one])
    return dict(found.values_list("id", "name"))
