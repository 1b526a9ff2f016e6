"""The demo city to the top: a hotline that sends work orders, one not understood.

The orders come in by the action that the interface calls. No key is made: the
administrator makes one to try it.
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from cases.models import Category
from doors import actions
from doors.models import ApiClient, BridgeSource, CategoryMapping, Scope
from grids.models import AreaBoundary
from oversight import demo as oversight
from parties import actions as parties
from parties.acting import Actor
from parties.models import Organisation, Post, Posting, User
from parties.roles import Role

DISTRICT, COMMUNITY = "990101", "990101001001"
AGENT = "rexian-duijie"
KNOWN, UNKNOWN = "A0101", "Z0900"


def build(*, at: datetime) -> None:
    """Make what is missing; running it again changes nothing."""
    oversight.build(at=at)
    if not BridgeSource.objects.exists():
        _bridge(at)


@transaction.atomic
def _bridge(at: datetime) -> None:
    posting = _agent(at)
    system = Actor.system()
    client = ApiClient(
        name="12345 热线平台",
        organisation=posting.post.organisation,
        posting=posting,
        scopes=[Scope.BRIDGE],
        contact="热线平台值班 12345",
    )
    actions.save_client(client=client, actor=system, at=at)
    source = BridgeSource(
        code="12345", name="12345 热线", client=client, desk=posting.post.organisation
    )
    actions.save_source(source=source, actor=system, at=at)
    category = Category.objects.get(code5="09006", kind="matter")
    CategoryMapping.objects.create(
        source=source, external_code=KNOWN, category=category
    )
    _orders(source, replace(Actor.of(posting), via=client.name), at)


def _agent(at: datetime) -> Posting:
    """A hotline agent's post at the district's command centre."""
    unit = Organisation.objects.get(
        area__code=DISTRICT, kind=Organisation.Kind.COMMAND_CENTRE
    )
    user = User.objects.create_user(username=AGENT, name="热线对接专员")
    post = Post.objects.create(
        role=Role.HOTLINE_AGENT, organisation=unit, area=unit.area, name="热线坐席"
    )
    parties.appoint(user_id=user.pk, post_id=post.pk, actor=Actor.system(), at=at)
    return Posting.objects.with_post().get(user=user)


def _orders(source: BridgeSource, actor: Actor, at: datetime) -> None:
    shape = AreaBoundary.objects.current().filter(
        area__code__startswith=COMMUNITY, area__level=5
    )
    spot = shape.order_by("area__code")[0].geometry.point_on_surface
    usual = actions.Sent(
        category=KNOWN,
        category_name="占道经营",
        description="早晚高峰有流动摊贩占住人行道，请协调处理。",
        address="和平路 30 号门前",
        lng=spot.x,
        lat=spot.y,
        crs="cgcs2000",
        complainant_name="周某",
        complainant_contact="13800000009",
    )
    odd = replace(
        usual,
        category=UNKNOWN,
        category_name="其他咨询投诉",
        description="小区门口夜间有不明异响，希望有人去看看。",
    )
    for number, sent in (("HX-0001", usual), ("HX-0002", odd)):
        actions.receive_order(
            source_id=source.pk, external_id=number, sent=sent, actor=actor, at=at
        )
