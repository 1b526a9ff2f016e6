"""Where an address in words lies is said by the desk of the street or district there.

Nobody files for the client: the case is filed as it was sent, with the community.
"""

import json
import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import actions as cases
from doors.models import Open311Request
from doors.querysets import PLACERS
from governance import crypto, events
from governance.errors import Refused
from grids.codes import CODE_LENGTH, Level
from grids.models import Area
from parties import actions as parties
from parties.acting import Actor
from parties.models import Notification, Posting
from parties.roles import Role

LONGEST_TOLD = 60


def tell_placers(request: Open311Request, at: datetime) -> None:
    """The desk of its street or, where nobody is posted there, of its district."""
    if request.area is None:
        return
    for level in (Level.STREET, Level.DISTRICT):
        code = request.area.code[: CODE_LENGTH[level]]
        desk = Posting.objects.current(at).holding(*PLACERS)
        people = desk.filter(post__area__code=code).user_ids()
        if people:
            break
    parties.notify(
        user_ids=people,
        kind=Notification.Kind.TODO,
        title=_("Open311 请求待核定地址"),
        body=f"{request.area.name} {request.address}"[:LONGEST_TOLD],
        url=f"/bridges/open311/{request.pk}/",
        subject=request.chain,
        key=request.chain,
        at=at,
    )


def may_place(request: Open311Request, actor: Actor) -> bool:
    """The administrator, and the desks of the street or district that it names."""
    if actor.is_system or actor.role == Role.SYSTEM_ADMIN:
        return True
    area = request.area
    return actor.role in PLACERS and area is not None and actor.acts_in(area.code)


@transaction.atomic
def place_request(
    *, request_id: uuid.UUID, community_id: int, actor: Actor, at: datetime
) -> Open311Request:
    """Say which community an address in words lies in; the case is filed there."""
    request = (
        Open311Request.objects.select_for_update(of=("self",))
        .select_related("client", "area")
        .get(pk=request_id)
    )
    if not may_place(request, actor):
        raise Refused(
            _("地址由所在街道、区的受理人员或系统管理员核定。"), code="forbidden"
        )
    if request.case_id is not None:
        raise Refused(_("这个请求已经立案。"), code="placed")
    community = _community(community_id, actor)
    sent = json.loads(crypto.unseal(request.sealed))
    report = cases.Report(**{**sent, "community_code": community.code})
    request.case = cases.report(
        submission_id=request.pk,
        report=report,
        actor=Actor.resident(name=request.client.name),
        at=at,
    )
    request.sealed = ""
    request.save(update_fields=["case", "sealed"])
    events.record(
        chain=request.chain,
        action="doors.place_request",
        actor=actor,
        at=at,
        detail={"case": request.case.case_no, "community": community.code},
    )
    return request


def _community(community_id: int, actor: Actor) -> Area:
    """In force and, for a desk, of its own street or district."""
    found = Area.objects.filter(
        pk=community_id, level=Level.COMMUNITY, valid_to=None
    ).first()
    if found is None:
        raise Refused(_("请选择社区。"), code="required", field="community")
    if actor.area_code and not actor.acts_in(found.code):
        raise Refused(
            _("这个社区不在您的辖区，请选择本辖区的社区。"),
            code="scope",
            field="community",
        )
    return found
