"""Speaking with the resident: 回访 after handling, and the first contact before it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.step import locked, note, require
from cases.models import CallBack, Case
from cases.workflow import By, State, Who, stands
from governance.errors import Refused
from parties.acting import Actor

Method = CallBack.Method
Result = CallBack.Result
CALLERS = (
    Who("street_acceptor"), Who("street_dispatcher"), Who("street_shift_head"),
    Who("community_acceptor"),
)  # fmt: skip
CONTACTS = (
    *CALLERS, Who("community_leader"), Who("community_handler", By.UNIT),
    Who("street_handler", By.UNIT), Who("department_liaison", By.UNIT),
    Who("department_handler", By.UNIT), Who("grid_worker", By.HOLDER),
    Who("grid_leader", By.HOLDER),
)  # fmt: skip


def may_call_back(case: Case, actor: Actor, at: datetime) -> None:
    """Whether this person may record a 回访 now; Refused if not."""
    if not any(stands(who, case, actor) for who in CALLERS):
        raise Refused(_("回访由社区、街道的受理岗位记录。"), code="role")
    if case.state not in (State.RATING, State.CLOSED):
        raise Refused(_("案件待评价或已结案时才回访，请先办理。"), code="state")
    _check_from_resident(case)


def may_log_contact(case: Case, actor: Actor, at: datetime) -> None:
    """Whether this person may record a contact with the resident; Refused if not."""
    if not any(stands(who, case, actor) for who in CONTACTS):
        raise Refused(_("联系诉求人由受理和承办本案的人记录。"), code="role")
    if not case.is_open:
        raise Refused(_("案件已经办完，请改记“回访”。"), code="state")
    _check_from_resident(case)


@transaction.atomic
def call_back(
    *,
    case_id: int,
    method: str,
    result: str,
    satisfied: bool | None,
    words: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> CallBack:
    """回访 (DOMAIN B.7): how it went, in the complainant's own words."""
    case = locked(case_id, version)
    may_call_back(case, actor, at)
    made = record_call_back(
        case,
        method=method,
        result=result,
        satisfied=satisfied,
        words=words,
        actor=actor,
        at=at,
    )
    note(
        case,
        "call_back",
        actor=actor,
        at=at,
        detail={**facts_of(made), "opinion": made.words},
        ticking=first_reply(case, made, at),
    )
    return made


@transaction.atomic
def log_contact(
    *,
    case_id: int,
    method: str,
    words: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """联系诉求人: who telephoned or came, and what was said. The first one stops the
    clock of 首次响应 (DOMAIN C.4)."""
    case = locked(case_id, version)
    may_log_contact(case, actor, at)
    if method not in (Method.PHONE, Method.IN_PERSON):
        raise Refused(_("请选择联系方式。"), code="required", field="method")
    require({"words": words}, {"words": _("请写明联系了谁、说了什么。")})
    note(
        case,
        "log_contact",
        actor=actor,
        at=at,
        detail={"method": method, "opinion": words},
        ticking=clocks.stop_first_reply(case, at),
    )
    return case


def record_call_back(
    case: Case,
    *,
    method: str,
    result: str,
    satisfied: bool | None,
    words: str,
    actor: Actor,
    at: datetime,
    field: str = "words",
) -> CallBack:
    """The row of a call-back, checked; `field` is where the form has the words."""
    if method not in Method.values:
        raise Refused(_("请选择回访方式。"), code="required", field="method")
    if result not in Result.values:
        raise Refused(_("请选择回访结果。"), code="required", field="result")
    require({field: words}, {field: _("请填写回访记录。")})
    return CallBack.objects.create(
        case=case,
        by_id=actor.user_id,
        by_name=actor.name,
        at=at,
        method=method,
        result=result,
        satisfied=None if result == Result.UNREACHED else satisfied,
        words=words,
    )


def facts_of(made: CallBack) -> dict[str, Any]:
    return {
        "method": made.method,
        "call_result": made.result,
        "satisfied": made.satisfied,
    }


def first_reply(case: Case, made: CallBack, at: datetime) -> clocks.Ticking:
    """A call-back is a first contact, too, unless nobody was reached."""
    if made.result == Result.UNREACHED:
        return clocks.Ticking(at)
    return clocks.stop_first_reply(case, at)


def _check_from_resident(case: Case) -> None:
    if not case.is_from_resident:
        raise Refused(_("本案没有诉求人，不用联系和回访。"), code="guard")
