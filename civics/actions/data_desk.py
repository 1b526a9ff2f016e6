"""查询、更正、删除 carried out by the data desk (PIPL 44–47), each in one action.

The case of the request goes on by its usual steps: the desk reports for duty, carries
it out here, and gives its feedback. What the law keeps is kept: the file of a case by
the law on archives, that somebody agreed as a proof, and the number as long as a case
is under way.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.actions.personal import correct_complainant, erase_complainant
from cases.models import Case
from civics.models import (
    AreaFollow,
    Attempt,
    Consent,
    DataDesk,
    Follow,
    PersonalDataRequest,
    Phone,
)
from civics.querysets.holdings import Holdings, cases_of, holdings_of, letters_to
from governance import crypto, events
from governance.errors import Refused
from parties import actions as parties
from parties.acting import Actor
from parties.roles import DEPARTMENT_ROLES, DISTRICT_ROLES

OPEN_FOR = timedelta(days=30)
BATCH = 500
Kind = PersonalDataRequest.Kind


def require_desk(request: PersonalDataRequest, actor: Actor) -> None:
    """Refused for whoever is not of the desk of the district, in whose hand the case
    is; outside the scope it is not found at all."""
    case = request.case
    desk = DataDesk.objects.of_case(case)
    mine = desk is not None and desk.organisation_id == actor.organisation_id
    if not mine or actor.role not in DEPARTMENT_ROLES | DISTRICT_ROLES:
        unit = desk.organisation.name if desk else _("个人信息受理单位")
        raise Refused(
            _("这项请求由%(unit)s办理，您现在的岗位不能查看本人的信息。")
            % {"unit": unit},
            code="role",
        )
    if not case.is_open:
        raise Refused(_("这件请求已经结束，不能再办理。"), code="state")


@transaction.atomic
def export_data(*, request_id: int, actor: Actor, at: datetime) -> Holdings:
    """导出: all that is held, in clear, for the desk to check or to hand over on paper;
    that it was taken out is written, what it says is not."""
    request = _held(request_id, actor)
    found = holdings_of(request.phone)
    _record(request, "export_data", _figures(found), actor, at)
    return found


@transaction.atomic
def hand_over_data(
    *, request_id: int, actor: Actor, at: datetime
) -> PersonalDataRequest:
    """查询、复制 (PIPL 45): for a month the person downloads it with the number that
    asked; a text message says so."""
    request = _begun(request_id, Kind.SEE, actor)
    request.open_until = at + OPEN_FOR
    found = holdings_of(request.phone)
    parties.text(
        to=crypto.unseal(request.phone.number),
        key=f"data_request:{request.pk}",
        subject=request.phone.chain,
        title=_("您要的个人信息已经备好。"),
        body=_("30 天内用这个号码验证后，在“我的上报和关注”里下载。"),
        url=reverse("resident_mine"),
        sealed={},
        at=at,
    )
    return _carried_out(request, "hand_over_data", _figures(found), actor, at)


@transaction.atomic
def fetch_data(
    *, request_id: int, phone_id: int, actor: Actor, at: datetime
) -> Holdings:
    """The person downloads what was handed over."""
    request = PersonalDataRequest.objects.select_related("case", "phone").get(
        pk=request_id, phone=phone_id
    )
    if request.open_until is None or at >= request.open_until:
        raise Refused(_("下载期限已过，请重新提出查询。"), code="expired")
    found = holdings_of(request.phone)
    _record(request, "fetch_data", _figures(found), actor, at)
    return found


@transaction.atomic
def correct_data(
    *,
    request_id: int,
    case_ids: Iterable[int],
    name: str,
    contact: str,
    reason: str,
    actor: Actor,
    at: datetime,
) -> PersonalDataRequest:
    """更正、补充 (PIPL 46): name or number, on those of the person's cases chosen."""
    request = _begun(request_id, Kind.CORRECT, actor)
    _require(reason)
    if not (name.strip() or contact.strip()):
        raise Refused(_("请填写更正后的姓名或电话。"), code="required", field="name")
    own = {case.pk for case in cases_of(request.phone)}
    chosen = sorted(own & set(case_ids))
    if not chosen:
        raise Refused(_("请选择要更正的案件。"), code="required", field="case_ids")
    for case_id in chosen:
        correct_complainant(
            case_id=case_id, name=name, contact=contact, opinion=reason.strip(),
            actor=actor, at=at,
        )  # fmt: skip
    figures = {"cases": len(chosen)}
    return _carried_out(request, "correct_data", figures, actor, at, reason)


