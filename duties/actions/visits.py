"""Visits and inspections: what was seen is kept, the next date set, a case filed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import actions as cases
from cases.models import Case, Photo
from duties import checklists
from duties.actions.step import advance, locked_receiver, require
from duties.models import CareTarget, TaskReceiver, VisitPhoto, VisitRecord
from duties.workflow import (
    RECEIVER_TRANSITIONS,
    Action,
    Kind,
    find,
    receives,
)
from governance import events
from governance.errors import Refused
from parties.acting import Actor

PHOTO_FACTS = (
    "sha256", "original", "served", "thumb", "width", "height", "size", "taken_at",
    "position", "received_at", "user_name",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What the visitor brings back; `photos` names the batch they were sent under.

    `answers` maps the keys of the checklist's questions to what was answered. Without
    `next_visit_date` the target's own pace sets it.
    """

    target_id: int | None = None
    subject: str = ""
    answers: Mapping[str, str]
    remark: str = ""
    next_visit_date: date | None = None
    photos: str | None = None


@transaction.atomic
def record_visit(
    *,
    receiver_id: int,
    submission: uuid.UUID,
    visit: Visit,
    actor: Actor,
    at: datetime,
) -> VisitRecord:
    """走访、排查记录 (K16). The same submission again gives the same record."""
    receiver = locked_receiver(receiver_id)
    known = VisitRecord.objects.filter(submission=submission).first()
    if known is not None:
        if (known.visitor_id, known.receiver_id) != (actor.user_id, receiver.pk):
            raise Refused(
                _("这份记录的编号已被使用，请返回后重新填写。"), code="conflict"
            )
        return known
    row = find(RECEIVER_TRANSITIONS, receiver, Action.RECORD, actor, at)
    target = _target(receiver, visit)
    next_date = _next_date(target, visit, at)
    photos = own_photos(visit.photos, actor)
    _complete(receiver, visit, len(photos))
    answers = checklists.answered(receiver.task.checklist, visit.answers)
    abnormal = [one["text"] for one in answers if one["abnormal"]]
    record = VisitRecord.objects.create(
        submission=submission,
        receiver=receiver,
        target=target,
        subject=visit.subject.strip(),
        visitor_id=actor.user_id or 0,
        visited_at=at,
        answers=answers,
        is_abnormal=bool(abnormal),
        remark=visit.remark.strip(),
        next_visit_date=next_date,
    )
    _take_over(record, photos)
    if target is not None and next_date is not None:
        target.last_visited_at, target.next_visit_date = at, next_date
        target.save(update_fields=["last_visited_at", "next_visit_date"])
    advance(
        receiver,
        row,
        actor=actor,
        at=at,
        given={
            "record": record.pk,
            "target": target.pk if target else None,
            "abnormal": abnormal,
            "photos": len(photos),
            "next_visit_date": next_date,
        },
    )
    return record


def targets_of(receiver: TaskReceiver) -> Any:
    """Whom this receiver has to visit: in its area, or the person's own."""
    found = CareTarget.objects.served().of_service(receiver.task.service_kind)
    if receiver.person_id is not None:
        return found.filter(worker_id=receiver.person_id)
    if receiver.area is None:
        return found.none()
    return found.in_area(receiver.area.code)


def _target(receiver: TaskReceiver, visit: Visit) -> CareTarget | None:
    """Locked; a visit to people under care names one of them, else what was seen."""
    if receiver.task.kind == Kind.VISIT and receiver.task.service_kind:
        mine = targets_of(receiver).select_for_update()
        target: CareTarget | None = mine.filter(pk=visit.target_id).first()
        if target is None:
            raise Refused(_("请选择走访对象。"), code="required", field="target")
        return target
    require(
        {"subject": visit.subject},
        {"subject": _("请填写走访或检查的对象，例如“和平路 12 号商铺”。")},
    )
    return None


def _next_date(target: CareTarget | None, visit: Visit, at: datetime) -> date | None:
    if target is None:
        return None
    today = timezone.localtime(at).date()
    chosen = visit.next_visit_date or today + timedelta(days=target.every_days)
    if chosen <= today:
        raise Refused(
            _("下次走访日期要晚于今天。"), code="period", field="next_visit_date"
        )
    return chosen


