"""The demo city to the street: QR codes, and a desk for personal data.

By the actions that people use. Nothing here is in force outside a demo.
"""

from datetime import datetime

from django.contrib.gis.geos import Point
from django.db import transaction

from civics import actions
from civics.models import Place
from duties import demo as duties
from grids.models import AreaBoundary
from parties.acting import Actor
from parties.models import Organisation, Posting

COMMUNITY = "990101001001"
DISTRICT = "990101"
NAMED = (
    ("幸福里南门", "和平路 12 号幸福里南门", 0),
    ("幸福里中心花园", "幸福里中心花园凉亭", 1),
)


def build(*, at: datetime) -> None:
    """Make what is missing; running it again changes nothing."""
    duties.build(at=at)
    _data_desk(at)
    if not Place.objects.exists():
        _places(at)


def _data_desk(at: datetime) -> None:
    """The district's bureau of justice answers for personal data here."""
    unit = Organisation.objects.get(
        area__code=DISTRICT, name__endswith="司法局", can_be_whistled=True
    )
    actions.open_data_desk(organisation_id=unit.pk, actor=Actor.system(), at=at)


@transaction.atomic
def _places(at: datetime) -> None:
    posts = Posting.objects.current(at).with_post().holding("community_acceptor")
    posting = posts.filter(post__area__code=COMMUNITY).order_by("pk")[0]
    desk = Actor.of(posting)
    actions.name_grids(actor=desk, at=at)
    shapes = AreaBoundary.objects.current().filter(
        area__code__startswith=COMMUNITY, area__level=5
    )
    inside = [one.geometry.point_on_surface for one in shapes.order_by("area__code")]
    for name, address, number in NAMED:
        point: Point = inside[number]
        actions.name_place(name=name, address=address, point=point, actor=desk, at=at)
