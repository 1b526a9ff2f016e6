"""分段时限: the earlier stages of a staged limit, each told of once when it ran out.

停工4工作时/处罚7工作日/拆除20工作日: the last stage is the deadline of the case; the
others are watched beside it, from the same start (DOMAIN B.5).
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.alarms import early_stages, stage_due
from cases.actions.alerting import holder_circle, send
from cases.actions.escalation import unit_of_clock
from cases.actions.step import attach_photos, locked, note, require
from cases.limits import Stage as LimitStage
from cases.models import Case, CaseClock, Photo, StageProgress
from cases.workflow import Stage
from governance.errors import Refused
from parties.acting import Actor

HANDLERS = (
    "grid_worker", "grid_leader", "community_acceptor", "community_handler",
    "street_handler", "department_liaison", "department_handler",
)  # fmt: skip


@transaction.atomic
def watch_stage(*, clock_id: int, name: str, at: datetime) -> None:
    """A stage's time is over: told once, unless the handler reported it done."""
    case_id = CaseClock.objects.values_list("case_id", flat=True).get(pk=clock_id)
    case = locked(case_id)
    clock = CaseClock.objects.select_for_update().get(pk=clock_id)
    clock.case = case
    limits = {stage.name: stage.limit for stage in early_stages(clock)}
    due = stage_due(clock, limits[name]) if name in limits else None
    if due is None or at < due:
        return
    progress, _created = StageProgress.objects.get_or_create(clock=clock, name=name)
    if progress.done_at is not None or progress.told_at is not None:
        return
    progress.told_at = at
    progress.save(update_fields=["told_at"])
    send(
        case,
        [holder_circle(clock), "street_dispatcher"],
        units=[unit_of_clock(clock) or 0],
        title=_("“%(stage)s”阶段时限已到：%(category)s")
        % {"stage": name, "category": case.category.name},
        key=f"stage:{clock.pk}:{name}",
        at=at,
        clock=clock,
    )


def stages_left(case: Case, actor: Actor, at: datetime) -> None:
    """Whether the handler may report a stage done now; else Refused."""
    mine = case.holder_user_id in actor.hands
    if not mine and (
        actor.role not in HANDLERS or case.holder_org_id != actor.organisation_id
    ):
        raise Refused(_("阶段完成由承办人报告。"), code="role")
    if not open_stages(case):
        raise Refused(_("本案没有未完成的分段时限。"), code="state")


def _handling(case: Case) -> CaseClock | None:
    found = CaseClock.objects.filter(
        case=case, stage=Stage.HANDLE, running_since__isnull=False
    )
    return found.order_by("-pk").first()


def open_stages(case: Case) -> list[LimitStage]:
    """The earlier stages that were not reported done, while the handler is at it."""
    clock = _handling(case)
    if clock is None:
        return []
    clock.case = case
    finished = clock.progress.filter(done_at__isnull=False)
    done = set(finished.values_list("name", flat=True))
    return [stage for stage in early_stages(clock) if stage.name not in done]


@transaction.atomic
def finish_stage(
    *,
    case_id: int,
    stage: str,
    opinion: str,
    photos: str | None,
    actor: Actor,
    at: datetime,
) -> StageProgress:
    """阶段完成: one stage of the limit is done; the case stays where it is."""
    case = locked(case_id)
    stages_left(case, actor, at)
    if stage not in [one.name for one in open_stages(case)]:
        raise Refused(_("请选择尚未完成的阶段。"), code="required", field="stage")
    require({"opinion": opinion}, {"opinion": _("请写明这个阶段做了什么。")})
    attach_photos(
        case=case,
        batch=photos,
        stage=Photo.Stage.AFTER,
        actor=actor,
        least=1,
        field="photos",
    )
    progress, _created = StageProgress.objects.update_or_create(
        clock=_handling(case),
        name=stage,
        defaults={"done_at": at, "done_by_id": actor.user_id, "note": opinion.strip()},
    )
    note(
        case,
        "finish_stage",
        actor=actor,
        at=at,
        detail={"limit_stage": stage, "opinion": opinion},
        tell=("street_dispatcher",),
    )
    return progress
