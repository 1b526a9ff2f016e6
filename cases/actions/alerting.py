"""Alerts of clocks (DOMAIN C.5): once each, to whom they concern, and not at night."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.alarms import is_emergency
from cases.actions.quiet import quiet_hours, told_at
from cases.actions.telling import about, people_in
from cases.models import Case, CaseClock, ClockAlert
from cases.workflow import Stage, State
from governance import events
from governance.events import Follow
from parties import actions as parties

ALERTED: dict[int, tuple[str, ...]] = {
    50: (),
    80: ("unit",),
    100: ("unit", "unit_leader", "street_dispatcher", "street_leader"),
}
ABSENT = ("street_dispatcher", "street_leader", "district_command")
# These belong to a desk whoever has the case in hand.
OF_DESK = {
    Stage.RULING: "street_leader",
    Stage.COORD: "district_command",
    Stage.MEETING: "district_command",
    Stage.CITY_COORD: "city_command",
    Stage.CALL_BACK: "street_command",
}
# And these while nobody has.
DESK_OF_STAGE = {
    Stage.ACCEPT: "community_desk",
    Stage.JUDGE: "street_command",
    Stage.CHECK: "street_command",
    Stage.RATING_WINDOW: "street_command",
}
DESK_OF_STATE = {
    State.REPORTED: "community_desk",
    State.VERIFYING: "community_desk",
    State.SELF_REVIEW: "community_desk",
    State.STREET_PENDING: "street_command",
    State.DISPUTED: "street_leader",
    State.DISTRICT_COORD: "district_command",
    State.CITY_COORD: "city_command",
    State.FEEDBACK_REVIEW: "street_command",
    State.CHECKING: "street_command",
    State.RATING: "street_command",
}


def mark(*, clock: CaseClock, percent: int, at: datetime) -> bool:
    """Record that a clock reached a percentage of its limit; False when it had
    before. After an extension the same percentage is another moment."""
    _row, created = ClockAlert.objects.get_or_create(
        clock=clock, percent=percent, limit_n=clock.limit_n, defaults={"at": at}
    )
    return created


def alert(*, clock: CaseClock, percent: int, at: datetime, more: str = "") -> None:
    """Tell those of DOMAIN C.5; `more` names what the alert led to (催办单)."""
    case, units, circles = clock.case, [], [holder_circle(clock), *ALERTED[percent]]
    if clock.assignment is not None:
        units = [clock.assignment.organisation_id]
        circles = [*ABSENT] if percent == 100 else []
    title = (
        _("%(stage)s已超时：%(category)s")
        if percent == 100
        else _("%(stage)s时限已用 %(percent)d%%：%(category)s")
    ) % {
        "stage": Stage(clock.stage).label,
        "percent": percent,
        "category": case.category.name,
    }
    send(
        case,
        circles,
        units=units,
        title=title,
        more=more,
        key=f"clock:{clock.pk}:{percent}:{clock.limit_n.normalize():f}",
        at=at,
        clock=clock,
    )


def holder_circle(clock: CaseClock) -> str:
    """Whoever must act before this clock ends."""
    case, stage = clock.case, Stage(clock.stage)
    if stage in OF_DESK:
        return OF_DESK[stage]
    if case.holder_user_id:
        return "holder"
    if stage == Stage.REVIEW and case.state == State.SELF_REVIEW:
        return "community_desk"
    if stage == Stage.REVIEW and case.resume_state == State.COMMUNITY_HANDLING:
        return "community_leader"
    if stage == Stage.REVIEW:
        return "street_command"
    if stage == Stage.FIRST_REPLY:
        return DESK_OF_STATE.get(State(case.state), "unit")
    return DESK_OF_STAGE.get(stage, "unit")


def send(
    case: Case,
    circles: Iterable[str],
    *,
    title: str,
    key: str,
    at: datetime,
    units: Iterable[int] = (),
    more: str = "",
    patient: bool = True,
    clock: CaseClock | None = None,
) -> None:
    """Tell now; a `patient` alert of a case that can wait, after the quiet hours.

    Then it is a Job of its own, so that it is neither lost nor told twice; one that
    is about a `clock` is told only if that still runs with the same limit.
    """
    args: dict[str, Any] = {
        "case_id": case.pk,
        "circles": list(circles),
        "units": list(units),
        "title": str(title),
        "more": str(more),
        "key": key,
        "holder_user": case.holder_user_id,
        "holder_org": case.holder_org_id,
    }
    moment = at
    if patient and not is_emergency(case):
        moment = told_at(at, quiet_hours())
    if moment <= at:
        tell_alert(**args, at=at)
        return
    if clock is not None:
        args |= {"clock": clock.pk, "limit_n": str(clock.limit_n)}
    follow = Follow(
        task="cases.tasks.tell_alert", args=args, run_at=moment, key=f"tell:{key}"
    )
    events.enqueue(subject=case.chain, at=at, follow=[follow])


@transaction.atomic
def tell_alert(
    *,
    case_id: int,
    circles: list[str],
    units: list[int],
    title: str,
    more: str,
    key: str,
    holder_user: int | None,
    holder_org: int | None,
    at: datetime,
    clock: int | None = None,
    limit_n: str = "",
) -> None:
    """One message for each person; the holder is the one of when it was raised.

    Of a `clock` that was stopped, stands still or was extended meanwhile, nothing.
    """
    if clock is not None and not _still_runs(clock, limit_n):
        return
    case = Case.objects.select_related("category").get(pk=case_id)
    case.holder_user_id, case.holder_org_id = holder_user, holder_org
    said: dict[str, Any] = about(case)
    if more:
        said["body"] = f"{more} {said['body']}"
    parties.notify(
        user_ids=people_in(case, circles, units, at),
        title=title,
        kind="alert",
        key=key,
        at=at,
        **said,
    )


def _still_runs(clock_id: int, limit_n: str) -> bool:
    return CaseClock.objects.filter(
        pk=clock_id, running_since__isnull=False, limit_n=limit_n
    ).exists()
