"""Make the people of the demo city; bulk, and only what is missing."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Refused
from grids.models import Area
from parties import actions
from parties.acting import Actor
from parties.demo.cast import (
    CITY,
    PASSWORD,
    Account,
    Body,
    accounts_of,
    bodies_of,
    contacts_of,
)
from parties.models import (
    Channel,
    ContactDepartment,
    Organisation,
    Post,
    Posting,
    User,
)
from parties.roles import Role

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@transaction.atomic
def build(*, at: datetime) -> None:
    """Make what is missing; running it again changes nothing. Needs `grids.demo`."""
    if settings.PRODUCTION:
        raise Refused("正式环境不能建立演示账号。", code="production")
    areas = {one.code: one for one in Area.objects.within([CITY])}
    bodies, accounts = list(bodies_of(areas)), list(accounts_of(areas))
    organisations = _make_organisations(bodies, areas)
    posts = _make_posts(accounts, organisations, areas)
    _make_contacts(organisations, areas)
    made = _make_users(accounts, at)
    _make_postings(accounts, posts, at)
    _make_channel(at)
    if made:
        events.record(
            chain="demo:parties",
            action="parties.build_demo",
            actor=Actor.system(),
            at=at,
            detail={"organisations": len(bodies), "accounts": made},
        )


def _make_channel(at: datetime) -> None:
    """Messages to complainants, printed: what a provider's kind would send."""
    if not Channel.objects.exists():
        plan = actions.Plan(name="短信（演示）", complainants=True)
        actions.open_channel(kind="console_sms", plan=plan, actor=Actor.system(), at=at)


def _make_organisations(
    bodies: list[Body], areas: dict[str, Area]
) -> dict[str, Organisation]:
    """By name; parents first, since their keys are needed."""
    found = {one.name: one for one in Organisation.objects.all()}
    for wave in (
        [body for body in bodies if not body.parent],
        [body for body in bodies if body.parent],
    ):
        made = [_organisation(body, areas, found) for body in wave]
        new = [one for one in made if one.name not in found]
        Organisation.objects.bulk_create(new)
        found |= {one.name: one for one in new}
    through = Organisation.jurisdictions.through
    through.objects.bulk_create(
        [
            through(organisation_id=found[body.name].pk, area_id=areas[body.area].pk)
            for body in bodies
        ],
        ignore_conflicts=True,
    )
    return found


def _organisation(
    body: Body, areas: dict[str, Area], found: dict[str, Organisation]
) -> Organisation:
    area = areas[body.area]
    return Organisation(
        name=body.name,
        short_name=body.short_name,
        kind=body.kind,
        level=area.level,
        parent=found[body.parent] if body.parent else None,
        area=area,
        can_be_whistled=body.can_be_whistled,
    )


def _make_contacts(
    organisations: dict[str, Organisation], areas: dict[str, Area]
) -> None:
    """包联: which department looks after which community."""
    ContactDepartment.objects.bulk_create(
        [
            ContactDepartment(
                organisation=organisations[body],
                area=areas[code],
                starts_date=SINCE.date(),
                note=_("社区常态联系、接单承办"),
            )
            for body, code in contacts_of(areas)
        ],
        ignore_conflicts=True,
    )


PostKey = tuple[str, int, int | None, str]


def _post_key(post: Post) -> PostKey:
    return (post.role, post.organisation_id, post.area_id, post.name)


def _make_posts(
    accounts: list[Account],
    organisations: dict[str, Organisation],
    areas: dict[str, Area],
) -> list[Post]:
    """The post of each account, in the same order."""
    wanted = [
        Post(
            role=one.role,
            organisation=organisations[one.body],
            area=areas[one.area] if one.area else None,
            name=one.post or str(one.role.label),
        )
        for one in accounts
    ]
    there = {_post_key(post): post for post in Post.objects.all()}
    new = {_post_key(post): post for post in wanted if _post_key(post) not in there}
    Post.objects.bulk_create(new.values())
    there |= new
    return [there[_post_key(post)] for post in wanted]


def _make_users(accounts: Iterable[Account], at: datetime) -> int:
    """How many were made. One hash serves all: they share one known password."""
    known = set(User.objects.values_list("username", flat=True))
    if known.issuperset(one.username for one in accounts):
        return 0
    password = make_password(PASSWORD)
    new = {
        one.username: User(
            username=one.username,
            name=one.name,
            password=password,
            is_staff=one.role == Role.SYSTEM_ADMIN,
            is_superuser=one.role == Role.SYSTEM_ADMIN,
            created_at=at,
        )
        for one in accounts
        if one.is_primary and one.username not in known
    }
    User.objects.bulk_create(new.values())
    return len(new)


def _make_postings(accounts: list[Account], posts: list[Post], at: datetime) -> None:
    ids = dict(User.objects.values_list("username", "pk"))
    held = set(Posting.objects.values_list("user", "post"))
    settled = set(
        Posting.objects.filter(ends_at=None, is_primary=True).values_list(
            "user", flat=True
        )
    )
    Posting.objects.bulk_create(
        Posting(
            user_id=ids[one.username],
            post=post,
            starts_at=min(SINCE, at),
            is_primary=one.is_primary and ids[one.username] not in settled,
        )
        for one, post in zip(accounts, posts, strict=True)
        if (ids[one.username], post.pk) not in held
    )
