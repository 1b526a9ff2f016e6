"""The catalogue and the responsibility list of the demo city, labelled 示例."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions.catalogue import publish_catalogue
from cases.actions.questions import Wording, set_question
from cases.actions.responsibility import Assignment, adopt_responsibilities
from cases.catalogue_rows import CategoryDraft, ConditionDraft
from cases.limits import parse
from cases.models.catalogue import Category, ResponsibilityItem
from governance.errors import Refused
from grids.codes import Level
from grids.demo.plan import CITY_CODE
from grids.models import Area
from parties.acting import Actor
from parties.models import Organisation

STANDARD = "示例"
SINCE = date(2026, 1, 1)
SOURCE = Path(__file__).parent / "data" / "demo_catalogue.json"

# The data names a unit by its everyday name; here is where to find it: the level it
# belongs to and how its short name ends. One is expected in every area of the level.
UNITS = {
    "供水公司": (Level.CITY, "供水公司"),
    "供电公司": (Level.CITY, "供电公司"),
    "燃气公司": (Level.CITY, "燃气公司"),
    "区城管局": (Level.DISTRICT, "城管局"),
    "区住建局": (Level.DISTRICT, "住建局"),
    "区消防大队": (Level.DISTRICT, "消防大队"),
    "区生态环境局": (Level.DISTRICT, "生态环境局"),
    "区市场监管局": (Level.DISTRICT, "市场监管局"),
    "区水务局": (Level.DISTRICT, "水务局"),
    "公安分局": (Level.DISTRICT, "公安分局"),
    "交警大队": (Level.DISTRICT, "交警大队"),
    "执法队": (Level.STREET, "执法队"),
    "物业公司": (Level.STREET, "物业公司"),
}
OWN = {"街道": Level.STREET, "社区": Level.COMMUNITY}
LEAD, SUPPORT = ResponsibilityItem.Role.LEAD, ResponsibilityItem.Role.SUPPORT


@dataclass(frozen=True)
class Seat:
    """A unit in an area; no organisation where the street or community answers."""

    level: Level
    organisation_id: int | None
    area_id: int


@transaction.atomic
def build_catalogue(*, at: datetime) -> None:
    """Make what is missing, leaving alone what is there or was ended since.

    Needs `grids.demo` and `parties.demo`; raises Refused naming every unit that the
    list needs and the city lacks.
    """
    described = json.loads(SOURCE.read_text(encoding="utf-8"))
    seats = _seats()
    _make_categories(described, at)
    adopt_responsibilities(
        assignments=_assignments(described, seats, min(SINCE, timezone.localdate(at))),
        actor=Actor.system(),
        at=at,
    )


def _assignments(
    described: list[dict[str, Any]], seats: dict[str, list[Seat]], since: date
) -> Iterator[Assignment]:
    categories = {
        (one.kind, one.code5): one
        for one in Category.objects.under(STANDARD).prefetch_related("conditions")
    }
    for one in described:
        category = categories[one["kind"], one["code5"]]
        conditions = {each.text: each.pk for each in category.conditions.all()}
        for condition, role, unit in _responsibilities(one):
            if condition and condition not in conditions:
                continue
            for seat in seats[unit]:
                yield Assignment(
                    category_id=category.pk,
                    condition_id=conditions[condition] if condition else None,
                    role=role,
                    legal_basis=one.get("legal_basis", ""),
                    valid_from=since,
                    **vars(seat),
                )


def _make_categories(described: list[dict[str, Any]], at: datetime) -> None:
    there = set(Category.objects.under(STANDARD).values_list("kind", "code5"))
    missing = [one for one in described if (one["kind"], one["code5"]) not in there]
    if missing:
        publish_catalogue(
            drafts=[_draft(one) for one in missing],
            standard_ref=STANDARD,
            actor=Actor.system(),
            at=at,
        )
        _ask(missing, at)


def _ask(described: list[dict[str, Any]], at: datetime) -> None:
    """The extra questions of the categories that have some."""
    for one in described:
        for order, wording in enumerate(one.get("questions", []), 1):
            category = Category.objects.under(STANDARD).get(
                kind=one["kind"], code5=one["code5"]
            )
            set_question(
                category_id=category.pk,
                wording=Wording(order=order, **wording),
                actor=Actor.system(),
                at=at,
            )


def _draft(one: dict[str, Any]) -> CategoryDraft:
    photo = Category.PhotoRule
    return CategoryDraft(
        kind=one["kind"],
        code5=one["code5"],
        name=one["name"],
        major_name=one["major_name"],
        handling_unit=one["lead"],
        conditions=[
            ConditionDraft(
                text=each["text"],
                reading=parse(each["limit"]),
                closing_condition=each["closing_condition"],
                legal_basis=one.get("legal_basis", ""),
                is_community=not each.get("beyond_community", False),
            )
            for each in one["conditions"]
        ],
        more={
            "plain_words": one["plain_words"],
            "self_resolvable": one.get("self_resolvable", False),
            "community_matter": one.get("community_matter", True),
            "urgent_default": one.get("urgent_default", False),
            "is_confidential": one.get("confidential", False),
            "photo_rule": (
                photo.OPTIONAL if one.get("photo_optional") else photo.REQUIRED
            ),
            "confusables": one.get("confusables", []),
            "is_local_extension": one["kind"] == Category.Kind.LOCAL,
        },
    )


def _responsibilities(
    one: dict[str, Any],
) -> Iterator[tuple[str, ResponsibilityItem.Role, str]]:
    """(condition or "", role, unit): the category's, then those of its conditions."""
    places = [("", one), *((each["text"], each) for each in one["conditions"])]
    for condition, place in places:
        if lead := place.get("lead"):
            yield condition, LEAD, lead
            for unit in place.get("support", []):
                yield condition, SUPPORT, unit


def _seats() -> dict[str, list[Seat]]:
    """Where each unit of the data sits: one seat in every area of its level."""
    areas = {
        area.code: area
        for area in Area.objects.within([CITY_CODE]).filter(level__lte=Level.STREET)
    }
    if CITY_CODE not in areas:
        raise Refused(_("还没有建立演示城市的区划，不能建立权责清单。"), code="no_city")
    units = list(Organisation.objects.active().filter(area__in=areas.values()))
    seats = {
        name: [Seat(level, None, areas[CITY_CODE].pk)] for name, level in OWN.items()
    }
    missing = []
    for name, (level, ending) in UNITS.items():
        by_area = {
            one.area_id: one.pk
            for one in units
            if one.level == level and one.short_name.endswith(ending)
        }
        places = [area for area in areas.values() if area.level == level]
        missing += [f"{area.name}{name}" for area in places if area.pk not in by_area]
        seats[name] = [
            Seat(level, by_area[area.pk], area.pk)
            for area in places
            if area.pk in by_area
        ]
    if missing:
        raise Refused(
            _("演示城市缺少权责清单中的单位：%(units)s。")
            % {"units": "、".join(missing)},
            code="missing_units",
        )
    return seats
