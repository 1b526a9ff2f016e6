"""A complainant's name and telephone: masked in sight, opened with a reason."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.step import locked, require
from cases.models import Case
from governance import crypto, events
from governance.errors import Refused
from parties.acting import Actor


@dataclass(frozen=True)
class Contact:
    name: str
    telephone: str


def masked(case: Case) -> Contact:
    """姓+*, 138****1234 (DOMAIN E.7)."""
    return Contact(
        masked_name(crypto.unseal(case.complainant_name)),
        masked_telephone(crypto.unseal(case.complainant_contact)),
    )


def masked_name(name: str) -> str:
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def masked_telephone(telephone: str) -> str:
    """The first three and last four digits; of short numbers less."""
    if not telephone:
        return ""
    if len(telephone) >= 11:
        return f"{telephone[:3]}{'*' * (len(telephone) - 7)}{telephone[-4:]}"
    return "*" * max(len(telephone) - 2, 1) + telephone[-2:]


@transaction.atomic
def reveal_contact(*, case_id: int, reason: str, actor: Actor, at: datetime) -> Contact:
    """查看完整: who looked, when and why is written; what was seen is not."""
    case = locked(case_id)
    if not Case.objects.visible_to(actor).filter(pk=case_id).exists():
        raise Refused(_("本案不在您当前岗位的管辖范围内。"), code="role")
    if not case.has_complainant:
        raise Refused(_("本案没有留下诉求人的联系方式。"), code="state")
    require({"reason": reason}, {"reason": _("请填写查看联系方式的用途。")})
    events.record(
        chain=case.chain,
        action="cases.reveal_contact",
        actor=actor,
        at=at,
        detail={"purpose": reason.strip()},
    )
    return Contact(
        crypto.unseal(case.complainant_name), crypto.unseal(case.complainant_contact)
    )
