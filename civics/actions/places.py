"""Places with a QR code in the street: whole grids, and places with a name."""

import math
import secrets
from datetime import datetime

from django.contrib.gis.geos import Point
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from civics.models import Place
from governance import events
from governance.errors import Refused
from governance.querysets import hold
from grids.codes import Level
from grids.models import Area, AreaBoundary
from parties.acting import Actor
from parties.roles import PLACE_KEEPERS

# Read aloud and typed by hand: without what looks alike.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
NEAR_M = 30.0
GRIDS_AT_ONCE = 500


def require_keeper(actor: Actor) -> None:
    if actor.role not in PLACE_KEEPERS:
        raise Refused(
            _("二维码由社区、街道和区指挥中心的岗位管理，请切换到这些岗位。"),
            code="role",
        )


@transaction.atomic
def name_place(
    *, name: str, address: str, point: Point, actor: Actor, at: datetime
) -> Place:
    """A place with a name (a gate, a square, a lift) at a point (SRID 4490)."""
    require_keeper(actor)
    for given, field, sentence in (
        (name, "name", _("请填写地点名称，例如“幸福里南门”。")),
        (address, "address", _("请填写地址，居民扫码后会自动填好。")),
    ):
        if not given.strip():
            raise Refused(sentence, code="required", field=field)
    area = Area.objects.locate(point).area
    if not actor.acts_in(area.code):
        raise Refused(
            _("这个点位不在您的辖区内，请重新选点。"), code="outside", field="lng"
        )
    place = Place.objects.create(
        code=_new_code(), name=name.strip(), address=address.strip(), area=area,
        point=point, accuracy_m=NEAR_M, created_by_id=actor.user_id, created_at=at,
    )  # fmt: skip
    _record(place, "name_place", actor, at)
    return place


@transaction.atomic
def name_grids(*, actor: Actor, at: datetime) -> list[Place]:
    """One for every grid of the own area that has none yet; the new ones."""
    require_keeper(actor)
    hold("civics:places")
    known = Place.objects.in_use().filter(whole_area=True).values("area")
    shapes = (
        AreaBoundary.objects.current()
        .filter(area__level=Level.GRID, area__code__startswith=actor.area_code)
        .exclude(area__in=known)
        .annotate(street=F("area__parent__parent__name"), below=F("area__parent__name"))
        .select_related("area")
        .order_by("area__code")[:GRIDS_AT_ONCE]
    )
    return [
        _of_grid(shape, _address(shape.street, shape.below, shape.area.name), actor, at)
        for shape in shapes
    ]


def _of_grid(shape: AreaBoundary, address: str, actor: Actor, at: datetime) -> Place:
    """Its middle, and how far from there its farthest corner may be, as a circle."""
    place = Place.objects.create(
        code=_new_code(),
        name=shape.area.name,
        address=address,
        area=shape.area,
        whole_area=True,
        point=shape.geometry.point_on_surface,
        accuracy_m=round(math.sqrt(shape.area_m2 / math.pi), 1),
        created_by_id=actor.user_id,
        created_at=at,
    )
    _record(place, "name_grid", actor, at)
    return place


def _address(street: str, community: str, grid: str) -> str:
    """The names from the street down; a grid's often begins with its community's."""
    return street + (grid if grid.startswith(community) else community + grid)


@transaction.atomic
def end_place(*, place_id: int, actor: Actor, at: datetime) -> Place:
    """The sign is taken down; who still scans it is asked for the place as usual."""
    require_keeper(actor)
    own = Place.objects.visible_to(actor).select_for_update(of=("self",))
    place = own.get(pk=place_id)
    if place.ended_at is None:
        place.ended_at = at
        place.save(update_fields=["ended_at"])
        _record(place, "end_place", actor, at)
    return place


def _record(place: Place, action: str, actor: Actor, at: datetime) -> None:
    events.record(
        chain=place.chain,
        action=f"civics.{action}",
        actor=actor,
        at=at,
        detail={"code": place.code, "name": place.name},
    )


def _new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _each in range(8))
