"""＋1 and 关注 by a verified telephone; word of what comes of it (FEATURES 72)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import actions as cases
from cases.actions.telling import remind
from cases.models import Case
from cases.workflow import State
from civics.actions.consents import agree
from civics.actions.limits import Limit, count, exhausted, keep_within, within
from civics.actions.rules import service_rule
from civics.models import Attempt, Consent, Follow, Phone
from civics.querysets.public import public_cases, rule
from governance import crypto, events
from governance.errors import Refused
from parties import actions as parties
from parties.acting import Actor

BATCH = 200
DAY = timedelta(days=1)
MANY_FOLLOWS = gettext_lazy("这个号码今天关注的已经很多了，请明天再关注。")
# Nothing more will happen, or nothing more that a bystander is told.
LAST = (
    State.CLOSED, State.ARCHIVED, State.REJECTED, State.MERGED, State.TRANSFERRED,
    State.VOIDED,
)  # fmt: skip
NEWS = {
    State.REPORTED: gettext_lazy("已重新受理"),
    State.SELF_HANDLING: gettext_lazy("网格正在处理"),
    State.COMMUNITY_HANDLING: gettext_lazy("社区正在处理"),
    State.STREET_PENDING: gettext_lazy("已呈报街道研判"),
    State.STREET_HANDLING: gettext_lazy("街道正在处理"),
    State.WHISTLED: gettext_lazy("街道已通知部门到场"),
    State.JOINT_HANDLING: gettext_lazy("部门正在处理"),
    State.DISTRICT_COORD: gettext_lazy("区级正在协调"),
    State.CITY_COORD: gettext_lazy("市级正在协调"),
    State.SUSPENDED: gettext_lazy("暂时办不了，等待恢复"),
    State.RATING: gettext_lazy("已办好"),
    State.CLOSED: gettext_lazy("已办结"),
    State.ARCHIVED: gettext_lazy("已办结"),
    State.REJECTED: gettext_lazy("未予受理"),
    State.MERGED: gettext_lazy("与同一问题合并办理"),
    State.TRANSFERRED: gettext_lazy("已转给有权处理的单位"),
    State.VOIDED: gettext_lazy("不再办理"),
}


@transaction.atomic
def follow(*, case_id: int, phone_id: int, actor: Actor, at: datetime) -> Follow:
    """关注: be told what comes of it. Twice is once."""
    case = _open(case_id)
    phone = Phone.objects.select_for_update().get(pk=phone_id)
    found, made = Follow.objects.get_or_create(
        case=case, phone=phone, defaults={"told_state": case.state, "at": at}
    )
    if not made and found.ended_at is None:
        return found
    limit = follows_a_day()
    keep_within(limit, phone.digest, at)
    count(limit.kind, phone.digest, at)
    if not made:
        found.ended_at, found.told_state = None, case.state
        found.save(update_fields=["ended_at", "told_state"])
    agree(phone=phone, purpose=Consent.Purpose.FOLLOW, case_id=case.pk, at=at)
    events.record(
        chain=phone.chain, action="civics.follow", actor=actor, at=at,
        detail={"case": case.pk},
    )  # fmt: skip
    return found


@transaction.atomic
def join(
    *, case_id: int, phone_id: int, remark: str, actor: Actor, at: datetime
) -> Case:
    """＋1 我也遇到, and told what comes of it; a telephone counts once (DOMAIN C.7)."""
    found = follow(case_id=case_id, phone_id=phone_id, actor=actor, at=at)
    if found.joined:
        return found.case
    if Consent.objects.of_filing(phone_id).filter(case=case_id).exists():
        raise Refused(_("这是您自己上报的，不用再点“＋1”。"), code="own")
    found.joined = True
    found.save(update_fields=["joined"])
    case = cases.support(case_id=case_id, remark=remark, actor=actor, at=at)
    if case.supporters_count == rule().told_at:
        remind(
            case=case,
            title=_("已有 %(n)d 人反映同一问题：%(category)s")
            % {"n": case.supporters_count, "category": case.category.name},
            circles=("holder", "unit"),
            key=f"{case.chain}:many",
            at=at,
        )
    return case


@transaction.atomic
def unfollow(*, follow_id: int, phone_id: int, actor: Actor, at: datetime) -> None:
    """Not told any more, and the consent to it taken back (PIPL 15)."""
    found = Follow.objects.select_for_update().get(pk=follow_id, phone=phone_id)
    if found.ended_at is not None:
        return
    found.ended_at = at
    found.save(update_fields=["ended_at"])
    Consent.objects.filter(
        phone=phone_id, case=found.case_id, purpose=Consent.Purpose.FOLLOW,
        withdrawn_at=None,
    ).update(withdrawn_at=at)  # fmt: skip
    events.record(
        chain=found.phone.chain, action="civics.unfollow", actor=actor, at=at,
        detail={"case": found.case_id},
    )  # fmt: skip


@transaction.atomic
def tell_followers(*, at: datetime) -> int:
    """Text those whose case moved on since they were told last; answers how many.

    Running twice tells once: the row says what was told, and the letter has its key.
    A case that became confidential is not spoken of any more (FixMyStreet F25). Who
    had enough messages for a day is told the next one, and of each case only the last.
    """
    limit = texts_a_day()
    found = Follow.objects.with_news().select_related("phone", "case__category")
    found = found.exclude(phone__digest__in=exhausted(limit, at))
    waiting = found.select_for_update(of=("self",), skip_locked=True).order_by(
        "phone", "pk"
    )
    news = list(waiting[:BATCH])
    shown = public_cases(at).filter(pk__in=[one.case_id for one in news])
    shown_ids = set(shown.values_list("pk", flat=True))
    return sum(_told(one, one.case_id in shown_ids, limit, at) for one in news)


def _told(one: Follow, is_shown: bool, limit: Limit, at: datetime) -> int:
    """`is_shown`: the case has a public page to point to."""
    case, word = one.case, NEWS.get(State(one.case.state))
    hidden = case.confidential or case.category.is_confidential
    if not (hidden or word is None or within(limit, one.phone.digest, at)):
        return 0
    one.told_state = case.state
    if hidden or case.state in LAST:
        one.ended_at = at
    one.save(update_fields=["told_state", "ended_at"])
    if hidden or word is None:
        return 0
    parties.text(
        to=crypto.unseal(one.phone.number),
        key=f"follow:{one.pk}:{case.version}",
        subject=one.phone.chain,
        title=_("您关注的“%(what)s”%(word)s。")
        % {"what": case.category.name, "word": word},
        body=_("编号 %(no)s。") % {"no": case.display_no},
        url=reverse("public_case", args=[case.case_no]) if is_shown else "",
        sealed={},
        at=at,
    )
    count(limit.kind, one.phone.digest, at)
    return 1


def follows_a_day() -> Limit:
    most = service_rule().follows_a_day
    return Limit(Attempt.Kind.FOLLOW, most, DAY, MANY_FOLLOWS)


def texts_a_day() -> Limit:
    return Limit(Attempt.Kind.TEXT, service_rule().texts_a_day, DAY, "")


def _open(case_id: int) -> Case:
    case = Case.objects.select_related("category").get(pk=case_id)
    if case.confidential or case.category.is_confidential:
        raise Refused(_("这个案件不能关注。"), code="confidential")
    if not case.is_open:
        raise Refused(_("这个案件已经办完，不用再关注。"), code="closed")
    return case