@transaction.atomic
def delete_data(
    *, request_id: int, reason: str, actor: Actor, at: datetime
) -> PersonalDataRequest:
    """删除 (PIPL 47): name and number off all that is over, follows ended, consents
    taken back, messages emptied, the number itself forgotten. What is under way, this
    request too, follows a month after it is over (`finish_deletions`)."""
    request = _begun(request_id, Kind.DELETE, actor)
    _require(reason)
    phone, found = request.phone, holdings_of(request.phone)
    over = [case for case in found.cases if not case.is_open]
    request.waiting = [case.pk for case in found.cases if case.is_open]
    figures = {
        "cases": len(over),
        "kept": len(request.waiting),
        "letters": _empty(found.letters),
        "follows": _end_follows(phone, at),
    }
    for case in over:
        erase_complainant(case_id=case.pk, opinion=reason.strip(), actor=actor, at=at)
    kept = Consent.objects.filter(phone=phone, withdrawn_at=None)
    kept.exclude(case__in=request.waiting).update(withdrawn_at=at)
    if request.waiting == [request.case_id]:
        _forget(phone)
    return _carried_out(request, "delete_data", figures, actor, at, reason)


@transaction.atomic
def finish_deletions(*, at: datetime) -> int:
    """What was under way when its deletion was asked for, a month after it is over;
    answers of how many cases."""
    over = Case.objects.filter(
        pk__in=PersonalDataRequest.objects.awaited(), underway=False,
        updated_at__lt=at - OPEN_FOR,
    )  # fmt: skip
    due = list(over.order_by("pk").values_list("pk", flat=True)[:BATCH])
    waiting = PersonalDataRequest.objects.filter(waiting__overlap=due)
    held = waiting.select_related("phone").select_for_update(
        of=("self", "phone"), skip_locked=True
    )
    return sum(_finished(one, due, at) for one in held.order_by("pk"))


def _finished(request: PersonalDataRequest, due: list[int], at: datetime) -> int:
    done = set(request.waiting) & set(due)
    for case in Case.objects.filter(pk__in=done).order_by("pk"):
        number = crypto.unseal(case.complainant_contact)
        _empty(letters_to(number, [case.chain, request.phone.chain]))
        if number:
            erase_complainant(
                case_id=case.pk, opinion=_("按本人的删除请求"), actor=Actor.system(),
                at=at,
            )  # fmt: skip
    request.waiting = [one for one in request.waiting if one not in done]
    request.save(update_fields=["waiting"])
    given = Consent.objects.filter(phone=request.phone, withdrawn_at=None)
    given.filter(case__in=done).update(withdrawn_at=at)
    # Whoever came back meanwhile agreed anew, and is kept for that.
    if not request.waiting and not given.exists():
        _forget(request.phone)
    return len(done)


def _held(request_id: int, actor: Actor) -> PersonalDataRequest:
    """The request and its telephone, locked, for who may carry it out."""
    found = PersonalDataRequest.objects.select_related("case", "phone")
    request = found.select_for_update(of=("self", "phone")).get(pk=request_id)
    if not Case.objects.visible_to(actor).filter(pk=request.case_id).exists():
        raise Refused(_("本案不在您当前岗位的管辖范围内。"), code="role")
    require_desk(request, actor)
    return request


def _begun(request_id: int, kind: Kind, actor: Actor) -> PersonalDataRequest:
    request = _held(request_id, actor)
    if request.kind != kind:
        raise Refused(
            _("本人要的是“%(kind)s”。") % {"kind": request.get_kind_display()},
            code="kind",
        )
    if request.carried_out_at is not None:
        raise Refused(_("这项请求已经办理过了。"), code="done")
    return request


def _carried_out(
    request: PersonalDataRequest,
    action: str,
    figures: dict[str, int],
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> PersonalDataRequest:
    request.carried_out_at, request.carried_out_by_name = at, actor.name
    request.outcome = figures
    request.save()
    _record(request, action, figures, actor, at, reason)
    return request


def _record(
    request: PersonalDataRequest,
    action: str,
    figures: dict[str, int],
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    """On the case of the request; figures, never what is held."""
    events.record(
        chain=request.case.chain,
        action=f"civics.{action}",
        actor=actor,
        at=at,
        detail={"opinion": reason.strip(), "figures": figures},
    )


def _require(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("请写明核对情况和依据。"), code="required", field="reason")


def _figures(found: Holdings) -> dict[str, int]:
    return {
        "cases": len(found.cases),
        "consents": len(found.consents),
        "follows": len(found.follows),
        "letters": len(found.letters),
    }


def _empty(letters: Iterable[Any]) -> int:
    """The number off what has gone out; a waiting message goes out first."""
    over = [one for one in letters if one.state in ("sent", "dropped")]
    for one in over:
        one.to = ""
        one.cover()
        one.save(update_fields=["to", "body", "sealed"])
    return len(over)


def _end_follows(phone: Phone, at: datetime) -> int:
    running = [
        kind.objects.running().filter(phone=phone) for kind in (Follow, AreaFollow)
    ]
    return sum(found.update(ended_at=at) for found in running)


def _forget(phone: Phone) -> None:
    """The row stays for what hangs on it, and is nobody's any more."""
    Attempt.objects.filter(who=phone.digest).delete()
    phone.digest, phone.number = f"deleted:{phone.pk}", ""
    phone.code_hash = phone.used_for = ""
    phone.save(update_fields=["digest", "number", "code_hash", "used_for"])
