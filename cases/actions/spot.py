"""On the spot: how far somebody stands from it, and who can be sent there."""

from datetime import datetime

from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _

from cases.models import Case, Whistle
from governance import geo
from governance.errors import Refused
from parties.acting import Actor
from parties.models import Posting

WORKERS = ("grid_worker", "grid_leader")


def distance_to(
    case: Case, position: Point | None, whistle: Whistle | None = None
) -> float | None:
    """Metres from the whistle's gathering point, else the case's point (SRID 4490).

    None when either end is unknown.
    """
    spot = whistle.gather_point if whistle is not None else None
    spot = spot or case.point
    if position is None or spot is None:
        return None
    return round(geo.distance_m(spot, position), 1)


def posted_worker(case: Case, worker_id: int, at: datetime) -> Posting:
    """The current posting of a grid worker of the case's street."""
    posting = (
        Posting.objects.current(at)
        .holding(*WORKERS)
        .with_post()
        .filter(user_id=worker_id, post__area__code__startswith=case.street.code)
        .first()
    )
    if posting is None:
        raise Refused(_("请选择本街道的网格员。"), code="required", field="worker")
    return posting


def apart_from_doers(case: Case, worker_id: int, actor: Actor) -> None:
    """核查人 ≠ 处置人 ≠ 审核人 (DOMAIN C.1), the doers of earlier rounds included."""
    if worker_id in (*case.doers, actor.user_id):
        raise Refused(
            _("核查人不能是处置人或审核人，请另选网格员。"),
            code="separation",
            field="worker",
        )
