"""Who is told what: circles of people, found from postings (handlers of Celery)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.texting import text_complainants
from cases.actions.whistling import blown_assignments, newest_blown
from cases.models import Case, Support
from cases.workflow import UNIT_REVIEWERS, Action, State, keeper_of, missing_said
from parties import actions as parties
from parties.acting import Actor
from parties.models import Posting

Circle = Callable[[Case, datetime], list[int]]
OWN_WORDS = {
    "draft_whistle": gettext_lazy("吹哨单待签发"),
    "withdraw_whistle": gettext_lazy("吹哨单已撤回"),
    "support_check_in": gettext_lazy("协办单位已报到"),
    "finish_support": gettext_lazy("协办单位已办结"),
    "submit_check": gettext_lazy("核查结论待确认"),
    "overdue_checkin": gettext_lazy("超时未报到"),
    "dissatisfied": gettext_lazy("诉求人不满意，请回访"),
    "take_in": gettext_lazy("有案件并入"),
    "let_go": gettext_lazy("并入的案件已拆出"),
    "ask_again": gettext_lazy("诉求人申请重开或复核，请审核"),
    "rate_merged": gettext_lazy("并入案件的诉求人不满意"),
    "assign_handler": gettext_lazy("交您承办"),
    "replace_worker": gettext_lazy("改派给您"),
    "release": gettext_lazy("案件已释放，待认领"),
    "correct_case": gettext_lazy("案件信息已更正"),
    "add_member": gettext_lazy("请您参加办理"),
    "request_void": gettext_lazy("作废申请待审批"),
    "refuse_void": gettext_lazy("作废申请未批准"),
    "put_on_agenda": gettext_lazy("已列入联席会议议题"),
    "issue_minutes": gettext_lazy("联席会议纪要已发"),
    "find_responsibility": gettext_lazy("责任认定"),
    "request_extension": gettext_lazy("延期申请待审核"),
    "review_extension": gettext_lazy("延期申请有新进展"),
    "request_suspension": gettext_lazy("挂账申请待初审"),
    "review_suspension": gettext_lazy("挂账申请有新进展"),
    "reject_suspension": gettext_lazy("挂账申请未获批准"),
    "suspend": gettext_lazy("已挂账"),
    "resume_handling": gettext_lazy("已恢复办理"),
    "appeal_overdue": gettext_lazy("超期申诉待审核"),
    "review_appeal": gettext_lazy("超期申诉有新进展"),
    "finish_stage": gettext_lazy("阶段完成"),
    "overdue_confirmation": gettext_lazy("应急哨超时未补签"),
    "send_guard": gettext_lazy("请到现场值守"),
    "arrive_on_guard": gettext_lazy("网格员已到场值守"),
    "leave_guard": gettext_lazy("网格员已撤离"),
    "arrive": gettext_lazy("单位已到场"),
    "call_off": gettext_lazy("协办单位已撤哨"),
    "add_support": gettext_lazy("增派协办单位"),
    "draft_support": gettext_lazy("增派协办待签发"),
    "drop_support": gettext_lazy("增派协办未获同意"),
    "list_gaps": gettext_lazy("案卷不完整，请补全"),
    "note_incoming": gettext_lazy("来件有变更，请查看"),
    "supplement": gettext_lazy("诉求人有补充"),
}
# The matter has come to its end, well or not; who pressed ＋1 wants to know.
RESULTS = (State.RATING, State.CLOSED, State.REJECTED, State.TRANSFERRED)


def _why_suspended(case: Case) -> str:
    """Reason and day, for whoever waits for the case (DOMAIN C.3, T34)."""
    suspension = case.suspensions.order_by("-pk").first()
    if suspension is None:
        return ""
    return _("原因：%(ground)s。预计 %(date)s 恢复办理。") % {
        "ground": suspension.get_ground_display(),
        "date": suspension.resume_date,
    }


# What a message says beside number and address.
MORE: dict[str, Callable[[Case], str]] = {
    "suspend": _why_suspended,
    "list_gaps": missing_said,
}


def _posted(case: Case, at: datetime, area_id: int | None, *roles: str) -> list[int]:
    if area_id is None:
        return []
    found = Posting.objects.current(at).holding(*roles).filter(post__area=area_id)
    return found.user_ids()


def _in_units(at: datetime, unit_ids: list[int], *roles: str) -> list[int]:
    return (
        Posting.objects.current(at)
        .holding(*roles)
        .filter(post__organisation__in=unit_ids)
        .user_ids()
    )


def _informed(case: Case, at: datetime) -> list[int]:
    """The community and its grid, which an urgent case passes by (DOMAIN C.3)."""
    desk = _posted(case, at, case.community_id, "community_acceptor")
    return desk + _posted(case, at, case.grid_id, "grid_worker", "grid_leader")


def _reporters(case: Case) -> list[int]:
    """Who filed it, who filed what was merged into it, and in the end who joined it
    or one of those with ＋1 (DOMAIN C.7)."""
    merged = case.merged.filter(state=State.MERGED)
    people = [case.reporter_id, *merged.values_list("reporter", flat=True)]
    if case.state in RESULTS:
        joined = Support.objects.filter(Q(case=case) | Q(case__in=merged))
        people += joined.values_list("user", flat=True)
    return [person for person in people if person is not None]


def _called(case: Case) -> list[int]:
    return list(blown_assignments(case).values_list("organisation", flat=True))


def _last_lead(case: Case, at: datetime) -> list[int]:
    """The lead of the last whistle, also after its round is over (T47)."""
    lead = blown_assignments(case).filter(role="lead")
    return _in_units(at, list(lead.values_list("organisation", flat=True)), *UNIT)


def _verify_sender(case: Case, at: datetime) -> list[int]:
    """下发人: who sent the worker whose answer came last (T10)."""
    sent = case.site_tasks.filter(kind="verify", sent_by__isnull=False)
    return list(sent.order_by("-pk").values_list("sent_by", flat=True)[:1])


def _asker(requests: str) -> Circle:
    """Whoever asked for the newest of the case's `requests`."""

    def asker(case: Case, at: datetime) -> list[int]:
        asked = getattr(case, requests).order_by("-pk")
        return list(asked.values_list("asked_by", flat=True)[:1])

    return asker


