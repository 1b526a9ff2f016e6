"""Care targets: registered, reviewed, ended; opened only with a reason (DOMAIN E.7)."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions.contacts import masked_name, masked_telephone
from duties.actions.addressing import workers_in
from duties.actions.step import require
from duties.models import CareTarget
from governance import crypto, events
from governance.errors import Refused
from grids.codes import Level
from grids.models import Area
from parties.acting import Actor

REGISTRARS = ("community_acceptor", "community_leader")


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What is registered; name, telephone and room are sealed before they are kept."""

    grid_id: int
    name: str
    telephone: str
    building: str
    room: str
    services: tuple[str, ...]
    legal_basis: str
    worker_id: int
    every_days: int
    next_visit_date: date
    review_date: date
    basis_note: str = ""
    consent_date: date | None = None


@dataclass(frozen=True)
class Identity:
    """Who it is and where: masked, or whole once it was opened."""

    name: str
    telephone: str
    room: str


def masked(target: CareTarget) -> Identity:
    """姓+*, 138****1234, and a room of stars (DOMAIN E.7)."""
    room = crypto.unseal(target.room)
    return Identity(
        masked_name(crypto.unseal(target.name)),
        masked_telephone(crypto.unseal(target.telephone)),
        "*" * min(len(room), 3),
    )


@transaction.atomic
def register_care_target(
    *, registration: Registration, actor: Actor, at: datetime
) -> CareTarget:
    """登记 (DOMAIN D.6), by the community; the consent or the statute is named."""
    if actor.role not in REGISTRARS:
        raise Refused(_("关爱服务对象由社区登记。"), code="role")
    _check(registration, actor, at)
    given = asdict(registration)
    sealed = {
        name: crypto.seal(given.pop(name).strip())
        for name in ("name", "telephone", "room")
    }
    given["services"] = list(registration.services)
    target = CareTarget.objects.create(
        **given, **sealed, created_by_id=actor.user_id or 0, created_at=at
    )
    events.record(
        chain=target.chain,
        action="duties.register_care_target",
        actor=actor,
        at=at,
        detail={
            "grid": registration.grid_id,
            "services": given["services"],
            "legal_basis": registration.legal_basis,
            "consent_date": registration.consent_date,
            "review_date": registration.review_date,
        },
    )
    return target


def _check(registration: Registration, actor: Actor, at: datetime) -> None:
    require(
        asdict(registration),
        {
            "name": _("请填写姓名。"),
            "telephone": _("请填写联系电话。"),
            "building": _("请填写楼栋，例如“幸福里 3 栋 2 单元”。"),
            "room": _("请填写房号。"),
        },
    )
    if not registration.services:
        raise Refused(_("请选择服务类别。"), code="required", field="services")
    if registration.legal_basis == CareTarget.Basis.CONSENT:
        require(
            {"consent_date": registration.consent_date},
            {"consent_date": _("请填写本人或监护人同意的日期。")},
        )
    else:
        require(
            {"basis_note": registration.basis_note},
            {"basis_note": _("请写明法定职责的依据。")},
        )
    _check_dates(registration, at)
    grid = Area.objects.filter(pk=registration.grid_id, level=Level.GRID).first()
    if grid is None or not actor.acts_in(grid.code):
        raise Refused(_("请选择本社区的网格。"), code="reach", field="grid")
    workers = {posting.user_id for posting in workers_in(grid.code, at)}
    if registration.worker_id not in workers:
        raise Refused(
            _("责任网格员要是这个网格的网格员，请重新选择。"),
            code="reach",
            field="worker",
        )


def _check_dates(registration: Registration, at: datetime) -> None:
    today = timezone.localtime(at).date()
    if registration.consent_date is not None and registration.consent_date > today:
        raise Refused(_("同意日期不能晚于今天。"), code="period", field="consent_date")
    if registration.review_date <= today:
        raise Refused(_("复核日期要晚于今天。"), code="period", field="review_date")


@transaction.atomic
def review_care_target(
    *, target_id: int, review_date: date, actor: Actor, at: datetime
) -> CareTarget:
    """复核: the service is still needed and agreed to, until the next review."""
    target = _locked(target_id, actor)
    today = timezone.localtime(at).date()
    if review_date <= today:
        raise Refused(_("复核日期要晚于今天。"), code="period", field="review_date")
    before, target.review_date = target.review_date, review_date
    target.save(update_fields=["review_date"])
    events.record(
        chain=target.chain,
        action="duties.review_care_target",
        actor=actor,
        at=at,
        detail={"before": before, "after": review_date},
    )
    return target


@transaction.atomic
def end_care_target(
    *, target_id: int, reason: str, actor: Actor, at: datetime
) -> CareTarget:
    """退出服务: what was sealed is emptied at once; that there was a service stays."""
    target = _locked(target_id, actor)
    require({"reason": reason}, {"reason": _("请填写退出服务的原因。")})
    target.name = target.telephone = target.room = ""
    target.ended_at, target.end_reason = at, reason.strip()
    target.save()
    events.record(
        chain=target.chain,
        action="duties.end_care_target",
        actor=actor,
        at=at,
        detail={"reason": reason.strip()},
    )
    return target


def _locked(target_id: int, actor: Actor) -> CareTarget:
    """By those who register; with the row locked and the service going on."""
    target = CareTarget.objects.select_for_update().get(pk=target_id)
    if (
        actor.role not in REGISTRARS
        or not CareTarget.objects.visible_to(actor).filter(pk=target_id).exists()
    ):
        raise Refused(_("关爱服务对象由所在社区管理。"), code="role")
    if target.ended_at is not None:
        raise Refused(_("这位对象已经退出服务。"), code="state")
    return target


@transaction.atomic
def reveal_care_target(
    *, target_id: int, reason: str, actor: Actor, at: datetime
) -> Identity:
    """查看完整: who opened which fields, when and why is written; not what was seen."""
    target = CareTarget.objects.select_for_update().get(pk=target_id)
    if not CareTarget.objects.visible_to(actor).filter(pk=target_id).exists():
        raise Refused(_("这位对象不在您当前岗位的服务范围内。"), code="role")
    if target.ended_at is not None:
        raise Refused(_("这位对象已经退出服务，联系方式已清除。"), code="state")
    require({"reason": reason}, {"reason": _("请填写查看的用途。")})
    events.record(
        chain=target.chain,
        action="duties.reveal_care_target",
        actor=actor,
        at=at,
        detail={"purpose": reason.strip(), "fields": ["name", "telephone", "room"]},
    )
    return Identity(
        crypto.unseal(target.name),
        crypto.unseal(target.telephone),
        crypto.unseal(target.room),
    )
