"""What people keep for their own work: saved views, drafts of steps, phrases."""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from django.http import Http404, QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cases.actions import own_work
from cases.actions import phrases as phrase_actions
from cases.actions import saved_views as actions
from cases.difference import last_seen
from cases.forms.own_work import NewViewForm, ViewForm
from cases.forms.phrases import PhraseForm
from cases.models import SavedView
from cases.views import drafts, offered, phrases
from cases.views.case import visible_case
from cases.views.saved_views import query_of
from doors.api.base import once
from doors.api.performing import ACTION, IDEMPOTENCY, NAMES, given_of, posted
from doors.api.shapes import BAD, REFUSED, UNKNOWN
from doors.api.working import GONE, OVERTAKEN, Working, filled, given_as
from doors.models import Scope
from governance import clock

READ_WRITE = {
    "GET": Scope.CASES_READ, "POST": Scope.CASES_WRITE, "PUT": Scope.CASES_WRITE,
    "PATCH": Scope.CASES_WRITE, "DELETE": Scope.CASES_WRITE,
}  # fmt: skip
DONE = {400: BAD, 404: UNKNOWN, 409: OVERTAKEN, 422: REFUSED}


class ViewOut(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    query = serializers.CharField(
        allow_blank=True, help_text="接在 /inbox/{box}/ 的 ? 后面；其中 box 是哪一箱"
    )
    box = serializers.CharField(allow_blank=True)
    is_shared = serializers.BooleanField(help_text="本单位共享")
    is_mine = serializers.BooleanField()
    owner = serializers.CharField(source="owner.name")


class ViewsOut(serializers.Serializer):
    views = ViewOut(many=True, help_text="自己的在前，按自己的次序")


class ViewIn(serializers.Serializer):
    name = serializers.CharField(max_length=30)
    is_shared = serializers.BooleanField(required=False, default=False)


class NewViewIn(ViewIn):
    query = serializers.CharField(
        required=False, allow_blank=True, max_length=2000,
        help_text="box、q 和 /inbox/{box}/ 的各项，如 box=pending&lamp=red",
    )  # fmt: skip


class MoveIn(serializers.Serializer):
    up = serializers.BooleanField(help_text="false 为下移")


class DraftIn(serializers.Serializer):
    fields: Any = serializers.DictField(
        help_text="这一步表单的各项，写到哪里存到哪里；都空则删除草稿"
    )
    seen = serializers.CharField(
        required=False, allow_blank=True, help_text="打开表单时案件的 seen"
    )


class DraftOut(serializers.Serializer):
    action = serializers.CharField()
    fields: Any = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField())
    )
    seen = serializers.CharField(allow_blank=True)
    saved_at = serializers.DateTimeField()


