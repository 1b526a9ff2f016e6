"""捆绑考核: how the units of a joint case share a fault (DOMAIN C.9)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal


def shared_out(
    lead: int | None,
    supports: Sequence[int],
    street: int | None,
    percents: Mapping[str, int],
) -> dict[int, Decimal]:
    """What each organisation bears of one fault; in all 1.

    The supports bear their part in equal shares. A fault that was the lead's alone is
    not shared; without a lead nobody is named.
    """
    if lead is None:
        return {}
    if not supports:
        return {lead: Decimal(1)}
    part = {name: Decimal(percent) / 100 for name, percent in percents.items()}
    found = {lead: part["lead"]}
    shares = [(one, part["supports"] / len(supports)) for one in supports]
    if street is not None:
        shares.append((street, part["street"]))
    for one, share in shares:
        found[one] = found.get(one, Decimal(0)) + share
    return found