def own_photos(batch: str | None, actor: Actor) -> list[Photo]:
    if not batch:
        return []
    mine = Photo.objects.filter(batch=batch, case=None, user_id=actor.user_id or 0)
    return list(mine.select_for_update().order_by("received_at", "id"))


def _complete(receiver: TaskReceiver, visit: Visit, photos: int) -> None:
    asked = checklists.missing(receiver.task.checklist, visit.answers, photos)
    if asked is None:
        return
    sentence = (
        _("请拍照：%(text)s。")
        if asked["kind"] == checklists.QuestionKind.PHOTO
        else _("请回答：%(text)s。")
    )
    is_photo = asked["kind"] == checklists.QuestionKind.PHOTO
    raise Refused(
        sentence % {"text": asked["text"]},
        code="required",
        field="photos" if is_photo else asked["key"],
    )


def _take_over(record: VisitRecord, photos: list[Photo]) -> None:
    """The uploaded pictures become the visit's; their files stay where they are."""
    VisitPhoto.objects.bulk_create(
        [
            VisitPhoto(
                id=photo.pk,
                record=record,
                user_id=photo.user_id or 0,
                **{name: getattr(photo, name) for name in PHOTO_FACTS},
            )
            for photo in photos
        ]
    )
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).delete()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the case says; where is told as for any report (`cases.actions.Report`)."""

    category_id: int
    description: str
    address: str
    urgent: bool = False
    lng: float | None = None
    lat: float | None = None
    crs: str = "wgs84"
    accuracy_m: float | None = None
    photos: str | None = None


@transaction.atomic
def report_finding(
    *, record_id: int, finding: Finding, actor: Actor, at: datetime
) -> Case:
    """一键上报: a case with source 任务, linked both ways (DOMAIN C.8).

    The pictures of the visit go along. A record gives one case, however often pressed.
    """
    record = (
        VisitRecord.objects.select_for_update(of=("self",))
        .select_related("receiver__task", "receiver__area", "case", "target")
        .get(pk=record_id)
    )
    receiver = locked_receiver(record.receiver_id)
    if not receives(receiver, actor):
        raise Refused(_("这条记录不是您当前岗位的任务。"), code="role")
    if record.case is not None:
        return record.case
    batch = finding.photos or str(uuid.uuid4())
    _copy_photos(record, batch)
    case = cases.report(
        submission_id=uuid.uuid5(record.submission, "case"),
        report=_report(record, receiver, finding, batch),
        actor=actor,
        at=at,
    )
    record.case = case
    record.save(update_fields=["case"])
    receiver.version += 1
    receiver.save(update_fields=["version"])
    events.record(
        chain=receiver.chain,
        action="duties.report_finding",
        actor=actor,
        at=at,
        detail={"record": record.pk, "case": case.pk, "case_no": case.case_no},
    )
    return case


def _report(
    record: VisitRecord, receiver: TaskReceiver, finding: Finding, batch: str
) -> cases.Report:
    located = finding.lng is not None and finding.lat is not None
    community = _community_code(record, receiver)
    return cases.Report(
        category_id=finding.category_id,
        description=finding.description,
        address=finding.address,
        lng=finding.lng,
        lat=finding.lat,
        crs=finding.crs,
        accuracy_m=finding.accuracy_m,
        method=Case.Method.GPS if located else Case.Method.ADDRESS,
        community_code="" if located else community,
        urgent=finding.urgent,
        photos=batch,
        source=Case.Source.TASK,
        origin_label=f"任务“{receiver.task.title}”",
        origin_url=f"/duties/records/{record.pk}/",
    )


def _community_code(record: VisitRecord, receiver: TaskReceiver) -> str:
    if record.target is not None:
        return record.target.grid.code[:12]
    return receiver.area.code[:12] if receiver.area is not None else ""


def _copy_photos(record: VisitRecord, batch: str) -> None:
    """The same files once more as photos of the report, and only once."""
    Photo.objects.bulk_create(
        [
            Photo(
                id=uuid.uuid5(photo.pk, "case"),
                batch=batch,
                stage=Photo.Stage.REPORT,
                user_id=photo.user_id or 0,
                **{name: getattr(photo, name) for name in PHOTO_FACTS},
            )
            for photo in record.photos.all()
        ]
    )
