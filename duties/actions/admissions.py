"""Admission of grid items: applied for, reviewed, published, evaluated, withdrawn."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from duties.actions.step import advance, locked_admission, require
from duties.models import GridItemAdmission
from duties.workflow import (
    ADMISSION_TRANSITIONS,
    DEPARTMENT,
    DRAFTERS,
    Action,
    AdmissionState,
    Kind,
    find,
)
from governance import events
from governance.errors import Refused
from parties.acting import Actor
from parties.models import Organisation


@dataclass(frozen=True, kw_only=True)
class Application:
    """What an applicant says of an item; dates are included in the period."""

    item: str
    reason: str
    workload: str
    kind: str
    starts_date: date
    ends_date: date | None = None
    funding: str = ""


@transaction.atomic
def apply_for_admission(
    *, application: Application, actor: Actor, at: datetime
) -> GridItemAdmission:
    """申请 (DOMAIN D.3): the command centre of the applicant's area reviews it."""
    _check(application, actor)
    area_id = Organisation.objects.values_list("area", flat=True).get(
        pk=actor.organisation_id or 0
    )
    if area_id is None:
        raise Refused(_("您的单位没有登记所在区划，请联系系统管理员。"), code="no_area")
    admission = GridItemAdmission(
        **asdict(application),
        area_id=area_id,
        applicant_id=actor.organisation_id or 0,
        applied_by_id=actor.user_id or 0,
        applied_at=at,
    )
    try:
        with transaction.atomic():
            admission.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(
            _("“%(item)s”已经在准入清单或申请中，不用再申请。")
            % {"item": application.item},
            code="known",
            field="item",
        ) from error
    events.record(
        chain=admission.chain,
        action="duties.apply_for_admission",
        actor=actor,
        at=at,
        detail={"to": AdmissionState.APPLIED, "given": asdict(application)},
    )
    return admission


def _check(application: Application, actor: Actor) -> None:
    if actor.role not in DRAFTERS:
        raise Refused(_("您当前的岗位不能申请网格事项准入。"), code="role")
    require(
        asdict(application),
        {
            "item": _("请填写事项名称。"),
            "reason": _("请填写依据和理由。"),
            "workload": _("请填写每个网格的工作量，例如“每月 4 小时”。"),
        },
    )
    ends, starts = application.ends_date, application.starts_date
    if application.kind == GridItemAdmission.Kind.TEMPORARY and ends is None:
        raise Refused(_("临时事项要填写结束日期。"), code="required", field="ends_date")
    if ends is not None and ends < starts:
        raise Refused(_("结束日期不能早于开始日期。"), code="period", field="ends_date")


def _step(
    action: Action, admission_id: int, opinion: str, actor: Actor, at: datetime
) -> GridItemAdmission:
    admission = locked_admission(admission_id)
    row = find(ADMISSION_TRANSITIONS, admission, action, actor, at)
    if "opinion" in row.needs:
        require({"opinion": opinion}, {"opinion": _("请填写意见。")})
        admission.opinion = opinion.strip()
    if action in (Action.APPROVE, Action.REFUSE):
        admission.reviewed_by_id = actor.user_id
    if action == Action.PUBLISH:
        admission.published_at = at
    if action == Action.WITHDRAW:
        admission.withdrawn_at = at
    advance(admission, row, actor=actor, at=at, opinion=opinion.strip())
    return admission


@transaction.atomic
def approve_admission(
    *, admission_id: int, opinion: str, actor: Actor, at: datetime
) -> GridItemAdmission:
    """审核通过 (K31)."""
    return _step(Action.APPROVE, admission_id, opinion, actor, at)


@transaction.atomic
def refuse_admission(
    *, admission_id: int, opinion: str, actor: Actor, at: datetime
) -> GridItemAdmission:
    """不予准入 (K32)."""
    return _step(Action.REFUSE, admission_id, opinion, actor, at)


@transaction.atomic
def publish_admission(
    *, admission_id: int, actor: Actor, at: datetime
) -> GridItemAdmission:
    """公布 (K33): from now on tasks may name it."""
    return _step(Action.PUBLISH, admission_id, "", actor, at)


@transaction.atomic
def evaluate_admission(
    *, admission_id: int, opinion: str, actor: Actor, at: datetime
) -> GridItemAdmission:
    """评估 (K34): it stays in force, what was found is kept."""
    return _step(Action.EVALUATE, admission_id, opinion, actor, at)


@transaction.atomic
def withdraw_admission(
    *, admission_id: int, opinion: str, actor: Actor, at: datetime
) -> GridItemAdmission:
    """退出 (K35): no further task may name it; running ones go on."""
    return _step(Action.WITHDRAW, admission_id, opinion, actor, at)


def may_address(
    *,
    kind: str,
    admission: GridItemAdmission | None,
    expires_at: datetime | None,
    codes: Iterable[str],
    actor: Actor,
    at: datetime,
) -> None:
    """The guard of DOMAIN C.8 for communities and grids with these codes.

    An emergency that expires later than now needs no item. A department may name only
    an item of its own; `code` "not_admitted" lets pages link to the application.
    """
    if kind == Kind.EMERGENCY:
        if expires_at is None or expires_at <= at:
            raise Refused(
                _("应急任务要写明失效时间，并且晚于现在。"),
                code="expiry",
                field="expires_at",
            )
        return
    addressed = list(codes)
    if addressed:
        _admitted(admission, addressed, actor, at)


def _admitted(
    admission: GridItemAdmission | None, codes: list[str], actor: Actor, at: datetime
) -> None:
    if admission is None:
        raise _not_admitted(
            _("向社区、网格派任务，要引用已公布的网格事项。请先申请准入，公布后再派。")
        )
    if not admission.holds_on(timezone.localtime(at).date()):
        raise _not_admitted(
            _("“%(item)s”没有公布或已过期，不能引用。请先申请准入，公布后再派。")
            % {"item": admission.item}
        )
    if not all(code.startswith(admission.area.code) for code in codes):
        raise _not_admitted(
            _("“%(item)s”只适用于%(area)s，接收单位超出了范围。")
            % {"item": admission.item, "area": admission.area.name}
        )
    own = admission.applicant_id == actor.organisation_id
    if actor.role in DEPARTMENT and not own:
        raise _not_admitted(
            _("“%(item)s”不是您单位申请的事项，不能引用。请先为您的事项申请准入。")
            % {"item": admission.item}
        )


def _not_admitted(sentence: str) -> Refused:
    return Refused(sentence, code="not_admitted", field="admission")
