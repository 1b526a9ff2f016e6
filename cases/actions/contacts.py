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

WITH_NUMBER = (
    "community_acceptor", "community_leader", "community_handler", "street_acceptor",
    "street_dispatcher", "street_shift_head", "street_leader",
)  # fmt: skip


@dataclass(frozen=True)
class Contact:
    name: str
    telephone: str


def masked(case: Case, actor: Actor) -> Contact:
    """姓+*, 138****1234 (DOMAIN E.7); of the number nothing to those from whom the
    resident keeps it."""
    telephone = masked_telephone(crypto.unseal(case.complainant_contact))
    return Contact(
        masked_name(crypto.unseal(case.complainant_name)),
        telephone if may_see_number(case, actor) else "",
    )


def may_see_number(case: Case, actor: Actor) -> bool:
    """A resident may keep the number from the departments (FEATURES 73): then it is
    there for the community, for the street, which calls back, and for who filed it."""
    filed_it = actor.user_id is not None and actor.user_id == case.reporter_id
    return not case.contact_hidden or filed_it or actor.role in WITH_NUMBER


def masked_name(name: str) -> str:
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def masked_telephone(telephone: str) -> str:
    """The first three and last four digits; of short numbers less."""
    if not telephone:
        return ""
    if len(telephone) >= 11:
        return f"{telephone[:3]}{'*' * (len(telephone) - 7)}{telephone[-4:]}"
    return "*" * max(len(telephone) - 2, 1) + telephone[-2:]


def mobile(contact: str) -> str:
    """The number when it is a mobile one of the mainland; else nothing."""
    digits = contact.replace(" ", "").replace("-", "").removeprefix("+86")
    plain = digits.isascii() and digits.isdecimal()
    return digits if plain and len(digits) == 11 and digits[0] == "1" else ""


def contact_digest(contact: str) -> str:
    """The blind index of a number, however it was written; empty of an empty one."""
    digits = "".join(one for one in contact if one.isdecimal())
    number = mobile(digits.removeprefix("86")) or digits
    return crypto.fingerprint(number) if number else ""


@transaction.atomic
def reveal_contact(*, case_id: int, reason: str, actor: Actor, at: datetime) -> Contact:
    """查看完整: who looked, when and why is written; what was seen is not."""
    case = locked(case_id)
    if not Case.objects.visible_to(actor).filter(pk=case_id).exists():
        raise Refused(_("本案不在您当前岗位的管辖范围内。"), code="role")
    if not case.has_complainant:
        raise Refused(_("本案没有留下诉求人的联系方式。"), code="state")
    if not case.complainant_contact:
        raise Refused(_("姓名和电话已按本人要求删除。"), code="erased")
    if not may_see_number(case, actor):
        raise Refused(
            _("居民选择不让部门看到电话。需要联系居民时，请所在社区转达。"),
            code="hidden",
        )
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
