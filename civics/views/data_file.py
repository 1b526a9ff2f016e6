"""All that is held of a person as a workbook that he can read."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions.contacts import masked_telephone, may_see_number
from cases.models import Case
from cases.views import words
from cases.workflow import State
from civics.querysets.holdings import Holdings
from governance import clock, crypto
from governance.spreadsheets import Sheet, write_xlsx
from parties.acting import Actor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Row = tuple[str, str, datetime | None, str]


def data_file(found: Holdings, *, desk: Actor | None = None) -> HttpResponse:
    """Written while it is asked for, and kept nowhere; for the `desk` it is signed."""
    mark = [_signed(desk)] if desk else []
    sheet = Sheet(
        title=_("我的个人信息"),
        headings=(_("项目"), _("编号"), _("时间"), _("内容")),
        rows=_rows(found, desk),
        widths=(16, 26, 18, 90),
        above=mark,
        author=desk.name if desk else "",
        mark="".join(mark),
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.xlsx"
        write_xlsx(path, sheet)
        answer = HttpResponse(path.read_bytes(), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="personal-data.xlsx"'
    answer["Cache-Control"] = "no-store"
    return answer


def _signed(desk: Actor) -> str:
    """Who took it out and when (DOMAIN E.7), as on every list with personal data."""
    who = f"{desk.name}（{desk.organisation_name}·{desk.post_name}）"
    when = f"{timezone.localtime(clock.now()):%Y-%m-%d %H:%M}"
    return f"导出：{who} {when} 含个人信息，仅限本人工作使用，不得外传"


def _rows(found: Holdings, desk: Actor | None) -> Iterator[Row]:
    """The desk reads neither what a confidential case says that it has no hand in, nor
    a number that is kept from departments (FEATURES 73)."""
    phone, secret = found.phone, _secret(found.cases, desk)
    in_clear = desk is None or all(may_see_number(one, desk) for one in found.cases)
    number = crypto.unseal(phone.number) if in_clear else phone.masked
    yield _("手机号码"), number, phone.created_at, ""
    if phone.verified_at:
        yield _("最近验证"), number, phone.verified_at, ""
    for case in found.cases:
        if case.chain in secret:
            yield _("上报的案件"), case.display_no, case.reported_at, _("保密案件")
        else:
            yield from _of_case(case, in_clear=in_clear)
    yield from _agreed(found)
    for one in found.letters:
        if one.subject not in secret:
            said = f"{one.title}{one.body_covered}"
            yield _("短信"), "", one.created_at, said


def _agreed(found: Holdings) -> Iterator[Row]:
    """What is followed, agreed to and asked for."""
    for one in found.follows:
        told = _("＋1 并关注") if one.joined else _("关注")
        yield told, one.case.display_no, one.at, one.case.category.name
    for one in found.phone.area_follows.select_related("area").order_by("pk"):
        yield _("关注社区"), one.area.code, one.at, one.area.name
    for one in found.consents:
        number = one.case.display_no if one.case else ""
        said = f"{one.get_purpose_display()} · {_('隐私说明')} {one.notice}"
        yield _("同意记录"), number, one.given_at, said
        if one.withdrawn_at:
            yield _("撤回同意"), number, one.withdrawn_at, said
    for one in found.requests:
        kind = one.get_kind_display()
        yield _("个人信息请求"), one.case.display_no, one.asked_at, kind


def _secret(cases: list[Case], desk: Actor | None) -> set[str]:
    confidential = {one.pk: one.chain for one in cases if one.confidential}
    if desk is None or not confidential:
        return set()
    seen = Case.objects.visible_to(desk).filter(pk__in=confidential)
    open_to_desk = set(seen.values_list("pk", flat=True))
    return {chain for pk, chain in confidential.items() if pk not in open_to_desk}


def _of_case(case: Case, *, in_clear: bool) -> Iterator[Row]:
    number, contact = case.display_no, crypto.unseal(case.complainant_contact)
    facts: list[tuple[str, Any]] = [
        (_("类别"), case.category.name),
        (_("状态"), words.STATE_WORDS[State(case.state)]),
        (_("内容"), case.description),
        (_("地点"), case.address),
        (_("坐标"), f"{case.point.x:.6f}, {case.point.y:.6f}" if case.point else ""),
        (_("称呼"), crypto.unseal(case.complainant_name)),
        (_("联系电话"), contact if in_clear else masked_telephone(contact)),
        (_("照片"), case.photos.filter(stage="report", user=None).count() or ""),
    ]
    said = "\n".join(f"{label}：{fact}" for label, fact in facts if fact)
    yield _("上报的案件"), number, case.reported_at, said
    for one in case.ratings.order_by("at", "pk"):
        yield _("评价"), number, one.at, f"{one.get_score_display()} {one.comment}"
