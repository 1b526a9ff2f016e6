"""Judge and write rows about people: accounts, their phones, the posts they hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from exchange.kinds.finders import Areas, Unfound, Units, by_word
from exchange.kinds.kind import NO, YES, Judge, Verdict, same_as
from exchange.lines import Line
from governance.calendar import ZONE
from governance.errors import Refused
from grids.codes import Level
from parties.acting import Actor
from parties.actions import (
    Newcomer,
    appoint,
    end_posting,
    enroll,
    keep,
    phone_digest,
    register_phone,
)
from parties.models import Address, Post, Posting, User
from parties.roles import ADMIN_ROLES, AREA_LEVEL, Role

# Kept with the posting, so in one language.
BULK = "批量导入"
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
PHONE = re.compile(r"1\d{10}")


Key = tuple[str, Any, Any, str]
"""Role, unit, area and name of a post."""


@dataclass(slots=True)
class Person:
    """An account as it stands, and the posts it holds.

    `row` is the first row of the file about it, 0 before there is one. There may be
    hundreds of thousands, each with one post: a tuple takes a third of a mapping.
    """

    id: int | None
    name: str
    is_active: bool
    phone: str = ""
    row: int = 0
    postings: tuple["Held", ...] = ()

    def hold(self, held: "Held") -> None:
        self.postings = (*self.postings, held)

    def held(self, post: Key | None) -> "Held | None":
        return next((held for held in self.postings if held.post == post), None)


@dataclass(slots=True)
class Held:
    """A posting as it stands; `row` is the row of the file that was taken about it."""

    post: Key
    id: int | None
    ends_date: date | None
    row: int = 0


def masked(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""


def number_in(given: dict[str, str]) -> str:
    """A masked number, as our own export has it, says nothing new."""
    return "" if "*" in given["phone"] else given["phone"]


class PeopleJudge(Judge):
    """One row is a person in a post; `role` is given where all rows have the same."""

    together = 500

    def __init__(self, at: datetime, role: str = "") -> None:
        super().__init__()
        self.role = role
        self.today = localdate(at, ZONE)
        self.roles = by_word(Role)
        self.areas, self.units = Areas(), Units.stored()
        self.people = _people(at)
        self.known: dict[Key, Key] = {}
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
        person = self.people.get(username)
        if first := self._first(person, username, post):
            verdict.reasons.append(same_as(first))
        verdict.reasons += self._wrong(given)
        if person is not None or not verdict.reasons:
            person = self._said(verdict, person, row, given)
            if post is not None and not verdict.reasons:
                self._take(verdict, person, post, row, given)
        if post is None or verdict.reasons:
            self.keys.setdefault((username, post), row)
        return verdict

    def _first(self, person: Person | None, username: str, post: Key | None) -> int:
        """The row before about the same thing. One that was taken is remembered with
        the posting alone: most are, and there are so many."""
        held = person.held(post) if person else None
        return held.row if held and held.row else self.keys.get((username, post), 0)

    def _said(
        self, verdict: Verdict, person: Person | None, row: int, given: dict[str, str]
    ) -> Person:
        """What the row says of the account itself."""
        if person is None:
            verdict.is_new = True
            person = Person(None, given["name"], given.get("is_active") != NO)
            self.people[given["username"]] = person
        elif person.row:
            if person.name != given["name"]:
                verdict.reasons.append(
                    _("同一账号在前面的行里姓名是“%(name)s”") % {"name": person.name}
                )
        else:
            self._compare(verdict, person, given)
        person.row = person.row or row
        return person

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

    def _post(self, verdict: Verdict, given: dict[str, str]) -> Key | None:
        """(role, unit, area, name) of the post; None for a row about the account."""
        role = self.role or self.roles.get(given.get("role", ""), "")
        if not role and not given["unit"]:
            return None
        if not role or not given["unit"]:
            verdict.reasons.append(_("“单位”和“角色”要么都填，要么都不填"))
            return None
        if role in ADMIN_ROLES:
            verdict.reasons.append(
                _(
                    "系统、安全、审计管理员不能批量任命，请由安全管理员在“账号与权限”中单独任命"
                )
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
        post = (role, unit, area.id if area else None, name)
        return self.known.setdefault(post, post)

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
        post: Key,
        row: int,
        given: dict[str, str],
    ) -> None:
        ends = date.fromisoformat(given["ends"]) if given["ends"] else None
        held = person.held(post)
        words = f"{given['unit']}·{post[3]}"
        if held is None:
            if ends and ends <= self.today:
                verdict.reasons.append(_("任职结束日期已过，不能任命"))
            else:
                verdict.changes.append(("任职", "", words))
                person.hold(Held(post, None, ends, row))
            return
        held.row = row
        if ends and ends != held.ends_date:
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
        held = person.held(post)
        if held is None:
            raise KeyError(post)
        if held.id is None:
            held.id = self._appoint(person, post, given, actor, at)
        elif given["ends"] and date.fromisoformat(given["ends"]) <= self.today:
            end_posting(posting_id=held.id, actor=actor, at=at, reason=BULK)

    def write_new(self, lines: Sequence[Line], actor: Actor, at: datetime) -> None:
        """Together; what is refused so is done one by one, which names the row."""
        if not lines:
            return
        try:
            self._enroll(lines, actor, at)
        except Refused:
            super().write_new(lines, actor, at)

    def _enroll(self, lines: Sequence[Line], actor: Actor, at: datetime) -> None:
        posts = [self._post(Verdict(label=""), one.values) for one in lines]
        newcomers = [
            self._newcomer(one.values, post, actor, at)
            for one, post in zip(lines, posts, strict=True)
        ]
        ids = enroll(newcomers=newcomers, actor=actor, at=at)
        for one, post, (user_id, posting_id) in zip(lines, posts, ids, strict=True):
            person = self.people[one.values["username"]]
            person.id = user_id
            if post is not None and (held := person.held(post)):
                held.id = posting_id

    def _newcomer(
        self,
        given: dict[str, str],
        post: Key | None,
        actor: Actor,
        at: datetime,
    ) -> Newcomer:
        return Newcomer(
            username=given["username"],
            name=given["name"],
            is_active=self.people[given["username"]].is_active,
            password=given.get("password") or "",
            phone=number_in(given),
            post_id=self._made(post, actor, at) if post else None,
            starts_at=_midnight(given["starts"]),
            ends_at=_midnight(given["ends"]),
            is_primary=given.get("primary") == YES,
            reason=given.get("duty", "") or BULK,
        )

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
        post: Key,
        given: dict[str, str],
        actor: Actor,
        at: datetime,
    ) -> int:
        return appoint(
            user_id=person.id or 0,
            post_id=self._made(post, actor, at),
            starts_at=_midnight(given["starts"]),
            ends_at=_midnight(given["ends"]),
            is_primary=given.get("primary") == YES,
            reason=given.get("duty", "") or BULK,
            actor=actor,
            at=at,
        ).pk

    def _made(self, post: Key, actor: Actor, at: datetime) -> int:
        """The post, set up when the unit has none like it."""
        if post not in self.posts:
            role, unit, area, name = post
            made = Post(role=role, organisation_id=unit, area_id=area, name=name)
            empty = dict.fromkeys(("role", "organisation_id", "area_id", "name"))
            keep(record=made, changed=empty, actor=actor, at=at)
            self.posts[post] = made.pk
        return self.posts[post]


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
        by_id[user].hold(Held((role, unit, area, name), pk, ends))
    return people
