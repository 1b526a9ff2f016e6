"""The demo city to the top: on the cases an admitted item, care targets and a task.

All by the actions that people use, so that F7 (DOMAIN F) can be gone on with at once.
The people under care are invented.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from cases import demo as cases
from cases.models import Category
from duties import actions
from duties.checklists import question
from duties.models import CareTarget, GridItemAdmission, MediationTemplate, Task
from governance.calendar import Unit
from grids.models import Area
from parties.acting import Actor
from parties.models import Posting

DISTRICT, STREET, COMMUNITY = "990101", "990101001", "990101001001"
ITEM = "独居老人走访"
MEDIATION_STEPS = """网格：网格员上门听取双方诉求，当场劝解
社区：人民调解员主持调解，邀请片区民警、社区法律顾问参加
街道：综治中心组织联合调解，司法所参加
区县：提请区级调解组织调解，或引导当事人走法律途径"""
# Name, telephone, building, room, grid (counted from 0), days to the next visit.
CARED_FOR = (
    ("王某某", "13800000001", "幸福里 3 栋 2 单元", "301", 0, 0),
    ("李某", "13800000002", "幸福里 5 栋 1 单元", "602", 0, 2),
    ("张某某", "13800000003", "幸福里 7 栋 3 单元", "101", 1, 0),
    ("陈某", "13800000004", "幸福里 9 栋 1 单元", "203", 1, 5),
)


def build(*, at: datetime) -> None:
    """Make what is missing; running it again changes nothing."""
    cases.build(at=at)
    _mediation(at)
    if GridItemAdmission.objects.exists():
        return
    with transaction.atomic():
        start = at - timedelta(days=1)
        item = _admit(start)
        _register(start)
        _patrol(at - timedelta(hours=3))
        _send_down(item, at - timedelta(hours=1))


def _mediation(at: datetime) -> None:
    """The mode of work named in the field (DOMAIN S1-7); its steps are an example."""
    if not MediationTemplate.objects.exists():
        template = MediationTemplate(name="4543", steps=MEDIATION_STEPS)
        actions.save_template(template=template, actor=Actor.system(), at=at)


def _actor(role: str, code: str, at: datetime, organisation: str = "") -> Actor:
    """Whoever holds that role there; a department by the end of its name."""
    found = Posting.objects.current(at).with_post().holding(role)
    found = (
        found.filter(
            post__organisation__name__endswith=organisation,
            post__organisation__area__code=code,
        )
        if organisation
        else found.filter(post__area__code=code)
    )
    posting = found.order_by("pk").first()
    if posting is None:
        raise LookupError(f"{role} {code} {organisation}")
    return Actor.of(posting)


def _admit(at: datetime) -> GridItemAdmission:
    day = timezone.localtime(at).date()
    item = actions.apply_for_admission(
        application=actions.Application(
            item=ITEM,
            reason="按照养老服务有关规定，对独居老人定期探访，网格员就近上门。",
            workload="每个网格每月约 4 小时",
            funding="区民政局按人次补贴",
            kind=GridItemAdmission.Kind.REGULAR,
            starts_date=day.replace(month=1, day=1),
        ),
        actor=_actor("department_liaison", DISTRICT, at, "民政局"),
        at=at,
    )
    command = _actor("district_command", DISTRICT, at)
    actions.approve_admission(
        admission_id=item.pk, opinion="工作量合理，同意准入。", actor=command, at=at
    )
    actions.publish_admission(admission_id=item.pk, actor=command, at=at)
    return item


def _grids() -> list[Area]:
    found = Area.objects.within([COMMUNITY]).filter(level=5)
    return list(found.order_by("code")[:2])


def _register(at: datetime) -> None:
    desk = _actor("community_acceptor", COMMUNITY, at)
    grids, today = _grids(), timezone.localtime(at).date()
    for name, telephone, building, room, number, days in CARED_FOR:
        worker = _actor("grid_worker", grids[number].code, at)
        actions.register_care_target(
            registration=actions.Registration(
                grid_id=grids[number].pk,
                name=name,
                telephone=telephone,
                building=building,
                room=room,
                services=(CareTarget.Service.LIVING_ALONE,),
                legal_basis=CareTarget.Basis.CONSENT,
                consent_date=today - timedelta(days=30),
                worker_id=worker.user_id or 0,
                every_days=7,
                next_visit_date=today + timedelta(days=days + 1),
                review_date=today + timedelta(days=335),
            ),
            actor=desk,
            at=at,
        )


def _send_down(item: GridItemAdmission, at: datetime) -> Task:
    """Signed by the street, passed on by the community, waiting in two grids."""
    community = Area.objects.get(code=COMMUNITY)
    task = actions.draft_task(
        paper=actions.Paper(
            title=ITEM,
            kind="visit",
            requirement="逐户走访独居老人，看身体和生活情况，检查用气用电安全。",
            limit_n=Decimal(5),
            limit_unit=Unit.WORK_DAY,
            addressees=(actions.Addressee("area", community.pk),),
            admission_id=item.pk,
            service_kind=CareTarget.Service.LIVING_ALONE,
            checklist=_checklist(),
        ),
        actor=_actor("street_dispatcher", STREET, at),
        at=at,
    )
    leader = _actor("street_leader", STREET, at)
    actions.issue(task_id=task.pk, actor=leader, at=at)
    own = task.receivers.get()
    desk = _actor("community_acceptor", COMMUNITY, at)
    actions.sign(receiver_id=own.pk, actor=desk, at=at)
    actions.reissue(
        receiver_id=own.pk,
        addressees=[actions.Addressee("area", grid.pk) for grid in _grids()],
        requirement="入户要拍照，发现隐患当场一键上报。",
        actor=desk,
        at=at,
    )
    return task


def _patrol(at: datetime) -> None:
    """An hour on foot through the first grid."""
    worker = _actor("grid_worker", _grids()[0].code, at)
    begun = actions.start_patrol(actor=worker, at=at)
    actions.end_patrol(
        patrol_id=begun.pk,
        remark="走完商贸楼和菜市场一带，消防通道畅通。",
        actor=worker,
        at=at + timedelta(hours=1),
    )


def _checklist() -> list[dict[str, object]]:
    gas = Category.objects.active().filter(name__contains="用气").order_by("pk").first()
    return [
        question(1, text="身体和生活情况正常", kind="yes_no", abnormal=["no"]),
        question(
            2,
            text="燃气软管完好，没有老化开裂",
            kind="yes_no",
            abnormal=["no"],
            category=gas.pk if gas else None,
        ),
        question(3, text="用电没有私拉乱接", kind="yes_no", abnormal=["no"]),
        question(4, text="老人的需求", kind="text", required=False),
        question(5, text="入户照片", kind="photo", required=False),
    ]
