"""What a person does about the own post: who stands in, and where to be reached."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from doors.api.base import once
from doors.api.by_form import FormDoor, StepFormOut, Unfilled, asks, does, shape_of
from doors.api.performing import posted
from doors.api.shapes import UNKNOWN
from doors.models import Scope
from parties import actions
from parties.forms import DelegationForm, ReachForm
from parties.models import Address, Posting, User

DelegationIn = shape_of("DelegationIn", DelegationForm)


class DelegationOut(serializers.Serializer):
    id = serializers.IntegerField()
    person = serializers.CharField(source="user.name", help_text="代办人")
    on_behalf_of = serializers.CharField(source="delegated_from.user.name")
    organisation = serializers.CharField(source="post.organisation.name")
    post = serializers.CharField(source="post.name")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)


class DelegationsOut(serializers.Serializer):
    given = DelegationOut(many=True, help_text="我授权给别人的")
    taken = DelegationOut(many=True, help_text="别人授权给我的")


class ReachIn(serializers.Serializer):
    """Besides these a list for each channel, as `GET` names it. What is left out is
    emptied, as on the page."""

    email = serializers.CharField(required=False, allow_blank=True, max_length=254)
    phone = serializers.CharField(required=False, allow_blank=True, max_length=20)


class PostingDoor(FormDoor):
    @property
    def user_id(self) -> int:
        return self.who.user_id or 0


class DelegationsView(PostingDoor):
    scopes = {"GET": Scope.DELEGATIONS, "POST": Scope.DELEGATIONS}

    @extend_schema(
        operation_id="list_delegations", tags=["代办"], summary="查询授权代办",
        responses={200: DelegationsOut},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Those that have not ended."""
        given = Posting.objects.given_by(self.user_id, self.at).with_post()
        taken = Posting.objects.taken_by(self.user_id, self.at).with_post()
        return Response(DelegationsOut({"given": given, "taken": taken}).data)

    @does(
        "delegate", "代办", "授权同事代办", request=DelegationIn, out=DelegationOut,
        status=201,
        example={
            "user": 12, "starts_at": "2026-12-01 09:00", "ends_at": "2026-12-03 18:00",
            "reason": "外出培训",
        },
    )  # fmt: skip
    @once
    def post(self, request: Request) -> Response:
        """A colleague exercises this post for a period."""
        form = self._form(posted(request))
        if not form.is_valid():
            raise Unfilled(form)
        asked = form.cleaned_data
        made = actions.delegate(
            posting_id=self.who.posting_id or 0, user_id=asked["user"].pk,
            starts_at=asked["starts_at"], ends_at=asked["ends_at"],
            reason=asked["reason"], actor=self.who, at=self.at,
        )  # fmt: skip
        found = Posting.objects.with_post().get(pk=made.pk)
        return Response(DelegationOut(found).data, status=201)

    def _form(self, given: Any = None) -> DelegationForm:
        held = get_object_or_404(Posting, pk=self.who.posting_id)
        return DelegationForm(User.objects.colleagues_of(held, self.at), given)


class DelegationFormView(DelegationsView):
    scopes = {"GET": Scope.DELEGATIONS}
    http_method_names = ["get", "head", "options"]

    @asks("read_delegation", "代办", "授权代办要填什么")
    def get(self, request: Request) -> Response:
        """The fields, the colleagues to choose from among them."""
        return self.told_form(self._form(), action="delegate")


class EndDelegationView(PostingDoor):
    scopes = {"POST": Scope.DELEGATIONS}

    @does(
        "end_delegation", "代办", "结束代办", request=None, out=DelegationOut
    )  # fmt: skip
    @once
    def post(self, request: Request, posting_id: int) -> Response:
        """By whoever gave or took it."""
        theirs = Posting.objects.delegations_of(self.user_id, self.at)
        found = get_object_or_404(theirs, pk=posting_id)
        actions.end_delegation(posting_id=found.pk, actor=self.who, at=self.at)
        over = Posting.objects.with_post().get(pk=found.pk)
        return Response(DelegationOut(over).data)


class ReachView(PostingDoor):
    scopes = {"GET": Scope.MESSAGES, "POST": Scope.MESSAGES}

    @extend_schema(
        operation_id="read_reach", tags=["消息"], summary="通知设置",
        responses={200: StepFormOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Where the person of this post is reached, and by which channel for what, as
        the fields of the form and what they hold."""
        return self.told_form(self._form(), action="reach")

    @does(
        "set_reach", "消息", "修改通知设置", request=ReachIn, out=StepFormOut,
        example={"email": "zhang@example.cn", "phone": "", "channel3": ["urgent"]},
    )  # fmt: skip
    @once
    def post(self, request: Request) -> Response:
        form = self._form(posted(request))
        if not form.is_valid():
            raise Unfilled(form)
        actions.set_preferences(
            user_id=self.user_id, email=form.cleaned_data["email"],
            phone=form.cleaned_data["phone"], wishes=form.wishes(), actor=self.who,
            at=self.at,
        )  # fmt: skip
        return self.told_form(self._form(), action="reach")

    def _form(self, given: Any = None) -> ReachForm:
        served = actions.channels_for(self.user_id, self.at)
        own = Address.objects.filter(user=self.user_id)
        return ReachForm(served, own, self.user_id, given)
