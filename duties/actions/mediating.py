"""Mediation of a dispute: opened, sat for, agreed on, looked at again (DOMAIN F6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from cases.actions.contacts import masked_name
from cases.actions.step import locked
from cases.models import Case, Photo
from cases.workflow import HANDLING_STATES, State
from duties.actions.follow_ups import issue_follow_ups
from duties.actions.step import require
from duties.actions.visits import PHOTO_FACTS, own_photos
from duties.models import (
    AgreementPhoto,
    Mediation,
    MediationParty,
    MediationSession,
    MediationTemplate,
)
from duties.workflow import RECEIVERS
from governance import crypto, events
from governance.errors import Refused
from grids.codes import Level
from parties.acting import Actor
from parties.models import Organisation, Posting
from parties.querysets import PostingQuerySet

MEDIABLE = (State.SELF_HANDLING, *HANDLING_STATES)
RATABLE = (State.CHECKING, State.RATING, State.CLOSED)
RATERS = (
    "community_acceptor", "community_leader", "street_acceptor", "street_dispatcher",
    "street_shift_head",
)  # fmt: skip
LEAST_PARTIES = 2
LEVELS = (Level.GRID, Level.COMMUNITY, Level.STREET, Level.DISTRICT, Level.CITY)
Outcome = Mediation.Outcome


@dataclass(frozen=True, kw_only=True)
class Party:
    """`side` of `MediationParty.Side`; name and telephone are sealed when kept."""

    side: str
    name: str
    telephone: str = ""


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """One session; `outcome` of `MediationSession.Outcome`."""

    held_at: datetime
    place: str
    present: str
    outcome: str
    minutes: str


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What was signed; `photos` names the batch its pages were sent under, and
    `visitor_id` who visits the parties afterwards.
    """

    text: str
    signed_at: datetime
    visitor_id: int
    judicial_confirmation: bool = False
    photos: str | None = None


def may_mediate(case: Case, actor: Actor) -> None:
    """Refused unless the dispute is in hand and the person mediates in it."""
    if not case.confidential:
        raise Refused(_("只有矛盾纠纷类的保密案件才设调解。"), code="guard")
    if not mediates(case, actor):
        raise Refused(_("调解由本案承办人或受邀的办理成员办理。"), code="role")
    if case.state not in MEDIABLE:
        raise Refused(
            _("本案现在是“%(state)s”，不在办理中，不能调解。")
            % {"state": case.get_state_display()},
            code="state",
        )


def mediates(case: Case, actor: Actor) -> bool:
    """Who has the case in hand, the holding unit while nobody has, and its members."""
    if actor.user_id is None:
        return False
    if case.holder_user_id is None and case.holder_org_id == actor.organisation_id:
        return True
    is_member = case.members.filter(user_id=actor.user_id, removed_at=None).exists()
    return case.holder_user_id == actor.user_id or is_member


def level_of(case: Case, actor: Actor) -> Level:
    """Where it is mediated: the level of the unit that has the case in hand.

    While a grid worker handles it alone that is the grid, whoever was invited.
    """
    if case.state == State.SELF_HANDLING:
        return Level.GRID
    holder = Organisation.objects.get(pk=case.holder_org_id or 0)
    return Level(holder.level)


def check_steps(steps: str) -> None:
    """Refused unless each line begins with a level and a colon."""
    with translation.override("zh-hans"):  # the steps are a record, whoever reads them
        known = {str(Level(level).label) for level in LEVELS}
    lines = MediationTemplate(steps=steps).lines
    if not lines:
        raise Refused(_("请填写层级和步骤。"), code="required", field="steps")
    for level, text in lines:
        if level not in known or not text:
            raise Refused(
                _("“%(line)s”写不成一步，请按“层级：步骤”填写；层级有%(known)s。")
                % {"line": f"{level}：{text}", "known": "、".join(sorted(known))},
                code="steps",
                field="steps",
            )


@transaction.atomic
def save_template(
    *, template: MediationTemplate, actor: Actor, at: datetime
) -> MediationTemplate:
    """调解模式 added or changed by the administrator (DOMAIN S1-7)."""
    check_steps(template.steps)
    template.save()
    events.record(
        chain=template.chain,
        action="duties.save_template",
        actor=actor,
        at=at,
        detail={
            "name": template.name,
            "steps": template.steps,
            "raise_after": template.raise_after,
            "follow_up_days": template.follow_up_days,
            "is_active": template.is_active,
        },
    )
    return template


