"""Forms of urging, of supervision orders, and of the stages of a staged limit."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.actions.stages import open_stages
from cases.forms.offered import OfferedForm, OpinionForm, PhotoForm, radio, words
from cases.models import Photo


class UrgeForm(OpinionForm):
    opinion = words(
        _("催办事由"),
        phrases=(_("时限将到，请抓紧办理"), _("已超时，请立即办理并反馈")),
    )
    submit, versioned = _("发出催办单"), False
    intro = _("催办单发给现在的承办单位和街道值班领导，两小时内只发一次。")


class SuperviseForm(OpinionForm):
    opinion = words(_("督办事由和要求"), phrases=(_("请说明进展缓慢的原因，限期办结"),))
    submit, versioned = _("下达督办单"), False
    intro = _("督办单发给现在的承办单位，抄送其负责人，一个工作日内必须回复。")


class AnswerSupervisionForm(OfferedForm):
    reply = words(
        _("回复"), rows=4, help_text=_("写明原因、已采取的措施和计划办结的时间。")
    )
    submit, versioned = _("提交督办回复"), False


class AcceptSupervisionForm(OpinionForm):
    opinion = words(
        _("意见"), required=False, rows=2, phrases=(_("回复属实，同意办结"),)
    )
    submit, versioned = _("同意，督办办结"), False


class ReturnSupervisionForm(OpinionForm):
    opinion = words(_("退回理由"), phrases=(_("没有写明办结时间，请重新回复"),))
    submit, versioned, danger = _("退回重新回复"), False, True


class FinishStageForm(PhotoForm):
    stage = radio(_("完成的阶段"), ())
    opinion = words(_("情况说明"), rows=2)
    submit, versioned = _("阶段完成"), False
    photo_stage, photo_label = Photo.Stage.AFTER, _("处置后照片")

    field_order = ("stage", "opinion", "photos")

    def prepare(self) -> None:
        field = self.fields["stage"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        left = open_stages(self.case)
        field.choices = [
            (
                one.name,
                _("%(name)s（%(limit)s）") % {"name": one.name, "limit": one.limit},
            )
            for one in left
        ]
        if len(left) == 1:
            self.initial.setdefault("stage", left[0].name)
