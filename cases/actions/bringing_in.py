"""What could not be sent from a phone is brought to the desk as a file.

Who filed stays who filed: the case, its photos and its submission are the grid
worker's, under the ids of the phone, so that the phone may send them again without
harm. Who vouches for it is who brought it in: the Event names the person at the desk,
on behalf of the worker. The file itself proves nothing, therefore the worker must hold
a post in the field inside the area of the desk.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.filing import Report, file_for
from cases.actions.photos import upload_photo
from cases.actions.restaging import restage_photos
from cases.models import Case
from cases.workflow import Action
from governance.errors import Refused
from parties.acting import Actor
from parties.models import Posting
from parties.roles import GRID_ROLES, Role

MAY_BRING_IN = (
    Role.COMMUNITY_ACCEPTOR,
    Role.STREET_ACCEPTOR,
    Role.STREET_DISPATCHER,
)


@dataclass(frozen=True, kw_only=True)
class Picture:
    id: uuid.UUID
    stage: str
    content: Callable[[], bytes]
    taken_at: datetime | None = None
    position: Point | None = None


def may_bring_in(actor: Actor) -> None:
    if actor.role not in MAY_BRING_IN:
        raise Refused(
            _("只有社区受理岗和街道受理、派遣岗可以导入手机文件。"), code="role"
        )


def worker_of(*, user_id: int, actor: Actor, at: datetime) -> Actor:
    """The grid worker whose phone it was; Refused where the desk may not vouch."""
    may_bring_in(actor)
    postings = Posting.objects.of_user(user_id).current(at).with_post()
    for posting in postings:
        worker = Actor.of(posting)
        if worker.role in GRID_ROLES and actor.acts_in(worker.area_code):
            return worker
    raise Refused(
        _("导出文件的人不是您辖区内的在岗网格人员，不能在这里导入。"), code="scope"
    )


@transaction.atomic
def bring_in(
    *,
    submission_id: uuid.UUID,
    kind: str,
    report: Report,
    pictures: Iterable[Picture],
    worker_id: int,
    actor: Actor,
    at: datetime,
) -> Case:
    """File one item of the file for the worker; again, or later from the phone, it is
    the same case (FEATURES 11, 21)."""
    worker = worker_of(user_id=worker_id, actor=actor, at=at)
    on_spot = kind == Action.RESOLVE_ON_SPOT
    for one in pictures:
        upload_photo(
            photo_id=one.id,
            batch=submission_id,
            stage=one.stage,
            content=one.content(),
            taken_at=one.taken_at,
            position=one.position,
            actor=worker,
            at=at,
        )
    restage_photos(batch=submission_id, on_spot=on_spot, actor=worker)
    desk = replace(actor, on_behalf_of=worker.name, on_behalf_of_id=worker.user_id)
    return file_for(
        Action.RESOLVE_ON_SPOT if on_spot else Action.REPORT,
        submission_id=submission_id,
        report=report,
        actor=worker,
        recorded_by=desk,
        at=at,
    )
