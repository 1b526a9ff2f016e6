"""What clients of GeoReport v2 bring: requests become cases, updates supplements."""

import json
import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases import actions as cases
from cases.actions.filing import LEAST_DESCRIPTION
from cases.models import Case, Category
from doors.actions.placing import tell_placers
from doors.models import ApiClient, Open311Request, Open311Update
from doors.querysets.gazetteer import Named, named_in
from governance import crypto, geo
from governance.errors import Refused
from governance.models import Event
from governance.querysets import hold
from grids.codes import CODE_LENGTH, Level
from grids.models import Area
from grids.querysets import placement_of
from parties.acting import Actor

LONGEST_ADDRESS = 256


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A service request; `id` is its submission and the batch of its photos.

    `position` is (longitude, latitude) in WGS-84; `address_id` the code of a community
    or of a grid; `answers` are by the question's id as text.
    """

    id: uuid.UUID
    category_id: int
    description: str
    position: tuple[float, float] | None = None
    address: str = ""
    address_id: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    contact: str = ""
    account_id: str = ""
    media_urls: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Told:
    """An update; `external_id` is the client's, `batch` that of its pictures."""

    external_id: str
    case_no: str
    status: str
    description: str
    batch: uuid.UUID
    account_id: str = ""


@transaction.atomic
def file_request(
    *, asked: Asked, client: ApiClient, actor: Actor, at: datetime
) -> Open311Request:
    """A request becomes a case; the same one again is the same.

    Where an address in words names no community, but a street or a district, it waits
    for the desk there (`place_request`); its id is then the token by which the client
    asks again (GeoReport v2, tokens). While it waits, nothing else that comes under its
    id is filed past it. Words that name nothing known are refused.
    """
    hold(f"open311:{asked.id}")
    known = Open311Request.objects.filter(pk=asked.id).first()
    if known is not None and known.case_id is None:
        return _still_waiting(known, _report(asked, client, ""))
    named = Named() if asked.position else _named_by(asked)
    if asked.position or named.community:
        code = named.community.code if named.community else ""
        report = _report(asked, client, code)
        case = cases.report(submission_id=asked.id, report=report, actor=actor, at=at)
        return known or _kept(asked, client, at, case=case)
    if known is not None:
        return known
    sealed = crypto.seal(_spelled(_report(asked, client, "")))
    request = _kept(asked, client, at, sealed=sealed, area=named.within)
    tell_placers(request, at)
    return request


def _still_waiting(known: Open311Request, report: cases.Report) -> Open311Request:
    if json.loads(crypto.unseal(known.sealed)) != json.loads(_spelled(report)):
        raise Refused(_("这个编号的请求已经收到，但内容不同。"), code="conflict")
    return known


def _spelled(report: cases.Report) -> str:
    return json.dumps(asdict(report))


def _kept(
    asked: Asked,
    client: ApiClient,
    at: datetime,
    *,
    case: Case | None = None,
    area: Area | None = None,
    sealed: str = "",
) -> Open311Request:
    return Open311Request.objects.create(
        pk=asked.id,
        client=client,
        case=case,
        area=area,
        category_id=asked.category_id,
        description=asked.description,
        address=asked.address,
        account_id=asked.account_id,
        media_urls=list(asked.media_urls),
        sealed=sealed,
        received_at=at,
    )


def _report(asked: Asked, client: ApiClient, community: str) -> cases.Report:
    lng, lat = asked.position or (None, None)
    has_contact = bool(asked.contact)
    return cases.Report(
        category_id=asked.category_id,
        description=_description(asked),
        address=(asked.address or _address(asked, community))[:LONGEST_ADDRESS],
        lng=lng,
        lat=lat,
        method=Case.Method.MAP if asked.position else Case.Method.ADDRESS,
        community_code=community,
        photos=str(asked.id),
        complainant_name=(asked.name or _("未留姓名")) if has_contact else "",
        complainant_contact=asked.contact,
        answers=asked.answers,
        origin_label=f"Open311 · {client.name}"[:120],
    )


def _description(asked: Asked) -> str:
    """What is sent may be short or nothing; a case says at least what it is about."""
    said = asked.description
    if len(said.strip()) < LEAST_DESCRIPTION:
        name = Category.objects.get(pk=asked.category_id).name
        said = _("通过开放接口反映“%(name)s”。%(said)s") % {"name": name, "said": said}
    if asked.media_urls:
        urls = " ".join(asked.media_urls)
        said += "\n" + _("附图网址：%(urls)s") % {"urls": urls}
    return said.strip()


def _address(asked: Asked, community: str) -> str:
    """The names of street and community, for a request without an address."""
    if asked.position is not None:
        point = geo.to_point(*asked.position, geo.Crs.WGS84)
        area = Area.objects.locate(point).area
        near = f"{asked.position[1]:.5f}, {asked.position[0]:.5f}"
        return _("%(area)s（%(near)s 附近）") % {"area": _named(area), "near": near}
    named = Area.objects.filter(code=asked.address_id or community).first()
    return _named(named) if named else ""


def _named(area: Area) -> str:
    placement = placement_of(area)
    found = (placement["street"], placement["community"], placement["grid"])
    return "".join(one.name for one in found if one)


def _named_by(asked: Asked) -> Named:
    """What address_id and address_string say; Refused where they say nothing known."""
    found = _of_code(asked) or named_in(asked.address)
    if found.community is None and found.within is None:
        raise Refused(
            _(
                "认不出地址在哪里，请写明所在的区、街道或社区，"
                "或用 lat 和 long 提供坐标。"
            ),
            code="unknown_address",
            field="address_string",
        )
    return found


def _of_code(asked: Asked) -> Named | None:
    """The area whose code is address_id; Refused where only that was given."""
    area = Area.objects.filter(
        code=asked.address_id, level__gte=Level.DISTRICT, valid_to=None
    ).first()
    if area is not None:
        return _whole(area)
    if asked.address_id and not asked.address:
        raise Refused(
            _("没有 address_id 为“%(code)s”的区、街道、社区或网格。")
            % {"code": asked.address_id[:20]},
            code="address_id",
            field="address_id",
        )
    return None


def _whole(area: Area) -> Named:
    if area.level < Level.COMMUNITY:
        return Named(within=area)
    code = area.code[: CODE_LENGTH[Level.COMMUNITY]]
    return Named(community=Area.objects.get(code=code))


@transaction.atomic
def take_update(
    *, told: Told, case_id: int, client: ApiClient, actor: Actor, at: datetime
) -> Open311Update:
    """Words of the complainant for a case. They change no state (FEATURES F15, F19);
    the same update again is the same, another one under its id is refused."""
    hold(f"open311:{client.pk}:{told.external_id}")
    known = Open311Update.objects.filter(
        client=client, external_id=told.external_id
    ).first()
    if known is not None:
        return _the_same(known, told, case_id)
    event = cases.supplement(
        case_id=case_id,
        opinion=told.description,
        origin=f"Open311 · {client.name}",
        photos=str(told.batch),
        actor=actor,
        at=at,
    )
    return Open311Update.objects.create(
        client=client,
        external_id=told.external_id,
        case_id=case_id,
        batch=told.batch,
        status=told.status,
        event_id=event.pk,
        account_id=told.account_id,
        received_at=at,
    )


def _the_same(known: Open311Update, told: Told, case_id: int) -> Open311Update:
    said = Event.objects.get(pk=known.event_id).detail["opinion"]
    if (known.case_id, said) != (case_id, told.description):
        raise Refused(
            _("这个 update_id 的补充已经收到，但请求或内容不同，请换一个编号重发。"),
            code="conflict",
        )
    return known
