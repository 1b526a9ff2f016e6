"""Among colleagues: internal notes and @, the complainant's telephone, who looks at a
case, and that its messages were read."""

from datetime import UTC
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import story
from cases.actions.contacts import reveal_contact
from cases.actions.notes import full_label, labels, leave_note
from cases.actions.own_work import look_at
from cases.forms.notes import NoteForm
from cases.forms.results import RevealForm
from cases.models import Case
from cases.querysets.candidates import readers
from cases.views.case import has_moved, others_at, visible_case
from doors.api.base import once
from doors.api.performing import IDEMPOTENCY, posted
from doors.api.shapes import BAD, REFUSED, UNKNOWN, MomentField
from doors.api.working import OVERTAKEN, Working, filled
from doors.models import Scope
from governance import clock
from parties import actions as parties
from parties.models import Notification

BOTH = {"GET": Scope.CASES_READ, "POST": Scope.CASES_WRITE}
DONE = {400: BAD, 404: UNKNOWN, 409: OVERTAKEN, 422: REFUSED}


class NoteOut(serializers.Serializer):
    by = serializers.CharField(help_text="单位·岗位·姓名")
    at = serializers.DateTimeField()
    opinion = serializers.CharField()


class NotesOut(serializers.Serializer):
    notes = NoteOut(many=True, help_text="新的在前")


class NoteIn(serializers.Serializer):
    opinion = serializers.CharField(
        max_length=1000, help_text="以 @ 加 readers 中的 say 提到同事，会通知本人"
    )


class ReaderOut(serializers.Serializer):
    say = serializers.CharField(help_text="写在 @ 之后的")
    name = serializers.CharField()
    post = serializers.CharField(help_text="单位·岗位")


class ReadersOut(serializers.Serializer):
    people = ReaderOut(many=True)


class ContactIn(serializers.Serializer):
    reason = serializers.CharField(max_length=200, help_text="用途，记入本案流水")


class RevealedOut(serializers.Serializer):
    name = serializers.CharField(allow_blank=True)
    telephone = serializers.CharField(allow_blank=True)


class PresenceIn(serializers.Serializer):
    version = serializers.IntegerField(required=False)
    updated_at = MomentField(
        required=False, help_text="打开时案件的 updated_at，原样带回"
    )


class WriterOut(serializers.Serializer):
    name = serializers.CharField()
    step = serializers.CharField(help_text="在写哪一步")


class PresenceOut(serializers.Serializer):
    viewers = serializers.ListField(
        child=serializers.CharField(), help_text="还有谁打开着"
    )
    writers = WriterOut(many=True)
    has_moved = serializers.BooleanField(help_text="打开后案件有了变化")


class SeenOut(serializers.Serializer):
    read = serializers.IntegerField(help_text="这次标为已读的条数")


class NotesView(Working):
    scopes = BOTH

    @extend_schema(
        operation_id="list_notes", tags=["备注"], summary="内部备注",
        responses={200: NotesOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, case_id: int) -> Response:
        """What colleagues said among themselves; residents never read it."""
        return Response(self._notes(case_id))

    @extend_schema(
        operation_id="leave_note", tags=["备注"], summary="写内部备注",
        parameters=[IDEMPOTENCY], request=NoteIn, responses={201: NotesOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request, case_id: int) -> Response:
        """Whoever is named with @ is told. The version of the case stays as it is."""
        case = visible_case(self.who, case_id)
        given = filled(NoteForm(posted(request)))
        leave_note(case_id=case.pk, actor=self.who, at=clock.now(), **given)
        return Response(self._notes(case_id), status=201)

    def _notes(self, case_id: int) -> dict[str, Any]:
        entries = story.timeline(visible_case(self.who, case_id))
        left = [one for one in entries if one.is_note]
        return {"notes": NoteOut(left, many=True).data}


class ReadersView(Working):
    scopes = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="list_readers", tags=["备注"], summary="可以 @ 的同事",
        responses={200: ReadersOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, case_id: int) -> Response:
        """Who may read this case and thus be mentioned in a note."""
        found = readers(visible_case(self.who, case_id), clock.now())
        known = labels(found)
        people = [
            {
                "say": one.user.name
                if len(known[one.user.name]) == 1
                else full_label(one),
                "name": one.user.name,
                "post": f"{one.post.organisation.name}·{one.post.name}",
            }
            for one in found
            if one.user_id != self.who.user_id
        ]
        return Response({"people": people})


class ContactView(Working):
    scopes = {"POST": Scope.CONTACTS}

    @extend_schema(
        operation_id="reveal_contact", tags=["案件"], summary="查看诉求人完整联系方式",
        request=ContactIn, responses={200: RevealedOut, **DONE},
    )  # fmt: skip
    def post(self, request: Request, case_id: int) -> Response:
        """With a reason; who asked, when and why stands in the journal of the case.
        An `Idempotency-Key` is not heeded: what was shown is kept nowhere."""
        case, at = visible_case(self.who, case_id), clock.now()
        form = RevealForm(posted(request), case=case, actor=self.who, at=at)
        filled(form)
        found = reveal_contact(
            case_id=case.pk, actor=self.who, at=at, **form.arguments()
        )
        answer = Response(RevealedOut(found).data)
        answer["Cache-Control"] = "no-store"
        return answer


class PresenceView(Working):
    scopes = {"POST": Scope.CASES_READ}

    @extend_schema(
        operation_id="note_presence", tags=["案件"], summary="谁在看、谁在写",
        request=PresenceIn, responses={200: PresenceOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def post(self, request: Request, case_id: int) -> Response:
        """Says that the person of this post has the case open, and who else has. Asked
        again every few seconds; who has not asked for 15 seconds has gone."""
        case, at = visible_case(self.who, case_id), clock.now()
        opened = PresenceIn(data=request.data)
        opened.is_valid(raise_exception=True)
        if self.who.user_id is not None:
            look_at(case_id=case.pk, user_id=self.who.user_id, at=at)
        others = others_at(case, self.who, at)
        writers = [{"name": n, "step": str(step)} for n, step in others["writers"]]
        return Response(
            {
                "viewers": others["viewers"],
                "writers": writers,
                "has_moved": has_moved(case, _opened(opened.validated_data, case)),
            }
        )


def _opened(given: dict[str, Any], case: Case) -> Any:
    """As the page of the case sends it; what is not said has not changed."""
    at = given.get("updated_at", case.updated_at).astimezone(UTC)
    version = given.get("version", case.version)
    return {"version": str(version), "seen": at.isoformat()}


class SeenView(Working):
    scopes = {"POST": Scope.MESSAGES}

    @extend_schema(
        operation_id="mark_case_seen", tags=["消息"], summary="本案的消息标为已读",
        request=None, responses={200: SeenOut, 404: UNKNOWN},
    )  # fmt: skip
    def post(self, request: Request, case_id: int) -> Response:
        case, user = visible_case(self.who, case_id), self.who.user_id or 0
        own = Notification.objects.visible_to(user).unread().filter(subject=case.chain)
        ids = list(own.values_list("pk", flat=True))
        n = parties.mark_read(user_id=user, ids=ids, at=clock.now()) if ids else 0
        return Response({"read": n})
