"""人员与任职, and 力量一本账: accounts, their phones, and the posts they hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.kinds.finders import Areas, Unfound, Units, by_word
from exchange.kinds.kind import NO, YES, Judge, RowKind, Verdict, yes_no
from exchange.layouts import Column
from governance import clock
from governance.calendar import ZONE
from governance.crypto import unseal
from grids.codes import Level
from parties.acting import Actor
from parties.actions import appoint, end_posting, keep, phone_digest, register_phone
from parties.models import Address, Organisation, Post, Posting, User
from parties.querysets import PostingQuerySet
from parties.roles import ADMIN_ROLES, AREA_LEVEL, Role

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
PHONE = re.compile(r"1\d{10}")
FORCES = (
    "片区民警", "社区医生", "城管队员", "党员志愿者", "镇街干部", "法律顾问",
    "物业人员", "楼栋长", "新就业群体", "人民调解员",
)  # fmt: skip


@dataclass(slots=True)
class Person:
    """An account as it stands; `postings` by (role, unit, area, name) of the post.

    `row` is the first row of the file about it, 0 before there is one.
    """

    id: int | None
    name: str
    is_active: bool
    phone: str = ""
    row: int = 0
    postings: dict[tuple[Any, ...], "Held"] | None = None

    def hold(self, post: tuple[Any, ...], held: "Held") -> None:
        self.postings = (self.postings or {}) | {post: held}


@dataclass(slots=True)
class Held:
    id: int | None
    ends_date: date | None


def masked(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""


def number_in(given: dict[str, str]) -> str:
    """A masked number, as our own export has it, says nothing new."""
    return "" if "*" in given["phone"] else given["phone"]


class PeopleJudge(Judge):
    """One row is a person in a post; `role` is given where all rows have the same."""

    def __init__(self, at: datetime, role: str = "") -> None:
        super().__init__()
        self.role = role
        self.today = localdate(at, ZONE)
        self.roles = by_word(Role)
        self.areas, self.units = Areas(), Units.stored()
        self.people = _people(at)
        self.posts = {
            (role, unit, area, name): pk
            for pk, role, unit, area, name in Post.objects.values_list(
                "pk", "role", "organisation", "area", "name"
            )
        }

    def judge(self, row: int, given: dict[str, str]) -> Verdict:
        username = given["username"]
        verdict = Verdict(label=f"{given['name']}（{username}）")
        post = self._post(verdict, given)
        verdict.reasons += self.twice((username, post), row)
        verdict.reasons += self._wrong(given)
        person = self.people.get(username)
        if person is None and verdict.reasons:
            return verdict
        if person is None:
            verdict.is_new = True
            person = Person(None, given["name"], given.get("is_active") != NO)
            self.people[username] = person
        elif person.row:
            if person.name != given["name"]:
                verdict.reasons.append(
                    _("同一账号在前面的行里姓名是“%(name)s”") % {"name": person.name}
                )
        else:
            self._compare(verdict, person, given)
        person.row = person.row or row
        if post is not None and not verdict.reasons:
            self._take(verdict, person, post, given)
        return verdict

    def _wrong(self, given: dict[str, str]) -> list[str]:
        reasons = []
        if not USERNAME.fullmatch(given["username"]):
            reasons.append(_("账号只能用小写字母、数字、点、下划线和短横线"))
        if (phone := number_in(given)) and not PHONE.fullmatch(phone):
            reasons.append(_("手机号应为 1 开头的 11 位数字"))
        starts, ends = given["starts"], given["ends"]
        if starts and ends and ends <= starts:
            reasons.append(_("任职结束须晚于任职开始"))
        if password := given.get("password"):
            try:
                validate_password(password, User(username=given["username"]))
            except ValidationError as error:
                reasons += [f"{_('初始密码')}{_('：')}{one}" for one in error.messages]
        return reasons

    def _post(self, verdict: Verdict, given: dict[str, str]) -> tuple[Any, ...] | None:
        """(role, unit, area, name) of the post; None for a row about the account."""
        role = self.role or self.roles.get(given.get("role", ""), "")
        if not role and not given["unit"]:
            return None
        if not role or not given["unit"]:
            verdict.reasons.append(_("“单位”和“角色”要么都填，要么都不填"))
            return None
        if role in ADMIN_ROLES:
            verdict.reasons.append(
                _("系统、安全、审计管理员不能批量任命，请在系统管理中单独任命")
            )
        try:
            unit, area = self.units.find(given["unit"]), self.areas.find(given["area"])
        except Unfound as error:
            verdict.reasons.append(error.reason)
            return None
        level = AREA_LEVEL.get(role)
        if level and (area is None or area.level != level):
            verdict.reasons.append(
                _("这个角色的管理范围应填%(level)s编码") % {"level": Level(level).label}
            )
        name = given["post"] or str(given.get("role", ""))
        return role, unit, area.id if area else None, name

    def _compare(self, verdict: Verdict, person: Person, given: dict[str, str]) -> None:
        if person.name != given["name"]:
            verdict.changes.append(("姓名", person.name, given["name"]))
        active = given.get("is_active") or (YES if person.is_active else NO)
        if (active == YES) != person.is_active:
            before = YES if person.is_active else NO
            verdict.changes.append(("启用", before, active))
        phone = number_in(given)
        if phone and phone_digest(phone) != person.phone:
            verdict.changes.append(("手机号", "", masked(phone)))
        person.name, person.is_active = given["name"], active == YES
        person.phone = phone_digest(phone) or person.phone

    def _take(
        self,
        verdict: Verdict,
        person: Person,
        post: tuple[Any, ...],
        given: dict[str, str],
    ) -> None:
        ends = date.fromisoformat(given["ends"]) if given["ends"] else None
        held = (person.postings or {}).get(post)
        words = f"{given['unit']}·{post[3]}"
        if held is None:
            if ends and ends <= self.today:
                verdict.reasons.append(_("任职结束日期已过，不能任命"))
            else:
                verdict.changes.append(("任职", "", words))
                person.hold(post, Held(None, ends))
        elif ends and ends != held.ends_date:
            if ends > self.today:
                verdict.reasons.append(
                    _("这项任职已在进行；以后才结束的，请到期当天再导入")
                )
            else:
                verdict.changes.append(("任职结束", words, given["ends"]))
                held.ends_date = ends

    def write(
        self, row: int, given: dict[str, str], actor: Actor, at: datetime
    ) -> None:
        person = self.people[given["username"]]
        self._keep(person, given, actor, at)
        if phone := number_in(given):
            register_phone(user_id=person.id or 0, phone=phone, actor=actor, at=at)
        post = self._post(Verdict(label=""), given)
        if post is None:
            return
        held = (person.postings or {})[post]
        if held.id is None:
            held.id = self._appoint(person, post, given, actor, at)
        elif given["ends"] and date.fromisoformat(given["ends"]) <= self.today:
            end_posting(posting_id=held.id, actor=actor, at=at, reason=_("批量导入"))

    def _keep(
        self, person: Person, given: dict[str, str], actor: Actor, at: datetime
    ) -> None:
        if person.id is None:
            user = User(username=given["username"], must_change_password=True)
            user.set_password(given.get("password") or None)
            before: dict[str, Any] = {"username": None, "name": None, "is_active": None}
        else:
            user = User.objects.select_for_update().get(pk=person.id)
            before = {"name": user.name, "is_active": user.is_active}
        wanted = {"name": given["name"], "is_active": person.is_active}
        if person.id is not None:
            before = {k: v for k, v in before.items() if wanted[k] != v}
        if before:
            user.name, user.is_active = given["name"], person.is_active
            keep(record=user, changed=before, actor=actor, at=at)
        person.id = user.pk

    def _appoint(
        self,
        person: Person,
        post: tuple[Any, ...],
        given: dict[str, str],
        actor: Actor,
        at: datetime,
    ) -> int:
        if post not in self.posts:
            role, unit, area, name = post
            made = Post(role=role, organisation_id=unit, area_id=area, name=name)
            empty = dict.fromkeys(("role", "organisation_id", "area_id", "name"))
            keep(record=made, changed=empty, actor=actor, at=at)
            self.posts[post] = made.pk
        return appoint(
            user_id=person.id or 0,
            post_id=self.posts[post],
            starts_at=_midnight(given["starts"]),
            ends_at=_midnight(given["ends"]),
            is_primary=given.get("primary") == YES,
            reason=given.get("duty", "") or _("批量导入"),
            actor=actor,
            at=at,
        ).pk


def _midnight(day: str) -> datetime | None:
    return datetime.combine(date.fromisoformat(day), time(), ZONE) if day else None


def _people(at: datetime) -> dict[str, Person]:
    rows = User.objects.values_list("username", "pk", "name", "is_active")
    people = {name: Person(pk, own, active) for name, pk, own, active in rows}
    by_id = {one.id: one for one in people.values()}
    phones = Address.objects.filter(kind=Address.Kind.PHONE)
    for user, digest in phones.values_list("user", "digest"):
        by_id[user].phone = digest
    held = Posting.objects.not_over(at).filter(delegated_from=None)
    for pk, user, role, unit, area, name, ends_at in held.values_list(
        "pk", "user", "post__role", "post__organisation", "post__area", "post__name",
        "ends_at",
    ):  # fmt: skip
        ends = localdate(ends_at, ZONE) if ends_at else None
        by_id[user].hold((role, unit, area, name), Held(pk, ends))
    return people


def unit_names() -> list[str]:
    rows = Organisation.objects.filter(is_active=True).order_by("level", "name")
    return list(rows.values_list("name", flat=True)[:3000])


def _role_words() -> list[str]:
    return [one for one, role in by_word(Role).items() if role not in ADMIN_ROLES]


USERNAME_COLUMN = Column(
    name="账号", field="username", required=True, sample="wanggeyuan-zhang",
    longest=60, width=22, explanation="登录用，小写字母、数字、点、短横线；不能改",
)  # fmt: skip
NAME_COLUMN = Column(
    name="姓名", field="name", required=True, sample="张三", longest=40,
    explanation="真实姓名",
)  # fmt: skip
PHONE_COLUMN = Column(
    name="手机号", field="phone", sample="13800000000", longest=20, secret=True,
    explanation="11 位，按文本填；加密保存，显示时遮盖",
)  # fmt: skip
STARTS = Column(
    name="任职开始", field="starts", sample="2026-01-01", is_date=True,
    explanation="日期；不填为导入之时",
)  # fmt: skip
ENDS = Column(
    name="任职结束", field="ends", sample="", is_date=True,
    explanation="当天起不再任职；填今天或以前的日期即结束已有的任职",
)  # fmt: skip


class PeopleKind(RowKind):
    code = "people"
    title = "人员与任职"
    label = gettext_lazy("人员与任职")
    key = gettext_lazy("账号；任职按“单位 + 角色 + 管理范围 + 岗位名称”")
    icon = "users"
    columns = (
        USERNAME_COLUMN,
        NAME_COLUMN,
        PHONE_COLUMN,
        Column(
            name="单位", field="unit", sample="幸福社区居民委员会", longest=100,
            width=28, choices=unit_names,
            explanation="单位全称；有重名时填统一社会信用代码",
        ),
        Column(
            name="角色", field="role", sample="网格员", choices=_role_words, only=True,
            explanation="从下拉选；管理员不能批量任命",
        ),
        Column(
            name="岗位名称", field="post", sample="001 网格员", longest=60,
            explanation="不填则与角色同名",
        ),
        Column(
            name="管理范围编码", field="area", sample="990101001001001", longest=18,
            width=22, explanation="网格员填网格，社区岗填社区，街道岗填街道，依此类推",
        ),
        Column(
            name="主岗", field="primary", sample="是", choices=yes_no, only=True,
            explanation="是或否",
        ),
        STARTS,
        ENDS,
        Column(
            name="启用", field="is_active", sample="是", choices=yes_no, only=True,
            explanation="否即停用账号；不填不改，新增时为是",
        ),
        Column(
            name="初始密码", field="password", sample="", longest=60, secret=True,
            explanation="只对新账号有效，首次登录须改；不填的由管理员另设",
        ),
    )  # fmt: skip

    def judge(self, at: datetime) -> Judge:
        return PeopleJudge(at)

    def kept(self) -> QuerySet[Any]:
        return _postings().exclude(post__role__in=(*ADMIN_ROLES, Role.GRID_FORCE))

    def stored(self, kept: QuerySet[Any]) -> Iterator[list[Any]]:
        words = _words()
        for one in kept.iterator(2000):
            yield _row(one, words)


class ForceKind(RowKind):
    code = "forces"
    title = "网格力量"
    label = gettext_lazy("网格力量一本账")
    key = gettext_lazy("账号 + 网格编码 + 力量类型 + 所属单位")
    icon = "heart-handshake"
    columns = (
        USERNAME_COLUMN,
        NAME_COLUMN,
        PHONE_COLUMN,
        Column(
            name="力量类型", field="post", required=True, sample="片区民警",
            choices=lambda: FORCES, longest=60, explanation="从下拉选，也可自己写",
        ),
        Column(
            name="网格编码", field="area", required=True, sample="990101001001001",
            longest=18, width=22, explanation="15 位；一人在几个网格就写几行",
        ),
        Column(
            name="所属单位", field="unit", required=True, sample="和平派出所",
            longest=100, width=28, choices=unit_names, explanation="单位全称",
        ),
        Column(
            name="职责", field="duty", sample="治安巡防、矛盾调处", longest=200,
            width=30, explanation="可不填",
        ),
        STARTS,
        ENDS,
    )  # fmt: skip

    def judge(self, at: datetime) -> Judge:
        return PeopleJudge(at, Role.GRID_FORCE)

    def kept(self) -> QuerySet[Any]:
        return _postings().holding(Role.GRID_FORCE)

    def stored(self, kept: QuerySet[Any]) -> Iterator[list[Any]]:
        words = _words()
        for one in kept.iterator(2000):
            row = _row(one, words)
            yield [
                *row[:3], one.post.name, row[6], row[3], one.reason, row[8], row[9],
            ]  # fmt: skip


def _postings() -> PostingQuerySet:
    """What people hold now or will; with what a row says of them."""
    rows = Posting.objects.not_over(clock.now()).filter(delegated_from=None)
    rows = rows.with_post().prefetch_related("user__addresses")
    return rows.order_by("user__username", "pk")


def _words() -> dict[str, str]:
    return {value: word for word, value in by_word(Role).items()}


def _row(one: Posting, words: dict[str, str]) -> list[Any]:
    phone = next(
        (each.value for each in one.user.addresses.all() if each.kind == "phone"), ""
    )
    area = one.post.area
    return [
        one.user.username,
        one.user.name,
        masked(unseal(phone)) if phone else "",
        one.post.organisation.name,
        words[one.post.role],
        one.post.name,
        area.code if area else "",
        YES if one.is_primary else NO,
        localdate(one.starts_at, ZONE),
        localdate(one.ends_at, ZONE) if one.ends_at else None,
        YES if one.user.is_active else NO,
        "",
    ]
