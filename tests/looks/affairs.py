"""What the demo city has beside cases when it is looked at: a meeting, an incident,
a mediation, a visit, a patrol, a proposal of grids, an upload, a score."""

import json
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from cases import actions as cases
from cases.demo import Sample
from cases.models import WhistleAssignment
from duties import actions as duties
from duties.models import CareTarget, Incident, MediationTemplate, TaskReceiver
from governance.geo import Crs
from grids import actions as grids
from grids import uploads
from grids.codes import Level
from grids.importing import Options
from grids.models import Area, AreaBoundary
from tests.looks.stations import BUILDING, DemoWorld, brought

QUARREL = Sample(
    "51001",
    "local",
    "楼上漏水泡了楼下，两家争吵多次。",
    "幸福里 5 栋 2 单元",
    "community",
    90,
)


def build(at: datetime) -> None:
    for affair in (
        meeting,
        incident,
        mediation,
        visit,
        patrol,
        proposal,
        upload,
        score,
    ):
        affair(DemoWorld(at), at)


def meeting(world: DemoWorld, at: datetime) -> None:
    head = "jiedao-zhibanzhang:escalate_to_district"
    case_id = brought(201, replace(BUILDING, until="joint"), (head,), at)
    district = world.actor("quzhihuizhongxin")
    found = cases.convene_meeting(
        title="第一次治理联席会议",
        held_at=at + timedelta(days=1),
        place="区指挥中心会议室",
        members="区城管局、区住建局、和平街道",
        actor=district,
        at=at,
    )
    cases.put_on_agenda(meeting_id=found.pk, case_id=case_id, actor=district, at=at)


def incident(world: DemoWorld, at: datetime) -> None:
    duties.start_incident(
        emergency=duties.Emergency(
            title="暴雨红色预警",
            kind=Incident.Kind.RAINSTORM,
            level=Incident.Level.RED,
            requirement="排查低洼地带和老旧房屋，每两小时报送一次。",
            expires_at=at + timedelta(hours=8),
        ),
        actor=world.actor("jiedao-zhibanlingdao"),
        at=at,
    )
    duty = TaskReceiver.objects.filter(area__level=Level.COMMUNITY).order_by("-pk")
    own = duty.filter(area__code="990101001001")[0]
    desk = world.actor("shequ-shouliyuan")
    duties.sign(receiver_id=own.pk, actor=desk, at=at)
    duties.pass_on(receiver_id=own.pk, actor=desk, at=at)


def mediation(world: DemoWorld, at: datetime) -> None:
    case_id = brought(202, QUARREL, (), at)
    duties.open_mediation(
        case_id=case_id,
        template_id=MediationTemplate.objects.get().pk,
        parties=[
            duties.Party(side="applicant", name="王某某", telephone="13800000001"),
            duties.Party(side="respondent", name="李某", telephone="13800000002"),
        ],
        actor=world.actor("shequ-chengbanren"),
        at=at,
    )


def visit(world: DemoWorld, at: datetime) -> None:
    worker = world.actor("wanggeyuan-jia")
    duty = TaskReceiver.objects.filter(
        area__code=worker.area_code, task__kind="visit"
    ).order_by("pk")[0]
    duties.sign(receiver_id=duty.pk, actor=worker, at=at)
    duties.record_visit(
        receiver_id=duty.pk,
        submission=uuid.uuid4(),
        visit=duties.Visit(
            target_id=CareTarget.objects.filter(grid=duty.area).order_by("pk")[0].pk,
            answers={"q1": "yes", "q2": "no", "q3": "yes"},
            remark="燃气软管开裂，已告知不要使用。",
        ),
        actor=worker,
        at=at,
    )


def patrol(world: DemoWorld, at: datetime) -> None:
    worker = world.actor("wanggeyuan-yi")
    begun = duties.start_patrol(actor=worker, at=at - timedelta(hours=1))
    duties.end_patrol(patrol_id=begun.pk, remark="一切正常", actor=worker, at=at)
    duties.start_patrol(actor=world.actor("wanggeyuan-jia"), at=at)


def proposal(world: DemoWorld, at: datetime) -> None:
    community = Area.objects.get(code="990101001002")
    administrator = world.actor("xitongguanliyuan")
    grids.propose(area_id=community.pk, parts=4, actor=administrator, at=at)


def score(world: DemoWorld, at: datetime) -> None:
    case_id = brought(203, replace(BUILDING, until="rating"), (), at)
    lead = WhistleAssignment.objects.get(case=case_id, role="lead")
    cases.score_unit(
        case_id=case_id,
        assignment_id=lead.pk,
        score=4,
        remark="到场及时",
        actor=world.actor("jiedao-shouliyuan"),
        at=at,
    )


def upload(world: DemoWorld, at: datetime) -> None:
    """A community drawn again, waiting for its confirmation."""
    boundary = AreaBoundary.objects.current().get(area__code="990101001001")
    feature = {
        "type": "Feature",
        "properties": {"code": boundary.area.code, "name": boundary.area.name},
        "geometry": json.loads(boundary.geometry.geojson),
    }
    content = json.dumps({"type": "FeatureCollection", "features": [feature]})
    uploads.keep(
        name="社区.geojson",
        chunks=[content.encode()],
        options=Options(
            level=Level.COMMUNITY, crs=Crs.WGS84, code_field="code", name_field="name"
        ),
        user_id=world.actor("xitongguanliyuan").user_id or 0,
        at=at,
    )