@transaction.atomic
def open_mediation(
    *,
    case_id: int,
    template_id: int,
    parties: Iterable[Party],
    actor: Actor,
    at: datetime,
) -> Mediation:
    """开始调解: by a template of the administrator's, between two parties or more."""
    case = locked(case_id)
    may_mediate(case, actor)
    if Mediation.objects.filter(case=case).exists():
        raise Refused(_("本案已经开始调解，请刷新后再看。"), code="state")
    template = MediationTemplate.objects.filter(pk=template_id, is_active=True).first()
    if template is None:
        raise Refused(_("请选择调解模式。"), code="required", field="template")
    named = [one for one in parties if one.name.strip()]
    if len(named) < LEAST_PARTIES:
        raise Refused(
            _("请填写双方当事人的姓名。"), code="required", field="other_name"
        )
    mediation = Mediation.objects.create(
        case=case,
        template=template,
        level=level_of(case, actor),
        opened_by_id=actor.user_id or 0,
        opened_at=at,
    )
    MediationParty.objects.bulk_create(
        [
            MediationParty(
                mediation=mediation,
                side=one.side,
                name=crypto.seal(one.name.strip()),
                telephone=crypto.seal(one.telephone.strip()),
            )
            for one in named
        ]
    )
    events.record(
        chain=mediation.chain,
        action="duties.open_mediation",
        actor=actor,
        at=at,
        detail={
            "case": case.pk,
            "template": template.name,
            "level": mediation.level,
            "parties": len(named),
        },
    )
    return mediation


def locked_mediation(mediation_id: int) -> Mediation:
    """The mediation, locked after its case, as all who change either do."""
    found = Mediation.objects.get(pk=mediation_id)
    case = locked(found.case_id)
    mediation = Mediation.objects.select_for_update().get(pk=mediation_id)
    mediation.case = case
    return mediation


@transaction.atomic
def record_session(
    *, mediation_id: int, sitting: Sitting, actor: Actor, at: datetime
) -> MediationSession:
    """记录调解会; after an agreement was signed there are no more."""
    mediation = locked_mediation(mediation_id)
    may_mediate(mediation.case, actor)
    if mediation.outcome == Outcome.AGREED:
        raise Refused(_("已经签订协议，不用再开调解会。"), code="state")
    require(
        {"place": sitting.place, "present": sitting.present,
         "minutes": sitting.minutes},
        {
            "place": _("请填写调解地点。"),
            "present": _("请填写参加人。"),
            "minutes": _("请填写调解笔录。"),
        },
    )  # fmt: skip
    if sitting.held_at > at:
        raise Refused(_("调解时间不能晚于现在。"), code="period", field="held_at")
    mediation.level = level_of(mediation.case, actor)
    mediation.outcome = sitting.outcome
    mediation.save(update_fields=["level", "outcome"])
    session = MediationSession.objects.create(
        mediation=mediation,
        number=mediation.sessions.count() + 1,
        level=mediation.level,
        held_at=sitting.held_at,
        place=sitting.place.strip(),
        present=sitting.present.strip(),
        outcome=sitting.outcome,
        minutes=sitting.minutes.strip(),
        recorded_by_id=actor.user_id or 0,
        recorded_at=at,
    )
    events.record(
        chain=mediation.chain,
        action="duties.record_session",
        actor=actor,
        at=at,
        detail={
            "session": session.number,
            "level": session.level,
            "outcome": session.outcome,
        },
    )
    return session


def hints_to_raise(mediation: Mediation) -> bool:
    """Whether it failed at this level as often as the template allows (DOMAIN F6)."""
    sat = mediation.sessions.filter(level=mediation.level)
    failed = sat.filter(outcome=MediationSession.Outcome.FAILED).count()
    return (
        mediation.outcome == Outcome.FAILED and failed >= mediation.template.raise_after
    )


