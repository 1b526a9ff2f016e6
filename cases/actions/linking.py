"""关联 and 复发: cases that belong together, without effect on either (DOMAIN C.7)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cases.actions.step import locked, note, require
from cases.models import Case, CaseLink
from cases.workflow import COMMUNITY, DISPATCH, DISTRICT, SHIFT, STREET, stands
from governance.errors import Refused
from parties.acting import Actor

Kind = CaseLink.Kind
LINKERS = COMMUNITY + STREET + DISPATCH + SHIFT + DISTRICT


def may_link(case: Case, actor: Actor, at: datetime) -> None:
    if not any(stands(who, case, actor) for who in LINKERS):
        raise Refused(_("案件关联由受理员、派遣员和指挥中心办理。"), code="role")


def may_unlink(case: Case, actor: Actor, at: datetime) -> None:
    may_link(case, actor, at)
    if not links_of(case).exists():
        raise Refused(_("本案没有关联的案件。"), code="state")


@transaction.atomic
def link(
    *,
    case_id: int,
    other_id: int,
    kind: str,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> CaseLink:
    """关联: both in one's scope; told in both journals. Locks the smaller id first."""
    case, other = _both(case_id, other_id, version)
    may_link(case, actor, at)
    if other is None or not Case.objects.visible_to(actor).filter(pk=other.pk).exists():
        raise Refused(
            _("没有找到要关联的案件，请核对案卷号。"), code="required", field="other"
        )
    if kind not in Kind.values:
        raise Refused(_("请选择两案的关系。"), code="required", field="kind")
    require({"opinion": opinion}, {"opinion": _("请写明关联的理由。")})
    if other.pk == case.pk:
        raise Refused(_("不能关联自己。"), code="self", field="other")
    if links_of(case).filter(Q(case=other) | Q(other=other)).exists():
        raise Refused(_("两案已经关联。"), code="double", field="other")
    return _linked(case, other, kind, opinion, actor, at)


@transaction.atomic
def unlink(
    *,
    case_id: int,
    link_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> CaseLink:
    """取消关联: the row stays, with who took it back, when and why."""
    known = CaseLink.objects.filter(pk=link_id, removed_at=None).first()
    far = (
        known.other_id
        if known and known.case_id == case_id
        else known and known.case_id
    )
    case, other = _both(case_id, far or case_id, version)
    may_unlink(case, actor, at)
    found = links_of(case).filter(pk=link_id).first()
    if found is None or other is None:
        raise Refused(_("请选择要取消的关联。"), code="required", field="link")
    require({"opinion": opinion}, {"opinion": _("请写明取消关联的理由。")})
    found.removed_by_id, found.removed_at = actor.user_id, at
    found.removal_reason = opinion
    found.save(update_fields=["removed_by", "removed_at", "removal_reason"])
    for one, far_case in ((case, other), (other, case)):
        detail = {"linked": far_case.case_no, "opinion": opinion}
        note(one, "unlink", actor=actor, at=at, detail=detail)
    return found


@transaction.atomic
def link_recurrence(*, case_id: int, at: datetime) -> None:
    """复发 (Job after filing): the last closed case of the kind at this very place.

    Running twice links once; a pair that somebody took apart stays apart.
    """
    case = Case.objects.get(pk=case_id)
    former = Case.objects.recurrences_of(case).first()
    if former is None or case.confidential:
        return
    case, locked_former = _both(case_id, former.pk, None)
    pair = {case_id, former.pk}
    known = CaseLink.objects.filter(case__in=pair, other__in=pair).exists()
    if locked_former is None or known:
        return
    words = _("同一地点、同一小类，结案后 30 天内再次发生。")
    _linked(case, locked_former, Kind.RECURRENCE, words, Actor.system(), at)


def links_of(case: Case) -> QuerySet[CaseLink]:
    """Both ways, those that stand."""
    ends = Q(case=case) | Q(other=case)
    return CaseLink.objects.filter(ends, removed_at=None)


def _both(case_id: int, other_id: int, version: int | None) -> tuple[Case, Case | None]:
    ids = sorted({case_id, other_id})
    list(Case.objects.filter(pk__in=ids).order_by("pk").select_for_update())
    case = locked(case_id, version)
    if other_id == case_id:
        return case, case
    if not Case.objects.filter(pk=other_id).exists():
        return case, None
    return case, locked(other_id)


def _linked(
    case: Case, other: Case, kind: str, reason: str, actor: Actor, at: datetime
) -> CaseLink:
    made = CaseLink.objects.create(
        case=case, other=other, kind=kind, reason=reason, by_id=actor.user_id, at=at
    )
    for one, far in ((case, other), (other, case)):
        detail = {"link_kind": kind, "linked": far.case_no, "opinion": reason}
        note(one, "link", actor=actor, at=at, detail=detail)
    return made
