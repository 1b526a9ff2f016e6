"""安全自检 (DOMAIN E.6, 10): what protects the platform, and whether it does now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.helpers import get_cool_off
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.journal import all_anchored
from parties.models import Posting, User
from parties.roles import ADMIN_ROLES, Role

UNUSED = timedelta(days=90)


@dataclass(frozen=True)
class Finding:
    """One line; `advice` says what to do where it is not `sound`."""

    name: str
    state: str
    sound: bool
    advice: str = ""


def findings(at: datetime) -> list[tuple[str, list[Finding]]]:
    """The lines, under the headings of GB/T 22239."""
    return [
        (_("身份鉴别"), list(_identity(at))),
        (_("访问控制与三员分立"), list(_access(at))),
        (_("会话与传输"), list(_transport())),
        (_("安全审计"), list(_audit(at))),
    ]


def _identity(at: datetime) -> Iterator[Finding]:
    validators: Any = settings.AUTH_PASSWORD_VALIDATORS
    shortest = next(
        (
            one["OPTIONS"]["min_length"]
            for one in validators
            if "min_length" in one.get("OPTIONS", {})
        ),
        0,
    )
    yield Finding(
        _("密码要求"),
        _("至少 %(n)d 个字符，不能全是数字，不用常见密码") % {"n": shortest},
        shortest >= 8,
        _("请把最短长度设为 8 个字符以上。"),
    )
    pause = get_cool_off() or timedelta(0)
    yield Finding(
        _("登录失败锁定"),
        _("连续输错 %(n)d 次，锁定 %(minutes)d 分钟")
        % {"n": settings.AXES_FAILURE_LIMIT, "minutes": pause.total_seconds() // 60},
        settings.AXES_FAILURE_LIMIT <= 5 and pause >= timedelta(minutes=30),
        _("请设为不多于 5 次、不少于 30 分钟。"),
    )
    fresh = User.objects.filter(is_active=True, must_change_password=True).count()
    yield _count(_("还没有改初始密码的账号"), fresh, _("请督促本人登录修改。"))
    never = Q(last_login=None, created_at__lt=at - UNUSED)
    unused = User.objects.filter(
        Q(last_login__lt=at - UNUSED) | never, is_active=True
    ).count()
    yield _count(_("90 天没有登录的账号"), unused, _("请核实后停用。"))
    demo = settings.ENVIRONMENT == "demo"
    yield Finding(
        _("演示账号一键登录"),
        _("开启") if demo else _("关闭"),
        not demo,
        _("这是演示环境；正式运行请用 production 环境。"),
    )


def _access(at: datetime) -> Iterator[Finding]:
    held = Posting.objects.current(at)
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        n = held.holding(role).values("user").distinct().count()
        yield Finding(
            str(role.label),
            _("%(n)d 人在任") % {"n": n} if n else _("空缺"),
            n > 0,
            _("请任命；空缺期间由系统管理员代行。"),
        )
    apart = held.holding(*ADMIN_ROLES).values_list("user", "post__role").distinct()
    roles: dict[int, set[str]] = {}
    for user, role_ in apart:
        roles.setdefault(user, set()).add(role_)
    both = sum(1 for one in roles.values() if len(one) > 1)
    yield _count(_("一人兼任三员中两职的"), both, _("请由不同的人担任。"))
    bare = User.objects.filter(is_active=True, is_superuser=True).exclude(
        pk__in=held.holding(Role.SYSTEM_ADMIN).values("user")
    )
    yield _count(
        _("有超级权限而不在系统管理员岗位的账号"), bare.count(), _("请停用这些账号。")
    )
    postless = User.objects.postless(at).count()
    yield _count(_("没有岗位的账号"), postless, _("请任命或停用。"))


def _transport() -> Iterator[Finding]:
    def switch(name: str, on: bool, advice: Any) -> Finding:
        return Finding(name, _("开启") if on else _("关闭"), on, advice)

    hours = settings.SESSION_COOKIE_AGE / 3600
    yield Finding(
        _("登录有效期"), _("%(n)g 小时") % {"n": hours}, hours <= 12,
        _("请设为不多于 12 小时。"),
    )  # fmt: skip
    proxy = _("请在正式环境里经 HTTPS 访问。")
    yield switch(_("会话只经 HTTPS 传送"), settings.SESSION_COOKIE_SECURE, proxy)
    yield switch(_("强制 HTTPS（HSTS）"), bool(settings.SECURE_HSTS_SECONDS), proxy)
    yield switch(
        _("脚本读不到会话"), settings.SESSION_COOKIE_HTTPONLY, _("请开启 HttpOnly。")
    )
    policy: Any = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    yield switch(
        _("内容安全策略（CSP）"),
        "'unsafe-inline'" not in policy["script-src"],
        _("请去掉内联脚本。"),
    )
    yield Finding(
        _("调试模式"),
        _("开启") if settings.DEBUG else _("关闭"),
        not settings.DEBUG,
        _("请关闭调试。"),
    )


def _audit(at: datetime) -> Iterator[Finding]:
    anchored = all_anchored(at - timedelta(days=2))
    yield Finding(
        _("流水锚定"),
        _("两天前的都已锚定") if anchored else _("有两天前的还没有锚定"),
        anchored,
        _("请检查后台进程 beat 是否在运行。"),
    )
    file = bool(settings.ANCHOR_FILE)
    yield Finding(
        _("锚点另存"),
        _("已设置") if file else _("未设置"),
        file,
        _("请设置 WANGGE_ANCHOR_FILE，最好放在另一台机器上。"),
    )


def _count(name: str, n: int, advice: str) -> Finding:
    return Finding(name, _("%(n)d 个") % {"n": n}, n == 0, advice)
