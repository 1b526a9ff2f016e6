"""A small city, its people and a catalogue; and the engine turned by hand."""

import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.gis.geos import Point, Polygon
from django.utils.module_loading import import_string
from PIL import Image

from cases import actions
from cases.actions import photos as photographs
from cases.models import Case, Category, FilingCondition, ResponsibilityItem
from governance import clock
from governance.models import CalendarYear, Job, WorkScheme
from grids.actions import publish_boundaries
from grids.codes import Level
from grids.models import Area
from parties.acting import Actor
from parties.models import Organisation, Posting
from tests.factories import OrganisationFactory, PostingFactory, area_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
SPOT = (113.0005, 28.0005)
STREET, COMMUNITY = "990101001", "990101001001"
SQUARES = {
    f"{COMMUNITY}001": (113.000, 28.000, 113.001, 28.001),
    f"{COMMUNITY}002": (113.001, 28.000, 113.002, 28.001),
    "990101002001001": (113.002, 28.000, 113.003, 28.001),
}


def at(text: str) -> datetime:
    """`2026-11-23 09:00` in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@dataclass
class World:
    areas: dict[str, Area]
    orgs: dict[str, Organisation]
    postings: dict[str, Posting]
    categories: dict[str, Category]

    def actor(self, name: str) -> Actor:
        posting = Posting.objects.with_post().get(pk=self.postings[name].pk)
        return Actor.of(posting, ip="127.0.0.1")

    def hire(self, name: str, role: str, org: str, code: str) -> Actor:
        """One person more than `PEOPLE`."""
        self.postings[name] = PostingFactory(
            user__name=name,
            post__role=role,
            post__name=name,
            post__organisation=self.orgs[org],
            post__area=self.areas[code],
        )
        return self.actor(name)

    def user_id(self, name: str) -> int:
        return self.postings[name].user_id


PEOPLE = {
    "grid_a": ("grid_worker", "community", f"{COMMUNITY}001"),
    "grid_b": ("grid_worker", "community", f"{COMMUNITY}002"),
    "acceptor": ("community_acceptor", "community", COMMUNITY),
    "community_handler": ("community_handler", "community", COMMUNITY),
    "community_leader": ("community_leader", "community", COMMUNITY),
    "street_acceptor": ("street_acceptor", "street", STREET),
    "dispatcher": ("street_dispatcher", "street", STREET),
    "shift_head": ("street_shift_head", "street", STREET),
    "street_leader": ("street_leader", "street", STREET),
    "street_handler": ("street_handler", "station", STREET),
    "other_dispatcher": ("street_dispatcher", "other_street", "990101002"),
    "district": ("district_command", "district", "990101"),
    "director": ("district_director", "district", "990101"),
    "city": ("city_command", "city", "9901"),
    "housing": ("department_liaison", "housing", "990101"),
    "urban": ("department_liaison", "urban", "990101"),
    "urban_leader": ("department_leader", "urban", "990101"),
    "fire": ("department_liaison", "fire", "990101"),
    "property": ("department_liaison", "property", "990101"),
    "assessor": ("assessor", "district", "990101"),
}


@pytest.fixture
def world(db: None) -> World:
    areas = _areas()
    orgs = _organisations(areas)
    _calendar()
    found = World(areas, orgs, {}, _catalogue(areas, orgs))
    for name, (role, org, code) in PEOPLE.items():
        found.hire(name, role, org, code)
    return found


def _areas() -> dict[str, Area]:
    for code in SQUARES:
        area_of(code)
    area_of("990102001001001")
    areas = {area.code: area for area in Area.objects.all()}
    shapes = {code: Polygon.from_bbox(box) for code, box in SQUARES.items()}
    for shape in shapes.values():
        shape.srid = 4490
    publish_boundaries(
        boundaries=[(areas[code].pk, shape) for code, shape in shapes.items()],
        actor=Actor.system(),
        at=at("2026-01-01 00:00"),
        source="test",
    )
    return areas


def _organisations(areas: dict[str, Area]) -> dict[str, Organisation]:
    def made(name: str, kind: str, level: Level, area: str, called: bool) -> Any:
        return OrganisationFactory(
            name=name, kind=kind, level=level, area=areas[area],
            can_be_whistled=called, jurisdictions=[areas[area]],
        )  # fmt: skip

    kinds = Organisation.Kind
    return {
        "community": made(
            "幸福社区", kinds.COMMUNITY, Level.COMMUNITY, COMMUNITY, False
        ),
        "street": made("和平街道", kinds.STREET_OFFICE, Level.STREET, STREET, False),
        "station": made("综合执法队", kinds.STATION, Level.STREET, STREET, True),
        "other_street": made(
            "光明街道", kinds.STREET_OFFICE, Level.STREET, "990101002", True
        ),
        "district": made(
            "区指挥中心", kinds.COMMAND_CENTRE, Level.DISTRICT, "990101", False
        ),
        "city": made("市指挥中心", kinds.COMMAND_CENTRE, Level.CITY, "9901", False),
        "housing": made("区住建局", kinds.DEPARTMENT, Level.DISTRICT, "990101", True),
        "urban": made("区城管局", kinds.DEPARTMENT, Level.DISTRICT, "990101", True),
        "fire": made("区消防大队", kinds.DEPARTMENT, Level.DISTRICT, "990101", True),
        "property": made("物业公司", kinds.PROPERTY, Level.STREET, STREET, True),
        "west_urban": made(
            "西区城管局", kinds.DEPARTMENT, Level.DISTRICT, "990102", True
        ),
    }


def _calendar() -> None:
    CalendarYear.objects.create(year=2026, source="测试", imported_at=MONDAY_9)
    CalendarYear.objects.create(year=2027, source="测试", imported_at=MONDAY_9)
    WorkScheme.objects.get_or_create(
        starts_date=None,
        defaults={
            "name": "默认",
            "weekdays": [1, 2, 3, 4, 5],
            "periods": [["08:00", "12:00"], ["14:00", "18:00"]],
        },
    )


def _catalogue(
    areas: dict[str, Area], orgs: dict[str, Organisation]
) -> dict[str, Category]:
    stall = _category("09006", "占道经营", self_resolvable=True)
    lane = _category("09012", "占用消防通道")
    cover = _category("01003", "雨水井盖", urgent_default=True)
    _condition(stall, 4, "WORK_HOUR")
    _condition(lane, 2, "WORK_HOUR")
    _condition(cover, 2, "URGENT_HOUR")
    for org, role in ((orgs["fire"], "lead"), (orgs["urban"], "support")):
        ResponsibilityItem.objects.create(
            category=lane, level=Level.DISTRICT, organisation=org, role=role,
            area=areas["990101"], legal_basis="示例依据", valid_from="2026-01-01",
        )  # fmt: skip
    return {"stall": stall, "lane": lane, "cover": cover}


def _category(code: str, name: str, **more: Any) -> Category:
    return Category.objects.create(
        standard_ref="测试", kind="matter", code5=code, name=name,
        parent_code=code[:2], major_name="测试大类", **more,
    )  # fmt: skip


def _condition(category: Category, n: int, unit: str) -> FilingCondition:
    return FilingCondition.objects.create(
        category=category, text=f"{category.name}的", limit_n=Decimal(n),
        limit_unit=unit, closing_condition="恢复原状",
    )  # fmt: skip


@pytest.fixture
def snapshot() -> bytes:
    """A small real JPEG."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (40, 120, 110)).save(buffer, "JPEG")
    return buffer.getvalue()


