"""案卷完整性: what a file may lack when it is to be archived (DOMAIN C.3, T46)."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.workflow.states import State
from cases.workflow.steps import Action

WORDS = "words:"
"""Before the name of a step whose opinion, or account of the measures, is missing."""
PHOTO_GAPS = {
    "photo_before": gettext_lazy("处置前照片（上报、核实时的也算）"),
    "photo_after": gettext_lazy("处置后照片"),
    "photo_check": gettext_lazy("核查照片"),
}
OTHER_GAPS = {
    "condition": gettext_lazy("立案条件"),
    "steps": gettext_lazy("前后连续的流程记录"),
}
KEEPERS = ("community_acceptor", "street_acceptor")
OF_COMMUNITY = ("", State.COMMUNITY_HANDLING)
"""`resume_state` of a case that the community closed, with those its grids resolved."""


def gaps_said(codes: Iterable[str]) -> str:
    """The gaps as people read them."""
    labels: dict[str, Any] = {**PHOTO_GAPS, **OTHER_GAPS}
    return _("、").join(
        _("“%(step)s”的意见") % {"step": Action(code.removeprefix(WORDS)).label}
        if code.startswith(WORDS)
        else str(labels[code])
        for code in codes
    )


def missing_said(case: Any) -> str:
    """还缺：…，请…补全。"""
    who = (
        _("结案的社区受理岗")
        if keeper_of(case) == "community_acceptor"
        else _("结案的街道受理员")
    )
    return _("还缺：%(gaps)s，请%(who)s在本案“补全案卷”。") % {
        "gaps": gaps_said(case.file_gaps.split()), "who": who,
    }  # fmt: skip


def keeper_of(case: Any) -> str:
    """The role at whose desk the file of a closed case is completed: that of the level
    that closed it."""
    of_community = case.resume_state in OF_COMMUNITY
    return KEEPERS[0] if of_community else KEEPERS[1]
