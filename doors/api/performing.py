"""Any step on a case: the forms of the pages, asked and sent by programs.

`GET` says which fields the form of the step has, with their choices for this case and
this post; `POST` fills it in. Nothing is known here about single steps: fields, faults,
guards and the action are those of the button on the page (`cases.views.offered`).
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cases import actions
from cases.actions.own_work import drop_draft
from cases.actions.step import faster
from cases.difference import seen, since
from cases.forms.whistle import WhistleForm, first_values
from cases.models import Case
from cases.offers import offers
from cases.views import offered
from cases.views.case import visible_case
from cases.views.rulings import RULINGS
from cases.views.whistle import foreseen
from cases.workflow import Action, find
from doors.api.base import Door, once
from doors.api.cases import CaseDetailOut
from doors.api.filing import as_it_is
from doors.api.shapes import BAD, FASTER, REFUSED, UNKNOWN
from doors.models import Scope
from governance import clock
from governance.api import fault, faulty, refusal
from governance.errors import Refused
from governance.parsers import NOT_STORABLE, UNSTORABLE_CODE, has_unstorable
from parties.acting import Actor

NAMES = (*offered.STEPS, *offered.OWN_FORMS)
OVERTAKEN = ("stale", "state")
NOT_ONES_OWN = ("role", "forbidden")
KINDS: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.FileField, "file"),
    (forms.MultipleChoiceField, "choices"),
    (forms.ChoiceField, "choice"),
    (forms.BooleanField, "boolean"),
    (forms.DecimalField, "number"),
    (forms.FloatField, "number"),
    (forms.IntegerField, "integer"),
    (forms.UUIDField, "uuid"),
    (forms.DateTimeField, "datetime"),
    (forms.DateField, "date"),
)
ACTION = OpenApiParameter(
    "action", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(NAMES)
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="案件的版本，即详情的 ETag；不符为 412",
)
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="同一个值再送一次，答复不变，不会重复办理",
)

LEFT = OpenApiResponse(description="已办理，案件随之离开了您的范围")


class ChoiceOut(serializers.Serializer):
    value = serializers.CharField()
    label: Any = serializers.CharField()


class FieldOut(serializers.Serializer):
    name = serializers.CharField()
    label: Any = serializers.CharField(allow_blank=True)
    type = serializers.ChoiceField(
        choices=[*sorted({kind for _class, kind in KINDS}), "text"]
    )
    required: Any = serializers.BooleanField()
    help_text: Any = serializers.CharField(allow_blank=True)
    initial = serializers.JSONField(allow_null=True)
    max_length = serializers.IntegerField(allow_null=True)
    min_value = serializers.FloatField(allow_null=True)
    max_value = serializers.FloatField(allow_null=True)
    choices = ChoiceOut(many=True, allow_null=True)


class FormOut(serializers.Serializer):
    action = serializers.CharField()
    label: Any = serializers.CharField()
    intro = serializers.CharField(allow_blank=True, help_text="办了会怎样")
    version = serializers.IntegerField()
    seen = serializers.CharField()
    photo_stage = serializers.CharField(
        allow_blank=True, help_text="要照片的：上传时用这个 stage，再以 batch 引用"
    )
    fields: Any = FieldOut(many=True)


class ActionIn(serializers.Serializer):
    """Besides these the fields that `GET` names for this step."""

    version = serializers.IntegerField(
        required=False, allow_null=True, help_text="看到的版本，可用 If-Match 代替"
    )
    seen = serializers.CharField(required=False, help_text="看到时的 seen")
    batch = serializers.UUIDField(required=False, help_text="已上传照片的批次")


class SupportIn(serializers.Serializer):
    organisation = serializers.IntegerField()
    task = serializers.CharField(max_length=500)


class WhistleIn(serializers.Serializer):
    kind = serializers.CharField(help_text="哨型，取自表单的 choices")
    condition = serializers.IntegerField(required=False, allow_null=True)
    lead = serializers.IntegerField(help_text="主办单位")
    lead_task = serializers.CharField(max_length=500)
    supports = SupportIn(many=True, required=False)
    legal_basis = serializers.CharField(required=False, allow_blank=True)
    version = serializers.IntegerField(required=False, allow_null=True)


class ForeseenOut(serializers.Serializer):
    kind = serializers.CharField(allow_blank=True)
    blows = serializers.BooleanField(
        required=False, help_text="false：先送值班领导签发"
    )
    joint = serializers.BooleanField(required=False)
    checkin_due = serializers.DateTimeField(required=False)
    checkin_limit = serializers.CharField(required=False)
    handle_due = serializers.DateTimeField(required=False)
    handle_limit = serializers.CharField(required=False)
    missing = serializers.CharField(required=False)


class ActionView(Door):
    scopes = {"GET": Scope.CASES_READ, "POST": Scope.CASES_WRITE}

    @extend_schema(
        operation_id="read_action",
        tags=["办理"],
        summary="办理某一步要填什么",
        parameters=[ACTION],
        responses={200: FormOut, 404: UNKNOWN, 409: FASTER, 422: REFUSED},
    )
    def get(self, request: Request, case_id: int, action: str) -> Response:
        """The fields of the form behind this button, with their choices; 409 when the
        step does not fit the case now, 403 when it is not this post's."""
        case, at = self._case(case_id, action), clock.now()
        try:
            offer = offered.offered(case, self.who, action, at)
        except Refused as refused:
            return self._not_now(refused, case, action, {})
        form = form_of(
            action, case, self.who, at,
            initial={
                **(first_values(case, at) if action in offered.OWN_FORMS else {}),
                "version": case.version,
                "whistle_id": offer.subject, "draft": offer.subject,
            },
        )  # fmt: skip
        return Response(
            {
                "action": action,
                "label": str(getattr(form, "submit", "") or Action(action).label),
                "intro": str(getattr(form, "intro", "")),
                "version": case.version,
                "seen": seen(case),
                "photo_stage": str(getattr(form, "photo_stage", "")),
                "fields": [described(form, name) for name in form.fields],
            }
        )

    @extend_schema(
        operation_id="take_action",
        tags=["办理"],
        summary="办理一步",
        parameters=[ACTION, IF_MATCH, IDEMPOTENCY],
        request={
            "application/json": ActionIn,
            "multipart/form-data": ActionIn,
        },
        examples=[
            OpenApiExample(
                "社区接报自办", value={"version": 3, "handler": 253, "condition": 109},
                request_only=True, media_type="application/json",
            ),
            OpenApiExample(
                "吹哨",
                value={
                    "version": 4, "kind": "routine", "condition": 109, "lead": 12,
                    "lead_task": "到现场清理占道摊点",
                    "supports": [{"organisation": 15, "task": "维持秩序"}],
                    "legal_basis": "街道权责清单第 12 项",
                },
                request_only=True, media_type="application/json",
            ),
        ],
        responses={
            200: CaseDetailOut, 204: LEFT, 400: BAD, 404: UNKNOWN,
            409: FASTER, 412: FASTER, 422: REFUSED,
        },
    )  # fmt: skip
    @once
    def post(self, request: Request, case_id: int, action: str) -> Response:
        """Any step that is offered on the case, with the fields that `GET` names. When
        somebody was faster, 412 (with `If-Match`) or 409 with what changed."""
        case, at = self._case(case_id, action), clock.now()
        given = posted(request, case)
        version = given.get("version", "")
        try:
            if version.isdecimal() and version != str(case.version):
                raise Refused(faster(case), code="stale")
            offer = offered.offered(case, self.who, action, at)
            for name in ("whistle_id", "draft"):
                if offer.subject and name not in given:
                    given[name] = str(offer.subject)
            form = form_of(action, case, self.who, at, given, request.FILES)
            if (refused := _filled(form, action, case, self.who, at)) is not None:
                return refused
        except Refused as refused:
            return self._not_now(refused, case, action, given)
        return self._answered(case_id)

    def _case(self, case_id: int, action: str) -> Case:
        if action not in NAMES:
            raise Http404
        return visible_case(self.who, case_id)

    def _not_now(
        self, refused: Refused, case: Case, action: str, given: Mapping[str, Any]
    ) -> Response:
        """409 (412 when `If-Match` said which version) with the case as it is, 403 for
        what is another's, else 422."""
        said = refusal(refused)
        if refused.code in OVERTAKEN:
            asked_first = refused.code == "stale" and "If-Match" in self.request.headers
            now = visible_case(self.who, case.pk)
            fits = any(o.name == action for o in offers(now, self.who, clock.now()))
            current = as_it_is(now, may_repeat=fits)
            difference = since(str(given.get("seen", "")), now)
            changes = difference.changes if difference else []
            current["changes"] = [vars(one) for one in changes]
            status = 412 if asked_first else 409
            return Response({**said, "current": current}, status=status)
        status = 403 if refused.code in NOT_ONES_OWN else 422
        return Response(said, status=status)

    def _answered(self, case_id: int) -> Response:
        """The case after it; 204 when this step took it out of the scope."""
        who, at = self.who, clock.now()
        try:
            case = visible_case(who, case_id)
        except Http404:
            return Response(status=204)
        answer = Response(CaseDetailOut(case, context={"actor": who, "at": at}).data)
        answer["ETag"] = f'"{case.version}"'
        return answer


