"""The demo city with a case at every station, so that every page has something to show.

Runs inside the instance that is looked at. Begun as the demo begins its cases and gone
on with the deeds that the tests know, `account:deed` one after the other.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from cases.actions import upload_photo
from cases.demo import SAMPLES, Sample, Scene
from cases.demo_pictures import picture
from cases.models import Case, Photo
from governance import clock
from parties.acting import Actor
from parties.models import Organisation, Posting, User
from tests.cases.deeds import deeds, side_deeds

LEAD = "chengguanju-lianluoyuan"
BUILDING = next(one for one in SAMPLES if one.code5 == "06001")
HEAP = next(one for one in SAMPLES if one.code5 == "06036")
DAY = 24 * 60
UP = ("jiedao-zhibanzhang:escalate_to_district",)
WAITS = (f"{LEAD}:request_suspension", "jiedao-paiqianyuan:review_suspension")
RATED = ("resident:rate",)
VOID = ("jiedao-zhibanzhang:request_void",)

# What it shows, how far the demo brings it, minutes ago, who does what then.
STATIONS: tuple[tuple[str, Sample, tuple[str, ...]], ...] = (
    ("网格自办中", replace(HEAP, until="reported"), ("wanggeyuan-jia:self_resolve",)),
    ("不予受理", replace(HEAP, until="reported"), ("shequ-shouliyuan:reject",)),
    ("已转出", replace(HEAP, until="reported"), ("shequ-shouliyuan:transfer",)),
    ("申请作废", replace(HEAP, until="reported"), VOID),
    ("已作废", replace(HEAP, until="reported"), (*VOID, "quzhihuizhongxin:void")),
    ("已并案", replace(HEAP, until="reported"), ("shequ-shouliyuan:merge",)),
    ("社区反馈", replace(HEAP, until="community"),
     ("shequ-chengbanren:submit_result",)),
    ("街道处置中", replace(HEAP, until="pending"),
     ("jiedao-paiqianyuan:handle_at_street",)),
    ("争议裁定中", replace(BUILDING, until="whistled"), (f"{LEAD}:dispute",)),
    ("职责空白", replace(BUILDING, until="whistled"),
     (f"{LEAD}:dispute", "jiedao-zhibanlingdao:take_over")),
    ("区级协调中", replace(BUILDING, until="joint"), UP),
    ("市级协调中", replace(BUILDING, until="joint"),
     (*UP, "quzhihuizhongxin-zhuren:escalate_to_city")),
    ("申请挂账", replace(BUILDING, until="joint"), WAITS),
    ("待初审挂账", replace(BUILDING, until="joint"), WAITS[:1]),
    ("挂账中", replace(BUILDING, until="joint"),
     (*WAITS, "jiedao-zhibanlingdao:suspend")),
    ("申请延期", replace(BUILDING, until="joint"), (f"{LEAD}:request_extension",)),
    ("督办", replace(BUILDING, until="joint"), ("quzhihuizhongxin:supervise",)),
    ("督办已回复", replace(BUILDING, until="joint"),
     ("quzhihuizhongxin:supervise", f"{LEAD}:answer_supervision")),
    ("增派协办", replace(BUILDING, until="joint"), ("jiedao-paiqianyuan:add_support",)),
    ("已认领", replace(BUILDING, until="whistled"),
     ("chengguanju-chuzhiyuan:claim", "jiedao-paiqianyuan:urge")),
    ("协办已报到", replace(BUILDING, until="joint"),
     ("zhujianju-lianluoyuan:check_in",)),
    ("已结案·可复开", replace(BUILDING, until="rating", resident=True), RATED),
    ("超期", replace(BUILDING, until="joint", minutes_ago=50 * DAY), ()),
    ("核查不通过", replace(BUILDING, until="checking"), ("checker:fail_check",)),
    ("核查通过", replace(BUILDING, until="checking"), ("checker:submit_check",)),
    ("不满意", replace(BUILDING, until="rating", resident=True),
     ("resident:dissatisfied",)),
    ("已归档", replace(HEAP, until="closed", minutes_ago=30 * DAY), ()),
)  # fmt: skip


@dataclass
class DemoWorld:
    """What `deeds` asks of a world, answered by the people of the demo city."""

    at: datetime
    NAMES = {
        "grid_a": "wanggeyuan-jia",
        "grid_b": "wanggeyuan-yi",
        "community_handler": "shequ-chengbanren",
    }
    UNITS = {
        "urban": "chengguanju-lianluoyuan",
        "station": "jiedao-chengbankeshi",
        "property": "wuyegongsi-lianluoyuan",
    }

    def user_id(self, name: str) -> int:
        return int(User.objects.get(username=self.NAMES[name]).pk)

    @property
    def orgs(self) -> dict[str, Organisation]:
        return {
            name: self.posting(username).post.organisation
            for name, username in self.UNITS.items()
        }

    def posting(self, username: str) -> Posting:
        own = Posting.objects.current(self.at).with_post()
        return own.filter(user__username=username).order_by("pk")[0]

    def actor(self, name: str, case: Case | None = None) -> Actor:
        if name == "resident":
            return Actor.resident("居民")
        if name == "checker" and case is not None:
            task = case.site_tasks.order_by("-pk")[0]
            return Actor.of(self.posting(task.worker.username))
        return Actor.of(self.posting(name))


@transaction.atomic
def build() -> dict[str, int]:
    """The case of each station by its name. All at once: the worker of the running
    instance acts on what is overdue, and would be before the next step of the past."""
    at = clock.now()
    return {
        name: brought(100 + number, sample, steps, at)
        for number, (name, sample, steps) in enumerate(STATIONS)
    }


def brought(number: int, sample: Sample, steps: tuple[str, ...], at: datetime) -> int:
    scene = Scene.of(number, sample, at - timedelta(minutes=sample.minutes_ago))
    own = list(scene.steps())
    for index, step in enumerate(own):
        step(
            scene.start + timedelta(minutes=sample.minutes_ago / (len(own) + 1)) * index
        )
    world = DemoWorld(at)
    for step in steps:
        who, name = step.split(":")
        case = Case.objects.get(pk=scene.case_id)
        known = {
            **deeds(world, case, at, pictures(number)),  # type: ignore[arg-type]
            **side_deeds(world, case, at, pictures(number)),  # type: ignore[arg-type]
        }
        known[name](world.actor(who, case))
    return scene.case_id


def pictures(number: int) -> Callable[..., str]:
    def taken(actor: Actor, *stages: str, at: datetime) -> str:
        batch = uuid.uuid4()
        for stage in stages:
            upload_photo(
                photo_id=uuid.uuid4(),
                batch=batch,
                stage=stage,
                content=picture(number, solved=stage != Photo.Stage.REPORT),
                actor=actor,
                at=at,
                taken_at=at,
            )
        return str(batch)

    return taken
