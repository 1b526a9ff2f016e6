"""评价 (T42): by the resident, for him after a call-back, or by nobody in time."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.calling_back import facts_of, first_reply, record_call_back
from cases.actions.clocks import Ticking, apply
from cases.actions.step import (
    Given,
    Holder,
    advance,
    counting,
    locked,
    note,
    unit_of,
)
from cases.models import CallBack, Case, Rating
from cases.workflow import Action, Stage, find
from governance.errors import Refused
from governance.events import Follow
from grids.codes import Level
from parties.acting import Actor


@transaction.atomic
def rate(
    *,
    case_id: int,
    score: str,
    solved: bool | None,
    comment: str,
    channel: str,
    actor: Actor,
    at: datetime,
) -> Case:
    """评价 (T42). 不满意 does not close: the street calls back first (T43, T44)."""
    case = locked(case_id)
    find(case, Action.RATE, actor)
    if not actor.is_resident:
        raise Refused(
            _("评价由诉求人作出；回访得来的，请记下回访再代评。"), code="role"
        )
    if case.last_score:
        raise Refused(_("您已经评价过了，谢谢。"), code="state")
    scored(case, score, solved, comment, channel, at)
    detail = {"score": score, "solved": solved, "channel": channel, "opinion": comment}
    decide(case, score, comment, detail, actor=actor, at=at)
    return case


@transaction.atomic
def rate_by_call_back(
    *,
    case_id: int,
    method: str,
    score: str,
    solved: bool,
    words: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """代评 (T42): the street enters what the complainant said when called back.

    The channel of the rating is how he was reached; his own is `portal`.
    """
    case = locked(case_id, version)
    find(case, Action.RATE, actor)
    result = CallBack.Result.SOLVED if solved else CallBack.Result.UNSOLVED
    made = record_call_back(
        case,
        method=method,
        result=result,
        satisfied=score != Case.Score.DISSATISFIED,
        words=words,
        actor=actor,
        at=at,
    )
    scored(case, score, solved, words, method, at)
    detail = {"score": score, "solved": solved, "channel": method, "opinion": words}
    decide(
        case,
        score,
        words,
        {**detail, **facts_of(made)},
        actor=actor,
        at=at,
        ticking=first_reply(case, made, at),
    )
    return case


def scored(
    case: Case,
    score: str,
    solved: bool | None,
    comment: str,
    channel: str,
    at: datetime,
    merged_case: Case | None = None,
) -> Rating:
    """Keep a rating; with `merged_case` it is of the 诉求人 of that case."""
    if score not in Case.Score.values or not score:
        raise Refused(_("请选择满意程度。"), code="required", field="score")
    return Rating.objects.create(
        case=case,
        merged_case=merged_case,
        score=score,
        solved=solved,
        comment=comment,
        channel=channel,
        at=at,
    )


def decide(
    case: Case,
    score: str,
    comment: str,
    detail: dict[str, Any],
    *,
    actor: Actor,
    at: datetime,
    ticking: Ticking | None = None,
) -> None:
    """What the rating that counts does to the case: it closes, or the street calls."""
    transition = find(case, Action.RATE, actor)
    case.last_score = score
    if score == Case.Score.DISSATISFIED:
        _dissatisfied(case, detail, actor=actor, at=at, ticking=ticking or Ticking(at))
        return
    case.closed_at = at
    case.closed_type = case.closed_type or Case.ClosedType.NORMAL
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(case.holder_org_id),
        given=Given(comment, detail),
        ticking=ticking,
        patient=True,
    )


def _dissatisfied(
    case: Case, detail: dict[str, Any], *, actor: Actor, at: datetime, ticking: Ticking
) -> None:
    """The street answers for it now, within a limit: it calls back and orders rework,
    closes it despite, or takes it up (T43–T45). Until then its own clock runs, with
    the alerts and levels of every other (C.5, C.6)."""
    case.holder_org_id, case.holder_user_id = unit_of(case, Level.STREET), None
    waiting = apply(
        case=case,
        operations=(("stop", Stage.RATING_WINDOW), ("start", Stage.CALL_BACK)),
        at=at,
        patient=True,
    )
    waiting.facts += ticking.facts
    waiting.follow += ticking.follow
    note(
        case,
        "rate",
        actor=actor,
        at=at,
        detail={**detail, "holder": {"org": case.holder_org_id, "user": None}},
        tell=("street_command",),
        told_as="dissatisfied",
        ticking=_third_time(case, waiting),
        follow=[counting(case, "dissatisfied")],
    )


def _third_time(case: Case, ticking: Ticking) -> Ticking:
    """After two reworks the platform takes it to the district by itself (T45)."""
    if case.rework_count >= 2:
        task, args = "cases.tasks.escalate_after_rating", {"case_id": case.pk}
        ticking.follow.append(Follow(task=task, args=args))
    return ticking


@transaction.atomic
def close_unrated(*, case_id: int, at: datetime) -> Case:
    """The rating window ran out (T42 by the platform): 未评价, which is not 满意."""
    case = locked(case_id)
    actor = Actor.system()
    transition = find(case, Action.RATE, actor)
    if case.last_score == Case.Score.DISSATISFIED:
        raise Refused(_("诉求人不满意，须由街道回访处理。"), code="dissatisfied")
    case.closed_at = at
    case.closed_type = case.closed_type or Case.ClosedType.NORMAL
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(case.holder_org_id),
        given=Given(_("评价期满，诉求人未评价。"), {"score": ""}),
    )
    return case
