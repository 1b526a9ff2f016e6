"""The tables that can be filled in and brought in, by code."""

from exchange.kinds.areas import AreaKind
from exchange.kinds.catalogue import CatalogueKind
from exchange.kinds.kind import Checked, Judge, Kind, Verdict
from exchange.kinds.organisations import OrganisationKind
from exchange.kinds.people import ForceKind, PeopleKind
from exchange.kinds.responsibilities import ResponsibilityKind
from exchange.kinds.working_days import CalendarKind

KINDS: tuple[Kind, ...] = (
    OrganisationKind(),
    PeopleKind(),
    ForceKind(),
    AreaKind(),
    CatalogueKind(),
    ResponsibilityKind(),
    CalendarKind(),
)
BY_CODE = {one.code: one for one in KINDS}

__all__ = ["BY_CODE", "KINDS", "Checked", "Judge", "Kind", "Verdict"]