class PhraseOut(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    text = serializers.CharField(help_text="{编号} 等处填入时换成案件的内容")
    scope = serializers.SerializerMethodField(help_text="own、unit 或 all")
    audience = serializers.CharField()
    category = serializers.IntegerField(source="category_id", allow_null=True)
    state = serializers.CharField(allow_blank=True)
    status = serializers.CharField()
    status_label = serializers.CharField(source="get_status_display")

    def get_scope(self, phrase: Any) -> str:
        if phrase.owner_id:
            return "own"
        return "unit" if phrase.organisation_id else "all"


class PhrasesOut(serializers.Serializer):
    phrases = PhraseOut(many=True)


class PhraseIn(serializers.Serializer):
    title = serializers.CharField(max_length=30)
    text = serializers.CharField(max_length=1000)
    audience = serializers.ChoiceField(choices=["internal", "public"])
    category = serializers.IntegerField(required=False, allow_null=True)
    state = serializers.CharField(required=False, allow_blank=True)


class NewPhraseIn(PhraseIn):
    scope = serializers.ChoiceField(choices=["own", "unit", "all"])


class Views(Working):
    scopes = READ_WRITE

    def about(self, view_id: int) -> dict[str, Any]:
        found: Any = SavedView.objects.visible_to(self.who)
        view = get_object_or_404(found, pk=view_id)
        return {"view_id": view.pk, "actor": self.who, "at": clock.now()}

    def told(self, view_id: int, status: int = 200) -> Response:
        found: Any = SavedView.objects.visible_to(self.who)
        out = ViewOut(_boxed(get_object_or_404(found, pk=view_id)))
        return Response(out.data, status=status)


def _boxed(view: Any) -> Any:
    view.box = parse_qs(view.query).get("box", [""])[0]
    return view


class ViewsView(Views):
    @extend_schema(
        operation_id="list_views", tags=["视图"], summary="保存的视图",
        responses={200: ViewsOut},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """One's own and those the unit shares."""
        found: Any = SavedView.objects.visible_to(self.who)
        rows = ViewOut([_boxed(one) for one in found], many=True).data
        return Response({"views": rows})

    @extend_schema(
        operation_id="keep_view", tags=["视图"], summary="保存视图",
        parameters=[IDEMPOTENCY], request=NewViewIn, responses={201: ViewOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request) -> Response:
        given = filled(NewViewForm(posted(request)))
        query = query_of(QueryDict(given["query"].lstrip("?")))
        view = actions.keep_view(
            name=given["name"], query=query, is_shared=given["is_shared"],
            actor=self.who, at=clock.now(),
        )  # fmt: skip
        return self.told(view.pk, 201)


class ViewView(Views):
    @extend_schema(
        operation_id="change_view", tags=["视图"], summary="改名或共享",
        request=ViewIn, responses={200: ViewOut, **DONE},
    )  # fmt: skip
    def put(self, request: Request, view_id: int) -> Response:
        """Only one's own."""
        about = self.about(view_id)
        actions.change_view(**about, **filled(ViewForm(posted(request))))
        return self.told(view_id)

    @extend_schema(
        operation_id="drop_view", tags=["视图"], summary="删除视图",
        responses={204: GONE, 404: UNKNOWN, 422: REFUSED},
    )  # fmt: skip
    def delete(self, request: Request, view_id: int) -> Response:
        """One's own; and a shared one by whoever heads the unit."""
        actions.drop_view(**self.about(view_id))
        return Response(status=204)


class MoveView(Views):
    @extend_schema(
        operation_id="move_view", tags=["视图"], summary="上移或下移",
        parameters=[IDEMPOTENCY], request=MoveIn, responses={200: ViewOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request, view_id: int) -> Response:
        about = self.about(view_id)
        actions.move_view(**about, up=given_as(MoveIn, request)["up"])
        return self.told(view_id)


class DraftView(Working):
    scopes = READ_WRITE

    @extend_schema(
        operation_id="read_draft", tags=["办理"], summary="取草稿",
        parameters=[ACTION], responses={200: DraftOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, case_id: int, action: str) -> Response:
        """What the person of this post typed into this step and has not sent."""
        case, _form = self._step(case_id, action)
        draft = drafts.draft_of(case, action, self.who)
        if draft is None:
            raise Http404
        return Response(DraftOut(draft).data)

    @extend_schema(
        operation_id="keep_draft", tags=["办理"], summary="存草稿",
        parameters=[ACTION], request=DraftIn,
        responses={200: DraftOut, 204: GONE, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def put(self, request: Request, case_id: int, action: str) -> Response:
        """In place of what was saved before; 204 when nothing is left to keep, or when
        the step was sent meanwhile."""
        case, form = self._step(case_id, action)
        given = given_as(DraftIn, request)
        fields = drafts.typed(form, given_of(given["fields"]))
        seen = given.get("seen", "")[: drafts.LARGEST]
        if not fields or not self._kept(case, action, fields, seen, clock.now()):
            own_work.drop_draft(**self._own(case_id, action))
            return Response(status=204)
        return self.get(request, case_id, action)

    @extend_schema(
        operation_id="drop_draft", tags=["办理"], summary="删除草稿",
        parameters=[ACTION], responses={204: GONE, 404: UNKNOWN},
    )  # fmt: skip
    def delete(self, request: Request, case_id: int, action: str) -> Response:
        self._step(case_id, action)
        own_work.drop_draft(**self._own(case_id, action))
        return Response(status=204)

    def _kept(
        self, case: Any, action: str, fields: Any, seen: str, at: datetime
    ) -> bool:
        draft = own_work.keep_draft(
            **self._own(case.pk, action), fields=fields, seen=seen,
            last_seen=last_seen(seen, case), at=at,
        )  # fmt: skip
        return draft is not None

    def _own(self, case_id: int, action: str) -> dict[str, Any]:
        user_id = self.who.user_id or 0
        return {"case_id": case_id, "action": action, "user_id": user_id}

    def _step(self, case_id: int, action: str) -> tuple[Any, Any]:
        if action not in NAMES:
            raise Http404
        steps, own = offered.STEPS, offered.OWN_FORMS
        form = steps[action].form if action in steps else own[action]
        return visible_case(self.who, case_id), form


class Phrases(Working):
    scopes = READ_WRITE

    def phrase(self, phrase_id: int) -> Any:
        return get_object_or_404(phrases.visible(self.who), pk=phrase_id)

    def form(self, request: Request, *, new: bool) -> PhraseForm:
        form = PhraseForm(posted(request), actor=self.who, new=new)
        filled(form)
        return form

    def told(self, phrase_id: int, status: int = 200) -> Response:
        return Response(PhraseOut(self.phrase(phrase_id)).data, status=status)


class PhrasesView(Phrases):
    @extend_schema(
        operation_id="list_phrases", tags=["常用语"], summary="常用语和模板",
        responses={200: PhrasesOut},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """One's own, the unit's, and those for everybody."""
        found = phrases.visible(self.who)
        found = found.order_by("owner", "organisation", "title", "pk")
        return Response({"phrases": PhraseOut(found, many=True).data})

    @extend_schema(
        operation_id="write_phrase", tags=["常用语"], summary="新写常用语",
        parameters=[IDEMPOTENCY], request=NewPhraseIn,
        responses={201: PhraseOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request) -> Response:
        """A template of the unit waits for approval unless a head wrote it."""
        form = self.form(request, new=True)
        made = phrase_actions.write_phrase(
            wording=form.wording(), actor=self.who, at=clock.now()
        )
        return self.told(made.pk, 201)


class PhraseView(Phrases):
    @extend_schema(
        operation_id="change_phrase", tags=["常用语"], summary="修改常用语",
        request=PhraseIn, responses={200: PhraseOut, **DONE},
    )  # fmt: skip
    def put(self, request: Request, phrase_id: int) -> Response:
        found = self.phrase(phrase_id)
        form = self.form(request, new=False)
        phrase_actions.change_phrase(
            phrase_id=found.pk, wording=form.wording(), actor=self.who, at=clock.now()
        )
        return self.told(found.pk)

    @extend_schema(
        operation_id="drop_phrase", tags=["常用语"], summary="删除常用语",
        responses={204: GONE, 404: UNKNOWN, 409: OVERTAKEN, 422: REFUSED},
    )  # fmt: skip
    def delete(self, request: Request, phrase_id: int) -> Response:
        phrase_actions.drop_phrase(
            phrase_id=self.phrase(phrase_id).pk, actor=self.who, at=clock.now()
        )
        return Response(status=204)


class PhraseApprovalView(Phrases):
    @extend_schema(
        operation_id="approve_phrase", tags=["常用语"], summary="启用模板",
        parameters=[IDEMPOTENCY], request=None, responses={200: PhraseOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request, phrase_id: int) -> Response:
        """By whoever heads the unit; of templates for all, by an administrator."""
        found, at = self.phrase(phrase_id), clock.now()
        phrase_actions.approve_phrase(phrase_id=found.pk, actor=self.who, at=at)
        return self.told(found.pk)


class PhraseWithdrawalView(Phrases):
    @extend_schema(
        operation_id="withdraw_phrase", tags=["常用语"], summary="停用模板",
        parameters=[IDEMPOTENCY], request=None, responses={200: PhraseOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request, phrase_id: int) -> Response:
        found, at = self.phrase(phrase_id), clock.now()
        phrase_actions.withdraw_phrase(phrase_id=found.pk, actor=self.who, at=at)
        return self.told(found.pk)
