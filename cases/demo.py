"""The demo city with everything in it: calendar, areas, people, catalogue, cases.

The sample cases are filed and handled by the same actions as any other, so that every
queue has something in it and every button can be tried.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.gis.geos import Point
from django.db import transaction

from cases import actions
from cases.actions.calls import listed_basis
from cases.demo_catalogue import STANDARD, build_catalogue
from cases.demo_phrases import build_phrases
from cases.demo_pictures import picture
from cases.models import Case, Category, Photo
from cases.workflow import State
from governance.actions import install_defaults
from grids import demo as places
from grids.models import Area, AreaBoundary
from parties import demo as people
from parties.acting import Actor
from parties.models import Posting

NAMESPACE = uuid.UUID("5b0f1f0e-3c43-4d58-9a35-6a1c8d0a9901")
HOME_STREET = "990101001"
STREETS = (HOME_STREET, "990101002", "990102001")
# An area is active from a day on, and cases of before midnight need it too.
CITY_AGE = timedelta(days=30)


@dataclass(frozen=True)
class Sample:
    """One case to make: what, in which community, how far along, since when."""

    code5: str
    kind: str
    words: str
    address: str
    until: str
    minutes_ago: int
    grid: int = 0
    street: str = HOME_STREET
    resident: bool = False


SAMPLES = (
    Sample("09006", "matter", "三家水果摊摆上人行道，行人只能走车道。",
           "和平路 12 号门前", "reported", 12),
    Sample("06010", "matter", "垃圾收集点旁堆了十几袋生活垃圾，有异味。",
           "幸福里北门", "verifying", 50, 1),
    Sample("06036", "matter", "楼道口堆放旧家具和纸箱，挡住了半边通道。",
           "幸福里 3 栋 2 单元", "self_review", 35),
    Sample("54001", "local", "小区中心花园有大量烟头和纸屑没有清扫。",
           "幸福里中心花园", "community", 70, 2),
    Sample("01037", "component", "连续三盏路灯不亮，晚上看不清路面。",
           "文化巷中段", "pending", 95, 3, resident=True),
    Sample("09012", "matter", "消防通道被两辆面包车和杂物堵住，车进不来。",
           "商贸楼东侧消防通道", "drafted", 40, 4),
    Sample("06001", "matter", "一楼住户正在院内搭建砖房，已砌到一米高。",
           "幸福里 7 栋 101", "whistled", 60, 5),
    Sample("06028", "matter", "夜市音箱声音过大，附近居民无法休息。",
           "东湖广场西侧", "joint", 150, 1, resident=True),
    Sample("08004", "matter", "工地土方没有覆盖，大风天扬尘严重。",
           "迎宾路工地", "feedback", 200, 2),
    Sample("06013", "matter", "路面出现半米宽的坑，已有电动车摔倒。",
           "光明路与东风街口", "checking", 260, 0, street="990101002"),
    Sample("06042", "matter", "垃圾桶满溢多日，污水流到了人行道上。",
           "光明里南门", "rating", 300, 1, street="990101002", resident=True),
    Sample("07001", "matter", "电线杆和墙面贴满小广告，影响市容。",
           "西城大道 88 号", "closed", 320, 0, street="990102001"),
    Sample("01003", "component", "雨水井盖丢失，井口敞开在人行横道边上。",
           "和平路与建设街口", "reported", 6, 3),
)  # fmt: skip


def build(*, at: datetime) -> None:
    """Make what is missing; running it again changes nothing."""
    actor = Actor.system()
    install_defaults(actor=actor, at=at)
    places.build(at=at - CITY_AGE)
    people.build(at=at)
    build_catalogue(at=at)
    build_phrases(at=at)
    if not Case.objects.exists():
        for number, sample in enumerate(SAMPLES):
            with transaction.atomic():
                _make(number, sample, at)


def _make(number: int, sample: Sample, at: datetime) -> None:
    start = at - timedelta(minutes=sample.minutes_ago)
    scene = Scene.of(number, sample, start)
    steps = list(scene.steps())
    pace = timedelta(minutes=sample.minutes_ago / (len(steps) + 1))
    for index, step in enumerate(steps):
        step(start + pace * index)


@dataclass
class Scene:
    """The people and the place of one sample case."""

    number: int
    sample: Sample
    grid: Area
    point: Point
    start: datetime
    case_id: int = 0

    @classmethod
    def of(cls, number: int, sample: Sample, start: datetime) -> Self:
        boundary = (
            AreaBoundary.objects.current()
            .filter(area__code__startswith=sample.street, area__level=5)
            .select_related("area")
            .annotate(inside=PointOnSurface("geometry"))
            .order_by("area__code")[sample.grid]
        )
        return cls(number, sample, boundary.area, boundary.inside, start)

    def actor(self, role: str, area: str = "") -> Actor:
        found = Posting.objects.current(self.start).with_post().holding(role)
        code = area or self.grid.code[:9]
        posting = found.filter(post__area__code__startswith=code).order_by("pk").first()
        if posting is None:
            raise LookupError(f"{role} {code}")
        return Actor.of(posting)

    def steps(self) -> Iterator[Callable[[datetime], Any]]:
        """The steps up to `sample.until`, in the order of the table."""
        if self.sample.until in ("self_review", "closed"):
            yield self.resolve
            if self.sample.until == "closed":
                yield self.approve
            return
        yield self.report
        branch = {"verifying": self.verify, "community": self.accept}
        if self.sample.until in branch:
            yield branch[self.sample.until]
            return
        way = (
            ("pending", self.escalate), ("drafted", self.draft),
            ("whistled", self.sign), ("joint", self.check_in),
            ("feedback", self.feed_back),
            ("checking", self.send_to_check), ("rating", self.pass_check),
        )  # fmt: skip
        for name, step in way if self.sample.until != "reported" else ():
            yield step
            if name == self.sample.until:
                return

    def report(self, at: datetime) -> None:
        worker = self.actor("grid_worker", self.grid.code)
        self.case_id = actions.report(
            submission_id=uuid.uuid5(NAMESPACE, str(self.number)),
            report=self._report(self._photos(worker, at, Photo.Stage.REPORT)),
            actor=worker,
            at=at,
        ).pk

    def resolve(self, at: datetime) -> None:
        worker = self.actor("grid_worker", self.grid.code)
        batch = self._photos(worker, at, Photo.Stage.BEFORE, Photo.Stage.AFTER)
        self.case_id = actions.resolve_on_spot(
            submission_id=uuid.uuid5(NAMESPACE, str(self.number)),
            report=self._report(batch, measures="当场联系责任人，已清理干净。"),
            actor=worker,
            at=at,
        ).pk

    def approve(self, at: datetime) -> None:
        desk = self.actor("community_acceptor", self.grid.code[:12])
        actions.approve_self(case_id=self.case_id, opinion="同意", actor=desk, at=at)

    def verify(self, at: datetime) -> None:
        worker = self.actor("grid_worker", self.grid.code)
        actions.send_to_verify(
            case_id=self.case_id,
            worker_id=worker.user_id or 0,
            requirement="请到现场看是否属实，拍照反馈。",
            missing="照片看不出垃圾有多少、是谁堆放的",
            actor=self.actor("community_acceptor", self.grid.code[:12]),
            at=at,
        )

    def accept(self, at: datetime) -> None:
        handler = self.actor("community_handler", self.grid.code[:12])
        actions.accept(
            case_id=self.case_id,
            handler_id=handler.user_id or 0,
            condition_id=self._condition(),
            actor=self.actor("community_acceptor", self.grid.code[:12]),
            at=at,
        )

    def escalate(self, at: datetime) -> None:
        actions.raise_to_street(
            case_id=self.case_id,
            opinion="社区没有处置权限，请街道协调。",
            actor=self.actor("community_acceptor", self.grid.code[:12]),
            at=at,
        )
        actions.route(case_id=self.case_id, state=State.STREET_PENDING, at=at)

    def draft(self, at: datetime) -> None:
        case = Case.objects.get(pk=self.case_id)
        lines = [case.suggestion["lead"], *case.suggestion["supports"][:1]]
        called = tuple(
            actions.Called(
                line["organisation_id"],
                "support" if index else "lead",
                "到现场核实并处置" if not index else "配合主办单位处置",
            )
            for index, line in enumerate(lines)
            if line and line["organisation_id"]
        )
        actions.whistle(
            case_id=self.case_id,
            call=actions.Call(
                kind="enforcement",
                called=called,
                condition_id=self._condition(),
                legal_basis=listed_basis(case),
                gather_place=self.sample.address,
            ),
            actor=self.actor("street_dispatcher"),
            at=at,
        )

    def sign(self, at: datetime) -> None:
        drafted = Case.objects.get(pk=self.case_id).whistles.get()
        actions.sign_whistle(
            case_id=self.case_id,
            whistle_id=drafted.pk,
            actor=self.actor("street_leader"),
            at=at,
        )

    def check_in(self, at: datetime) -> None:
        actions.check_in(
            case_id=self.case_id, mode="on_site", position=self.point,
            remark="已到现场", actor=self._lead(), at=at,
        )  # fmt: skip

    def feed_back(self, at: datetime) -> None:
        lead = self._lead()
        actions.feed_back(
            case_id=self.case_id,
            result="solved",
            measures="现场清理整改到位，已要求责任人落实长效管理。",
            photos=self._photos(lead, at, Photo.Stage.AFTER),
            override="协办单位工作已并入主办一并完成",
            actor=lead,
            at=at,
        )

    def send_to_check(self, at: datetime) -> None:
        worker = self.actor("grid_worker", self.grid.code)
        actions.send_to_check(
            case_id=self.case_id,
            worker_id=worker.user_id or 0,
            requirement="请到现场看是否整改到位，拍照反馈。",
            actor=self.actor("street_acceptor"),
            at=at,
        )

    def pass_check(self, at: datetime) -> None:
        worker = self.actor("grid_worker", self.grid.code)
        actions.submit_check(
            case_id=self.case_id,
            result="passed",
            remark="现场已整改",
            position=self.point,
            photos=self._photos(worker, at, Photo.Stage.CHECK),
            actor=worker,
            at=at,
        )
        actions.confirm_check(
            case_id=self.case_id,
            opinion="核查通过",
            closing_met=True,
            actor=self.actor("street_acceptor"),
            at=at,
        )

    def _lead(self) -> Actor:
        case = Case.objects.get(pk=self.case_id)
        posting = (
            Posting.objects.current(self.start)
            .with_post()
            .holding("department_liaison")
            .filter(post__organisation=case.lead_org_id)
            .first()
        )
        if posting is None:
            raise LookupError(f"department_liaison {case.lead_org_id}")
        return Actor.of(posting)

    def _condition(self) -> int:
        case = Case.objects.select_related("category").get(pk=self.case_id)
        first = case.category.conditions.filter(is_active=True, is_unparsed=False)
        return first.order_by("order").values_list("pk", flat=True)[0]

    def _report(self, batch: str, measures: str = "") -> actions.Report:
        sample = self.sample
        category = Category.objects.get(
            standard_ref=STANDARD, kind=sample.kind, code5=sample.code5
        )
        return actions.Report(
            category_id=category.pk,
            description=sample.words,
            address=sample.address,
            lng=self.point.x,
            lat=self.point.y,
            accuracy_m=8,
            photos=batch,
            measures=measures,
            complainant_name="居民" if sample.resident else "",
            complainant_contact="13800000000" if sample.resident else "",
            consent="oral" if sample.resident else "",
        )

    def _photos(self, actor: Actor, at: datetime, *stages: str) -> str:
        batch = uuid.uuid4()
        done = (Photo.Stage.AFTER, Photo.Stage.CHECK)
        for stage in stages:
            actions.upload_photo(
                photo_id=uuid.uuid4(),
                batch=batch,
                stage=stage,
                content=picture(self.number, solved=stage in done),
                actor=actor,
                at=at,
                taken_at=at,
                position=self.point,
            )
        return str(batch)
