"""改派网格员: another grid worker takes over what one was sent to do or had in hand."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.spot import apart_from_doers, posted_worker
from cases.actions.step import locked, note, require
from cases.models import Case, SiteTask
from cases.workflow import State, Who, stands
from governance.errors import Refused
from parties.acting import Actor

# Whose desk has sent the worker, or received what he took in hand.
DESKS: dict[str, tuple[str, ...]] = {
    State.SELF_HANDLING: ("community_acceptor", "community_leader"),
    State.VERIFYING: ("community_acceptor", "street_acceptor"),
    State.CHECKING: ("community_leader", "street_acceptor"),
}


def may_replace_worker(case: Case, actor: Actor, at: datetime) -> None:
    """A worker who fell ill or left must not hold a case up (DOMAIN C.1)."""
    desks = DESKS.get(case.state)
    if desks is None or (case.state == State.CHECKING and case.check_result):
        raise Refused(_("本案不在网格员手里，不用改派。"), code="state")
    if not any(stands(Who(role), case, actor) for role in desks):
        raise Refused(_("您当前的岗位不能改派本案的网格员。"), code="role")


@transaction.atomic
def replace_worker(
    *,
    case_id: int,
    worker_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """Clocks run on; the open task, if there is one, goes to the new worker."""
    case = locked(case_id, version)
    may_replace_worker(case, actor, at)
    require({"opinion": opinion}, {"opinion": _("请写明为什么改派。")})
    worker = posted_worker(case, worker_id, at)
    if worker.user_id == case.holder_user_id:
        raise Refused(_("本案已由此人承办。"), code="unchanged", field="worker")
    if case.state == State.CHECKING:
        apart_from_doers(case, worker.user_id, actor)
    if case.state != State.SELF_HANDLING:
        kind = (
            SiteTask.Kind.VERIFY
            if case.state == State.VERIFYING
            else SiteTask.Kind.CHECK
        )
        open_task = case.site_tasks.filter(kind=kind, submitted_at=None)
        open_task.update(worker_id=worker.user_id)
    case.holder_org_id = worker.post.organisation_id
    case.holder_user_id = worker.user_id
    note(
        case,
        "replace_worker",
        actor=actor,
        at=at,
        detail={
            "worker": worker.user_id,
            "opinion": opinion,
            "holder": {"org": case.holder_org_id, "user": case.holder_user_id},
        },
        tell=("holder",),
    )
    return case