def _disputer(case: Case, at: datetime) -> list[int]:
    """The organisation whose dispute was last, with its leader."""
    last = case.disputes.order_by("-raised_at", "-pk").values_list("organisation")
    units = [pk for (pk,) in last[:1]]
    return _in_units(at, units, *UNIT, "department_leader")


# A street office that is called answers through the desk roles of its street.
STREET_OFFICE = ("street_dispatcher", "street_shift_head")
UNIT = (
    "department_liaison", "department_handler", "street_handler",
    "community_acceptor", "community_handler",
)  # fmt: skip
AREA_OF_KEEPER: dict[str, Callable[[Case], int]] = {
    "community_acceptor": lambda c: c.community_id,
    "street_acceptor": lambda c: c.street_id,
}
UNIT_LEADER = ("department_leader", "community_leader", "street_leader")
CIRCLES: dict[str, Circle] = {
    "community_desk": lambda c, at: _posted(
        c, at, c.community_id, "community_acceptor"
    ),
    "community_leader": lambda c, at: _posted(
        c, at, c.community_id, "community_leader"
    ),
    "street_command": lambda c, at: _posted(
        c, at, c.street_id, "street_dispatcher", "street_acceptor", "street_shift_head"
    ),
    "street_dispatcher": lambda c, at: _posted(c, at, c.street_id, "street_dispatcher"),
    "disputer": _disputer,
    "street_leader": lambda c, at: _posted(c, at, c.street_id, "street_leader"),
    "district_command": lambda c, at: _posted(c, at, c.district_id, "district_command"),
    "city_command": lambda c, at: _posted(c, at, c.city_id, "city_command"),
    "grid_workers": lambda c, at: _posted(
        c, at, c.grid_id, "grid_worker", "grid_leader"
    ),
    "guard": lambda c, at: list(
        c.site_tasks.filter(kind="guard", submitted_at=None).values_list(
            "worker", flat=True
        )
    ),
    "verify_sender": _verify_sender,
    "informed_if_urgent": lambda c, at: _informed(c, at) if c.urgent else [],
    "reporter": lambda c, at: _reporters(c),
    "own_reporter": lambda c, at: [c.reporter_id] if c.reporter_id else [],
    "holder": lambda c, at: [c.holder_user_id] if c.holder_user_id else [],
    "unit": lambda c, at: _in_units(at, [c.holder_org_id or 0], *UNIT),
    "unit_leader": lambda c, at: _in_units(at, [c.holder_org_id or 0], *UNIT_LEADER),
    "unit_reviewers": lambda c, at: _in_units(
        at, [c.holder_org_id or 0], *(who.role for who in UNIT_REVIEWERS)
    ),
    "extension_asker": _asker("extensions"),
    "suspension_asker": _asker("suspensions"),
    "appeal_asker": _asker("appeals"),
    "lead": lambda c, at: _in_units(at, [c.lead_org_id or 0], *UNIT),
    "first_handler": lambda c, at: _in_units(at, [c.first_handler_org_id or 0], *UNIT),
    "members": lambda c, at: list(
        c.members.filter(removed_at=None).values_list("user", flat=True)
    ),
    "file_keepers": lambda c, at: _posted(
        c, at, AREA_OF_KEEPER[keeper_of(c)](c), keeper_of(c)
    ),
    "last_lead": _last_lead,
    "doers": lambda c, at: list(c.doers),
    "street_shift_head": lambda c, at: _posted(c, at, c.street_id, "street_shift_head"),
    "departments": lambda c, at: _in_units(
        at, _called(c), *UNIT, *STREET_OFFICE, "department_leader"
    ),
}


