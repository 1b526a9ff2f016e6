"""Forms about the units of a whistle that was blown."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.actions.scoring import scorable
from cases.actions.supports import unfinished_supports
from cases.forms.offered import (
    OfferedForm,
    OpinionForm,
    SpotForm,
    pick,
    radio,
    words,
)
from cases.models import Photo, SupportDraft
from cases.querysets import candidates
from governance.numbers import number_of

SCORES = (
    (5, _("5 分 很好")),
    (4, _("4 分 较好")),
    (3, _("3 分 一般")),
    (2, _("2 分 较差")),
    (1, _("1 分 很差")),
)


class ArriveForm(SpotForm):
    submit, versioned = _("到场"), False
    intro = _("到现场 500 米以内登记，记下到场时间和距离。")
    photo_stage, photo_label = Photo.Stage.CHECK_IN, _("到场照片")
    photos_required = False


class CallOffForm(OpinionForm):
    assignment = pick(_("协办单位"))
    opinion = words(_("撤哨理由"), phrases=(_("情况变化，不再需要配合"),))
    ids = ("assignment",)
    submit, danger = _("撤哨"), True
    intro = _("撤哨后这个单位的报到时限停止计算，并立即通知它。")

    field_order = ("assignment", "opinion")

    def prepare(self) -> None:
        found = unfinished_supports(self.case).select_related("organisation")
        self.offer("assignment", [(one.pk, one.organisation.name) for one in found])


class AddSupportForm(OfferedForm):
    organisation = pick(_("协办单位"))
    task = words(_("任务"), help_text=_("写清要做什么、做到什么程度。"), most=500)
    ids = ("organisation",)
    submit = _("增派协办")
    intro = _("增派后按原哨型计算报到时限。须由街道值班领导签发的，提交后送签。")

    def prepare(self) -> None:
        lines = scorable(self.case).values_list("organisation", flat=True)
        called = set(lines)
        found = candidates.competent_organisations(self.case)
        loads = candidates.workloads([one.pk for one in found], self.at)
        self.offer(
            "organisation",
            [
                (one.pk, with_load(one.name, loads.get(one.pk)))
                for one in found
                if one.pk not in called
            ],
        )


def with_load(name: str, load: candidates.Workload | None) -> str:
    """城管局（在办 3 件，超时 1 件）."""
    if load is None or not load.open:
        return name
    if load.overdue:
        return _("%(name)s（在办 %(n)d 件，超时 %(late)d 件）") % {
            "name": name, "n": load.open, "late": load.overdue,
        }  # fmt: skip
    return _("%(name)s（在办 %(n)d 件）") % {"name": name, "n": load.open}


class SupportDraftForm(OfferedForm):
    draft = forms.IntegerField(widget=forms.HiddenInput)
    ids = ("draft",)

    def prepare(self) -> None:
        value = number_of(self["draft"].value()) or 0
        found = SupportDraft.objects.filter(
            pk=value, whistle__case=self.case
        ).select_related("organisation")
        for one in found:
            self.intro = _("%(organisation)s：%(task)s") % {
                "organisation": one.organisation.name, "task": one.task,
            }  # fmt: skip


class SignSupportForm(SupportDraftForm):
    submit = _("签发增派")


class DropSupportForm(SupportDraftForm):
    opinion = words(_("不增派的理由"))
    submit, danger = _("不增派"), True


class ScoreForm(OfferedForm):
    assignment = pick(_("单位"))
    score = radio(_("评分"), SCORES)
    remark = words(
        _("评语"), required=False, rows=2, help_text=_("2 分及以下的，必须写明原因。")
    )
    ids = ("assignment",)
    submit = _("评分")
    intro = _("每个单位评一次，归档前可由同一岗位修改。评分计入捆绑考核。")

    def prepare(self) -> None:
        found = scorable(self.case).select_related("organisation", "score")
        lines = sorted(found, key=lambda one: (hasattr(one, "score"), one.role, one.pk))
        self.offer("assignment", [(one.pk, _named(one)) for one in lines])
        if lines and not hasattr(lines[0], "score"):
            self.initial.setdefault("assignment", lines[0].pk)

    def clean_score(self) -> int:
        return int(self.cleaned_data["score"])


def _named(line: Any) -> str:
    name = f"{line.get_role_display()} {line.organisation.name}"
    if not hasattr(line, "score"):
        return name
    return _("%(name)s（已评 %(n)d 分）") % {"name": name, "n": line.score.score}
