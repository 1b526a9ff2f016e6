"""Mediation of disputes (纠纷调解, DOMAIN F6), for those let into the case."""

import uuid
from typing import Any

from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cases.models import Case
from cases.views.photos import served
from doors.api.base import Door, once
from doors.api.by_form import FormDoor, asks, does, shape_of
from doors.api.care import RevealIn
from doors.api.filing import IMAGE
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.shapes import BAD, UNKNOWN
from doors.models import Scope
from duties import actions
from duties.forms.care import RevealForm
from duties.models import AgreementPhoto, Mediation
from duties.views.mediation import LEVELS, STEPS, mediation_of, story_of, visible_case
from governance.errors import Refused
from grids.codes import Level

MediationActionIn = shape_of("MediationActionIn", *(one.form for one in STEPS.values()))


class MediationOut(serializers.Serializer):
    case = serializers.IntegerField(source="case_id")
    display_no = serializers.CharField(source="case.display_no")
    category_name = serializers.CharField(source="case.category.name")
    template = serializers.CharField(source="template.name", help_text="调解模式")
    level = serializers.IntegerField(help_text="调解或化解的层级")
    outcome = serializers.CharField()
    outcome_label = serializers.CharField(source="get_outcome_display")
    opened_at = serializers.DateTimeField()
    signed_at = serializers.DateTimeField(allow_null=True)
    judicial_confirmation = serializers.BooleanField()


class MediationPageOut(PageOut):
    results = MediationOut(many=True)


class PartyOut(serializers.Serializer):
    id = serializers.IntegerField()
    side = serializers.CharField()
    name = serializers.SerializerMethodField(help_text="已遮蔽")
    score = serializers.CharField(allow_blank=True)
    rating_remark = serializers.CharField(allow_blank=True)

    def get_name(self, party: Any) -> str:
        return actions.masked_party(party)


class SessionOut(serializers.Serializer):
    number = serializers.IntegerField()
    level = serializers.IntegerField()
    held_at = serializers.DateTimeField()
    place = serializers.CharField()
    present = serializers.CharField()
    outcome = serializers.CharField()
    minutes = serializers.CharField()


class FollowUpOut(serializers.Serializer):
    days = serializers.IntegerField()
    task = serializers.IntegerField(source="task_id")


class MediationStoryOut(serializers.Serializer):
    case = serializers.IntegerField()
    mediation = MediationOut(allow_null=True, help_text="还没有开始调解的为 null")
    agreement = serializers.CharField(allow_blank=True)
    parties = PartyOut(many=True)
    sessions = SessionOut(many=True)
    follow_ups = FollowUpOut(many=True, help_text="履行回访任务")
    photos = serializers.ListField(child=serializers.UUIDField())
    hints_to_raise = serializers.BooleanField(help_text="多次未达成，可以上呈")
    allowed_actions = serializers.ListField(child=serializers.CharField())


class OpenedPartyOut(serializers.Serializer):
    id = serializers.IntegerField()
    side = serializers.CharField()
    name = serializers.CharField()
    telephone = serializers.CharField(allow_blank=True)


class LevelOut(serializers.Serializer):
    level = serializers.IntegerField()
    name = serializers.CharField()
    total = serializers.IntegerField()
    agreed = serializers.IntegerField(help_text="在这一级化解的")
    open = serializers.IntegerField()
    failed = serializers.IntegerField()


class MediationDoor(FormDoor):
    def story(self, case: Case) -> Any:
        told = story_of(case, self.who)
        found = told["mediation"]
        return MediationStoryOut(
            {
                "case": case.pk,
                "mediation": found,
                "agreement": found.agreement if found else "",
                "parties": [one for one, _name in told.get("parties", [])],
                "sessions": told.get("sessions", []),
                "follow_ups": told.get("follow_ups", []),
                "photos": [one.pk for one in told.get("photos", [])],
                "hints_to_raise": told.get("failed_often", False),
                "allowed_actions": [name for name, _label in told["steps"]],
            }
        ).data


