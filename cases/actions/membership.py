"""Who is let into a confidential case: added and removed by who has it in hand."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.step import locked, note, require
from cases.models import Case, CaseMember
from cases.workflow import By, State, Who, stands
from governance.errors import Refused
from parties.acting import Actor
from parties.models import Posting

DESKS = (
    Who("community_acceptor", By.UNIT), Who("community_leader", By.UNIT),
    Who("street_acceptor", By.UNIT), Who("street_dispatcher", By.UNIT),
    Who("street_shift_head", By.UNIT), Who("street_handler", By.UNIT),
    Who("department_liaison", By.UNIT),
)  # fmt: skip


def may_change_members(case: Case, actor: Actor, at: datetime) -> None:
    """The holder may; before anybody has it in hand, the desk of the holding unit."""
    if not case.confidential:
        raise Refused(_("只有保密案件才设办理成员。"), code="guard")
    if case.state == State.ARCHIVED:
        raise Refused(_("本案已归档，不能再改办理成员。"), code="state")
    is_holder = case.holder_user_id in actor.hands
    at_desk = case.holder_user_id is None and any(
        stands(who, case, actor) for who in DESKS
    )
    if not is_holder and not at_desk:
        raise Refused(_("办理成员由本案承办人增减。"), code="role")


def may_remove_member(case: Case, actor: Actor, at: datetime) -> None:
    may_change_members(case, actor, at)
    if not case.members.filter(removed_at=None).exists():
        raise Refused(_("本案还没有办理成员。"), code="state")


@transaction.atomic
def add_member(
    *,
    case_id: int,
    user_id: int,
    role: str,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> CaseMember:
    """增加办理成员 (DOMAIN F6): a mediator, the police, a legal adviser."""
    case = locked(case_id, version)
    may_change_members(case, actor, at)
    posting = Posting.objects.current(at).filter(user_id=user_id).first()
    if posting is None:
        raise Refused(_("请选择在岗的人员。"), code="required", field="user")
    require(
        {"role": role, "opinion": opinion},
        {"role": _("请写明以什么身份参加。"), "opinion": _("请写明增加的理由。")},
    )
    if case.members.filter(user_id=user_id, removed_at=None).exists():
        raise Refused(_("此人已是本案办理成员。"), code="double", field="user")
    member = CaseMember.objects.create(
        case=case, user_id=user_id, role=role, added_by_id=actor.user_id, added_at=at
    )
    note(
        case,
        "add_member",
        actor=actor,
        at=at,
        detail={"member": user_id, "member_role": role, "opinion": opinion},
        tell=("members",),
    )
    return member


@transaction.atomic
def remove_member(
    *,
    case_id: int,
    user_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> CaseMember:
    """移出办理成员: from now on the person no longer sees the case."""
    case = locked(case_id, version)
    may_remove_member(case, actor, at)
    member = case.members.filter(user_id=user_id, removed_at=None).first()
    if member is None:
        raise Refused(_("请选择要移出的成员。"), code="required", field="user")
    require({"opinion": opinion}, {"opinion": _("请写明移出的理由。")})
    member.removed_at = at
    member.save(update_fields=["removed_at"])
    note(
        case,
        "remove_member",
        actor=actor,
        at=at,
        detail={"member": user_id, "member_role": member.role, "opinion": opinion},
    )
    return member
