"""来件变更: the system that a case came from says more about it, or otherwise."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.step import aside, locked, require
from cases.models import Case
from governance.errors import Refused
from parties.acting import Actor


def may_note_incoming(case: Case, actor: Actor) -> None:
    """Whoever filed it for the other system, while somebody may still read it."""
    if not case.external_no or actor.user_id != case.reporter_id:
        raise Refused(_("来件变更由送来这个工单的系统填写。"), code="role")
    if not case.is_open:
        raise Refused(
            _("工单对应的案件已经办完，内容有变请用新的工单编号再送。"), code="state"
        )


@transaction.atomic
def note_incoming(
    *, case_id: int, opinion: str, revision: int, actor: Actor, at: datetime
) -> Case:
    """Note what the other system changed, and tell who has the case (DOMAIN D.4).

    What was filed stays as it was, the desk corrects it where that is right (更正);
    nobody's half-written form is put aside. `revision` counts the changes.
    """
    case = locked(case_id)
    may_note_incoming(case, actor)
    require({"opinion": opinion}, {"opinion": _("请写明变更了什么。")})
    aside(
        case,
        "note_incoming",
        actor=actor,
        at=at,
        detail={"opinion": opinion.strip()},
        subject=revision,
        tell=("holder", "unit"),
    )
    return case
