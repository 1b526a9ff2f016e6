"""上报 and 即报即结: a case comes into being."""

import hashlib
import secrets
import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.contacts import contact_digest
from cases.actions.questions import answered
from cases.actions.receiving import receive, settle
from cases.actions.step import (
    Given,
    Holder,
    advance,
    aside,
    attach_photos,
    locked,
    require,
    unit_of,
)
from cases.models import (
    Case,
    Category,
    ComplainantConsent,
    FilingCondition,
    Photo,
    Submission,
    Support,
)
from cases.workflow import Action, State, find
from governance import crypto, geo
from governance.errors import Refused
from governance.events import Follow, canonical
from grids.codes import Level
from grids.models import Area
from grids.querysets import Located, Placement, placement_of
from parties.acting import Actor

LEAST_DESCRIPTION = 10
# Those who report what somebody told them, without a picture of it (T01).
WITHOUT_PHOTO = ("resident", "hotline_agent", "device")
SOURCE_OF_ROLE = {
    "grid_worker": Case.Source.GRID,
    "grid_leader": Case.Source.GRID,
    "micro_grid_leader": Case.Source.GRID,
    "grid_force": Case.Source.GRID,
    "device": Case.Source.DEVICE,
    "community_acceptor": Case.Source.COMMUNITY,
    "hotline_agent": Case.Source.HOTLINE,
    "department_liaison": Case.Source.DEPARTMENT,
    "resident": Case.Source.RESIDENT,
}


