"""Visit tasks that look whether an agreement is kept (DOMAIN F6)."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from duties.actions.watching import timers
from duties.checklists import QuestionKind, question
from duties.models import Mediation, MediationFollowUp, Task, TaskReceiver
from duties.workflow import Action, Kind, TaskState
from governance import calendar, events
from governance.calendar import Unit
from governance.events import Follow
from parties.acting import Actor


def issue_follow_ups(
    mediation: Mediation, *, visitor_id: int, actor: Actor, at: datetime
) -> list[Task]:
    """One for each of the template's days, counted from the signing.

    They go to one person of the mediation group and not down to an area, so they need
    no admitted item; and they name neither the case nor the parties, since the tasks
    of a unit are read by more than may read the case.
    """
    return [
        _issue(mediation, days, visitor_id, actor, at)
        for days in sorted(set(mediation.template.follow_up_days))
    ]


def _issue(
    mediation: Mediation, days: int, visitor_id: int, actor: Actor, at: datetime
) -> Task:
    signed_at = mediation.signed_at or at
    due_at = calendar.due_at(signed_at, Decimal(days), Unit.NATURAL_DAY)
    task = Task.objects.create(
        title=_("调解协议履行回访（%(days)d 天）") % {"days": days},
        kind=Kind.VISIT,
        requirement=_("回访双方当事人，核实协议是否履行；没有履行的写明情况。"),
        state=TaskState.ISSUED,
        issuer_id=mediation.case.holder_org_id or 0,
        checklist=[
            question(
                1,
                text=_("协议已履行"),
                kind=QuestionKind.YES_NO,
                abnormal=["no"],
            )
        ],
        limit_n=Decimal(days),
        limit_unit=Unit.NATURAL_DAY,
        due_at=due_at,
        drafted_by_id=actor.user_id or 0,
        drafted_at=at,
        issued_by_id=actor.user_id,
        issued_at=at,
    )
    TaskReceiver.objects.create(task=task, person_id=visitor_id, due_at=due_at)
    MediationFollowUp.objects.create(mediation=mediation, days=days, task=task)
    told = Follow(
        task="duties.tasks.tell",
        args={
            "chain": task.chain,
            "circle": "receivers",
            "action": str(Action.ISSUE),
            "mark": "follow_up",
        },
    )
    events.record(
        chain=task.chain,
        action="duties.follow_up",
        actor=actor,
        at=at,
        detail={"days": days, "due_at": due_at, "receiver": visitor_id},
        follow=[told, *timers(task, None, at, due_at)],
    )
    return task
