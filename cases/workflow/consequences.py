"""What each clock asks for, and what the platform does when it runs out (DOMAIN C.4).

Said on every case page (`cases.explain`) and in docs/workflow.md; a test runs the
clocks out and compares.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.workflow.states import Stage, State
from cases.workflow.steps import Action


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """`otherwise` is what follows when the clock runs out, `public_duty` and
    `public_otherwise` say it to a resident. Where the end moves a case on, `moves` says
    from which state and by which action; `alerts` whether people are told on the way.
    Without a `public_duty` nothing is asked of anybody.
    """

    otherwise: Any
    public_duty: Any
    public_otherwise: Any
    moves: tuple[State, Action] | None = None
    alerts: bool = True


def _flagged(public_duty: Any) -> Consequence:
    """Nothing moves by itself: somebody is waited for, and hurried."""
    return Consequence(
        otherwise=_("列为超时，并通报责任单位负责人和街道派遣员"),
        public_duty=public_duty,
        public_otherwise=_("平台会催办责任单位"),
    )


CONSEQUENCES: dict[Stage, Consequence] = {
    Stage.ACCEPT: Consequence(
        otherwise=_("列为超时，并由系统自动上呈街道"),
        public_duty=_("答复是否受理"),
        public_otherwise=_("会自动送到街道办理"),
        moves=(State.REPORTED, Action.RAISE_TO_STREET),
    ),
    Stage.VERIFY: _flagged(_("到现场看明情况")),
    Stage.JUDGE: _flagged(_("定下由谁来办")),
    Stage.CHECKIN: Consequence(
        otherwise=_("记为“未报到”，并通报该单位负责人、街道值班领导和区指挥中心"),
        public_duty=_("派人报到"),
        public_otherwise=_("会通报街道值班领导和区里"),
    ),
    Stage.HANDLE: _flagged(_("处理完毕")),
    Stage.REVIEW: _flagged(_("审核办理结果")),
    Stage.CHECK: _flagged(_("到现场核对办理结果")),
    Stage.RULING: _flagged(_("定下责任单位")),
    Stage.COORD: _flagged(_("协调出办理单位")),
    Stage.MEETING: _flagged(_("开会定下责任单位")),
    Stage.CITY_COORD: _flagged(_("协调出办理单位")),
    Stage.FIRST_REPLY: _flagged(_("与您联系")),
    Stage.SUSPEND_UNTIL: Consequence(
        otherwise=_("系统自动恢复办理，处置计时接着走"),
        public_duty="",
        public_otherwise=_("会自动恢复办理"),
        moves=(State.SUSPENDED, Action.RESUME_HANDLING),
        alerts=False,
    ),
    Stage.RATING_WINDOW: Consequence(
        otherwise=_("系统按“未评价”自动结案，不计入满意率"),
        public_duty=_("作出评价"),
        public_otherwise=_("会按“未评价”自动结案"),
        moves=(State.RATING, Action.RATE),
        alerts=False,
    ),
    Stage.CALL_BACK: _flagged(_("回访您并答复怎么处理")),
    Stage.OBJECTION_WINDOW: Consequence(
        otherwise=_("不再复核"),
        public_duty=_("对不予受理提出异议"),
        public_otherwise=_("不再复核，再遇到请重新上报"),
        alerts=False,
    ),
    Stage.ARCHIVE_AFTER: Consequence(
        otherwise=_("系统自动归档，此后只能补充说明"),
        public_duty="",
        public_otherwise=_("会自动归档"),
        moves=(State.CLOSED, Action.ARCHIVE),
        alerts=False,
    ),
}


def consequence_of(stage: str) -> Consequence:
    return CONSEQUENCES.get(Stage(stage)) or _flagged(Stage(stage).label)
