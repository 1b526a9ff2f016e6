"""诉求人补充: what the complainant adds by way of another system."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.step import aside, attach_photos, locked, require
from cases.models import Photo
from cases.workflow import State
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor

LONGEST = 4000


@transaction.atomic
def supplement(
    *,
    case_id: int,
    opinion: str,
    origin: str,
    photos: str | None,
    actor: Actor,
    at: datetime,
) -> Event:
    """补充 (FEATURES 88): words and pictures for whoever has the case in hand.

    It changes no state: what comes of it is for those who handle the case to decide
    (FEATURES F19). `origin` names the system it came by.
    """
    case = locked(case_id)
    if not actor.is_resident:
        raise Refused(_("诉求人补充由诉求人作出。"), code="role")
    if case.state in (State.ARCHIVED, State.VOIDED):
        raise Refused(_("本案已归档或作废，请作为新问题上报。"), code="state")
    require({"opinion": opinion}, {"opinion": _("请填写补充的内容。")})
    if len(opinion) > LONGEST:
        raise Refused(
            _("补充最多 %(n)d 字。") % {"n": LONGEST}, code="long", field="opinion"
        )
    attach_photos(
        case=case,
        batch=photos,
        stage=Photo.Stage.EVIDENCE,
        actor=actor,
        least=0,
        field="photos",
    )
    return aside(
        case,
        "supplement",
        actor=actor,
        at=at,
        detail={"opinion": opinion.strip(), "origin": origin, "state": case.state},
        subject=f"{at.timestamp()}",
        tell=("holder", "unit"),
    )
