"""The city of the case tests with an admitted item, care targets and a task."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from duties import actions
from duties.actions import Addressee
from duties.checklists import question
from duties.models import CareTarget, GridItemAdmission, Task, TaskReceiver
from tests.cases.conftest import (
    COMMUNITY,
    MONDAY_9,
    World,
    at,
    photos,
    snapshot,
    turn,
    world,
)

__all__ = ["Duties", "at", "duties", "photos", "snapshot", "turn", "world"]

GRID_A, GRID_B = f"{COMMUNITY}001", f"{COMMUNITY}002"
CHECKLIST = [
    question(1, text="身体和生活情况正常", kind="yes_no", abnormal=["no"]),
    question(2, text="燃气软管完好", kind="yes_no", abnormal=["no"]),
    question(3, text="入户照片", kind="photo", required=False),
]


@dataclass
class Duties:
    """Brings items, targets and tasks by actions to where a test needs them."""

    world: World
    at: datetime = MONDAY_9

    def actor(self, name: str) -> Any:
        return self.world.actor(name)

    def client(self, name: str) -> Client:
        client = Client()
        client.force_login(self.world.postings[name].user)
        return client

    def area(self, code: str) -> Addressee:
        return Addressee("area", self.world.areas[code].pk)

    def applied(self, by: str = "urban", **more: Any) -> GridItemAdmission:
        fields: dict[str, Any] = {
            "item": "独居老人走访",
            "reason": "养老服务条例",
            "workload": "每月 4 小时",
            "kind": "regular",
            "starts_date": date(2026, 1, 1),
            **more,
        }
        return actions.apply_for_admission(
            application=actions.Application(**fields),
            actor=self.actor(by),
            at=self.at,
        )

    def admitted(self, by: str = "urban", **more: Any) -> GridItemAdmission:
        item = self.applied(by, **more)
        given: dict[str, Any] = {
            "admission_id": item.pk,
            "actor": self.actor("district"),
            "at": self.at,
        }
        actions.approve_admission(opinion="同意", **given)
        actions.publish_admission(**given)
        item.refresh_from_db()
        return item

    def paper(self, **more: Any) -> actions.Paper:
        fields: dict[str, Any] = {
            "title": "独居老人走访",
            "kind": "visit",
            "requirement": "逐户走访独居老人，检查用气用电安全。",
            "limit_n": Decimal(5),
            "limit_unit": "WORK_DAY",
            "addressees": (self.area(COMMUNITY),),
            "service_kind": "living_alone",
            "checklist": CHECKLIST,
            **more,
        }
        return actions.Paper(**fields)

    def drafted(self, by: str = "dispatcher", **more: Any) -> Task:
        if "admission_id" not in more and more.get("kind") != "emergency":
            known = GridItemAdmission.objects.first() or self.admitted()
            more["admission_id"] = known.pk
        return actions.draft_task(
            paper=self.paper(**more), actor=self.actor(by), at=self.at
        )

    def issued(self, signer: str = "street_leader", **more: Any) -> Task:
        task = self.drafted(**more)
        actions.issue(task_id=task.pk, actor=self.actor(signer), at=self.at)
        task.refresh_from_db()
        return task

    def signed(self, **more: Any) -> TaskReceiver:
        """The community's part, signed."""
        receiver = self.issued(**more).receivers.get()
        actions.sign(receiver_id=receiver.pk, actor=self.actor("acceptor"), at=self.at)
        return again(receiver)

    def split(self, **more: Any) -> TaskReceiver:
        """The community's part, passed on to both grids."""
        receiver = self.signed(**more)
        actions.reissue(
            receiver_id=receiver.pk,
            addressees=[self.area(GRID_A), self.area(GRID_B)],
            actor=self.actor("acceptor"),
            at=self.at,
        )
        return again(receiver)

    def part(self, task: Task | TaskReceiver, code: str) -> TaskReceiver:
        task_id = task.pk if isinstance(task, Task) else task.task_id
        return TaskReceiver.objects.get(task=task_id, area__code=code)

    def in_hand(self, **more: Any) -> TaskReceiver:
        """The part of grid 001, signed by its worker."""
        part = self.part(self.split(**more), GRID_A)
        actions.sign(receiver_id=part.pk, actor=self.actor("grid_a"), at=self.at)
        return again(part)

    def target(self, grid: str = GRID_A, **more: Any) -> CareTarget:
        worker = "grid_a" if grid == GRID_A else "grid_b"
        fields: dict[str, Any] = {
            "grid_id": self.world.areas[grid].pk,
            "name": "王秀英",
            "telephone": "13812345678",
            "building": "幸福里 3 栋 2 单元",
            "room": "301",
            "services": ("living_alone",),
            "legal_basis": "consent",
            "consent_date": date(2026, 10, 1),
            "worker_id": self.world.user_id(worker),
            "every_days": 7,
            "next_visit_date": date(2026, 11, 23),
            "review_date": date(2027, 10, 1),
            **more,
        }
        return actions.register_care_target(
            registration=actions.Registration(**fields),
            actor=self.actor("acceptor"),
            at=self.at,
        )

    def visited(
        self, part: TaskReceiver, target: CareTarget, by: str = "grid_a", **more: Any
    ) -> Any:
        fields: dict[str, Any] = {
            "target_id": target.pk,
            "answers": {"q1": "yes", "q2": "yes"},
            **more,
        }
        return actions.record_visit(
            receiver_id=part.pk,
            submission=uuid.uuid4(),
            visit=actions.Visit(**fields),
            actor=self.actor(by),
            at=self.at,
        )


@pytest.fixture
def duties(
    world: World, photos: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> Duties:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Duties(world)


def again(receiver: TaskReceiver) -> TaskReceiver:
    return TaskReceiver.objects.get(pk=receiver.pk)
