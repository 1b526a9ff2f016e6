"""关注一个社区: once a day word of what became public there (FEATURES 72)."""

from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from civics.actions.consents import agree
from civics.actions.following import follows_a_day, texts_a_day
from civics.actions.limits import Limit, count, exhausted, keep_within, within
from civics.models import AreaFollow, Consent, Phone
from civics.querysets.public import Rule, newly_public, rule
from governance import crypto, events
from governance.errors import Refused
from grids.codes import Level
from grids.models import Area
from parties import actions as parties
from parties.acting import Actor

DAY = timedelta(days=1)
MOST_AREAS = 5
BATCH = 200
NAMED = 3


@transaction.atomic
def follow_area(
    *, area_code: str, phone_id: int, actor: Actor, at: datetime
) -> AreaFollow:
    """Of a community; twice is once, and five at most."""
    area = Area.objects.filter(
        code=area_code, level=Level.COMMUNITY, valid_to=None
    ).first()
    if area is None:
        raise Refused(_("请选择社区。"), code="required", field="area_code")
    phone = Phone.objects.select_for_update().get(pk=phone_id)
    own = AreaFollow.objects.running().filter(phone=phone)
    if (known := own.filter(area=area).first()) is not None:
        return known
    if own.count() >= MOST_AREAS:
        raise Refused(
            _("最多关注 %(n)d 个社区，请先取消一个。") % {"n": MOST_AREAS},
            code="many",
            field="area_code",
        )
    limit = follows_a_day()
    keep_within(limit, phone.digest, at)
    count(limit.kind, phone.digest, at)
    found = AreaFollow.objects.create(area=area, phone=phone, at=at, told_at=at)
    agree(phone=phone, purpose=Consent.Purpose.AREA, case_id=None, at=at)
    events.record(
        chain=phone.chain, action="civics.follow_area", actor=actor, at=at,
        detail={"area": area.code},
    )  # fmt: skip
    return found


@transaction.atomic
def unfollow_area(*, follow_id: int, phone_id: int, actor: Actor, at: datetime) -> None:
    """Not told any more; with the last one the consent is taken back (PIPL 15)."""
    phone = Phone.objects.select_for_update().get(pk=phone_id)
    found = AreaFollow.objects.select_related("area").get(pk=follow_id, phone=phone)
    if found.ended_at is not None:
        return
    found.ended_at = at
    found.save(update_fields=["ended_at"])
    if not AreaFollow.objects.running().filter(phone=phone).exists():
        Consent.objects.filter(
            phone=phone, purpose=Consent.Purpose.AREA, withdrawn_at=None
        ).update(withdrawn_at=at)
    events.record(
        chain=phone.chain, action="civics.unfollow_area", actor=actor, at=at,
        detail={"area": found.area.code},
    )  # fmt: skip


@transaction.atomic
def tell_area_followers(*, at: datetime) -> int:
    """One message a day for each community in which something became public; answers
    how many. Running twice tells once: the row says until when it was told."""
    given, limit = rule(), texts_a_day()
    due = AreaFollow.objects.due(at - DAY).select_related("phone", "area")
    due = due.exclude(phone__digest__in=exhausted(limit, at))
    held = due.select_for_update(of=("self",), skip_locked=True)
    waiting = held.order_by("phone", "pk")[:BATCH]
    return sum(_told(one, given, limit, at) for one in waiting)


def _told(one: AreaFollow, given: Rule, limit: Limit, at: datetime) -> int:
    """Nothing new: looked at again tomorrow."""
    if not within(limit, one.phone.digest, at):
        return 0
    new = newly_public(at, one.told_at, given).filter(community=one.area)
    kinds = Counter(new.order_by().values_list("category__name", flat=True))
    one.told_at = at
    one.save(update_fields=["told_at"])
    if not kinds:
        return 0
    query = urlencode({"street": one.area.code[:9]})
    parties.text(
        to=crypto.unseal(one.phone.number),
        key=f"area:{one.pk}:{at:%Y%m%d%H%M}",
        subject=one.phone.chain,
        title=_("您关注的%(area)s新公开 %(n)d 件。")
        % {"area": one.area.name, "n": kinds.total()},
        body=_("、").join(f"{name} {n}" for name, n in kinds.most_common(NAMED))
        + _("。"),
        url=f"{reverse('public_list')}?{query}",
        sealed={},
        at=at,
    )
    count(limit.kind, one.phone.digest, at)
    return 1
