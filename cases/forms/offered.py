"""The forms behind the buttons of a case page: shape only, one for each step.

Every field bears the name that a Refused of its action gives; `arguments()` are the
keyword arguments of that action besides case, actor and time.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _

from cases.actions.assigning import handlers_of
from cases.forms.fields import photos_field
from cases.models import Case
from governance import geo
from parties.acting import Actor
from parties.models import Posting

AGREE = (_("同意"), _("情况属实，同意办理"), _("请按期办结"))
RETURN = (_("退回补充材料"), _("请补充处置后照片"), _("请写明处置经过"))
VISIT = (_("请到现场核实是否属实，拍照反馈"), _("请核实具体位置和范围"))
INSPECT = (_("请到现场核查是否办结，拍照反馈"), _("请对照结案条件核查"))


class OfferedForm(forms.Form):
    """`submit` is the button, `intro` what will happen, `photo_stage` of its photos.

    The fields named in `ids` are handed to the action as `<name>_id`.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    submit: Any = _("提交")
    intro: Any = ""
    danger = False
    photo_stage = ""
    photo_label: Any = ""
    versioned = True
    ids: tuple[str, ...] = ()

    def __init__(
        self, *args: Any, case: Case, actor: Actor, at: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.actor, self.at = case, actor, at
        for name, field in self.fields.items():
            field.error_messages.setdefault("invalid_choice", _("请重新选择。"))
            if field.required:
                field.error_messages["required"] = _asked(field)
            if isinstance(field.widget, forms.HiddenInput):
                continue
            field.widget.attrs.setdefault("id", f"step-{name}")
        self.prepare()

    def prepare(self) -> None:
        """Fill choices and initial values from `case`, `actor` and `at`."""

    def arguments(self) -> dict[str, Any]:
        given = {
            f"{name}_id" if name in self.ids else name: value
            for name, value in self.cleaned_data.items()
        }
        version = given.pop("version", None)
        return {**given, "version": version} if self.versioned else given

    def offer(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        """The choices of a select, with an empty line unless there is only one."""
        found = list(choices)
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = found if len(found) == 1 else [("", _("请选择")), *found]


def _asked(field: forms.Field) -> Any:
    if isinstance(field, forms.BooleanField):
        return _("请确认后勾选。")
    chosen = isinstance(field, forms.ChoiceField)
    asked = _("请选择%(label)s。") if chosen else _("请填写%(label)s。")
    return asked % {"label": field.label}


def words(
    label: Any,
    *,
    required: bool = True,
    phrases: Iterable[Any] = (),
    help_text: Any = "",
    rows: int = 3,
    most: int = 1000,
    is_public: bool = False,
) -> forms.CharField:
    """A text of some lines, at most as long as it is kept; `phrases` are offered for
    one click (常用意见). Residents read what `is_public`: other templates are offered
    there."""
    field = forms.CharField(
        label=label,
        required=required,
        max_length=most,
        help_text=help_text,
        error_messages={"max_length": _("最多 %(limit_value)d 字，请精简。")},
        widget=forms.Textarea(attrs={"rows": rows}),
    )
    field.phrases = tuple(phrases)  # type: ignore[attr-defined]
    field.is_public = is_public  # type: ignore[attr-defined]
    return field


def pick(label: Any, *, required: bool = True, **more: Any) -> forms.TypedChoiceField:
    """A select of ids."""
    return forms.TypedChoiceField(
        label=label, required=required, coerce=int, empty_value=None, **more
    )


def radio(label: Any, choices: Iterable[tuple[Any, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=list(choices), widget=forms.RadioSelect
    )


class OpinionForm(OfferedForm):
    """Only a word why."""

    opinion = words(_("意见"))


class PhotoForm(OfferedForm):
    """`batch` names the photos that were uploaded before; `photos` sends more."""

    batch = forms.UUIDField(widget=forms.HiddenInput, required=False)
    photos = photos_field()

    photos_required = True

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        batch = given.pop("batch")
        return {**given, "photos": str(batch) if batch else None}


class SpotForm(PhotoForm):
    """With where the person stands, as the browser says it (WGS-84)."""

    lng = forms.FloatField(
        widget=forms.HiddenInput, required=False, min_value=-180, max_value=180
    )
    lat = forms.FloatField(
        widget=forms.HiddenInput, required=False, min_value=-90, max_value=90
    )

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        lng, lat = given.pop("lng"), given.pop("lat")
        position: Point | None = None
        if lng is not None and lat is not None:
            position = geo.to_point(lng, lat, geo.Crs.WGS84)
        return {**given, "position": position}


def handlers(organisation_id: int | None, at: datetime) -> list[tuple[int, Any]]:
    """Who of a unit takes cases in hand; of the absent ones, who fills in for them."""
    away = {
        one.delegated_from.user_id: one.user.name
        for one in Posting.objects.stand_ins(organisation_id, at)
        if one.delegated_from is not None
    }
    return [
        (
            pk,
            _("%(name)s，不在岗，%(by)s代办") % {"name": name, "by": away[pk]}
            if pk in away
            else name,
        )
        for pk, name in people(handlers_of(organisation_id, at))
    ]


def people(postings: Iterable[Posting]) -> list[tuple[int, str]]:
    """Name, post and area of each person once."""
    found: dict[int, str] = {}
    for posting in postings:
        area = posting.post.area
        where = f"，{area.short_name or area.name}" if area else ""
        label = f"{posting.user.name}（{posting.post.name}{where}）"
        found.setdefault(posting.user_id, label)
    return list(found.items())
