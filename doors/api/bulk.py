"""The same thing done with several cases: each by its own action, each told by itself
how it went (`cases.views.bulk`)."""

from typing import Any

from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from cases.models import Case
from cases.views.bulk import BULK, MOST, Bulk, Outcome, bulk_for, carry_out
from doors.api.base import once
from doors.api.performing import IDEMPOTENCY, FieldOut, described, posted
from doors.api.shapes import BAD, REFUSED, UNKNOWN
from doors.api.working import MOST_ID, Working, filled, given_as
from doors.models import Scope
from governance import clock
from governance.bilingual import english

BULK_ACTION = OpenApiParameter(
    "action", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(BULK)
)


class BulkActionOut(serializers.Serializer):
    action = serializers.CharField()
    label: Any = serializers.CharField()
    intro = serializers.CharField(allow_blank=True)
    fields: Any = FieldOut(many=True)


class BulkActionsOut(serializers.Serializer):
    most = serializers.IntegerField(help_text="一次最多几件")
    actions = BulkActionOut(many=True)


class PickedIn(serializers.Serializer):
    id = serializers.IntegerField(min_value=1, max_value=MOST_ID)
    version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=MOST_ID,
        help_text="看到的版本；分派承办人时核对",
    )  # fmt: skip


class BulkIn(serializers.Serializer):
    """Besides `cases` the fields that `GET /cases/bulk/` names for this step."""

    cases = serializers.ListField(child=PickedIn(), min_length=1, max_length=MOST)


class BulkResultOut(serializers.Serializer):
    id = serializers.IntegerField()
    display_no = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=["done", "refused", "unseen"])
    message = serializers.CharField(allow_blank=True, help_text="没有办成的原因")
    message_en = serializers.CharField(allow_blank=True)


class BulkOut(serializers.Serializer):
    done = serializers.IntegerField(help_text="办成几件")
    results = BulkResultOut(many=True, help_text="逐件结果，次序同请求")


class BulkActionsView(Working):
    scopes = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="list_bulk_actions", tags=["批量办理"], summary="能批量办什么",
        responses={200: BulkActionsOut},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What this post may do with several cases at once, with the fields it asks."""
        who, at = self.who, clock.now()
        found = []
        for name, one in bulk_for(who).items():
            form = one.form(None, actor=who, at=at)
            fields = [described(form, field) for field in form.fields]
            told = {"action": name, "label": str(one.label), "intro": str(form.intro)}
            found.append({**told, "fields": fields})
        return Response({"most": MOST, "actions": found})


class BulkView(Working):
    scopes = {"POST": Scope.CASES_WRITE}

    @extend_schema(
        operation_id="take_bulk_action", tags=["批量办理"], summary="批量办理",
        parameters=[BULK_ACTION, IDEMPOTENCY], request=BulkIn,
        responses={200: BulkOut, 400: BAD, 404: UNKNOWN, 422: REFUSED},
    )  # fmt: skip
    @once
    def post(self, request: Request, action: str) -> Response:
        """Each case by itself: what is refused leaves the others as they are. 422 only
        when what is given for all of them is wrong, and then nothing is done."""
        who, at = self.who, clock.now()
        chosen: Bulk | None = bulk_for(who).get(action)
        if chosen is None:
            raise NotFound
        cases = given_as(BulkIn, request)["cases"]
        picked = {one["id"]: one["version"] for one in cases}
        given = posted(request, but=("cases",)) if chosen.asks else QueryDict()
        form = chosen.form(given, actor=who, at=at)
        filled(form)
        outcome = carry_out(chosen, picked, form.arguments(), who, at)
        rows = _told(outcome)
        results = [rows[pk] for pk in picked]
        return Response({"done": len(outcome.done), "results": results})


def _told(outcome: Outcome) -> dict[int, dict[str, Any]]:
    def row(case: Case, status: str, why: str = "") -> dict[str, Any]:
        return {
            "id": case.pk, "display_no": case.display_no, "status": status,
            "message": why, "message_en": english(why) if why else "",
        }  # fmt: skip

    found = {case.pk: row(case, "done") for case in outcome.done}
    found |= {case.pk: row(case, "refused", why) for case, why in outcome.refused}
    said = {one["id"]: one["why"] for one in outcome.as_dict()["refused"]}
    for pk in outcome.unseen:
        found[pk] = {
            "id": pk, "display_no": "", "status": "unseen", "message": said[pk],
            "message_en": english(said[pk]),
        }  # fmt: skip
    return found