# The child process that draws a picture is a function of its bytes, and a slow one.
drawn = cache(photographs._render)


@pytest.fixture
def photos(
    snapshot: bytes, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """Upload one photo for each stage named; answers the batch."""
    monkeypatch.setattr(photographs, "_render", lambda content: dict(drawn(content)))
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }

    def upload(actor: Actor, *stages: str, when: datetime = MONDAY_9) -> str:
        batch = uuid.uuid4()
        for stage in stages:
            actions.upload_photo(
                photo_id=uuid.uuid4(), batch=batch, stage=stage, content=snapshot,
                actor=actor, at=when,
            )  # fmt: skip
        return str(batch)

    return upload


@pytest.fixture
def file_case(world: World, photos: Callable[..., str]) -> Callable[..., Case]:
    """Report a case as grid worker 甲: `file_case("lane", urgent=True)`."""

    def file(
        name: str = "stall",
        *,
        by: str = "grid_a",
        when: datetime = MONDAY_9,
        **more: Any,
    ) -> Case:
        actor = world.actor(by)
        fields: dict[str, Any] = {
            "category_id": world.categories[name].pk,
            "description": "门前摆摊占住了整条人行道，行人只能走车道。",
            "address": "和平路 12 号门前",
            "lng": SPOT[0],
            "lat": SPOT[1],
            "photos": photos(actor, "report", when=when),
            **more,
        }
        if fields.get("complainant_contact"):
            fields.setdefault("consent", "oral")
        return actions.report(
            submission_id=uuid.uuid4(),
            report=actions.Report(**fields),
            actor=actor,
            at=when,
        )

    return file


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], int]:
    """Do all jobs that are due at a moment, as relay and worker would, in order."""

    def turn(moment: datetime) -> int:
        done = 0
        while True:
            due = Job.objects.filter(done_at=None, run_at__lte=moment)
            job = due.order_by("run_at", "id").first()
            if job is None:
                return done
            monkeypatch.setattr(
                clock, "now", lambda job=job: max(job.run_at, job.created_at)
            )
            task = import_string(job.task)
            assert task(job_id=job.pk), Job.objects.get(pk=job.pk).error
            done += 1

    return turn


def spot() -> Point:
    return Point(*SPOT, srid=4490)
