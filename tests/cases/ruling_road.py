"""Disputes, rulings and coordination by actions, for the tests of them."""

from datetime import datetime
from typing import Any

from cases import actions
from cases.models import Case
from tests.cases.road import Road, again


class RulingRoad(Road):
    """`at` of the road is when each step is done; set it to go on in time."""

    def asked(self, lead: str, *supports: str, **more: Any) -> actions.Call:
        called = [actions.Called(self.world.orgs[lead].pk, "lead", "依法处置")]
        called += [
            actions.Called(self.world.orgs[one].pk, "support", "配合")
            for one in supports
        ]
        return self.call(**{"called": tuple(called), **more})

    def blown(self, lead: str, *supports: str, **more: Any) -> Case:
        case = self.pending()
        actions.whistle(
            case_id=case.pk,
            call=self.asked(lead, *supports, **more),
            actor=self.world.actor("street_leader"),
            at=self.at,
        )
        return again(case)

    def dispute(
        self, case: Case, by: str, *, at: datetime | None = None, **more: Any
    ) -> Case:
        given = {
            "reason": "other_unit",
            "legal_basis": "建筑法第七条",
            "suggested": "",
            "suggested_organisation_id": self.world.orgs["housing"].pk,
            "opinion": f"{by}认为应由他人主办",
            **more,
        }
        actions.dispute(
            case_id=case.pk, actor=self.world.actor(by), at=at or self.at, **given
        )
        return again(case)

    def disputed(self, *supports: str) -> Case:
        return self.dispute(self.blown("urban", *supports), "urban")

    def reassign(self, case: Case, lead: str, *supports: str, **more: Any) -> Case:
        given = {"by": "street_leader", "ruling": f"改由{lead}主办", **more}
        actions.reassign(
            case_id=case.pk,
            call=self.asked(lead, *supports),
            ruling=given["ruling"],
            actor=self.world.actor(given["by"]),
            at=self.at,
        )
        return again(case)

    def refer(self, case: Case) -> Case:
        actions.refer_to_district(
            case_id=case.pk,
            reason="district_units",
            focus="违建由谁查处",
            positions="城管局、住建局各执一词",
            proposal="请区级裁定主办",
            actor=self.world.actor("street_leader"),
            at=self.at,
        )
        return again(case)

    def referred(self, *supports: str) -> Case:
        return self.refer(self.disputed(*supports))

    def escalate(self, case: Case, by: str = "shift_head", **more: Any) -> Case:
        given = {
            "reason": "beyond_power",
            "matter": "超出街道权限",
            "work_done": "已现场会商两次",
            "proposal": "请区级统筹",
            **more,
        }
        actions.escalate_to_district(
            case_id=case.pk, actor=self.world.actor(by), at=self.at, **given
        )
        return again(case)

    def dispatch(self, case: Case, lead: str, *supports: str, **more: Any) -> Case:
        given = {"by": "district", "ruling": f"由{lead}主办", "days": None, **more}
        actions.dispatch_by_ruling(
            case_id=case.pk,
            call=self.asked(lead, *supports),
            ruling=given["ruling"],
            days=given["days"],
            actor=self.world.actor(given["by"]),
            at=self.at,
        )
        return again(case)

    def to_city(self, case: Case) -> Case:
        actions.escalate_to_city(
            case_id=case.pk,
            matter="涉及跨区管线",
            work_done="区级已协调",
            proposal="请市级明确",
            actor=self.world.actor("director"),
            at=self.at,
        )
        return again(case)

    def convened(self) -> Any:
        return actions.convene_meeting(
            title="第三次治理联席会议",
            held_at=self.at,
            place="区指挥中心会议室",
            members="区城管局、区住建局、和平街道",
            actor=self.world.actor("district"),
            at=self.at,
        )

    def on_agenda(self, meeting: Any, case: Case) -> Any:
        return actions.put_on_agenda(
            meeting_id=meeting.pk,
            case_id=case.pk,
            actor=self.world.actor("district"),
            at=self.at,
        )

    def issued(self, meeting: Any, **rulings: str) -> Any:
        items = {str(one.order): one.pk for one in meeting.items.all()}
        actions.hold_meeting(
            meeting_id=meeting.pk,
            rulings={items[key[1:]]: text for key, text in rulings.items()},
            actor=self.world.actor("district"),
            at=self.at,
        )
        return actions.issue_minutes(
            meeting_id=meeting.pk, actor=self.world.actor("district"), at=self.at
        )