@transaction.atomic
def sign_agreement(
    *, mediation_id: int, agreement: Agreement, actor: Actor, at: datetime
) -> Mediation:
    """签订协议 after a session that reached one; its keeping is visited by tasks."""
    mediation = locked_mediation(mediation_id)
    case = mediation.case
    may_mediate(case, actor)
    if mediation.outcome != Outcome.REACHED:
        raise Refused(
            _("最近一次调解会还没有达成一致，请先记录达成的调解会。"), code="state"
        )
    require({"text": agreement.text}, {"text": _("请填写协议内容。")})
    if agreement.signed_at > at:
        raise Refused(_("签订时间不能晚于现在。"), code="period", field="signed_at")
    photos = own_photos(agreement.photos, actor)
    if not photos:
        raise Refused(_("请上传双方签字的协议照片。"), code="required", field="photos")
    visitor = visitors_of(case, at).filter(user_id=agreement.visitor_id).first()
    if visitor is None:
        raise Refused(
            _("请选择回访人；要先把他加为本案办理成员。"),
            code="required",
            field="visitor",
        )
    mediation.agreement = agreement.text.strip()
    mediation.signed_at = agreement.signed_at
    mediation.judicial_confirmation = agreement.judicial_confirmation
    mediation.outcome = Outcome.AGREED
    mediation.level = level_of(case, actor)
    mediation.save()
    AgreementPhoto.objects.bulk_create(
        [
            AgreementPhoto(
                id=photo.pk,
                mediation=mediation,
                user_id=photo.user_id or 0,
                **{name: getattr(photo, name) for name in PHOTO_FACTS},
            )
            for photo in photos
        ]
    )
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).delete()
    tasks = issue_follow_ups(mediation, visitor_id=visitor.user_id, actor=actor, at=at)
    events.record(
        chain=mediation.chain,
        action="duties.sign_agreement",
        actor=actor,
        at=at,
        detail={
            "level": mediation.level,
            "signed_at": mediation.signed_at,
            "judicial_confirmation": mediation.judicial_confirmation,
            "photos": len(photos),
            "follow_ups": [task.pk for task in tasks],
        },
    )
    return mediation


def visitors_of(case: Case, at: datetime) -> PostingQuerySet:
    """Who may visit the parties: those let in by name whose post receives tasks."""
    known = Q(user_id__in=case.members.filter(removed_at=None).values("user_id"))
    known |= Q(user_id__in=[case.reporter_id or 0, case.holder_user_id or 0])
    roles = {who.role for who in RECEIVERS}
    found = Posting.objects.current(at).with_post().holding(*roles).filter(known)
    return found.order_by("user_id", "pk")


def may_rate_parties(case: Case, actor: Actor) -> bool:
    """The desks call back, once the result was handed in and reviewed."""
    is_desk = actor.role in RATERS and actor.acts_in(case.placement_code)
    return is_desk and case.state in RATABLE


@transaction.atomic
def rate_party(
    *, party_id: int, score: str, remark: str = "", actor: Actor, at: datetime
) -> MediationParty:
    """当事人评价 by telephone: each party is asked once (DOMAIN F6)."""
    found = MediationParty.objects.get(pk=party_id)
    mediation = locked_mediation(found.mediation_id)
    case = mediation.case
    if actor.role not in RATERS or not actor.acts_in(case.placement_code):
        raise Refused(_("当事人评价由社区、街道的受理岗位回访记录。"), code="role")
    if case.state not in RATABLE:
        raise Refused(_("办结提交并审核后，才回访当事人。"), code="state")
    party = MediationParty.objects.select_for_update().get(pk=party_id)
    if party.score:
        raise Refused(_("这位当事人已经评价过。"), code="state")
    if not score:
        raise Refused(_("请选择评价。"), code="required", field="score")
    party.score, party.rating_remark = score, remark.strip()
    party.rated_by_id, party.rated_at = actor.user_id, at
    party.save()
    events.record(
        chain=mediation.chain,
        action="duties.rate_party",
        actor=actor,
        at=at,
        detail={"party": party.pk, "side": party.side, "score": score},
    )
    return party


@transaction.atomic
def reveal_parties(
    *, mediation_id: int, reason: str, actor: Actor, at: datetime
) -> list[tuple[MediationParty, str, str]]:
    """查看完整: (party, name, telephone); who, when and why is written, not what."""
    mediation = locked_mediation(mediation_id)
    if not Case.objects.visible_to(actor).filter(pk=mediation.case_id).exists():
        raise Refused(_("本案不在您当前岗位的范围内。"), code="role")
    require({"reason": reason}, {"reason": _("请填写查看的用途。")})
    events.record(
        chain=mediation.chain,
        action="duties.reveal_parties",
        actor=actor,
        at=at,
        detail={"purpose": reason.strip(), "fields": ["name", "telephone"]},
    )
    return [
        (one, crypto.unseal(one.name), crypto.unseal(one.telephone))
        for one in mediation.parties.order_by("pk")
    ]


def masked_party(party: MediationParty) -> str:
    """姓+* as lists, pages and exports show it (DOMAIN E.7)."""
    return masked_name(crypto.unseal(party.name))
