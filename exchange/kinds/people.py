"""人员与任职, and 力量一本账: accounts, their phones, and the posts they hold."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy

from exchange.kinds.finders import by_word
from exchange.kinds.kind import NO, YES, Judge, RowKind, yes_no
from exchange.kinds.persons import PeopleJudge, masked
from exchange.layouts import Column
from governance import clock
from governance.calendar import ZONE
from governance.crypto import unseal
from parties.models import Organisation, Posting
from parties.querysets import PostingQuerySet
from parties.roles import ADMIN_ROLES, Role

FORCES = (
    "片区民警", "社区医生", "城管队员", "党员志愿者", "镇街干部", "法律顾问",
    "物业人员", "楼栋长", "新就业群体", "人民调解员",
)  # fmt: skip


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
    of_security = True
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
    of_security = True
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