class WhistlePreviewView(Door):
    scopes = {"POST": Scope.CASES_READ}

    @extend_schema(
        operation_id="preview_whistle",
        tags=["办理"],
        summary="吹哨前预览",
        request=WhistleIn,
        responses={200: ForeseenOut, 404: UNKNOWN, 422: REFUSED},
    )
    def post(self, request: Request, case_id: int) -> Response:
        """Whether it goes off at once or waits for a signature, and by when they would
        have to be there and done, of what is written so far; nothing is done.

        The whistle itself is the action `whistle`."""
        case, at = visible_case(self.who, case_id), clock.now()
        find(case, Action.WHISTLE, self.who)
        form = WhistleForm(posted(request, case), case=case, actor=self.who, at=at)
        form.is_valid()
        found = foreseen(form, case, self.who, at)
        names = [str(name) for name in ForeseenOut().fields]
        said = {name: found[name] for name in names if name in found}
        return Response(said)


def form_of(
    action: str,
    case: Case,
    who: Actor,
    at: datetime,
    given: QueryDict | None = None,
    files: Any = None,
    **more: Any,
) -> Any:
    kind: Any = (
        offered.STEPS[action].form
        if action in offered.STEPS
        else offered.OWN_FORMS[action]
    )
    return kind(given, files, case=case, actor=who, at=at, **more)


