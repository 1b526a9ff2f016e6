"""Text messages to complainants: received, refused, merged, done … (DOMAIN C.3).

They go out by the channels that serve complainants, wherever a mobile number was left.
The first one brings the query code, which stands sealed in the letter and in clear only
in what is sent.
"""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.contacts import masked_telephone, mobile
from cases.models import Case
from cases.workflow import Action, State
from governance import crypto
from parties import actions as parties
from parties.models import Channel

CODE = "{code}"
WORDS = {
    Action.REPORT: gettext_lazy("已收到，会尽快受理"),
    Action.REJECT: gettext_lazy("未予受理，有异议可以联系所在社区复核"),
    Action.RECONSIDER: gettext_lazy("经复核已重新受理"),
    Action.MERGE: gettext_lazy("与反映同一问题的另一件一并办理，结果会告知您"),
    Action.TRANSFER: gettext_lazy("已转给有权处理的单位，详情可以查询或联系所在社区"),
    Action.VOID: gettext_lazy("已作废，不再办理，有疑问请联系所在社区"),
    Action.WITHDRAW: gettext_lazy("已撤回，不再办理，有疑问请联系所在社区"),
    Action.SUSPEND: gettext_lazy("暂缓办理"),
    Action.APPROVE_SELF: gettext_lazy("已办理，请您评价"),
    Action.CONFIRM_CHECK: gettext_lazy("已办理，请您评价"),
    Action.CLOSE_DESPITE: gettext_lazy("已答复并结案"),
}
# These concern one report; what comes of the matter is told to merged ones too.
OF_ONE = (
    Action.REPORT, Action.REJECT, Action.RECONSIDER, Action.MERGE, Action.WITHDRAW,
)  # fmt: skip


def text_complainants(
    case: Case, action: str, *, key: str, more: str, at: datetime
) -> None:
    """Write the messages of one step; the same `key` again writes nothing."""
    if action not in WORDS:
        return
    for told in _told(case, Action(action)):
        number = mobile(crypto.unseal(told.complainant_contact))
        if not number:
            continue
        # Of a confidential matter a message says no more than that there is one.
        what = _("问题") if told.confidential else told.category.name
        parties.text(
            to=number,
            key=f"{key}:complainant:{told.pk}",
            subject=case.chain,
            title=_("您反映的“%(what)s”%(word)s。")
            % {"what": what, "word": WORDS[Action(action)]},
            body=" ".join(filter(None, [more, _how_to_ask(told)])),
            url=f"{reverse('resident_lookup')}?no={told.case_no}",
            sealed={CODE: told.query_code},
            at=at,
        )


def texted_to(case: Case) -> str:
    """The masked number to which number and code are texted; empty where nobody
    texts them, so that whoever files for a resident (代报) hands them over."""
    number = mobile(crypto.unseal(case.complainant_contact))
    channels = Channel.objects.filter(enabled=True, complainants=True)
    return masked_telephone(number) if number and channels.exists() else ""


def _told(case: Case, action: Action) -> Iterator[Case]:
    if case.has_complainant:
        yield case
    if action not in OF_ONE:
        merged = case.merged.filter(state=State.MERGED, has_complainant=True)
        yield from merged.select_related("category").order_by("pk")


def _how_to_ask(case: Case) -> str:
    return _("编号 %(no)s，查询码 %(code)s。") % {"no": case.display_no, "code": CODE}
