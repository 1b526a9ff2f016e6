"""Operations made of the pages' own forms: `GET` says what to fill in, `POST` does it.

Fields, faults and the action are those of the page; the OpenAPI document names the
fields as far as the form itself knows them.
"""

from functools import cached_property
from typing import Any, NoReturn

from django import forms
from django.utils import translation
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from doors.api.base import CHINESE
from doors.api.performing import IDEMPOTENCY, FieldOut, described, posted
from doors.api.shapes import BAD, REFUSED, UNKNOWN, MomentField, error
from doors.api.working import Refusing, Unfilled
from governance import clock
from governance.errors import Refused

NAMED = 12
OVERTAKEN_OUT = error(
    "现在不能办，或者被抢先了", "state",
    "现在是“已签收”，不能“签收”，请刷新后再看。",
    "It is “Signed” now, so “Sign” does not fit; please look again.",
)  # fmt: skip
PLAIN: tuple[tuple[type[forms.Field], type[serializers.Field]], ...] = (
    (forms.BooleanField, serializers.BooleanField),
    (forms.DecimalField, serializers.FloatField),
    (forms.FloatField, serializers.FloatField),
    (forms.IntegerField, serializers.IntegerField),
    (forms.UUIDField, serializers.UUIDField),
    (forms.DateTimeField, MomentField),
    (forms.DateField, serializers.DateField),
    (forms.ModelChoiceField, serializers.IntegerField),
)


class StepFormOut(serializers.Serializer):
    action = serializers.CharField(allow_blank=True)
    label: Any = serializers.CharField()
    intro = serializers.CharField(allow_blank=True, help_text="办了会怎样")
    version = serializers.IntegerField(
        allow_null=True, help_text="有版本的：办理时带回，被抢先时为 409"
    )
    photo_stage = serializers.CharField(
        allow_blank=True, help_text="可附照片的：上传时用这个 stage，再以 batch 引用"
    )
    fields: Any = FieldOut(many=True)


class FormDoor(Refusing):
    """An endpoint that fills in a form. What is refused because somebody was faster is
    409, what is another's 403, everything else 422."""

    @cached_property
    def at(self) -> Any:
        return clock.now()

    def told_form(
        self, form: Any, *, action: str = "", version: int | None = None
    ) -> Response:
        """The fields of a form without data; pictures go ahead by `POST /photos/`."""
        names = [
            name
            for name, field in form.fields.items()
            if not isinstance(field, forms.FileField)
        ]
        takes_photos = "photos" in form.fields and "batch" in form.fields
        return Response(
            {
                "action": action,
                "label": str(getattr(form, "submit", "")),
                "intro": str(getattr(form, "intro", "")),
                "version": version,
                "photo_stage": "report" if takes_photos else "",
                "fields": [described(form, name) for name in names],
            }
        )

    def filled(self, kind: Any, **more: Any) -> Any:
        """The form with what was sent; raises Unfilled unless it is clean."""
        form = kind(posted(self.request), actor=self.who, at=self.at, **more)
        if not form.is_valid():
            raise Unfilled(form)
        return form

    def blank(self, kind: Any, **more: Any) -> Any:
        return kind(actor=self.who, at=self.at, **more)


def refuse_role(sentence: str) -> NoReturn:
    raise Refused(sentence, code="role")


def shape_of(name: str, *kinds: Any, **more: serializers.Field) -> Any:
    """A serializer, for the document only, with the fields of these forms.

    Of several forms no field is asked for: which one counts depends on the step.
    """
    fields: dict[str, serializers.Field] = {}
    with translation.override(CHINESE):
        for kind in kinds:
            for field_name, field in kind.base_fields.items():
                if field_name not in fields and not isinstance(field, forms.FileField):
                    fields[field_name] = _shape(field, alone=len(kinds) == 1)
    return type(name, (serializers.Serializer,), {**fields, **more})


def _shape(field: Any, *, alone: bool) -> serializers.Field:
    said = "，".join(filter(None, [str(field.label or ""), str(field.help_text or "")]))
    given: dict[str, Any] = {
        "required": alone and field.required,
        "help_text": said + _values(field),
    }
    if isinstance(field, forms.MultipleChoiceField):
        return serializers.ListField(child=serializers.CharField(), **given)
    if not given["required"] and not isinstance(field, forms.BooleanField):
        given["allow_null"] = True
    for kind, shape in PLAIN:
        if isinstance(field, kind):
            return shape(**given)
    if getattr(field, "coerce", None) is int:
        return serializers.IntegerField(**given)
    if most := getattr(field, "max_length", None):
        given["max_length"] = most
    return serializers.CharField(allow_blank=not given["required"], **given)


def _values(field: Any) -> str:
    """What may be chosen, where the form alone knows it."""
    if isinstance(field, forms.ModelChoiceField) or not hasattr(field, "choices"):
        return ""
    known = [
        (value, label) for value, label in field.choices if value not in ("", None)
    ]
    if not 0 < len(known) <= NAMED:
        return ""
    return f"（{'，'.join(f'{value} {label}' for value, label in known)}）"


def asks(operation: str, tag: str, summary: str) -> Any:
    """`extend_schema` of a GET that says the fields of a form."""
    return extend_schema(
        operation_id=operation, tags=[tag], summary=summary,
        responses={200: StepFormOut, 404: UNKNOWN, 409: OVERTAKEN_OUT, 422: REFUSED},
    )  # fmt: skip


def does(
    operation: str,
    tag: str,
    summary: str,
    *,
    request: Any,
    out: Any,
    status: int = 200,
    example: dict[str, Any] | None = None,
    is_kept: bool = True,
) -> Any:
    """`extend_schema` of a POST that fills a form in; `status` is that of success.
    What is not kept answers once and takes no `Idempotency-Key`."""
    shown = OpenApiExample(summary, value=example, request_only=True)
    return extend_schema(
        operation_id=operation, tags=[tag], summary=summary,
        parameters=[IDEMPOTENCY] if is_kept else [], request=request,
        examples=[shown] if example else [],
        responses={
            status: out, 400: BAD, 404: UNKNOWN, 409: OVERTAKEN_OUT, 422: REFUSED,
        },
    )  # fmt: skip
