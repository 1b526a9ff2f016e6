"""The conditions of the table; each has the sentence that a refused person reads."""

from django.utils.translation import gettext_lazy as _

from cases.workflow.files import missing_said
from cases.workflow.states import State
from cases.workflow.steps import Guard

S = State

SELF_RESOLVABLE = Guard(
    "self_resolvable", _("这个小类不允许网格自办，请转报社区。"),
    lambda case, actor: case.category.self_resolvable,
)  # fmt: skip
NEEDS_VERIFYING = Guard(
    "needs_verifying",
    _("本案由工作人员上报、附有照片，不用核实，请直接接报或上呈；信息不全的，请写明缺什么。"),
    lambda case, actor: case.is_from_resident or not case.has_photos,
    unless="missing",
)  # fmt: skip
COMMUNITY_MATTER = Guard(
    "community_matter",
    _("这类事项不在社区事项清单：社区请上呈街道，街道请自办或吹哨。"),
    lambda case, actor: case.category.community_matter,
)  # fmt: skip
NOT_URGENT = Guard(
    "not_urgent", _("紧急案件不能走这一步，请按应急流程办理。"),
    lambda case, actor: not case.urgent,
)  # fmt: skip
NO_COMPLAINANT = Guard(
    "no_complainant", _("本案有诉求人，须先请诉求人评价。"),
    lambda case, actor: not case.has_raters,
)  # fmt: skip
HAS_COMPLAINANT = Guard(
    "has_complainant", _("本案没有诉求人，请直接结案。"),
    lambda case, actor: case.has_raters,
)  # fmt: skip
NOT_THE_DOER = Guard(
    "not_the_doer", _("办理人不能审核、核查自己办理的案件，请由他人办理。"),
    lambda case, actor: actor.user_id is None or actor.user_id not in case.doers,
)  # fmt: skip
CHECK_PASSED = Guard(
    "check_passed", _("核查员尚未提交“通过”的核查结论。"),
    lambda case, actor: case.check_result == "passed",
)  # fmt: skip
CHECK_SUBMITTED = Guard(
    "check_submitted", _("核查员尚未提交核查结论。"),
    lambda case, actor: case.check_result != "",
)  # fmt: skip
DISSATISFIED = Guard(
    "dissatisfied", _("诉求人没有评价“不满意”。"),
    lambda case, actor: case.last_score == "dissatisfied",
)  # fmt: skip
REWORK_LEFT = Guard(
    "rework_left", _("已返工两次，不能再次返工，请呈值班领导认定。"),
    lambda case, actor: case.rework_count < 2,
)  # fmt: skip
NOT_RATED = Guard(
    "not_rated", _("诉求人已经评价过了。"),
    lambda case, actor: case.last_score == "",
)  # fmt: skip
FROM_RESIDENT = Guard(
    "from_resident", _("本案不是居民反映的，没有诉求人可以撤回。"),
    lambda case, actor: case.is_from_resident,
)  # fmt: skip
VOID_REQUESTED = Guard(
    "void_requested", _("还没有人申请作废，作废由街道值班长先申请。"),
    lambda case, actor: case.void_requested_by_id is not None,
)  # fmt: skip
NOT_THE_REQUESTER = Guard(
    "not_the_requester", _("作废须两人办理，申请人不能批准自己的申请。"),
    lambda case, actor: (
        actor.user_id is None or actor.user_id != case.void_requested_by_id
    ),
)  # fmt: skip
REWORK_SPENT = Guard(
    "rework_spent", _("返工未满两次，请先回访并返工。"),
    lambda case, actor: case.rework_count >= 2,
)  # fmt: skip
COMMUNITY_CASE = Guard(
    "community_case", _("这是街道办理的案件，由街道受理员审核。"),
    lambda case, actor: case.resume_state == S.COMMUNITY_HANDLING,
)  # fmt: skip
STREET_CASE = Guard(
    "street_case", _("这是社区办理的案件，由社区负责人审核。"),
    lambda case, actor: case.resume_state != S.COMMUNITY_HANDLING,
)  # fmt: skip
SUSPENSION_REVIEWED = Guard(
    "suspension_reviewed", _("本案没有待终审的挂账申请。"),
    lambda case, actor: case.suspension_review in ("leader_review", "district_review"),
)  # fmt: skip
SHORT_SUSPENSION = Guard(
    "short_suspension",
    _("没有待街道终审的挂账申请；超过 30 天、原因为“其他”或再次挂账的由区级终审。"),
    lambda case, actor: case.suspension_review == "leader_review",
)  # fmt: skip
FROM_HANDLING = Guard(
    "from_handling", _("本案是区级协调中挂账的。"),
    lambda case, actor: case.resume_state != S.DISTRICT_COORD,
)  # fmt: skip
FROM_DISTRICT = Guard(
    "from_district", _("本案不是区级协调中挂账的。"),
    lambda case, actor: case.resume_state == S.DISTRICT_COORD,
)  # fmt: skip
NO_OPEN_APPEAL = Guard(
    "no_open_appeal", _("本案的超期申诉还在审核，审核完毕后才能归档（申诉窗口未过）。"),
    lambda case, actor: case.appeal_review == "",
)  # fmt: skip

FILE_COMPLETE = Guard(
    "file_complete", _("案卷不完整，补全后才能归档。"),
    lambda case, actor: not case.file_gaps,
    more=missing_said,
)  # fmt: skip

BY_RESUME_STATE = (COMMUNITY_CASE, STREET_CASE, FROM_HANDLING, FROM_DISTRICT)
