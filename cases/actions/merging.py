"""并案 and 拆案, and what the 诉求人 of a merged case may still do (DOMAIN C.7)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.rating import decide, scored
from cases.actions.step import (
    Given,
    Holder,
    advance,
    locked,
    note,
    require,
    unit_of,
)
from cases.models import Case, Category, Rating, Whistle
from cases.workflow import Action, Stage, State, find
from governance.errors import Refused
from grids.codes import Level
from parties.acting import Actor

RATED_IN = (State.RATING, State.CLOSED)


@transaction.atomic
def merge(
    *,
    case_id: int,
    master_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
    confirmed: bool = False,
) -> Case:
    """并案 (T14). Locks both, the smaller id first; a merged case is never a master.

    Allowed before dispatch only. `confirmed`: somebody looked and says that two 小类
    that are not even easily confused are one matter all the same. From now on the
    reporter is told what becomes of the master, and a 诉求人 may rate it.
    """
    both = Case.objects.filter(pk__in=[case_id, master_id]).order_by("pk")
    list(both.select_for_update())
    case = locked(case_id, version)
    _not_dispatched(case)
    transition = find(case, Action.MERGE, actor)
    require({"opinion": opinion}, {"opinion": _("请写明并案理由。")})
    master = _master(case, Case.objects.visible_to(actor).filter(pk=master_id).first())
    other_kind = _must_be_one_kind(case, master, confirmed)
    case.master = master
    given = {"master": master.case_no, **({"confirmed": True} if other_kind else {})}
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(None),
        given=Given(opinion, given),
    )
    master.duplicates_count += 1
    master.merged_complainants_count += case.has_complainant
    note(
        master,
        "take_in",
        actor=actor,
        at=at,
        detail={"merged": case.case_no, "opinion": opinion},
        tell=("own_reporter",),
    )
    return case


def _not_dispatched(case: Case) -> None:
    if case.whistles.filter(status=Whistle.Status.BLOWN).exists():
        raise Refused(
            _("本案已经派遣过部门，不能并案，请改用“关联案件”。"), code="dispatched"
        )


def _must_be_one_kind(case: Case, master: Case, confirmed: bool) -> bool:
    """Whether the 小类 are not even easily confused; then somebody must confirm."""
    kinds = Category.objects.confused_with(case.category)
    if kinds.filter(pk=master.category_id).exists():
        return False
    if not confirmed:
        raise Refused(
            _("两案小类不同，请核对确是同一件事后勾选确认。"),
            code="category",
            field="confirmed",
        )
    return True


def _master(case: Case, master: Case | None) -> Case:
    """The master, if it may take the case in; chains and cycles are refused."""
    if master is None:
        raise Refused(
            _("没有找到主案，请核对案卷号。"), code="required", field="master"
        )
    if master.pk == case.pk:
        raise Refused(_("不能并入自己。"), code="self", field="master")
    if master.state == State.MERGED:
        raise Refused(
            _("%(no)s 本身已并入他案，请并入它的主案。") % {"no": master.display_no},
            code="cycle",
            field="master",
        )
    if not master.is_open and master.state != State.CLOSED:
        raise Refused(_("主案已归档或终止，不能并入。"), code="closed", field="master")
    if case.merged.filter(state=State.MERGED).exists():
        raise Refused(
            _("本案已有案件并入，自己是主案，不能再并入他案。"),
            code="cycle",
            field="master",
        )
    return master


@transaction.atomic
def split(
    *,
    case_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """拆案 (T49): a merged case goes its own way again, with a new ACCEPT clock.

    The counts of the master are undone; what the 诉求人 rated there is kept.
    """
    known = Case.objects.values_list("master_id", flat=True).get(pk=case_id)
    both = Case.objects.filter(pk__in=[case_id, known or case_id]).order_by("pk")
    list(both.select_for_update())
    case = locked(case_id, version)
    transition = find(case, Action.SPLIT, actor)
    require({"opinion": opinion}, {"opinion": _("请写明拆案理由。")})
    master = case.master
    if master is not None and master.state == State.ARCHIVED:
        raise Refused(_("主案已归档，不能拆案。"), code="closed")
    case.master = None
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.COMMUNITY)),
        given=Given(opinion, {"master": master.case_no if master else ""}),
    )
    if master is not None:
        master.duplicates_count -= 1
        master.merged_complainants_count -= case.has_complainant
        detail = {"split": case.case_no, "opinion": opinion}
        note(
            master, "let_go", actor=actor, at=at, detail=detail, tell=("own_reporter",)
        )
    return case


def merged_may_rate(case: Case) -> bool:
    """Whether the 诉求人 of a merged case may rate its master now.

    From the day it waits for ratings until it is archived, once in every round: after
    a rework everybody is asked again.
    """
    master = case.master
    if case.state != State.MERGED or master is None or not case.has_complainant:
        return False
    return master.state in RATED_IN and not _has_rated(case, master)


def _has_rated(case: Case, master: Case) -> bool:
    window = master.clocks.filter(stage=Stage.RATING_WINDOW).order_by("-pk").first()
    rated = Rating.objects.filter(case=master, merged_case=case)
    if window is not None:
        rated = rated.filter(at__gte=window.started_at)
    return rated.exists()


@transaction.atomic
def rate_merged(
    *,
    case_id: int,
    score: str,
    solved: bool | None,
    comment: str,
    channel: str,
    actor: Actor,
    at: datetime,
) -> Case:
    """评价 of the master by the 诉求人 of a case merged into it (DOMAIN C.7).

    Every Rating is kept with whose it is. The master's own 诉求人 decides whether it
    closes; the others are noted beside, and the street is told of 不满意. Where the
    master has no 诉求人 of its own, the first of the others decides.
    """
    known = Case.objects.values_list("master_id", flat=True).get(pk=case_id)
    both = Case.objects.filter(pk__in=[case_id, known or case_id]).order_by("pk")
    list(both.select_for_update())
    case = locked(case_id)
    master = case.master
    if case.state != State.MERGED or master is None or not case.has_complainant:
        raise Refused(_("这个案件没有并入他案，请直接评价。"), code="state")
    if master.state not in RATED_IN:
        raise Refused(
            _("主案还没有办好，办好后请您评价。")
            if master.is_open
            else _("主案已归档或终止，不再评价。"),
            code="state",
        )
    if _has_rated(case, master):
        raise Refused(_("您已经评价过了，谢谢。"), code="state")
    scored(master, score, solved, comment, channel, at, merged_case=case)
    detail = {
        "merged": case.case_no,
        "score": score,
        "solved": solved,
        "opinion": comment,
    }
    decides = not master.has_complainant and not master.last_score
    if decides and master.state == State.RATING:
        decide(master, score, comment, detail, actor=actor, at=at)
        return case
    unhappy = score == Case.Score.DISSATISFIED
    note(
        master,
        "rate_merged",
        actor=actor,
        at=at,
        detail=detail,
        tell=("street_command",) if unhappy else (),
    )
    return case
