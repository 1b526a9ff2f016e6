"""States of a case, the stages people speak of, and the clocks (DOMAIN C.2, C.4)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(TextChoices):
    DRAFT = "DRAFT", _("草稿")
    REPORTED = "REPORTED", _("待接报")
    VERIFYING = "VERIFYING", _("核实中")
    SELF_HANDLING = "SELF_HANDLING", _("网格自办中")
    SELF_REVIEW = "SELF_REVIEW", _("自办待审")
    COMMUNITY_HANDLING = "COMMUNITY_HANDLING", _("社区处置中")
    STREET_PENDING = "STREET_PENDING", _("待街道研判")
    STREET_HANDLING = "STREET_HANDLING", _("街道处置中")
    WHISTLED = "WHISTLED", _("已吹哨·待报到")
    JOINT_HANDLING = "JOINT_HANDLING", _("部门处置中")
    DISPUTED = "DISPUTED", _("争议裁定中")
    DISTRICT_COORD = "DISTRICT_COORD", _("区级协调中")
    CITY_COORD = "CITY_COORD", _("市级协调中")
    SUSPENDED = "SUSPENDED", _("挂账中")
    FEEDBACK_REVIEW = "FEEDBACK_REVIEW", _("反馈待审")
    CHECKING = "CHECKING", _("核查中")
    RATING = "RATING", _("待评价")
    CLOSED = "CLOSED", _("已结案")
    ARCHIVED = "ARCHIVED", _("已归档")
    REJECTED = "REJECTED", pgettext_lazy("state", "不予受理")
    MERGED = "MERGED", _("已并案")
    TRANSFERRED = "TRANSFERRED", _("已转出")
    VOIDED = "VOIDED", _("已作废")


S = State

OPEN_STATES = (
    S.REPORTED, S.VERIFYING, S.SELF_HANDLING, S.SELF_REVIEW, S.COMMUNITY_HANDLING,
    S.STREET_PENDING, S.STREET_HANDLING, S.WHISTLED, S.JOINT_HANDLING, S.DISPUTED,
    S.DISTRICT_COORD, S.CITY_COORD, S.SUSPENDED, S.FEEDBACK_REVIEW, S.CHECKING,
    S.RATING,
)  # fmt: skip
HANDLING_STATES = (S.COMMUNITY_HANDLING, S.STREET_HANDLING, S.JOINT_HANDLING)

# The four stages people speak of, and the one each state belongs to.
JOURNEY = (
    (_("网格发现"), (S.DRAFT, S.SELF_HANDLING, S.SELF_REVIEW)),
    (_("社区接报"), (S.REPORTED, S.VERIFYING, S.COMMUNITY_HANDLING)),
    (_("街道吹哨"), (S.STREET_PENDING, S.STREET_HANDLING, S.WHISTLED)),
    (_("部门报到"), (S.JOINT_HANDLING, S.DISPUTED, S.DISTRICT_COORD, S.CITY_COORD,
                 S.SUSPENDED)),
    (_("核查评价"), (S.FEEDBACK_REVIEW, S.CHECKING, S.RATING)),
    (_("结案归档"), (S.CLOSED, S.ARCHIVED)),
)  # fmt: skip


# The seven phases of the trade (七步) and the states of each; `TERMINAL` ones are left
# only by T48 and T49.
PHASES = (
    (_("信息收集"), (S.DRAFT, S.REPORTED, S.VERIFYING)),
    (_("案卷建立"), (S.STREET_PENDING, S.REJECTED, S.MERGED, S.TRANSFERRED, S.VOIDED)),
    (_("任务派遣"), (S.WHISTLED, S.DISPUTED, S.DISTRICT_COORD, S.CITY_COORD)),
    (_("任务处理"), (S.SELF_HANDLING, S.COMMUNITY_HANDLING, S.STREET_HANDLING,
                 S.JOINT_HANDLING, S.SUSPENDED)),
    (_("处理反馈"), (S.SELF_REVIEW, S.FEEDBACK_REVIEW)),
    (_("核查结案"), (S.CHECKING, S.RATING, S.CLOSED)),
    (_("综合评价"), (S.ARCHIVED,)),
)  # fmt: skip
TERMINAL = (S.ARCHIVED, S.REJECTED, S.MERGED, S.TRANSFERRED, S.VOIDED)


class Stage(TextChoices):
    """The clocks of DOMAIN C.4."""

    ACCEPT = "ACCEPT", _("接报")
    VERIFY = "VERIFY", _("核实")
    JUDGE = "JUDGE", _("研判")
    CHECKIN = "CHECKIN", _("报到")
    HANDLE = "HANDLE", _("处置")
    REVIEW = "REVIEW", _("审核")
    CHECK = "CHECK", _("核查")
    RULING = "RULING", _("裁定")
    COORD = "COORD", _("区级协调")
    MEETING = "MEETING", _("联席会议")
    CITY_COORD = "CITY_COORD", _("市级协调")
    SUSPEND_UNTIL = "SUSPEND_UNTIL", _("挂账期")
    FIRST_REPLY = "FIRST_REPLY", _("首次响应")
    RATING_WINDOW = "RATING_WINDOW", _("评价期")
    CALL_BACK = "CALL_BACK", _("不满意回访")
    OBJECTION_WINDOW = "OBJECTION_WINDOW", _("异议期")
    ARCHIVE_AFTER = "ARCHIVE_AFTER", _("归档等待")
    # Never runs as a clock: how long after the whistle the lead may dispute it.
    DISPUTE_WINDOW = "DISPUTE_WINDOW", _("异议提出期")
    CONFIRM = "CONFIRM", _("补签")


# Waiting windows alert nobody on the way; only their end does something.
WINDOWS = (
    Stage.RATING_WINDOW, Stage.OBJECTION_WINDOW, Stage.ARCHIVE_AFTER,
    Stage.SUSPEND_UNTIL,
)  # fmt: skip
# Runs beside the way of the case: watched and alerted, but never the case's deadline.
BESIDE = (Stage.FIRST_REPLY,)

# The clock that runs in each state (DOMAIN C.2). Beside it HANDLE may stand paused, in
# 已吹哨 CHECKIN runs for each called organisation.
RUNNING: dict[State, tuple[Stage, ...]] = {
    S.REPORTED: (Stage.ACCEPT,),
    S.VERIFYING: (Stage.VERIFY,),
    S.SELF_HANDLING: (Stage.HANDLE,),
    S.SELF_REVIEW: (Stage.REVIEW,),
    S.COMMUNITY_HANDLING: (Stage.HANDLE,),
    S.STREET_PENDING: (Stage.JUDGE,),
    S.STREET_HANDLING: (Stage.HANDLE,),
    S.WHISTLED: (Stage.CHECKIN, Stage.HANDLE),
    S.JOINT_HANDLING: (Stage.HANDLE,),
    S.DISPUTED: (Stage.RULING,),
    S.DISTRICT_COORD: (Stage.COORD,),
    S.CITY_COORD: (Stage.CITY_COORD,),
    S.SUSPENDED: (Stage.SUSPEND_UNTIL,),
    S.FEEDBACK_REVIEW: (Stage.REVIEW,),
    S.CHECKING: (Stage.CHECK,),
    S.RATING: (Stage.RATING_WINDOW,),
    S.CLOSED: (Stage.ARCHIVE_AFTER,),
    S.REJECTED: (Stage.OBJECTION_WINDOW,),
}
