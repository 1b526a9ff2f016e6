"""查询、更正、删除个人信息 (PIPL 44–47): a case of its own kind, on the usual way.

The categories are confidential, so that only those see the case with whom it lies, and
on the list of responsibility of one unit, the data desk. Who asks has proven the number
by a code.
"""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import actions as cases
from cases.actions.catalogue import publish_catalogue
from cases.actions.responsibility import assign_responsibility, end_responsibility
from cases.catalogue_rows import CategoryDraft, ConditionDraft
from cases.limits import parse
from cases.models import Case, Category, ResponsibilityItem
from civics.actions.reporting import file_report
from civics.models import Consent, DataDesk, PersonalDataRequest, Phone
from governance import events
from governance.errors import Refused
from grids.codes import Level
from grids.models import Area
from parties.acting import Actor
from parties.models import Organisation

STANDARD = "个人信息保护法"
MAJOR = "个人信息"
CODES = {
    PersonalDataRequest.Kind.SEE: ("59001", "查询个人信息", "第四十五条"),
    PersonalDataRequest.Kind.CORRECT: ("59002", "更正个人信息", "第四十六条"),
    PersonalDataRequest.Kind.DELETE: ("59003", "删除个人信息", "第四十七条"),
}
LIMIT = "15工作日"
LEAST_WORDS = 5


@transaction.atomic
def open_data_desk(*, organisation_id: int, actor: Actor, at: datetime) -> int:
    """Publish the three categories and make a unit the lead of its district in the
    place of who was before; answers how many lines of the list are new. Twice is once.
    """
    unit = Organisation.objects.select_related("area").get(pk=organisation_id)
    if unit.area is None:
        raise Refused(_("请选择有所在地区的单位。"), code="area", field="organisation")
    if not unit.can_be_whistled:
        raise Refused(
            _("%(unit)s不能被吹哨，街道派不到它。请选择可被吹哨的单位。")
            % {"unit": unit.name},
            code="unit",
            field="organisation",
        )
    publish_catalogue(
        drafts=[
            CategoryDraft(
                kind=Category.Kind.LOCAL,
                code5=code,
                name=name,
                major_name=MAJOR,
                conditions=[
                    ConditionDraft(
                        text=f"本人要求{name}",
                        reading=parse(LIMIT),
                        closing_condition="已办理并书面答复本人",
                    )
                ],
                more={
                    "is_confidential": True,
                    "community_matter": False,
                    "photo_rule": Category.PhotoRule.OPTIONAL,
                    "is_local_extension": True,
                },
            )
            for code, name, _article in CODES.values()
        ],
        standard_ref=STANDARD,
        actor=actor,
        at=at,
    )
    _appoint(unit, unit.area, actor, at)
    categories = Category.objects.under(STANDARD).order_by("pk")
    return sum(_made_lead(one, unit, actor, at) for one in categories)


def _appoint(unit: Organisation, area: Area, actor: Actor, at: datetime) -> None:
    desks = DataDesk.objects.select_for_update().in_force().filter(area=area)
    before = desks.first()
    if before is not None and before.organisation_id == unit.pk:
        return
    if before is not None:
        before.ended_at = at
        before.save(update_fields=["ended_at"])
    DataDesk.objects.create(organisation=unit, area=area, opened_at=at)
    events.record(
        chain="civics:data_desk",
        action="civics.open_data_desk",
        actor=actor,
        at=at,
        detail={"organisation": unit.name, "area": area.code},
    )


def _made_lead(
    category: Category, unit: Organisation, actor: Actor, at: datetime
) -> int:
    """1 when the unit is new as the lead; who was it before is so no longer."""
    today = timezone.localdate(at)
    leads = category.responsibilities.filter(
        area=unit.area_id, condition=None, role=ResponsibilityItem.Role.LEAD,
        valid_to=None,
    )  # fmt: skip
    for item in leads:
        if item.organisation_id == unit.pk:
            return 0
        ends = max(today, item.valid_from + timedelta(days=1))
        end_responsibility(item_id=item.pk, valid_to=ends, actor=actor, at=at)
    articles = {code: article for code, _name, article in CODES.values()}
    assign_responsibility(
        category_id=category.pk,
        area_id=unit.area_id or 0,
        level=Level.DISTRICT,
        role=ResponsibilityItem.Role.LEAD,
        valid_from=today,
        actor=actor,
        at=at,
        organisation_id=unit.pk,
        legal_basis=f"{STANDARD}{articles[category.code5]}",
    )
    return 1


def category_of(kind: str) -> Category | None:
    """None until the data desk was opened."""
    code = CODES[PersonalDataRequest.Kind(kind)][0]
    found = Category.objects.under(STANDARD).filter(code5=code, is_active=True)
    return found.first()


@transaction.atomic
def ask_about_data(
    *,
    submission_id: uuid.UUID,
    kind: str,
    words: str,
    about_no: str,
    community_code: str,
    phone_id: int,
    name: str,
    agreed: bool,
    actor: Actor,
    at: datetime,
) -> Case:
    """File the request; about a case of one's own it goes to that case's community."""
    category = category_of(kind)
    if category is None:
        raise Refused(
            _("网上还没有开通办理。请带身份证到所在社区，由社区为您办理。"),
            code="no_desk",
        )
    if len(words.strip()) < LEAST_WORDS:
        raise Refused(
            _("请写清楚要查什么、改什么或删什么。"), code="short", field="words"
        )
    phone = Phone.objects.get(pk=phone_id)
    about = _own_case(about_no, phone)
    community = about.community.code if about else community_code
    case = file_report(
        submission_id=submission_id,
        report=cases.Report(
            category_id=category.pk,
            description=f"{PersonalDataRequest.Kind(kind).label}：{words.strip()}",
            address=_("本人手机号已用短信验证码核验"),
            community_code=community,
            method=Case.Method.ADDRESS,
            origin_label=str(_("查看并办理这项请求")),
            origin_url=f"/privacy/requests/{submission_id}/",
        ),
        phone_id=phone_id,
        name=name,
        agreed=agreed,
        actor=actor,
        at=at,
        purpose=Consent.Purpose.REQUEST,
    )
    PersonalDataRequest.objects.get_or_create(
        case=case,
        defaults={"kind": kind, "phone": phone, "about": about, "asked_at": at},
    )
    return case


def _own_case(number: str, phone: Phone) -> Case | None:
    """The case of that number when this telephone reported it; none was named: None."""
    digits = "".join(one for one in number if one.isdigit())
    if not digits:
        return None
    own = Consent.objects.of_filing(phone.pk).filter(case__case_no=digits)
    consent = own.select_related("case__community").first()
    if consent is None or consent.case is None:
        raise Refused(
            _("这个号码没有上报过这件案件，请核对案卷号，或留空。"),
            code="not_own",
            field="about_no",
        )
    return consent.case