def _filled(
    form: Any, action: str, case: Case, who: Actor, at: datetime
) -> Response | None:
    """Does the one action with a clean form; answers 422 with every fault else."""
    valid = form.is_valid()
    if getattr(form, "photo_stage", ""):
        offered.take_photos(form, who, at)
    if not valid or form.errors:
        return Response(faulty(list(faults_of(form))), status=422)
    given: dict[str, Any] = {"case_id": case.pk, "actor": who, "at": at}
    if action in offered.STEPS:
        offered.STEPS[action].act(**given, **form.arguments())
    elif action == Action.WHISTLE:
        version = form.cleaned_data["version"]
        actions.whistle(**given, call=form.call(), version=version)
    else:
        RULINGS[Action(action)].act(**given, **form.arguments())
    drop_draft(case_id=case.pk, action=action, user_id=who.user_id or 0)
    return None


def faults_of(form: forms.Form) -> Iterable[dict[str, Any]]:
    """Every sentence of a form, at its field."""
    for name, errors in form.errors.as_data().items():
        for error in errors:
            for sentence in error.messages:
                field = None if name == "__all__" else name
                yield fault(str(sentence), error.code or "invalid", field)


def posted(
    request: Request, case: Case | None = None, *, but: Iterable[str] = ()
) -> QueryDict:
    """What was sent, as a browser would send it; `If-Match` is the version. What stands
    in `but` is left for others to read."""
    data = request.data
    if isinstance(data, QueryDict):
        given = QueryDict(mutable=True)
        for name in data:
            given.setlist(name, [o for o in data.getlist(name) if isinstance(o, str)])
    elif isinstance(data, Mapping):
        given = given_of({k: v for k, v in data.items() if k not in but})
    else:
        raise ValidationError(_("请求的内容应是一个 JSON 对象。"))
    match = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if match and match != "*":
        if not match.isdecimal():
            raise ValidationError({"If-Match": [_("If-Match 应是案件的版本号。")]})
        given["version"] = match
    if has_unstorable(dict(given.lists())):
        raise ValidationError(str(NOT_STORABLE), code=UNSTORABLE_CODE)
    return given


def given_of(data: Mapping[str, Any]) -> QueryDict:
    """As a form of a page would send what stands in a JSON object."""
    given = QueryDict(mutable=True)
    for name, value in data.items():
        _put(given, str(name), value)
    return given


def _put(given: QueryDict, name: str, value: Any) -> None:
    if name == "supports" and isinstance(value, list):
        for one in value:
            if isinstance(one, Mapping):
                given.appendlist("supports", _spelt(one.get("organisation")))
                task = _spelt(one.get("task"))
                given[f"task_{_spelt(one.get('organisation'))}"] = task
            else:
                given.appendlist("supports", _spelt(one))
    elif isinstance(value, list):
        given.setlist(name, [_spelt(one) for one in value])
    else:
        given[name] = _spelt(value)


def _spelt(value: Any) -> str:
    """As a form of a page would have it; refuses what no field could hold."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, str | int | float):
        return str(value)
    raise ValidationError(_("字段的值应是文字、数字、真假或它们的列表。"))


def described(form: forms.Form, name: str) -> dict[str, Any]:
    field: Any = form.fields[name]
    choices = getattr(field, "choices", None)
    value = form.get_initial_for_field(field, name)
    return {
        "name": name,
        "label": str(field.label or ""),
        "type": next((kind for cls, kind in KINDS if isinstance(field, cls)), "text"),
        "required": field.required,
        "help_text": str(field.help_text or ""),
        "initial": _plain(value),
        "max_length": getattr(field, "max_length", None),
        "min_value": getattr(field, "min_value", None),
        "max_value": getattr(field, "max_value", None),
        "choices": list(_flat(choices)) if choices is not None else None,
    }


def _flat(choices: Iterable[Any]) -> Iterable[dict[str, str]]:
    """Choices without the empty line, groups opened."""
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        elif value not in ("", None):
            yield {"value": str(value), "label": str(label)}


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, list | tuple | set):
        return [_plain(one) for one in value]
    if isinstance(value, datetime | uuid.UUID):
        return str(value)
    return str(value)
