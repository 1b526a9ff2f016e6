"""What journal entries and chains are called, for whoever reads all of them."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.workflow.steps import Action as CaseAction
from cases.workflow.verbs import VERBS, verb_of
from duties.workflow import Action as DutyAction

FLOORS: dict[str, Any] = {
    "cases": gettext_lazy("案件与目录"),
    "duties": gettext_lazy("任务与走访"),
    "civics": gettext_lazy("居民端"),
    "parties": gettext_lazy("账号、岗位与通知"),
    "grids": gettext_lazy("区划与网格"),
    "exchange": gettext_lazy("导入导出"),
    "doors": gettext_lazy("对外接口"),
    "oversight": gettext_lazy("看板与审计"),
    "governance": gettext_lazy("工作日历"),
}
LABELS: dict[str, Any] = {
    "parties.sign_in": gettext_lazy("登录"),
    "parties.appoint": gettext_lazy("任命岗位"),
    "parties.end_posting": gettext_lazy("结束任职"),
    "parties.delegate": gettext_lazy("授权代办"),
    "parties.end_delegation": gettext_lazy("收回代办"),
    "parties.create": gettext_lazy("新建"),
    "parties.change": gettext_lazy("修改"),
    "parties.change_password": gettext_lazy("修改密码"),
    "parties.close_account": gettext_lazy("停用账号"),
    "parties.reopen_account": gettext_lazy("启用账号"),
    "parties.end_sessions": gettext_lazy("全部下线"),
    "parties.unlock": gettext_lazy("解除登录锁定"),
    "parties.register_phone": gettext_lazy("登记手机号"),
    "parties.subscribe": gettext_lazy("登记推送设备"),
    "parties.forget_device": gettext_lazy("移除推送设备"),
    "parties.set_preferences": gettext_lazy("修改通知设置"),
    "parties.open_channel": gettext_lazy("新建通知渠道"),
    "parties.change_channel": gettext_lazy("修改通知渠道"),
    "parties.test_channel": gettext_lazy("测试通知渠道"),
    "parties.retry_delivery": gettext_lazy("重发通知"),
    "parties.drop_delivery": gettext_lazy("放弃通知"),
    "parties.build_demo": gettext_lazy("建立演示数据"),
    "grids.create_area": gettext_lazy("新建区划"),
    "grids.rename_area": gettext_lazy("区划改名"),
    "grids.retire_area": gettext_lazy("撤销区划"),
    "grids.publish_boundary": gettext_lazy("发布边界"),
    "grids.propose": gettext_lazy("提出划格建议"),
    "grids.publish_proposal": gettext_lazy("发布划格建议"),
    "grids.discard_proposal": gettext_lazy("放弃划格建议"),
    "grids.split_part": gettext_lazy("拆分网格"),
    "grids.redraw_border": gettext_lazy("调整边线"),
    "grids.name_part": gettext_lazy("命名网格"),
    "grids.merge_parts": gettext_lazy("合并网格"),
    "grids.cut_part": gettext_lazy("切分网格"),
    "grids.assign_part": gettext_lazy("划入网格"),
    "governance.save_scheme": gettext_lazy("保存计时方案"),
    "governance.drop_scheme": gettext_lazy("删除计时方案"),
    "governance.override_day": gettext_lazy("设本地规定日"),
    "governance.drop_override": gettext_lazy("取消本地规定日"),
    "governance.import_holidays": gettext_lazy("导入放假安排"),
    "governance.install_defaults": gettext_lazy("建立默认计时方案"),
    "exchange.upload": gettext_lazy("上传表格"),
    "exchange.check_import": gettext_lazy("检查表格"),
    "exchange.confirm_import": gettext_lazy("确认导入"),
    "exchange.write_import": gettext_lazy("写入表格"),
    "exchange.drop_import": gettext_lazy("放弃导入"),
    "exchange.request_export": gettext_lazy("申请导出"),
    "exchange.produce": gettext_lazy("生成导出文件"),
    "exchange.refuse_export": gettext_lazy("不予导出"),
    "exchange.download": gettext_lazy("下载导出文件"),
    "doors.take_alarm": gettext_lazy("接收设备报警"),
    "doors.save_source": gettext_lazy("保存对接来源"),
    "doors.place_request": gettext_lazy("补填来件地点"),
    "doors.save_client": gettext_lazy("保存接口客户端"),
    "doors.issue_key": gettext_lazy("发放接口密钥"),
    "doors.revoke_key": gettext_lazy("吊销接口密钥"),
    "doors.save_provider": gettext_lazy("保存登录渠道"),
    "doors.bind_identity": gettext_lazy("绑定外部身份"),
    "doors.receive_order": gettext_lazy("接收工单"),
    "doors.file_order": gettext_lazy("工单立案"),
    "doors.return_order": gettext_lazy("退回工单"),
    "doors.save_alarmrule": gettext_lazy("保存报警规则"),
    "doors.save_device": gettext_lazy("保存感知设备"),
    "oversight.install_board": gettext_lazy("建立看板"),
    "oversight.save_board": gettext_lazy("保存看板"),
    "oversight.set_codes": gettext_lazy("设置看板类别"),
    "oversight.set_board_rule": gettext_lazy("设置看板规则"),
    "oversight.request_check": gettext_lazy("申请校验流水"),
    "oversight.check_journal": gettext_lazy("校验流水"),
    "civics.send_code": gettext_lazy("发送验证码"),
    "civics.lock_phone": gettext_lazy("锁定手机号"),
    "civics.follow": gettext_lazy("关注案件"),
    "civics.unfollow": gettext_lazy("取消关注"),
    "civics.follow_area": gettext_lazy("关注社区"),
    "civics.unfollow_area": gettext_lazy("取消关注社区"),
    "civics.open_data_desk": gettext_lazy("打开个人信息办理"),
    "civics.export_data": gettext_lazy("导出个人信息"),
    "civics.fetch_data": gettext_lazy("领取个人信息"),
    "civics.publish_notice": gettext_lazy("发布隐私告知"),
    "civics.purge": gettext_lazy("清除过期资料"),
    "civics.set_service_rule": gettext_lazy("设置居民服务"),
    "civics.set_public_rule": gettext_lazy("设置公示规则"),
    "civics.name_place": gettext_lazy("设二维码点位"),
    "civics.name_grid": gettext_lazy("设网格二维码"),
    "civics.end_place": gettext_lazy("停用二维码"),
    "duties.start_patrol": gettext_lazy("开始巡查"),
    "duties.end_patrol": gettext_lazy("结束巡查"),
    "duties.start_incident": gettext_lazy("启动应急"),
    "duties.end_round": gettext_lazy("一轮报送结束"),
    "duties.close_incident": gettext_lazy("结束应急"),
    "duties.add_log_entry": gettext_lazy("记应急日志"),
    "duties.report_situation": gettext_lazy("报送情况"),
    "duties.report_incident_case": gettext_lazy("应急中上报案件"),
    "duties.open_mediation": gettext_lazy("受理调解"),
    "duties.record_session": gettext_lazy("记调解会"),
    "duties.sign_agreement": gettext_lazy("签调解协议"),
    "duties.follow_up": gettext_lazy("调解回访"),
    "duties.rate_party": gettext_lazy("当事人评价"),
    "duties.reveal_parties": gettext_lazy("查看当事人"),
    "duties.register_care_target": gettext_lazy("登记关爱对象"),
    "duties.review_care_target": gettext_lazy("复核关爱对象"),
    "duties.end_care_target": gettext_lazy("停止关爱服务"),
    "duties.reveal_care_target": gettext_lazy("查看关爱对象"),
    "duties.report_finding": gettext_lazy("走访中上报案件"),
    "duties.draft_task": gettext_lazy("拟任务"),
    "duties.mark_overdue": gettext_lazy("任务超期"),
    "duties.apply_for_admission": gettext_lazy("申请事项准入"),
    "duties.save_template": gettext_lazy("保存调解模板"),
}  # fmt: skip
CASES: dict[str, Any] = {
    "set_quiet_hours": gettext_lazy("设静默时段"),
    "set_question": gettext_lazy("设补充问题"),
    "set_duplicate_rule": gettext_lazy("设重复判定"),
    "set_bundled_shares": gettext_lazy("设合并计分"),
    "set_stage_limit": gettext_lazy("设环节时限"),
    "drop_stage_limit": gettext_lazy("删除环节时限"),
    "import_catalogue": gettext_lazy("导入案件目录"),
    "edit_category": gettext_lazy("修改类别"),
    "edit_filingcondition": gettext_lazy("修改立案条件"),
    "adopt_responsibilities": gettext_lazy("采用权责清单"),
    "assign_responsibility": gettext_lazy("设权责条目"),
    "end_responsibility": gettext_lazy("停用权责条目"),
    "keep_view": gettext_lazy("保存视图"),
    "change_view": gettext_lazy("修改视图"),
    "move_view": gettext_lazy("移动视图"),
    "drop_view": gettext_lazy("删除视图"),
    "write_phrase": gettext_lazy("拟常用语"),
    "change_phrase": gettext_lazy("修改常用语"),
    "approve_phrase": gettext_lazy("审定常用语"),
    "withdraw_phrase": gettext_lazy("撤下常用语"),
    "drop_phrase": gettext_lazy("删除常用语"),
    "convene_meeting": gettext_lazy("召集联席会议"),
    "hold_meeting": gettext_lazy("记录联席会议"),
    "issue_minutes": gettext_lazy("印发会议纪要"),
    "settle_gap": gettext_lazy("处理责任空白"),
}  # fmt: skip
OBJECTS: dict[str, Any] = {
    "case": gettext_lazy("案件"),
    "user": gettext_lazy("账号"),
    "posting": gettext_lazy("任职"),
    "post": gettext_lazy("岗位"),
    "organisation": gettext_lazy("单位"),
    "contactdepartment": gettext_lazy("包联部门"),
    "area": gettext_lazy("区划"),
    "proposal": gettext_lazy("划格建议"),
    "catalogue": gettext_lazy("案件目录"),
    "responsibility": gettext_lazy("权责条目"),
    "stage_limit": gettext_lazy("环节时限"),
    "phrase": gettext_lazy("常用语"),
    "view": gettext_lazy("视图"),
    "gap": gettext_lazy("责任空白"),
    "meeting": gettext_lazy("联席会议"),
    "import": gettext_lazy("导入"),
    "export": gettext_lazy("导出"),
    "channel": gettext_lazy("通知渠道"),
    "task": gettext_lazy("任务"),
    "receiver": gettext_lazy("任务接收"),
    "admission": gettext_lazy("准入事项"),
    "care": gettext_lazy("关爱对象"),
    "patrol": gettext_lazy("巡查"),
    "incident": gettext_lazy("应急"),
    "mediation": gettext_lazy("调解"),
    "mediation_template": gettext_lazy("调解模板"),
    "place": gettext_lazy("二维码"),
    "resident_phone": gettext_lazy("居民手机"),
    "board": gettext_lazy("看板"),
    "api_client": gettext_lazy("接口客户端"),
    "client": gettext_lazy("接口客户端"),
    "bridge_source": gettext_lazy("对接来源"),
    "work_order": gettext_lazy("来件工单"),
    "device": gettext_lazy("感知设备"),
    "identity_provider": gettext_lazy("登录渠道"),
    "external_identity": gettext_lazy("外部身份"),
    "journal": gettext_lazy("流水校验"),
    "calendar": gettext_lazy("工作日历"),
    "open311": gettext_lazy("来件"),
    "alarmrule": gettext_lazy("报警规则"),
    "civics": gettext_lazy("居民端设置"),
}  # fmt: skip


def is_known(action: str) -> bool:
    """Whether it has a name of its own."""
    floor, _dot, word = action.partition(".")
    if floor == "cases":
        return word in VERBS or word in CASES or word in CaseAction.values
    return action in LABELS or (floor == "duties" and word in DutyAction.values)


def name_of(action: str) -> str:
    """任命岗位 of `parties.appoint`."""
    floor, _dot, word = action.partition(".")
    if action in LABELS:
        return str(LABELS[action])
    if floor == "duties" and word in DutyAction.values:
        return str(DutyAction(word).label)
    if floor == "cases":
        return str(CASES[word]) if word in CASES else verb_of(action)
    return _("其他操作")


def object_of(chain: str) -> str:
    """案件 17 of `case:17`."""
    kind, _colon, number = chain.partition(":")
    return f"{OBJECTS.get(kind, _('设置'))} {number}".strip()
