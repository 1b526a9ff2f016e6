"""关爱服务对象 (DOMAIN D.6): masked, opened with a reason, as on the pages."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from doors.api.base import once
from doors.api.by_form import FormDoor, asks, does, refuse_role, shape_of
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.shapes import BAD, UNKNOWN
from doors.models import Scope
from duties import actions
from duties.actions.care import REGISTRARS
from duties.forms.care import CareForm, RevealForm
from duties.models import CareTarget
from duties.views.steps import CARE_STEPS

CareTargetIn = shape_of("CareTargetIn", CareForm)
RevealIn = shape_of("RevealIn", RevealForm)
CareActionIn = shape_of("CareActionIn", *(one.form for one in CARE_STEPS.values()))


class IdentityOut(serializers.Serializer):
    name = serializers.CharField(allow_blank=True)
    telephone = serializers.CharField(allow_blank=True)
    room = serializers.CharField(allow_blank=True)


class CareTargetOut(serializers.Serializer):
    id = serializers.IntegerField()
    identity = serializers.SerializerMethodField(help_text="已遮蔽")
    building = serializers.CharField()
    grid = serializers.CharField(source="grid.code")
    services = serializers.ListField(child=serializers.CharField())
    legal_basis = serializers.CharField()
    consent_date = serializers.DateField(allow_null=True)
    worker = serializers.CharField(source="worker.name", help_text="责任网格员")
    every_days = serializers.IntegerField()
    next_visit_date = serializers.DateField()
    last_visited_at = serializers.DateTimeField(allow_null=True)
    review_date = serializers.DateField()
    is_due_for_review = serializers.SerializerMethodField()
    ended_at = serializers.DateTimeField(allow_null=True)
    allowed_actions = serializers.SerializerMethodField()

    @extend_schema_field(IdentityOut)
    def get_identity(self, target: Any) -> Any:
        return IdentityOut(actions.masked(target)).data

    def get_is_due_for_review(self, target: Any) -> bool:
        return bool(target.is_due_for_review(self.context["day"]))

    def get_allowed_actions(self, target: Any) -> list[str]:
        may = self.context["role"] in REGISTRARS and target.ended_at is None
        return list(CARE_STEPS) if may else []


class CareTargetPageOut(PageOut):
    results = CareTargetOut(many=True)


class CareQuery(PageQuery):
    service = serializers.ChoiceField(
        choices=CareTarget.Service.values, required=False, help_text="服务类别"
    )
    due = serializers.BooleanField(
        required=False, default=False, help_text="只要今天该走访的"
    )
    ended = serializers.BooleanField(
        required=False, default=False, help_text="连同已退出服务的"
    )


class CareDoor(FormDoor):
    @property
    def day(self) -> Any:
        return timezone.localtime(self.at).date()

    def target(self, target_id: int) -> Any:
        visible = CareTarget.objects.visible_to(self.who)
        return get_object_or_404(visible.select_related("grid", "worker"), pk=target_id)

    def told(self, found: Any, **more: Any) -> Any:
        context = {"day": self.day, "role": self.who.role}
        return CareTargetOut(found, context=context, **more).data


class CareTargetsView(CareDoor):
    scopes = {"GET": Scope.CARE}

    @extend_schema(
        operation_id="list_care_targets", tags=["关爱"], summary="查询关爱服务对象",
        parameters=[CareQuery], responses={200: CareTargetPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Those of the own grid, community or street; nobody else has them."""
        asked = asked_of(CareQuery, request)
        found: Any = CareTarget.objects.visible_to(self.who)
        found = found.of_service(asked.get("service", ""))
        if not asked["ended"]:
            found = found.served()
        if asked["due"]:
            found = found.due(self.day)
        found = found.select_related("grid", "worker")
        shown, cursor = newest_first(request, found, asked)
        return Response({"results": self.told(shown, many=True), "next_cursor": cursor})


class CareTargetView(CareDoor):
    scopes = {"GET": Scope.CARE}

    @extend_schema(
        operation_id="read_care_target", tags=["关爱"], summary="一位关爱服务对象",
        responses={200: CareTargetOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, target_id: int) -> Response:
        return Response(self.told(self.target(target_id)))


class RegisterView(CareDoor):
    scopes = {"GET": Scope.CARE, "POST": Scope.CARE}

    @asks("read_registration", "关爱", "登记关爱服务对象要填什么")
    def get(self, request: Request) -> Response:
        self._may()
        return self.told_form(self.blank(CareForm), action="register")

    @does(
        "register_care_target", "关爱", "登记关爱服务对象", request=CareTargetIn,
        out=CareTargetOut, status=201,
        example={
            "grid": 21, "name": "王秀英", "telephone": "13812345678",
            "building": "幸福里 3 栋 2 单元", "room": "301",
            "services": ["living_alone"], "legal_basis": "consent",
            "consent_date": "2026-10-01", "worker": 8, "every_days": 7,
            "next_visit_date": "2026-12-01", "review_date": "2027-10-01",
        },
    )  # fmt: skip
    @once
    def post(self, request: Request) -> Response:
        """By the community, on consent or a duty by law."""
        self._may()
        form = self.filled(CareForm)
        made = actions.register_care_target(
            registration=form.registration(), actor=self.who, at=self.at
        )
        return Response(self.told(self.target(made.pk)), status=201)

    def _may(self) -> None:
        if self.who.role not in REGISTRARS:
            refuse_role(_("关爱服务对象由社区登记。"))


class RevealView(CareDoor):
    scopes = {"POST": Scope.CARE}

    @does(
        "reveal_care_target", "关爱", "查看完整信息", request=RevealIn,
        out=IdentityOut, example={"reason": "上门走访"}, is_kept=False,
    )  # fmt: skip
    def post(self, request: Request, target_id: int) -> Response:
        """Name, telephone and room in full; who, when and why goes into the journal.
        The answer is not kept."""
        target = self.target(target_id)
        form = self.filled(RevealForm, subject=target)
        identity = actions.reveal_care_target(
            target_id=target.pk, actor=self.who, at=self.at, **form.arguments()
        )
        answer = Response(IdentityOut(identity).data)
        answer["Cache-Control"] = "no-store"
        return answer


class CareActionView(CareDoor):
    scopes = {"GET": Scope.CARE, "POST": Scope.CARE}

    @asks("read_care_action", "关爱", "复核、退出服务要填什么")
    def get(self, request: Request, target_id: int, action: str) -> Response:
        target = self._chosen(target_id, action)
        form = self.blank(CARE_STEPS[action].form, subject=target)
        return self.told_form(form, action=action)

    @does(
        "take_care_action", "关爱", "复核、退出服务", request=CareActionIn,
        out=CareTargetOut, example={"review_date": "2027-10-01"},
    )  # fmt: skip
    @once
    def post(self, request: Request, target_id: int, action: str) -> Response:
        """`review` looks whether the service goes on, `end` empties the record."""
        target = self._chosen(target_id, action)
        form = self.filled(CARE_STEPS[action].form, subject=target)
        CARE_STEPS[action].act(
            actor=self.who, at=self.at, target_id=target.pk, **form.arguments()
        )
        return Response(self.told(self.target(target_id)))

    def _chosen(self, target_id: int, action: str) -> Any:
        if action not in CARE_STEPS:
            raise Http404
        return self.target(target_id)
