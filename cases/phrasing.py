"""Fill the variables of a phrase: `{编号}` becomes the number of the case at hand."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case
from cases.workflow import State
from governance.errors import Refused
from parties.acting import Actor

VARIABLE = re.compile(r"\{([^{}]*)\}")
MISSING = "——"


def _moment(at: datetime | None, style: str) -> str:
    return str(date_format(localtime(at), style)) if at else ""


# What is written in the braces is Chinese in every language: it is part of the text.
VARIABLES: dict[str, tuple[Any, Callable[[Case, Actor, datetime], str]]] = {
    "编号": (gettext_lazy("案卷号"), lambda case, who, at: case.display_no),
    "类别": (gettext_lazy("小类"), lambda case, who, at: case.category.name),
    "地址": (gettext_lazy("案发地址"), lambda case, who, at: case.address),
    "社区": (gettext_lazy("所在社区"), lambda case, who, at: case.community.name),
    "状态": (
        gettext_lazy("案件状态"),
        lambda case, who, at: str(State(case.state).label),
    ),
    "承办单位": (
        gettext_lazy("现在的承办单位"),
        lambda case, who, at: case.holder_org.name if case.holder_org else "",
    ),
    "时限": (
        gettext_lazy("最近的时限"),
        lambda case, who, at: _moment(case.due_at, "Y-m-d H:i"),
    ),
    "单位": (gettext_lazy("您的单位"), lambda case, who, at: who.organisation_name),
    "岗位": (gettext_lazy("您的岗位"), lambda case, who, at: who.post_name),
    "姓名": (gettext_lazy("您的姓名"), lambda case, who, at: who.name),
    "今天": (gettext_lazy("今天的日期"), lambda case, who, at: _moment(at, "Y-m-d")),
}


def check(text: str) -> None:
    """Refused when the text names a variable that does not exist."""
    for name in VARIABLE.findall(text):
        if name.strip() not in VARIABLES:
            raise Refused(
                _("没有变量“{%(name)s}”，可以用：%(known)s。")
                % {
                    "name": name,
                    "known": _("、").join(f"{{{one}}}" for one in VARIABLES),
                },
                code="variable",
                field="text",
            )


def filled(text: str, case: Case, actor: Actor, at: datetime) -> str:
    """The text for this case; what the case does not have shows as a gap."""

    def value(match: re.Match[str]) -> str:
        known = VARIABLES.get(match[1].strip())
        return match[0] if known is None else known[1](case, actor, at) or MISSING

    return VARIABLE.sub(value, text)