# What there was not from the beginning.
LATER = (
    "answers", "external_no", "condition_id", "contact_hidden", "consent",
    "consent_reason",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is sent when a case is filed.

    `lng`, `lat` are in `crs`; without them `community_code` says where it belongs (a
    community that has no polygon yet). `grid_code` may choose between the neighbours
    of a border point. `photos` names the batch the photos were uploaded under.
    `consent` (of `ComplainantConsent.Kind`) says whether the resident agreed for whom
    somebody files here, `contact_hidden` that departments do not see the number.
    `answers` has those to the category's extra questions, by the question's id as text.
    `source`, `origin_*`, `external_no` and `condition_id` are given by floors above,
    never by a client; without a source the reporter's role tells it.
    """

    category_id: int
    description: str
    address: str
    lng: float | None = None
    lat: float | None = None
    crs: str = "wgs84"
    accuracy_m: float | None = None
    method: str = Case.Method.GPS
    grid_code: str = ""
    community_code: str = ""
    urgent: bool = False
    photos: str | None = None
    measures: str = ""
    complainant_name: str = ""
    complainant_contact: str = ""
    contact_hidden: bool = False
    consent: str = ""
    consent_reason: str = ""
    found_at: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    origin_label: str = ""
    origin_url: str = ""
    external_no: str = ""
    condition_id: int | None = None


@dataclass(frozen=True)
class Place:
    areas: Placement
    point: Point | None
    note: str = ""


def digest_of(kind: str, report: Report) -> str:
    """Over what was sent; without what is empty as before there was such a thing."""
    sent = asdict(report)
    for name in LATER:
        if not sent[name]:
            del sent[name]
    return hashlib.sha256(canonical([kind, sent]).encode()).hexdigest()


@transaction.atomic
def report(
    *, submission_id: uuid.UUID, report: Report, actor: Actor, at: datetime
) -> Case:
    """上报 (T01). The same submission again gives the same case."""
    return file_for(
        Action.REPORT, submission_id=submission_id, report=report, actor=actor, at=at
    )


@transaction.atomic
def resolve_on_spot(
    *, submission_id: uuid.UUID, report: Report, actor: Actor, at: datetime
) -> Case:
    """即报即结 (T02): done at once; the community reviews it."""
    action = Action.RESOLVE_ON_SPOT
    return file_for(
        action, submission_id=submission_id, report=report, actor=actor, at=at
    )


def file_for(
    action: Action,
    *,
    submission_id: uuid.UUID,
    report: Report,
    actor: Actor,
    at: datetime,
    recorded_by: Actor | None = None,
) -> Case:
    """Inside the caller's transaction. `recorded_by` stands in the journal in place of
    the reporter, when somebody else brought the filing in (`bringing_in`)."""
    submission, known = _receive(action, submission_id, report, actor, at)
    if known is not None:
        return known
    _check(report)
    _check_consent(report, actor)
    category = next_category(report.category_id)
    # A floor above asks in its own form; the questions are for who files here.
    answers = answered(category, report.answers, all_required=not report.source)
    place = placed(report)
    case = _draft(report, category, place, actor, at)
    case.answers = answers
    transition = find(case, action, actor)
    case.case_no = next_number(case.placement_code[:6], at)
    case.holder_org_id = unit_of(case, Level.COMMUNITY)
    case.save(force_insert=True)
    _keep_consent(case, report, actor, at)
    ticking = clocks.Ticking(at)
    given = Given(detail={"submission": str(submission_id), "crs": report.crs})
    if report.complainant_contact and report.consent:
        given.detail["consent"] = report.consent
    if action == Action.RESOLVE_ON_SPOT:
        require(asdict(report), {"measures": _("请填写处置说明。")})
        _attach(case, report, actor, Photo.Stage.BEFORE)
        _attach(case, report, actor, Photo.Stage.AFTER)
        case.done_by(actor.user_id)
        given.opinion = report.measures
    else:
        _attach(case, report, actor, Photo.Stage.REPORT)
        ticking = clocks.start_first_reply(case, at)
    settle(submission, case)
    advance(
        case,
        transition,
        actor=recorded_by or actor,
        at=at,
        holder=Holder(case.holder_org_id),
        given=given,
        ticking=ticking,
        follow=_looked_for(case),
        patient=True,
    )
    return case


def _looked_for(case: Case) -> list[Follow]:
    """Whether it is a recurrence (复发) is found out afterwards."""
    if case.point is None or case.confidential:
        return []
    return [Follow(task="cases.tasks.link_recurrence", args={"case_id": case.pk})]


def _receive(
    action: Action, submission_id: uuid.UUID, report: Report, actor: Actor, at: datetime
) -> tuple[Submission, Case | None]:
    """The submission row; with the case when this very content was filed before."""
    digest = digest_of(action, report)
    body = asdict(report)
    for name in ("complainant_name", "complainant_contact"):
        body[name] = crypto.seal(body[name])
    return receive(submission_id, digest=digest, body=body, actor=actor, at=at)


def _check(report: Report) -> None:
    if len(report.description.strip()) < LEAST_DESCRIPTION:
        raise Refused(
            _("问题描述至少 %(n)d 个字，请写清楚是什么、在哪里、多严重。")
            % {"n": LEAST_DESCRIPTION},
            code="short",
            field="description",
        )
    require(asdict(report), {"address": _("请填写地址，例如“和平路 12 号门前”。")})
    if bool(report.complainant_name) != bool(report.complainant_contact):
        raise Refused(
            _("代居民上报时，姓名和联系电话都要填写。"),
            code="required",
            field="complainant_contact",
        )


def _check_consent(report: Report, actor: Actor) -> None:
    """代报 (PIPL 13–14): the resident agreed, or it is written why not. Who speaks for
    himself agreed at the portal; floors above ask in their own way."""
    if not report.complainant_contact or report.source or actor.is_resident:
        return
    if report.consent not in ComplainantConsent.Kind.values:
        raise Refused(
            _("请选择居民是否同意留下姓名和电话。"), code="required", field="consent"
        )
    without = report.consent == ComplainantConsent.Kind.NONE
    if without and not report.consent_reason.strip():
        raise Refused(
            _("请写明为什么没有取得同意，例如“情况紧急，联系不上本人”。"),
            code="required",
            field="consent_reason",
        )


def _keep_consent(case: Case, report: Report, actor: Actor, at: datetime) -> None:
    if not report.complainant_contact or not report.consent:
        return
    without = report.consent == ComplainantConsent.Kind.NONE
    ComplainantConsent.objects.create(
        case=case,
        kind=report.consent,
        reason=report.consent_reason.strip() if without else "",
        recorded_by_name=actor.name,
        at=at,
    )


def next_category(category_id: int) -> Category:
    category = Category.objects.filter(pk=category_id, is_active=True).first()
    if category is None:
        raise Refused(_("请选择问题类别。"), code="required", field="category")
    return category


def placed(report: Report) -> Place:
    """Where the report belongs; Refused at the field when it cannot be told."""
    if report.lng is None or report.lat is None:
        return _placed_by_choice(report)
    point = geo.to_point(report.lng, report.lat, report.crs)
    located = Area.objects.locate(point)
    area, remark = chosen_area(located, report.grid_code)
    return Place(placement_of(area), point, remark)


def _placed_by_choice(report: Report) -> Place:
    area = Area.objects.filter(
        code=report.community_code, level=Level.COMMUNITY, valid_to=None
    ).first()
    if area is None:
        raise Refused(
            _("请在地图上点选位置，或选择所在社区。"), code="required", field="point"
        )
    return Place(placement_of(area), None, "按社区上报，没有点位")


def chosen_area(located: Located, grid_code: str) -> tuple[Area, str]:
    """The area and why it is that one; kept with the case, so in one language."""
    if located.nearest:
        metres = round(located.distance_m)
        return located.area, f"点位在网格外 {metres} 米，归入最近的网格"
    if not located.on_border:
        return located.area, ""
    for neighbour in located.neighbours:
        if neighbour.code == grid_code and grid_code != located.area.code:
            return neighbour, f"点位在网格边界上，上报人选择了{neighbour.name}"
    return located.area, "点位在网格边界上，归入编号较小的网格"


def _draft(
    report: Report, category: Category, place: Place, actor: Actor, at: datetime
) -> Case:
    areas = place.areas
    deepest = areas["grid"] or areas["community"]
    named = bool(report.complainant_contact)
    return Case(
        state=State.DRAFT,
        source=report.source or SOURCE_OF_ROLE.get(actor.role, Case.Source.RESIDENT),
        origin_label=report.origin_label,
        origin_url=report.origin_url,
        external_no=report.external_no,
        category=category,
        condition=_condition(report, category),
        description=report.description.strip(),
        urgent=report.urgent or category.urgent_default,
        confidential=category.is_confidential,
        point=place.point,
        raw_x=report.lng,
        raw_y=report.lat,
        crs=report.crs,
        accuracy_m=report.accuracy_m,
        method=report.method,
        address=report.address.strip(),
        placement_note=place.note,
        placement_code=deepest.code if deepest else "",
        **areas,
        reporter_id=actor.user_id,
        reporter_name=actor.name,
        has_complainant=named,
        complainant_name=crypto.seal(report.complainant_name.strip()),
        complainant_contact=crypto.seal(report.complainant_contact.strip()),
        complainant_digest=contact_digest(report.complainant_contact),
        contact_hidden=named and report.contact_hidden,
        query_code=crypto.seal(f"{secrets.randbelow(10**6):06d}"),
        found_at=_found_at(report.found_at, at),
        reported_at=at,
        updated_at=at,
    )


def _condition(report: Report, category: Category) -> FilingCondition | None:
    """The one that is known beforehand, while the catalogue still has it."""
    if report.condition_id is None:
        return None
    found = category.conditions.filter(pk=report.condition_id, is_active=True)
    return found.first()


def _found_at(text: str, at: datetime) -> datetime:
    """When the phone says it was found; never later than now."""
    if not text:
        return at
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return at
    if found.tzinfo is None:
        found = timezone.make_aware(found)
    return min(found, at)


def _attach(case: Case, report: Report, actor: Actor, stage: str) -> None:
    attach_photos(
        case=case,
        batch=report.photos,
        stage=stage,
        actor=actor,
        least=0 if actor.role in WITHOUT_PHOTO else 1,
        field="photos",
    )


def next_number(district_code: str, at: datetime) -> str:
    """案卷号: district (6), day (8) and a daily number (5), row-locked."""
    day = timezone.localtime(at).date()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_casenumber (district_code, date, last) "
            "VALUES (%s, %s, 1) ON CONFLICT (district_code, date) "
            "DO UPDATE SET last = cases_casenumber.last + 1 RETURNING last",
            [district_code, day],
        )
        (number,) = cursor.fetchone()
    return f"{district_code}{day:%Y%m%d}{number:05d}"


@transaction.atomic
def support(*, case_id: int, remark: str, actor: Actor, at: datetime) -> Case:
    """＋1 我也遇到: join a case instead of filing it again. Twice counts once."""
    case = locked(case_id)
    if case.confidential:
        raise Refused(_("这个案件不能附和，请作为新问题上报。"), code="confidential")
    if not case.is_open:
        raise Refused(_("这个案件已经办完，请作为新问题上报。"), code="closed")
    if actor.user_id is not None and actor.user_id == case.reporter_id:
        raise Refused(_("这是您自己上报的案件，不用再点“＋1”。"), code="own")
    added = Support.objects.bulk_create(
        [
            Support(
                case=case, user_id=actor.user_id, name=actor.name, note=remark, at=at
            )
        ],
        ignore_conflicts=True,
    )
    count = Support.objects.filter(case=case).count()
    if added and count != case.supporters_count:
        case.supporters_count = count
        aside(
            case,
            "support",
            actor=actor,
            at=at,
            detail={"note": remark},
            changed=["supporters_count"],
        )
    return case
