"""内部备注 and @: colleagues speak about a case; residents never read it."""

import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.step import locked, require
from cases.actions.telling import about
from cases.models import Case
from cases.querysets.candidates import readers
from cases.workflow import State
from governance import events
from governance.errors import Refused
from governance.models import Event
from parties import actions as parties
from parties.acting import Actor
from parties.models import Notification, Posting

AT = re.compile(r"@([^\s@]+)")
MENTIONED_MOST = 20


def may_leave_note(case: Case, actor: Actor, at: datetime) -> None:
    """Everybody who may see the case and works here; not once it is archived."""
    if actor.user_id is None:
        raise Refused(_("内部备注由工作人员填写。"), code="role")
    if not Case.objects.visible_to(actor).filter(pk=case.pk).exists():
        raise Refused(_("本案不在您的范围内。"), code="role")
    if case.state == State.ARCHIVED:
        raise Refused(_("本案已归档，请用“补充说明”。"), code="state", field="opinion")


@transaction.atomic
def leave_note(*, case_id: int, opinion: str, actor: Actor, at: datetime) -> Event:
    """内部备注 (FEATURES 55), without a new version of the case: nobody's open form is
    put aside for it. Whoever is named with @ and may see the case is told."""
    case = locked(case_id)
    may_leave_note(case, actor, at)
    require({"opinion": opinion}, {"opinion": _("请填写备注。")})
    people = mentioned(opinion, case, at)
    event = events.record(
        chain=case.chain,
        action="cases.leave_note",
        actor=actor,
        at=at,
        detail={
            "opinion": opinion.strip(),
            "mentioned": sorted(one.user.name for one in people.values()),
        },
    )
    said = about(case, f"：{opinion.strip()}"[:400])
    parties.notify(
        user_ids=[pk for pk in people if pk != actor.user_id],
        kind=Notification.Kind.NOTICE,
        title=f"{actor.name} 在内部备注中提到您：{case.category.name}",
        key=f"note:{event.pk}",
        at=at,
        **said,
    )
    return event


def mentioned(text: str, case: Case, at: datetime) -> dict[int, Posting]:
    """Whom the text names with @, by user id. Refused when one of them may not see the
    case, or when two have that name and the unit is not said."""
    words = AT.findall(text)
    if not words:
        return {}
    known = labels(readers(case, at))
    found: dict[int, Posting] = {}
    for word in words:
        label = max((one for one in known if word.startswith(one)), key=len, default="")
        if not label:
            raise Refused(
                _("“@%(word)s”不是能查看本案的人员。请从列表中选择，或去掉“@”。")
                % {"word": word[:30]},
                code="stranger",
                field="opinion",
            )
        people = known[label]
        if len(people) > 1:
            raise Refused(
                _("有几位都叫“%(name)s”，请从列表中选择，写明单位。") % {"name": label},
                code="ambiguous",
                field="opinion",
            )
        found |= people
    if len(found) > MENTIONED_MOST:
        raise Refused(
            _("一次最多提到 %(most)d 人。") % {"most": MENTIONED_MOST},
            code="many",
            field="opinion",
        )
    return found


def labels(people: list[Posting]) -> dict[str, dict[int, Posting]]:
    """How each may be called: by name, and by name and unit."""
    found: dict[str, dict[int, Posting]] = {}
    for one in people:
        for label in (one.user.name, full_label(one)):
            found.setdefault(label, {}).setdefault(one.user_id, one)
    return found


def full_label(posting: Posting) -> str:
    unit = posting.post.organisation
    return f"{posting.user.name}（{unit.short_name or unit.name}）"
