"""Reads for who works in the field."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from grids.codes import Level, prefix

if TYPE_CHECKING:
    from parties.acting import Actor

RECENT = 60
SHOWN = 8


def recent_filings(user_id: int) -> tuple[list[Any], list[str]]:
    """The categories and the addresses a person filed last, newest first, each once."""
    last = (
        apps.get_model("cases.Case")
        .objects.filter(reporter_id=user_id)
        .order_by("-id")
        .values_list("category", "address")[:RECENT]
    )
    pairs = list(last)
    order = list(dict.fromkeys(category for category, _address in pairs))
    addresses = list(dict.fromkeys(address for _category, address in pairs))
    known = apps.get_model("cases.Category").objects.active().in_bulk(order)
    usual = [known[pk] for pk in order if pk in known]
    return usual[:SHOWN], addresses[:SHOWN]


def open_site_tasks(worker_id: int) -> "models.QuerySet[Any]":
    """Tasks on the spot waiting for this worker, what is due first at the top.

    Nobody stands guard (值守) over a case that is over.
    """
    return (
        apps.get_model("cases.SiteTask")
        .objects.filter(worker_id=worker_id, submitted_at=None)
        .filter(~Q(kind="guard") | Q(case__underway=True))
        .select_related("case__category", "case__grid", "case__community", "sent_by")
        .order_by("-case__urgent", models.F("case__due_at").asc(nulls_last=True), "id")
    )


def communities_by_street(area_code: str, at: date) -> list[tuple[str, list[Any]]]:
    """Communities to choose from, in the district of `area_code` (all for none)."""
    district = prefix(area_code, Level.DISTRICT) or area_code
    areas = apps.get_model("grids.Area").objects.active(at)
    if district:
        areas = areas.within([district])
    found = areas.at_level(Level.COMMUNITY).select_related("parent").order_by("code")
    streets: dict[str, list[Any]] = defaultdict(list)
    for community in found:
        street = community.parent.name if community.parent else ""
        streets[street].append(community)
    return list(streets.items())


def grouped_categories(categories: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    """Categories under their 大类, in the order of the codes."""
    majors: dict[str, list[Any]] = defaultdict(list)
    for category in categories:
        majors[category.major_name].append(category)
    return list(majors.items())


def photos_visible_to(actor: "Actor") -> "models.QuerySet[Any]":
    """Photos of the cases a person may see, and the own ones no case has yet."""
    cases = apps.get_model("cases.Case").objects.visible_to(actor)
    return apps.get_model("cases.Photo").objects.filter(
        Q(case__in=cases) | Q(case=None, user_id=actor.user_id, user__isnull=False)
    )


def waiting_photos(batch: uuid.UUID, user_id: int) -> "models.QuerySet[Any]":
    """What a person uploaded for a form that was not accepted yet."""
    return (
        apps.get_model("cases.Photo")
        .objects.filter(batch=batch, case=None, user_id=user_id)
        .order_by("received_at", "id")
    )


def first_photos(case_ids: Iterable[int]) -> dict[int, Any]:
    """The earliest photo of each case."""
    photos = apps.get_model("cases.Photo").objects.filter(case__in=list(case_ids))
    earliest: Any = photos.order_by("case", "received_at", "id").distinct("case")
    return {photo.case_id: photo for photo in earliest}
