"""The demo city to the top: its boards, and four weeks of cases that came before.

The cases of the past go the way of any other, by the same actions, so that trends,
indicators, rankings and repeats have something to show. Their photos are one picture
each of before and after, drawn once; word of what is long over is not sent any more.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from cases import actions as cases
from cases.demo import HOME_STREET, NAMESPACE, Sample, Scene
from cases.models import Case, Photo
from cases.workflow import State
from civics import demo as civics
from governance.calendar import ZONE
from governance.models import Job
from oversight import actions
from oversight.models import Board
from parties.acting import Actor

FIRST = 1000  # of the numbers that submissions are made from; the samples are below
OTHER_STREET, OTHER_DISTRICT = "990101002", "990102001"
# Category, kind, words, address, how it went.
MATTERS = (
    ("09006", "matter", "流动摊贩占住人行道，行人只能走车道。", "和平路中段", "self"),
    ("06028", "matter", "夜市音箱声音过大，附近居民无法休息。", "东湖广场", "whistle"),
    ("06010", "matter", "垃圾收集点旁堆放生活垃圾，有异味。", "幸福里北门", "self"),
    ("54001", "local", "小区道路和花园有烟头纸屑，无人清扫。", "幸福里", "community"),
    ("07001", "matter", "电线杆和墙面贴满小广告，影响市容。", "建设街", "self"),
    ("06001", "matter", "一楼住户在院内搭建砖房，已砌到一米高。", "文化巷", "whistle"),
    ("06036", "matter", "楼道口堆放旧家具和纸箱，挡住通道。", "幸福里 5 栋", "self"),
    ("08004", "matter", "工地土方没有覆盖，大风天扬尘严重。", "迎宾路工地", "whistle"),
)  # fmt: skip
DAYS = 28
GRIDS = 20
# The matter of `MATTERS` that comes back in one grid, and on which days before.
AGAIN = {0: (2, 5, 9, 14, 20), 2: (3, 8, 12, 17, 24)}
# Still in hand: how far, since how many days, in which grid, what.
IN_HAND = (
    ("joint", 3, 6, 1), ("joint", 1, 9, 5), ("whistled", 1, 12, 7),
    ("pending", 1, 14, 5), ("reported", 2, 16, 0), ("feedback", 2, 11, 1),
)  # fmt: skip


def build(*, at: datetime) -> None:
    """Make what is missing; running it again changes nothing."""
    civics.build(at=at)
    if Board.objects.exists():
        return
    actions.install_boards(actor=Actor.system(), at=at)
    for number, past in enumerate(_past()):
        with transaction.atomic():
            past.make(FIRST + number, at)


@dataclass(frozen=True)
class Past:
    """A case of `days` ago; `until` as in `cases.demo`, or that it went to its end."""

    matter: int
    days: int
    grid: int
    street: str = HOME_STREET
    until: str = ""
    late: bool = False

    def make(self, number: int, at: datetime) -> None:
        code5, kind, words, address, way = MATTERS[self.matter]
        start = _morning(at, self.days) + timedelta(minutes=7 * (number % 13))
        resident = way == "whistle" and not self.until
        sample = Sample(
            code5, kind, words, address, self.until or way, 0, self.grid, self.street,
            resident,
        )  # fmt: skip
        scene = PastScene.of(number, sample, start)
        pace = timedelta(minutes=22)
        for step in scene.steps():
            if self.late and step == scene.check_in:
                start += timedelta(hours=6)
            step(start)
            start += pace
        if not self.until:
            scene.told(at)


def _past() -> Iterator[Past]:
    """Two cases a day at home, some elsewhere, what comes back, and what is left."""
    many = len(MATTERS)
    for day in range(1, DAYS + 1):
        for more in (0, 1):
            number = 2 * day + more
            yield Past(number % many, day, (3 * number) % GRIDS, late=number % 5 == 0)
        if day % 4 == 0:
            yield Past((2, 4, 6)[day // 4 % 3], day, day % 2, OTHER_STREET)
            yield Past((0, 2, 4)[day // 4 % 3], day, 0, OTHER_DISTRICT)
    for matter, days in AGAIN.items():
        yield from (Past(matter, day, matter // 2) for day in days)
    for until, day, grid, matter in IN_HAND:
        yield Past(matter, day, grid, until=until)


def _morning(at: datetime, days: int) -> datetime:
    """Nine o'clock so many days ago, of a weekend on the Friday before."""
    day = at.astimezone(ZONE).replace(hour=9, minute=0, second=0, microsecond=0)
    day -= timedelta(days=days)
    return day - timedelta(days=max(day.weekday() - 4, 0))


class PastScene(Scene):
    """Goes on to the end, and hangs up pictures that were drawn before."""

    def steps(self) -> Iterator[Callable[[datetime], Any]]:
        ways: dict[str, tuple[Callable[[datetime], Any], ...]] = {
            "self": (self.resolve, self.approve),
            "community": (
                self.report, self.accept, self.submit, self.check_at_community,
                self.pass_check,
            ),
            "whistle": (
                self.report, self.escalate, self.telephone, self.draft, self.sign,
                self.check_in, self.feed_back, self.send_to_check, self.pass_check,
                self.rate,
            ),
        }  # fmt: skip
        own = ways.get(self.sample.until)
        yield from own if own else super().steps()

    def telephone(self, at: datetime) -> None:
        """首次响应; now and then nobody thought of it."""
        if self.number % 7:
            cases.log_contact(
                case_id=self.case_id,
                method="phone",
                words="已电话联系诉求人，告知由街道协调处理。",
                actor=self.actor("street_acceptor"),
                at=at,
            )

    def submit(self, at: datetime) -> None:
        handler = self.actor("community_handler", self.grid.code[:12])
        cases.submit_result(
            case_id=self.case_id,
            result="solved",
            measures="已组织清扫，并提醒物业按时保洁。",
            photos=self._photos(handler, at, Photo.Stage.AFTER),
            actor=handler,
            at=at,
        )

    def check_at_community(self, at: datetime) -> None:
        cases.send_to_check(
            case_id=self.case_id,
            worker_id=self.actor("grid_worker", self.grid.code).user_id or 0,
            requirement="请到现场看是否清扫干净，拍照反馈。",
            actor=self.actor("community_leader", self.grid.code[:12]),
            at=at,
        )

    def rate(self, at: datetime) -> None:
        if Case.objects.get(pk=self.case_id).state != State.RATING:
            return
        happy = self.number % 6 != 0
        cases.rate(
            case_id=self.case_id,
            score="satisfied" if happy else "fair",
            solved=True,
            comment="",
            channel="portal",
            actor=Actor.resident(),
            at=at,
        )

    def told(self, at: datetime) -> None:
        """Nobody is told today of what was over weeks ago."""
        telling = Job.objects.filter(
            subject=f"case:{self.case_id}", task="cases.tasks.tell", done_at=None
        )
        telling.update(done_at=at)

    def _photos(self, actor: Actor, at: datetime, *stages: str) -> str:
        """As uploaded by this person; the files are those of the first such picture."""
        batch = uuid.uuid5(NAMESPACE, f"{self.number}:{at.isoformat()}")
        for stage in stages:
            drawn = Photo.objects.filter(stage=stage, case__isnull=False).first()
            if drawn is None:
                return super()._photos(actor, at, *stages)
            drawn.pk, drawn.batch, drawn.case = uuid.uuid4(), batch, None
            drawn.user_id, drawn.user_name = actor.user_id, actor.name
            drawn.taken_at = drawn.received_at = at
            drawn.position = self.point
            drawn.save(force_insert=True)
        return str(batch)
