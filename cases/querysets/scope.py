"""The one definition of what a person sees, as conditions that indexes answer.

Nothing here asks a row of another table for each case: what a unit was called to stands
on the case itself (`called_ids`), and the few cases of a person in another table are
read once, as an array (`among`). So PostgreSQL can unite one index for each part, and
the cost follows what somebody sees, not how many cases there are.
"""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Q, QuerySet, Value

from cases.querysets import confidential
from governance.prepared import element_of
from grids.codes import Level

if TYPE_CHECKING:
    from parties.acting import Actor

FIELD_ROLES = ("grid_worker", "grid_leader", "micro_grid_leader", "grid_force")
AREA_ROLES = (
    "community_acceptor", "community_leader", "community_handler",
    "street_acceptor", "street_dispatcher", "street_shift_head", "street_leader",
    "district_command", "district_director", "city_command",
    "inspector", "assessor", "archivist",
)  # fmt: skip
UNIT_ROLES = (
    "street_handler", "department_liaison", "department_handler", "department_leader",
)  # fmt: skip
OF_IDS = ArrayField(BigIntegerField())
PLACEMENT_COLUMNS = {1: "city", 2: "district", 3: "street", 4: "community", 5: "grid"}


def sees_much(actor: "Actor") -> bool:
    """District and city: so many open cases that one does not collect them all."""
    return actor.role in AREA_ROLES and (actor.area_level or 9) <= Level.DISTRICT


def seen_by(actor: "Actor") -> Q:
    """Ordinary cases in reach, and confidential ones for those let in alone."""
    return Q(_in_reach(actor), confidential=False) | _let_in(actor)


def placed(actor: "Actor") -> Q:
    """Of an area role: the ordinary cases placed in its area, so that an index alone
    counts them."""
    return Q(_in_area(actor), confidential=False)


def beside(actor: "Actor") -> Q:
    """Of an area role: what it sees besides `placed`; few."""
    others = _of_unit(actor) & ~_in_area(actor)
    return Q(others, confidential=False) | _let_in(actor)


def _let_in(actor: "Actor") -> Q:
    members = among(
        apps.get_model("cases.CaseMember")
        .objects.filter(user_id=actor.user_id or 0, removed_at=None)
        .values("case")
    )
    return Q(confidential.let_in(actor, members), confidential=True)


def among(ids: "QuerySet[Any] | list[int]") -> Q:
    """The primary key is one of `ids`: a list, or a query of few rows, run once."""
    if isinstance(ids, list):
        return element_of("pk", Value(ids, OF_IDS))
    return element_of("pk", ArraySubquery(ids.order_by()))


def called(actor: "Actor") -> Q:
    """A whistle that was blown has a line of the actor's unit."""
    return Q(called_ids__contains=[actor.organisation_id or 0])


def _in_reach(actor: "Actor") -> Q:
    if actor.role in UNIT_ROLES:
        return _of_unit(actor)
    if actor.role in FIELD_ROLES:
        tasks = apps.get_model("cases.SiteTask").objects
        return (
            Q(grid_id=actor.area_id)
            | _reported_by(actor)
            | Q(holder_user_id__in=actor.hands)
            | among(tasks.filter(worker_id=actor.user_id).values("case"))
        )
    if actor.role in AREA_ROLES and actor.area_level in PLACEMENT_COLUMNS:
        return _in_area(actor) | _of_unit(actor)
    if actor.role == "hotline_agent":
        return _reported_by(actor)
    return Q(pk__in=())


def _in_area(actor: "Actor") -> Q:
    return Q(**{PLACEMENT_COLUMNS[actor.area_level or 0]: actor.area_id})


def _reported_by(actor: "Actor") -> Q:
    """Filed by the person or joined with ＋1, or the master of such a case."""
    joined = apps.get_model("cases.Support").objects.filter(user=actor.user_id)
    own = apps.get_model("cases.Case").objects.filter(reporter=actor.user_id)
    return (
        Q(reporter_id=actor.user_id)
        | among(own.filter(master__isnull=False).values("master"))
        | among(joined.values("case"))
        | among(joined.filter(case__master__isnull=False).values("case__master"))
    )


def _of_unit(actor: "Actor") -> Q:
    mine = actor.organisation_id or 0
    return Q(holder_org_id=mine) | Q(first_handler_org_id=mine) | called(actor)
