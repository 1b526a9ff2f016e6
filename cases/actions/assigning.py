"""Exactly one responsible person: claim, assign and release inside the holding unit."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.step import locked, note, require
from cases.models import Case
from cases.workflow import HANDLING_STATES, By, State, Who, stands
from governance.errors import Refused
from parties.acting import Actor
from parties.models import Posting
from parties.querysets import PostingQuerySet

IN_UNIT = (*HANDLING_STATES, State.WHISTLED)
HANDLERS = (
    "department_liaison", "department_handler", "street_handler",
    "community_acceptor", "community_handler",
)  # fmt: skip
ASSIGNERS = (
    "department_liaison", "department_leader", "street_handler",
    "community_acceptor", "community_leader",
)  # fmt: skip


def may_claim(case: Case, actor: Actor, at: datetime) -> None:
    """Somebody of the unit that holds it, while nobody has it in hand, or while who
    has it is absent and this person fills in (授权代办)."""
    _check_unit(case, actor, HANDLERS)
    if case.holder_user_id == actor.user_id:
        raise Refused(_("本案已在您手里。"), code="state")
    if case.holder_user_id is not None and not _stands_in(case, actor, at):
        raise Refused(
            _("本案已由%(name)s承办，请先由其释放，或请联络员改派。")
            % {"name": case.holder_user.name if case.holder_user else ""},
            code="state",
        )


def may_assign_handler(case: Case, actor: Actor, at: datetime) -> None:
    _check_unit(case, actor, ASSIGNERS)


def may_release(case: Case, actor: Actor, at: datetime) -> None:
    _check_unit(case, actor, HANDLERS)
    if case.holder_user_id not in actor.hands:
        raise Refused(_("本案不在您手里，不用释放。"), code="state")


@transaction.atomic
def claim(
    *, case_id: int, actor: Actor, at: datetime, version: int | None = None
) -> Case:
    """认领 (DOMAIN C.1): whoever takes it answers for it from now on."""
    case = locked(case_id, version)
    may_claim(case, actor, at)
    case.holder_user_id = actor.user_id
    detail = {"handler": actor.user_id, "holder": _holder(case)}
    note(case, "claim", actor=actor, at=at, detail=detail)
    return case


@transaction.atomic
def assign_handler(
    *,
    case_id: int,
    handler_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """分派承办人: the liaison gives it to one of the unit's own people."""
    case = locked(case_id, version)
    may_assign_handler(case, actor, at)
    posting = unit_handlers(case, at).filter(user_id=handler_id).first()
    if posting is None:
        raise Refused(_("请选择本单位的承办人。"), code="required", field="handler")
    if posting.user_id == case.holder_user_id:
        raise Refused(_("本案已由此人承办。"), code="unchanged", field="handler")
    case.holder_user_id = posting.user_id
    note(
        case,
        "assign_handler",
        actor=actor,
        at=at,
        detail={
            "handler": posting.user_id, "opinion": opinion, "holder": _holder(case),
        },
        tell=("holder",),
    )  # fmt: skip
    return case


@transaction.atomic
def release(
    *,
    case_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """释放: back to the unit's desk, with a reason."""
    case = locked(case_id, version)
    may_release(case, actor, at)
    require({"opinion": opinion}, {"opinion": _("请写明为什么释放。")})
    case.holder_user_id = None
    note(
        case,
        "release",
        actor=actor,
        at=at,
        detail={"opinion": opinion, "holder": _holder(case)},
        tell=("unit",),
    )
    return case


def unit_handlers(case: Case, at: datetime) -> PostingQuerySet:
    """Who of the holding unit may take it in hand."""
    return handlers_of(case.holder_org_id, at)


def handlers_of(organisation_id: int | None, at: datetime) -> PostingQuerySet:
    """Who of a unit takes cases in hand."""
    return (
        Posting.objects.current(at)
        .holding(*HANDLERS)
        .with_post()
        .filter(post__organisation_id=organisation_id or 0)
        .order_by("user__name", "pk")
    )


def _stands_in(case: Case, actor: Actor, at: datetime) -> bool:
    taken = Posting.objects.stand_ins(case.holder_org_id, at)
    return taken.filter(
        user=actor.user_id, delegated_from__user=case.holder_user_id
    ).exists()


def _check_unit(case: Case, actor: Actor, roles: tuple[str, ...]) -> None:
    if not any(stands(Who(role, By.UNIT), case, actor) for role in roles):
        raise Refused(_("承办人由本案的承办单位自己确定。"), code="role")
    if case.state not in IN_UNIT:
        raise Refused(_("案件不在办理中，不用确定承办人。"), code="state")


def _holder(case: Case) -> dict[str, int | None]:
    return {"org": case.holder_org_id, "user": case.holder_user_id}
