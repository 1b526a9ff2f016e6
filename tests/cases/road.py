"""Bring a case by actions to where a test needs it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.test import Client

from cases import actions
from cases.models import Case
from tests.cases.conftest import MONDAY_9, World, spot


@dataclass
class Road:
    """Cases at a stage of the main path; each method goes on from the one before."""

    world: World
    file_case: Callable[..., Case]
    photos: Callable[..., str]
    at: datetime = MONDAY_9

    def reported(self, name: str = "lane", **more: Any) -> Case:
        return self.file_case(name, when=self.at, **more)

    def pending(self, **more: Any) -> Case:
        case = self.reported(**more)
        actions.raise_to_street(
            case_id=case.pk,
            opinion="社区无执法权",
            actor=self.world.actor("acceptor"),
            at=self.at,
        )
        return again(case)

    def call(self, *supports: str, **more: Any) -> actions.Call:
        world = self.world
        called = [actions.Called(world.orgs["fire"].pk, "lead", "现场清理")]
        called += [
            actions.Called(world.orgs[name].pk, "support", f"{name}配合")
            for name in supports
        ]
        fields: dict[str, Any] = {
            "kind": "enforcement",
            "called": tuple(called),
            "condition_id": world.categories["lane"].conditions.get().pk,
            "legal_basis": "消防法第二十八条",
            **more,
        }
        return actions.Call(**fields)

    def drafted(self, *supports: str, **more: Any) -> Case:
        case = self.pending(**more)
        actions.whistle(
            case_id=case.pk,
            call=self.call(*supports),
            actor=self.world.actor("dispatcher"),
            at=self.at,
        )
        return again(case)

    def whistled(self, *supports: str, **more: Any) -> Case:
        case = self.drafted(*supports, **more)
        actions.sign_whistle(
            case_id=case.pk,
            whistle_id=case.whistles.get().pk,
            actor=self.world.actor("street_leader"),
            at=self.at,
        )
        return again(case)

    def check_in(self, case: Case, name: str) -> Case:
        actions.check_in(
            case_id=case.pk,
            mode="on_site",
            position=spot(),
            remark="",
            actor=self.world.actor(name),
            at=self.at,
        )
        return again(case)

    def joint(self, *supports: str, **more: Any) -> Case:
        return self.check_in(self.whistled(*supports, **more), "fire")

    def suspended(self, **more: Any) -> Case:
        """Until 09:00 of 10 December, by the street's leader."""
        case = self.joint(**more)
        lead = self.world.actor("fire")
        actions.request_suspension(
            case_id=case.pk,
            ground="plan",
            reason="列入明年改造计划",
            resume_date=date(2026, 12, 10),
            safety_measure="已设围挡",
            photos=self.photos(lead, "evidence"),
            actor=lead,
            at=self.at,
        )
        actions.review_suspension(
            case_id=case.pk,
            decision="approve",
            opinion="情况属实",
            actor=self.world.actor("dispatcher"),
            at=self.at,
        )
        actions.suspend(
            case_id=case.pk,
            opinion="同意",
            actor=self.world.actor("street_leader"),
            at=self.at,
        )
        return again(case)

    def fed_back(self, **more: Any) -> Case:
        case = self.joint(**more)
        lead = self.world.actor("fire")
        actions.feed_back(
            case_id=case.pk,
            result="solved",
            measures="通道已清空",
            override="",
            photos=self.photos(lead, "after"),
            actor=lead,
            at=self.at,
        )
        return again(case)

    def checking(self, **more: Any) -> Case:
        case = self.fed_back(**more)
        actions.send_to_check(
            case_id=case.pk,
            worker_id=self.world.user_id("grid_b"),
            requirement="看是否畅通",
            actor=self.world.actor("street_acceptor"),
            at=self.at,
        )
        return again(case)

    def checked(self, result: str = "passed", **more: Any) -> Case:
        case = self.checking(**more)
        checker = self.world.actor("grid_b")
        actions.submit_check(
            case_id=case.pk,
            result=result,
            remark="已看",
            position=spot(),
            photos=self.photos(checker, "check"),
            actor=checker,
            at=self.at,
        )
        return again(case)

    def closed(self, **more: Any) -> Case:
        case = self.checked(**more)
        actions.confirm_check(
            case_id=case.pk,
            opinion="同意结案",
            closing_met=True,
            actor=self.world.actor("street_acceptor"),
            at=self.at,
        )
        return again(case)

    def rating(self, **more: Any) -> Case:
        """Checked, and now it is for the resident who asked for it to say."""
        return self.closed(**ASKED, **more)


ASKED = {
    "complainant_name": "张三",
    "complainant_contact": "13800001234",
    "consent": "oral",
}


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def signed_in(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.postings[name].user)
    return client


def piece(client: Client, url: str, **data: Any) -> Any:
    """What htmx gets: a GET, or with `data` a POST."""
    headers = {"HX-Request": "true"}
    if data:
        return client.post(url, data, headers=headers)
    return client.get(url, headers=headers)