class MediationsView(MediationDoor):
    scopes = {"GET": Scope.MEDIATION}

    @extend_schema(
        operation_id="list_mediations", tags=["调解"], summary="查询纠纷调解",
        parameters=[PageQuery], responses={200: MediationPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Those of the cases that the post is let into, newest first."""
        asked = asked_of(PageQuery, request)
        found: Any = Mediation.objects.visible_to(self.who).with_names()
        shown, cursor = newest_first(request, found, asked)
        rows = MediationOut(shown, many=True).data
        return Response({"results": rows, "next_cursor": cursor})


class MediationFiguresView(MediationDoor):
    scopes = {"GET": Scope.MEDIATION}

    @extend_schema(
        operation_id="read_mediation_figures", tags=["调解"], summary="各层级化解情况",
        responses={200: LevelOut(many=True)},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """How many disputes were solved at which level of the own area."""
        counted = Mediation.objects.counted_for(self.who).by_level()
        blank = {"total": 0, "agreed": 0, "open": 0, "failed": 0}
        rows = [
            {"level": one, "name": str(Level(one).label), **blank}
            | {name: counted.get(one, blank)[name] for name in blank}
            for one in LEVELS
        ]
        return Response(LevelOut(rows, many=True).data)


class MediationView(MediationDoor):
    scopes = {"GET": Scope.MEDIATION}

    @extend_schema(
        operation_id="read_mediation", tags=["调解"], summary="一件纠纷的调解",
        responses={200: MediationStoryOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, case_id: int) -> Response:
        return Response(self.story(visible_case(self.who, case_id)))


class MediationActionView(MediationDoor):
    scopes = {"GET": Scope.MEDIATION, "POST": Scope.MEDIATION}

    @asks("read_mediation_action", "调解", "调解的一步要填什么")
    def get(self, request: Request, case_id: int, action: str) -> Response:
        case, subject = self._subject(case_id, action)
        form = self.blank(STEPS[action].form, subject=subject or case)
        return self.told_form(form, action=action)

    @does(
        "take_mediation_action", "调解", "办理调解的一步", request=MediationActionIn,
        out=MediationStoryOut,
        example={
            "held_at": "2026-11-23 09:30", "place": "社区调解室",
            "present": "人民调解员、双方当事人", "outcome": "reached",
            "minutes": "双方同意分期归还。",
        },
    )  # fmt: skip
    @once
    def post(self, request: Request, case_id: int, action: str) -> Response:
        """Whichever of `allowed_actions`, with the fields that `GET` names."""
        case, subject = self._subject(case_id, action)
        step = STEPS[action]
        form = self.filled(step.form, subject=subject or case)
        ids: dict[str, int] = {}
        if action == "open":
            ids = {"case_id": case.pk}
        elif action != "rate":
            ids = {"mediation_id": subject.pk}
        step.act(actor=self.who, at=self.at, **ids, **form.arguments())
        return Response(self.story(visible_case(self.who, case_id)))

    def _subject(self, case_id: int, action: str) -> tuple[Case, Any]:
        if action not in STEPS:
            raise Http404
        case = visible_case(self.who, case_id)
        subject = mediation_of(case)
        if subject is None and action != "open":
            raise Refused(_("本案还没有开始调解，请先开始调解。"), code="state")
        return case, subject


class MediationPartiesView(MediationDoor):
    scopes = {"POST": Scope.MEDIATION}

    @does(
        "reveal_parties", "调解", "查看当事人完整信息", request=RevealIn,
        out=OpenedPartyOut(many=True), example={"reason": "电话回访"}, is_kept=False,
    )  # fmt: skip
    def post(self, request: Request, case_id: int) -> Response:
        """Names and telephones in full; who, when and why goes into the journal.
        The answer is not kept."""
        case = visible_case(self.who, case_id)
        found = get_object_or_404(Mediation, case=case)
        form = self.filled(RevealForm, subject=found)
        opened = actions.reveal_parties(
            mediation_id=found.pk, actor=self.who, at=self.at, **form.arguments()
        )
        rows = [
            {"id": one.pk, "side": one.side, "name": name, "telephone": telephone}
            for one, name, telephone in opened
        ]
        answer = Response(OpenedPartyOut(rows, many=True).data)
        answer["Cache-Control"] = "no-store"
        return answer


class AgreementPhotoView(Door):
    scopes = {"GET": Scope.MEDIATION}
    thumb = False

    @extend_schema(
        operation_id="read_agreement_photo", tags=["调解"], summary="协议照片",
        responses=IMAGE,
    )  # fmt: skip
    def get(self, request: Request, photo_id: uuid.UUID) -> FileResponse:
        visible = AgreementPhoto.objects.visible_to(self.who)
        photo = get_object_or_404(visible, pk=photo_id)
        return served(photo.thumb if self.thumb else photo.served)


class AgreementThumbView(AgreementPhotoView):
    thumb = True

    @extend_schema(
        operation_id="read_agreement_photo_thumb", tags=["调解"],
        summary="协议照片的缩略图", responses=IMAGE,
    )  # fmt: skip
    def get(self, request: Request, photo_id: uuid.UUID) -> FileResponse:
        """The same, small."""
        return super().get(request, photo_id)
