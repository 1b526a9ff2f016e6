"""Grid, community and street handle a case themselves."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.reception import check_community_condition, set_condition
from cases.actions.step import (
    Given,
    Holder,
    advance,
    advance_with_opinion,
    attach_photos,
    locked,
    require,
    unit_of,
)
from cases.models import Case, Photo
from cases.workflow import Action, State, find
from governance.errors import Refused
from grids.codes import Level
from parties.acting import Actor
from parties.models import Organisation

RESULTS = {
    "solved": gettext_lazy("已解决"),
    "partly": gettext_lazy("部分解决，其余列入计划"),
    "explained": gettext_lazy("已解释说明"),
}


@transaction.atomic
def self_resolve(
    *, case_id: int, actor: Actor, at: datetime, version: int | None = None
) -> Case:
    """网格自办 (T03): the grid takes a reported case in hand."""
    case = locked(case_id, version)
    transition = find(case, Action.SELF_RESOLVE, actor)
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(actor.organisation_id, actor.user_id),
    )
    return case


@transaction.atomic
def finish_self(
    *,
    case_id: int,
    measures: str,
    photos: str | None,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """自办完成 (T04)."""
    case = locked(case_id, version)
    transition = find(case, Action.FINISH_SELF, actor)
    require({"measures": measures}, {"measures": _("请填写处置说明。")})
    _after_photos(case, photos, actor)
    case.done_by(actor.user_id)
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.COMMUNITY)),
        given=Given(measures),
    )
    return case


@transaction.atomic
def hand_up(
    *, case_id: int, opinion: str, actor: Actor, at: datetime,
    version: int | None = None,
) -> Case:  # fmt: skip
    """转报社区 (T08): beyond the grid's strength."""
    return advance_with_opinion(
        Action.HAND_UP,
        case_id=case_id,
        version=version,
        opinion=opinion,
        missing=_("请写明为什么办不了。"),
        holder=lambda case: Holder(unit_of(case, Level.COMMUNITY)),
        actor=actor,
        at=at,
    )


@transaction.atomic
def approve_self(
    *, case_id: int, opinion: str, actor: Actor, at: datetime,
    version: int | None = None,
) -> Case:  # fmt: skip
    """自办审核通过 (T05, T06): closed, or rated first when a resident asked for it."""
    case = locked(case_id, version)
    transition = find(case, Action.APPROVE_SELF, actor)
    require({"opinion": opinion}, {"opinion": _("请填写审核意见。")})
    case.closed_type = Case.ClosedType.SELF
    if transition.target == State.CLOSED:
        case.closed_at = at
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(case.holder_org_id),
        given=Given(opinion),
    )
    return case


@transaction.atomic
def return_self(
    *, case_id: int, opinion: str, actor: Actor, at: datetime,
    version: int | None = None,
) -> Case:  # fmt: skip
    """退回重办 (T07)."""
    return advance_with_opinion(
        Action.RETURN_SELF,
        case_id=case_id,
        version=version,
        opinion=opinion,
        missing=_("请写明哪里需要重办。"),
        holder=lambda case: Holder(case.holder_org_id, case.doer_id),
        actor=actor,
        at=at,
    )


@transaction.atomic
def send_down(
    *,
    case_id: int,
    opinion: str,
    list_item: str,
    condition_id: int | None,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """退回社区办理 (T18): its own matter, by the item of the list."""
    case = locked(case_id, version)
    transition = find(case, Action.SEND_DOWN, actor)
    require(
        {"opinion": opinion, "list_item": list_item},
        {
            "opinion": _("请写明退回理由。"),
            "list_item": _("请写明依据社区事项清单的哪一条。"),
        },
    )
    set_condition(case, condition_id)
    check_community_condition(case)
    holder = unit_of(case, Level.COMMUNITY)
    case.first_handler_org_id = case.first_handler_org_id or holder
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(holder),
        given=Given(
            opinion, {"list_item": list_item.strip(), "condition": case.condition_id}
        ),
    )
    return case


def community_item(case: Case) -> str:
    """The item of the list by which a case is the community's: the line of the 权责清单
    that gives it to the community, else the category on the 社区事项清单."""
    line = case.suggestion.get("lead") or {}
    if line.get("level") == Level.COMMUNITY:
        said = _("权责清单：%(category)s，属地社区主责") % {"category": case.category}
        law = line.get("legal_basis")
        return f"{said}（{law}）"[:300] if law else said
    return _("社区事项清单：%(category)s") % {"category": case.category}


@transaction.atomic
def handle_at_street(
    *,
    case_id: int,
    organisation_id: int,
    condition_id: int | None,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """街道自办 (T19): one of the street's own offices or stations handles it."""
    case = locked(case_id, version)
    transition = find(case, Action.HANDLE_AT_STREET, actor)
    set_condition(case, condition_id)
    office = (
        Organisation.objects.active()
        .filter(pk=organisation_id, area_id=case.street_id)
        .first()
    )
    if office is None:
        raise Refused(
            _("请选择本街道的承办科室或站所。"), code="required", field="organisation"
        )
    case.first_handler_org_id = case.first_handler_org_id or office.pk
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(office.pk),
        given=Given(
            opinion, {"organisation": office.name, "condition": case.condition_id}
        ),
    )
    return case


@transaction.atomic
def submit_result(
    *,
    case_id: int,
    result: str,
    measures: str,
    photos: str | None,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """办结提交 (T16 by the community, T23 by the street)."""
    case = locked(case_id, version)
    transition = find(case, Action.SUBMIT_RESULT, actor)
    check_result(result, measures)
    _after_photos(case, photos, actor)
    community = case.state == State.COMMUNITY_HANDLING
    case.done_by(actor.user_id)
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.COMMUNITY if community else Level.STREET)),
        given=Given(measures, {"result": result}),
    )
    return case


def check_result(result: str, measures: str) -> None:
    if result not in RESULTS:
        raise Refused(_("请选择办理结果。"), code="required", field="result")
    require({"measures": measures}, {"measures": _("请填写采取的措施。")})


def _after_photos(case: Case, photos: str | None, actor: Actor) -> None:
    attach_photos(
        case=case,
        batch=photos,
        stage=Photo.Stage.AFTER,
        actor=actor,
        least=1,
        field="photos",
    )
