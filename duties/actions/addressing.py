"""To whom a task may go: areas below, units and persons within reach."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from duties.models import Task, TaskReceiver
from duties.workflow import DEPARTMENT, FIELD
from governance.errors import Refused
from governance.numbers import number_of
from grids.codes import Level, level_of
from grids.models import Area
from parties.acting import Actor
from parties.models import Organisation, Posting
from parties.querysets import OrganisationQuerySet

KINDS = ("area", "organisation", "person")
LEVELS_DOWN = 2


@dataclass(frozen=True)
class Addressee:
    """`kind` is area, organisation or person."""

    kind: str
    id: int

    @classmethod
    def of(cls, text: str) -> "Addressee":
        """From `area:17`; ValueError for anything else."""
        kind, _colon, given = text.partition(":")
        number = number_of(given)
        if kind not in KINDS or number is None:
            raise ValueError(text)
        return cls(kind, number)

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Reach:
    """What may be addressed: areas, units and persons."""

    areas: list[Area]
    organisations: list[Organisation]
    postings: list[Posting]

    def holds(self, one: Addressee) -> bool:
        known = {
            "area": {area.pk for area in self.areas},
            "organisation": {unit.pk for unit in self.organisations},
            "person": {posting.user_id for posting in self.postings},
        }
        return one.id in known[one.kind]

    def codes(self, addressed: Iterable[Addressee]) -> list[str]:
        """The communities and grids among them; a person counts as a grid."""
        chosen = set(addressed)
        found = [
            area.code
            for area in self.areas
            if Addressee("area", area.pk) in chosen and area.level >= Level.COMMUNITY
        ]
        return found + [
            posting.post.area.code
            for posting in self.postings
            if Addressee("person", posting.user_id) in chosen and posting.post.area
        ]


def reach_of_issuer(actor: Actor, at: datetime) -> Reach:
    """Of whoever issues: the two levels below the post's area or the jurisdiction,
    and units that sit in it. Further down a task is passed on, not sent.
    """
    codes = _codes_of(actor)
    below = Q(pk__in=[])
    for code in codes:
        level = level_of(code) or Level.GRID
        below |= Q(
            code__startswith=code,
            level__range=(level + 1, min(level + LEVELS_DOWN, Level.GRID)),
        )
    day = timezone.localtime(at).date()
    areas = Area.objects.active(day).filter(below).order_by("level", "code")
    units = _units_in(codes).exclude(pk=actor.organisation_id or 0)
    return Reach(list(areas), list(units.order_by("level", "name", "pk")), [])


def reach_below(receiver: TaskReceiver, at: datetime) -> Reach:
    """Of a receiver that passes on: the next lower level (DOMAIN C.8), and in a
    community also the persons who work in its grids.
    """
    if receiver.area is None:
        return Reach([], [], [])
    day = timezone.localtime(at).date()
    areas = Area.objects.active(day).filter(parent=receiver.area).order_by("code")
    workers: list[Posting] = []
    if receiver.area.level == Level.COMMUNITY:
        workers = workers_in(receiver.area.code, at)
    return Reach(list(areas.filter(level__lte=Level.GRID)), [], workers)


def workers_in(code: str, at: datetime) -> list[Posting]:
    """Who works in the grids of an area, each person once."""
    found = Posting.objects.current(at).with_post().holding(*FIELD)
    inside = found.filter(post__area__code__startswith=code)
    by_person = {one.user_id: one for one in inside.order_by("post__area__code", "pk")}
    return list(by_person.values())


def check_addressees(addressed: Iterable[Addressee], reach: Reach) -> list[Addressee]:
    """Each once; Refused when there is none or one is out of reach."""
    chosen = list(dict.fromkeys(addressed))
    if not chosen:
        raise Refused(_("请选择接收单位。"), code="required", field="addressees")
    if not all(reach.holds(one) for one in chosen):
        raise Refused(
            _("有接收单位不在您可以下发的范围内，请重新选择。"),
            code="reach",
            field="addressees",
        )
    return chosen


def add_receivers(
    task: Task,
    addressed: Iterable[Addressee],
    *,
    parent: TaskReceiver | None = None,
    due_at: datetime | None = None,
    requirement: str = "",
) -> list[TaskReceiver]:
    """Rows for those who do not have the task yet; Refused when it names one twice."""
    chosen = list(addressed)
    for kind in KINDS:
        ids = [one.id for one in chosen if one.kind == kind]
        had = task.receivers.filter(**{f"{kind}__in": ids}).with_names().first()
        if had is not None:
            raise Refused(
                _("%(name)s已经收到这项任务，不用再发。") % {"name": had.name},
                code="twice",
                field="addressees",
            )
    return TaskReceiver.objects.bulk_create(
        [
            TaskReceiver(
                task=task,
                parent=parent,
                due_at=due_at,
                requirement=requirement,
                **{f"{one.kind}_id": one.id},
            )
            for one in chosen
        ]
    )


def codes_of_receivers(task: Task) -> list[str]:
    """The areas of the communities and grids that a task names."""
    return list(
        task.receivers.filter(area__level__gte=Level.COMMUNITY).values_list(
            "area__code", flat=True
        )
    )


def _codes_of(actor: Actor) -> list[str]:
    if actor.role not in DEPARTMENT:
        return [actor.area_code] if actor.area_code else []
    unit = Organisation.objects.select_related("area").get(
        pk=actor.organisation_id or 0
    )
    codes = list(unit.jurisdictions.values_list("code", flat=True))
    return codes or ([unit.area.code] if unit.area else [])


def _units_in(codes: list[str]) -> OrganisationQuerySet:
    inside = Q(pk__in=[])
    for code in codes:
        inside |= Q(area__code__startswith=code)
    responders = [
        Organisation.Kind.DEPARTMENT, Organisation.Kind.STATION,
        Organisation.Kind.ENTERPRISE, Organisation.Kind.PROPERTY,
    ]  # fmt: skip
    return Organisation.objects.active().filter(inside, kind__in=responders)
