"""The demo city to the top: a hotline that sends work orders, one not understood; an
Open311 request whose address names a street and no more; and two clients to try the
interfaces with, whose keys everybody knows as everybody knows the passwords.

The orders and alarms come in by the actions that the interfaces call.
"""

import hashlib
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.contrib.gis.geos import Point
from django.db import transaction

from cases.models import Category
from doors import actions
from doors.models import (
    AlarmRule,
    ApiClient,
    ApiKey,
    BridgeSource,
    CategoryMapping,
    Device,
    Open311Request,
    Scope,
)
from governance import journal
from governance.models import Anchor
from grids.models import Area, AreaBoundary
from oversight import demo as oversight
from parties import actions as parties
from parties.acting import Actor
from parties.demo import PASSWORD
from parties.models import Organisation, Post, Posting, User
from parties.roles import Role

DISTRICT, STREET, COMMUNITY = "990101", "990101001", "990101001001"
AGENT = "rexian-duijie"
KNOWN, UNKNOWN = "A0101", "Z0900"
MANHOLE, TILTED = "01003", "manhole"


@dataclass(frozen=True)
class DemoKey:
    """A client of the demo city and the text of its key; never in production."""

    client: str
    prefix: str
    scope: Scope

    @property
    def text(self) -> str:
        return f"wg_{self.prefix}_{PASSWORD}"


DEVICES = DemoKey("智慧井盖平台", "devicesa", Scope.ALARMS_WRITE)
CITIZENS = DemoKey("随手拍小程序", "citizens", Scope.OPEN311)
DEMO_KEYS = (DEVICES, CITIZENS)


def build(*, at: datetime) -> None:
    """Make what is missing; running it again changes nothing."""
    oversight.build(at=at)
    if not BridgeSource.objects.exists():
        _bridge(at)
    open_doors(at)
    if not Open311Request.objects.exists():
        _open311(at)
    if not Anchor.objects.exists():
        # Its history began days ago, so a night has anchored it.
        journal.anchor(at=at)


@transaction.atomic
def open_doors(at: datetime) -> None:
    """The clients with their keys, and two alarms: one of them too weak for a case."""
    for one in DEMO_KEYS:
        if not ApiClient.objects.filter(name=one.client).exists():
            _client(one, at)
    if not AlarmRule.objects.exists():
        _alarms(ApiClient.objects.get(name=DEVICES.client), at)


def _client(known: DemoKey, at: datetime) -> None:
    client = ApiClient(
        name=known.client,
        organisation=_command_centre(),
        scopes=[known.scope],
        contact="平台值班 0731-00000000",
    )
    actions.save_client(client=client, actor=Actor.system(), at=at)
    ApiKey.objects.create(
        client=client, prefix=known.prefix, note="演示", created_at=at,
        digest=hashlib.sha256(known.text.encode()).hexdigest(),
    )  # fmt: skip


def _alarms(client: ApiClient, at: datetime) -> None:
    category = Category.objects.get(code5=MANHOLE, kind="component")
    rule = AlarmRule(
        kind=TILTED, name="井盖位移", category=category, measure="倾角",
        condition=category.conditions.filter(is_active=True).order_by("order").first(),
        at_least=Decimal(15), quiet_minutes=120,
    )  # fmt: skip
    device = Device(
        client=client, code="JG-0001", name="和平路 18 号门前雨水井盖",
        address="和平路 18 号门前", point=_spot(),
    )  # fmt: skip
    for record in (rule, device):
        actions.save_setting(record=record, actor=Actor.system(), at=at)
    for number, tilt in (("20261126-01", "3°"), ("20261126-02", "31°")):
        given = actions.AlarmGiven(
            device=device.code, alarm_id=number, kind=TILTED, reading={"倾角": tilt}
        )
        actions.take_alarm(client_id=client.pk, given=given, ip="", at=at)


def _command_centre() -> Organisation:
    return Organisation.objects.get(
        area__code=DISTRICT, kind=Organisation.Kind.COMMAND_CENTRE
    )


def _spot() -> Point:
    """A place in the first grid of the community."""
    shape = AreaBoundary.objects.current().filter(
        area__code__startswith=COMMUNITY, area__level=5
    )
    return shape.order_by("area__code")[0].geometry.point_on_surface


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
    unit = _command_centre()
    user = User.objects.create_user(username=AGENT, name="热线对接专员")
    post = Post.objects.create(
        role=Role.HOTLINE_AGENT, organisation=unit, area=unit.area, name="热线坐席"
    )
    parties.appoint(user_id=user.pk, post_id=post.pk, actor=Actor.system(), at=at)
    return Posting.objects.with_post().get(user=user)


def _orders(source: BridgeSource, actor: Actor, at: datetime) -> None:
    spot = _spot()
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


@transaction.atomic
def _open311(at: datetime) -> None:
    street = Area.objects.get(code=STREET)
    client = ApiClient.objects.get(name=CITIZENS.client)
    category = Category.objects.get(code5="09006", kind="matter")
    asked = actions.Asked(
        id=uuid.uuid5(uuid.NAMESPACE_URL, "demo:open311"),
        category_id=category.pk,
        description="路口早点摊占住盲道，推婴儿车只能走机动车道。",
        address=f"{street.name}菜市场东门",
    )
    actor = replace(Actor.resident(name=client.name), via=client.name)
    actions.file_request(asked=asked, client=client, actor=actor, at=at)
