"""Moments as people say them: the clock time, and how long ago or how soon."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance import clock

register = template.Library()


@register.simple_tag
def moment(at: datetime) -> SafeString:
    """`11-27 00:26 · 2 小时前`, with the full time as title."""
    now = clock.now()
    return format_html(
        '<time datetime="{}" title="{}">{}<span class="ago">{}</span></time>',
        at.isoformat(),
        full(at),
        short(at, now),
        distance(at, now),
    )


@register.simple_tag
def exact(at: datetime) -> SafeString:
    """The same where there is no room: how long ago is the title."""
    now = clock.now()
    return format_html(
        '<time datetime="{}" title="{} · {}">{}</time>',
        at.isoformat(),
        full(at),
        distance(at, now),
        short(at, now),
    )


def full(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S")


def short(at: datetime, now: datetime) -> str:
    """Without the year while it is this one."""
    local = timezone.localtime(at)
    same = local.year == timezone.localtime(now).year
    return local.strftime("%m-%d %H:%M" if same else "%Y-%m-%d %H:%M")


def distance(at: datetime, now: datetime) -> str:
    """In the largest unit that is whole: minutes, hours, then days of the calendar."""
    gone = now - at
    passed = abs(gone)
    if passed < timedelta(minutes=1):
        return _("刚刚")
    if passed < timedelta(hours=1):
        minutes = passed // timedelta(minutes=1)
        return (_minutes_ago if gone > timedelta() else _minutes_ahead)(minutes)
    if passed < timedelta(days=1):
        hours = passed // timedelta(hours=1)
        return (_hours_ago if gone > timedelta() else _hours_ahead)(hours)
    days = abs((timezone.localtime(now).date() - timezone.localtime(at).date()).days)
    return (_days_ago if gone > timedelta() else _days_ahead)(days)


def _minutes_ago(n: int) -> str:
    return ngettext("%(n)d 分钟前", "%(n)d 分钟前", n) % {"n": n}


def _minutes_ahead(n: int) -> str:
    return ngettext("%(n)d 分钟后", "%(n)d 分钟后", n) % {"n": n}


def _hours_ago(n: int) -> str:
    return ngettext("%(n)d 小时前", "%(n)d 小时前", n) % {"n": n}


def _hours_ahead(n: int) -> str:
    return ngettext("%(n)d 小时后", "%(n)d 小时后", n) % {"n": n}


def _days_ago(n: int) -> str:
    return ngettext("%(n)d 天前", "%(n)d 天前", n) % {"n": n}


def _days_ahead(n: int) -> str:
    return ngettext("%(n)d 天后", "%(n)d 天后", n) % {"n": n}