@transaction.atomic
def tell(
    *,
    case_id: int,
    version: int | str,
    action: str,
    circles: list[str],
    holder_user: int | None,
    holder_org: int | None,
    at: datetime,
) -> None:
    """One notification for each person in the circles; running twice tells once.

    The holder is the one of the step that is told of, even when the case has moved on.
    """
    case = Case.objects.select_related("category").get(pk=case_id)
    case.holder_user_id, case.holder_org_id = holder_user, holder_org
    people = people_in(case, circles, (), at)
    word = str(OWN_WORDS.get(action) or Action(action).label)
    if action == Action.WHISTLE:
        word = _("%(word)s·%(kind)s") % {
            "word": word,
            "kind": newest_blown(case).title,
        }
    title = _("%(word)s：%(category)s") % {"word": word, "category": case.category.name}
    key, more = f"{case.chain}:{version}", MORE[action](case) if action in MORE else ""
    doers = _of_holder(people, holder_user, holder_org, at) if case.is_open else set()
    for kind, told in (("todo", doers), ("notice", set(people) - doers)):
        parties.notify(
            user_ids=told, title=title, kind=kind, key=key, at=at, **about(case, more)
        )
    text_complainants(case, action, key=key, more=more, at=at)


def _of_holder(
    people: list[int], user: int | None, unit: int | None, at: datetime
) -> set[int]:
    """Those whose turn it is: the person who holds it, or else the unit's people."""
    if user is not None:
        return {user} & set(people)
    if unit is None:
        return set()
    own = Posting.objects.current(at).of_organisation(unit).filter(user__in=people)
    return set(own.user_ids())


def remind(
    *, case: Case, title: str, circles: tuple[str, ...], key: str, at: datetime
) -> None:
    """A message that no step of the case causes; the same key tells once."""
    parties.notify(
        user_ids=people_in(case, circles, (), at),
        title=str(title),
        kind="notice",
        key=key,
        at=at,
        **about(case),
    )


def people_in(
    case: Case, circles: Iterable[str], units: Iterable[int], at: datetime
) -> list[int]:
    """Everybody in the circles, and the staff and leaders of the units."""
    found = {person for name in circles for person in _circle(name, case, at)}
    if units:
        found |= set(_in_units(at, list(units), *UNIT, *STREET_OFFICE, *UNIT_LEADER))
    return _let_in(case, sorted(found), at) if case.confidential else sorted(found)


def _circle(name: str, case: Case, at: datetime) -> list[int]:
    """The people of a circle; `unit:17` are those of organisation 17."""
    if name.startswith("unit:"):
        unit = int(name.removeprefix("unit:"))
        return _in_units(at, [unit], *UNIT, "department_leader")
    return CIRCLES[name](case, at)


def _let_in(case: Case, people: list[int], at: datetime) -> list[int]:
    """Of a confidential case only those are told who may read it."""
    postings = Posting.objects.current(at).with_post().filter(user__in=people)
    return sorted(
        {
            one.user_id
            for one in postings
            if Case.objects.visible_to(Actor.of(one)).filter(pk=case.pk).exists()
        }
    )


def about(case: Case, more: str = "") -> dict[str, Any]:
    """What every message about a case says besides its title."""
    return {
        "body": " ".join(filter(None, (f"{case.display_no} {case.address}", more))),
        "url": case.get_absolute_url(),
        "subject": case.chain,
        "urgent": case.urgent,
        "confidential": case.confidential,
    }
