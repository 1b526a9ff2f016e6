"""单位评分: the street marks the called units after closing (DOMAIN C.3, C.9)."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.actions.step import locked, note, unit_of
from cases.actions.whistling import blown_assignments
from cases.models import BundledShares, Case, UnitScore, WhistleAssignment
from cases.workflow import State, shared_out
from governance import events
from governance.errors import Refused
from grids.codes import Level
from parties.acting import Actor
from parties.roles import Role

SCORERS = ("street_dispatcher", "street_shift_head", "street_acceptor")
LOWEST, HIGHEST = 1, 5
LOW = 2


@transaction.atomic
def score_unit(
    *,
    case_id: int,
    assignment_id: int,
    score: int | None,
    remark: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> UnitScore:
    """A mark from 1 to 5; until archiving the same role may change it."""
    case = locked(case_id, version)
    may_score(case, actor, at)
    line = scorable(case).filter(pk=assignment_id).first()
    if line is None:
        raise Refused(_("请选择要评分的单位。"), code="required", field="assignment")
    if score is None or not LOWEST <= score <= HIGHEST:
        raise Refused(_("请评 1 到 5 分。"), code="required", field="score")
    if score <= LOW and not remark.strip():
        raise Refused(_("2 分及以下的，请写明原因。"), code="required", field="remark")
    return _marked(case, line, score, remark.strip(), actor, at)


def may_score(case: Case, actor: Actor, at: datetime) -> None:
    """Refused unless this person may mark the units of the case now."""
    if case.state != State.CLOSED:
        raise Refused(
            _("结案后、归档前才能评分，案件现在是“%(state)s”。")
            % {"state": State(case.state).label},
            code="state",
        )
    if actor.role not in SCORERS or not actor.acts_in(case.street.code):
        raise Refused(_("单位评分由本街道的派遣员、值班长或受理员填写。"), code="role")
    if not scorable(case).exists():
        raise Refused(_("本案没有吹哨，没有要评分的单位。"), code="state")


def scorable(case: Case) -> QuerySet[WhistleAssignment]:
    """The units that were called and not called off."""
    return blown_assignments(case).exclude(status=WhistleAssignment.Status.CANCELLED)


def _marked(
    case: Case,
    line: WhistleAssignment,
    score: int,
    remark: str,
    actor: Actor,
    at: datetime,
) -> UnitScore:
    found = UnitScore.objects.filter(assignment=line).first()
    if found is not None and found.scorer_role != actor.role:
        raise Refused(
            _("这个单位已由%(role)s评过分，由其修改。")
            % {"role": Role(found.scorer_role).label},
            code="role",
        )
    before = {"score": found.score, "remark": found.remark} if found else {}
    mark = found or UnitScore(assignment=line)
    mark.score, mark.remark = score, remark
    mark.scored_by_id, mark.scorer_role = actor.user_id, actor.role
    mark.scored_at = at
    mark.save()
    note(
        case,
        "score_unit",
        actor=actor,
        at=at,
        detail={
            "organisation": line.organisation.name,
            "points": score,
            "opinion": remark,
            "mark_before": before,
        },
    )
    return mark


def check_shares(*, lead: int, supports: int, street: int) -> None:
    """Refused unless they make up the whole."""
    if min(lead, supports, street) < 0 or lead + supports + street != 100:
        raise Refused(_("三项相加须为 100。"), field="street")


@transaction.atomic
def set_bundled_shares(
    *, lead: int, supports: int, street: int, actor: Actor, at: datetime
) -> BundledShares:
    """The tenant's own shares; they must make up 100 percent."""
    if not actor.is_system and actor.role != Role.SYSTEM_ADMIN:
        raise Refused(_("只有系统管理员可以设置捆绑考核分担。"), code="role")
    check_shares(lead=lead, supports=supports, street=street)
    shares = BundledShares.objects.select_for_update().first() or BundledShares()
    before = str(shares) if shares.pk else ""
    shares.lead, shares.supports, shares.street = lead, supports, street
    shares.save()
    events.record(
        chain="bundled_shares",
        action="cases.set_bundled_shares",
        actor=actor,
        at=at,
        detail={"before": before, "after": str(shares)},
    )
    return shares


def bundled_shares(case: Case) -> dict[int, Decimal]:
    """Of a joint case's fault, what each organisation bears; in all 1 (DOMAIN C.9).

    The supports bear their part in equal shares. Where only one unit was called, or
    none, the fault is not shared: it is the lead's, or the holder's.
    """
    lines = list(scorable(case).order_by("role", "pk"))
    supports = [one.organisation_id for one in lines if one.role == "support"]
    lead = next((one.organisation_id for one in lines if one.role == "lead"), None)
    if lead is None or not supports:
        bearer = lead or case.holder_org_id
        return {bearer: Decimal(1)} if bearer else {}
    return shared_out(
        lead, supports, unit_of(case, Level.STREET), BundledShares.objects.percents()
    )
