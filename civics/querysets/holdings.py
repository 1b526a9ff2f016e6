"""What the product holds of the person behind a telephone number."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Q

from governance import crypto


@dataclass(frozen=True)
class Holdings:
    """Found by the number, however it came in: portal, 代报, hotline, other systems."""

    phone: Any
    cases: list[Any]
    consents: list[Any]
    follows: list[Any]
    requests: list[Any]
    letters: list[Any]


def holdings_of(phone: Any) -> Holdings:
    cases = cases_of(phone)
    chains = [phone.chain, *(case.chain for case in cases)]
    return Holdings(
        phone=phone,
        cases=cases,
        consents=list(phone.consents.select_related("case").order_by("pk")),
        follows=list(phone.follows.select_related("case__category").order_by("pk")),
        requests=list(phone.data_requests.select_related("case").order_by("pk")),
        letters=letters_to(crypto.unseal(phone.number), chains),
    )


def cases_of(phone: Any) -> list[Any]:
    """Those that name this number; not what was deleted from them already."""
    consents = apps.get_model("civics.Consent").objects.of_filing(phone.pk)
    named = Q(complainant_digest=phone.digest) | Q(pk__in=consents.values("case"))
    found = apps.get_model("cases.Case").objects.filter(named)
    found = found.exclude(complainant_contact="").select_related("category")
    return list(found.order_by("pk"))


def letters_to(number: str, chains: list[str]) -> list[Any]:
    """Text messages about these things to this number, and to nobody else."""
    letters = apps.get_model("parties.Delivery").objects.exclude(to="")
    found = letters.filter(subject__in=chains).order_by("pk")
    return [one for one in found if crypto.unseal(one.to) == number]
