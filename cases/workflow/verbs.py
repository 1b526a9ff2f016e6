"""What the journal says that people did: the words beside the table's own."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.workflow.steps import Action

VERBS: dict[str, Any] = {
    "route": gettext_lazy("系统派单"),
    "draft_whistle": gettext_lazy("拟制吹哨单，报请签发"),
    "withdraw_whistle": gettext_lazy("撤回吹哨单"),
    "confirm_whistle": gettext_lazy("补签应急哨"),
    "support_check_in": gettext_lazy("协办报到"),
    "finish_support": gettext_lazy("协办办结"),
    "submit_check": gettext_lazy("提交核查结论"),
    "overdue_checkin": gettext_lazy("超时未报到"),
    "reckon_clock": gettext_lazy("放假安排已导入，补算到期时间"),
    "claim": gettext_lazy("认领"),
    "assign_handler": gettext_lazy("分派承办人"),
    "replace_worker": gettext_lazy("改派网格员"),
    "release": gettext_lazy("释放"),
    "correct_case": gettext_lazy("更正案件信息"),
    "add_note": gettext_lazy("补充说明"),
    "supplement": gettext_lazy("诉求人补充"),
    "leave_note": gettext_lazy("内部备注"),
    "note_incoming": gettext_lazy("来件变更"),
    "link": gettext_lazy("关联案件"),
    "unlink": gettext_lazy("取消关联"),
    "add_member": gettext_lazy("增加办理成员"),
    "remove_member": gettext_lazy("移出办理成员"),
    "call_back": gettext_lazy("回访"),
    "log_contact": gettext_lazy("联系诉求人"),
    "request_void": gettext_lazy("申请作废"),
    "refuse_void": gettext_lazy("不批准作废"),
    "put_on_agenda": gettext_lazy("列入联席会议议题"),
    "take_off_agenda": gettext_lazy("移出联席会议议题"),
    "find_responsibility": gettext_lazy("责任认定"),
    "list_gaps": gettext_lazy("案卷不完整，待补全"),
    "complete_file": gettext_lazy("补全案卷"),
    "urge": gettext_lazy("催办"),
    "escalate": gettext_lazy("升级预警"),
    "supervise": gettext_lazy("下达督办单"),
    "answer_supervision": gettext_lazy("督办回复"),
    "accept_supervision": gettext_lazy("督办办结"),
    "return_supervision": gettext_lazy("督办回复退回"),
    "overdue_supervision": gettext_lazy("督办逾期未回复"),
    "finish_stage": gettext_lazy("阶段完成"),
    "overdue_confirmation": gettext_lazy("应急哨超时未补签"),
    "arrive": gettext_lazy("到场"),
    "call_off": gettext_lazy("撤哨"),
    "add_support": gettext_lazy("增派协办"),
    "draft_support": gettext_lazy("申请增派协办，报请签发"),
    "drop_support": gettext_lazy("不增派协办"),
    "score_unit": gettext_lazy("单位评分"),
    "send_guard": gettext_lazy("派网格员到场值守"),
    "arrive_on_guard": gettext_lazy("网格员到场值守"),
    "leave_guard": gettext_lazy("网格员撤离"),
    "support": gettext_lazy("有人“＋1 我也遇到”"),
    "take_in": gettext_lazy("有案件并入本案"),
    "let_go": gettext_lazy("并入的案件已拆出"),
    "rate_merged": gettext_lazy("并入案件的诉求人评价"),
    "rate": gettext_lazy("诉求人评价"),
    "ask_again": gettext_lazy("诉求人申请重开或复核"),
    "reveal_contact": gettext_lazy("查看诉求人完整联系方式"),
    "correct_complainant": gettext_lazy("按本人要求更正姓名或电话"),
    "erase_complainant": gettext_lazy("按本人要求删除姓名和电话"),
    "civics.export_data": gettext_lazy("导出本人的个人信息"),
    "civics.hand_over_data": gettext_lazy("把个人信息文件交给本人"),
    "civics.fetch_data": gettext_lazy("本人下载个人信息文件"),
    "civics.correct_data": gettext_lazy("按请求更正个人信息"),
    "civics.delete_data": gettext_lazy("按请求删除个人信息"),
    "request_extension": gettext_lazy("申请延期"),
    "review_extension": gettext_lazy("审核延期"),
    "withdraw_extension": gettext_lazy("撤回延期申请"),
    "request_suspension": gettext_lazy("申请挂账"),
    "review_suspension": gettext_lazy("初审挂账"),
    "reject_suspension": gettext_lazy("不批准挂账"),
    "withdraw_suspension": gettext_lazy("撤回挂账申请"),
    "appeal_overdue": gettext_lazy("超期申诉"),
    "review_appeal": gettext_lazy("审核超期申诉"),
}


def verb_of(action: str) -> str:
    word = action.removeprefix("cases.")
    if word in VERBS:
        return str(VERBS[word])
    return str(Action(word).label) if word in Action.values else _("更新")
