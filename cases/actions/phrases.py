"""常用语和模板: written, approved, put aside."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Phrase
from governance import events
from governance.errors import Refused
from parties.acting import Actor
from parties.roles import UNIT_HEADS, Role

Status = Phrase.Status
OWN_MOST = 60
HEADS = UNIT_HEADS | {Role.STREET_SHIFT_HEAD}


@dataclass(frozen=True)
class Wording:
    """What is written; `scope` is `own`, `unit` or `all`."""

    scope: str
    title: str
    text: str
    audience: str
    category_id: int | None = None
    state: str = ""


def heads(phrase: Phrase, actor: Actor) -> bool:
    """Who approves it: who heads the unit; what is for all, an administrator."""
    if actor.role == Role.SYSTEM_ADMIN:
        return phrase.owner_id is None
    mine = phrase.organisation_id == actor.organisation_id
    return phrase.organisation_id is not None and mine and actor.role in HEADS


@transaction.atomic
def write_phrase(*, wording: Wording, actor: Actor, at: datetime) -> Phrase:
    """One's own is ready at once, a template waits for approval unless a head wrote it
    (FEATURES 54)."""
    phrase = Phrase(written_by_id=actor.user_id)
    _place(phrase, wording.scope, actor)
    _fill(phrase, wording, actor, at)
    phrase.save()
    _record("write_phrase", phrase, actor, at, asdict(wording))
    return phrase


@transaction.atomic
def change_phrase(
    *, phrase_id: int, wording: Wording, actor: Actor, at: datetime
) -> Phrase:
    """What was approved and is changed by somebody else waits for approval again."""
    phrase = _found(phrase_id, actor)
    if phrase.owner_id is None and phrase.organisation_id is None:
        _check_heads(phrase, actor)
    before = {"title": phrase.title, "text": phrase.text}
    _fill(phrase, wording, actor, at)
    phrase.save()
    _record("change_phrase", phrase, actor, at, {"before": before, **asdict(wording)})
    return phrase


@transaction.atomic
def approve_phrase(*, phrase_id: int, actor: Actor, at: datetime) -> Phrase:
    """启用: from now on everybody of the unit may choose it."""
    phrase = _found(phrase_id, actor)
    _check_heads(phrase, actor)
    if phrase.status == Status.APPROVED:
        raise Refused(_("这个模板已经启用。"), code="state")
    phrase.status, phrase.approved_by_id = Status.APPROVED, actor.user_id
    phrase.save(update_fields=["status", "approved_by"])
    _record("approve_phrase", phrase, actor, at, {})
    return phrase


@transaction.atomic
def withdraw_phrase(*, phrase_id: int, actor: Actor, at: datetime) -> Phrase:
    """停用: kept, but chosen no longer."""
    phrase = _found(phrase_id, actor)
    _check_heads(phrase, actor)
    if phrase.status == Status.WITHDRAWN:
        raise Refused(_("这个模板已经停用。"), code="state")
    phrase.status = Status.WITHDRAWN
    phrase.save(update_fields=["status"])
    _record("withdraw_phrase", phrase, actor, at, {})
    return phrase


@transaction.atomic
def drop_phrase(*, phrase_id: int, actor: Actor, at: datetime) -> None:
    """Delete what is one's own; templates are put aside instead."""
    phrase = _found(phrase_id, actor)
    if phrase.owner_id is None:
        raise Refused(_("模板不删除，不用时请停用。"), code="state")
    _record("drop_phrase", phrase, actor, at, {"text": phrase.text})
    phrase.delete()


def _found(phrase_id: int, actor: Actor) -> Phrase:
    """Locked; what is somebody else's own was never there."""
    seen: Any = Phrase.objects.visible_to(actor).select_for_update()
    phrase: Phrase | None = seen.filter(pk=phrase_id).first()
    if phrase is None:
        raise Refused(_("没有找到这条常用语，请刷新后再看。"), code="gone")
    return phrase


def _check_heads(phrase: Phrase, actor: Actor) -> None:
    if phrase.owner_id is not None:
        raise Refused(_("本人的常用语不用审核。"), code="state")
    if not heads(phrase, actor):
        raise Refused(
            _("单位的模板由本单位负责人审核启用，全市的由系统管理员审核启用。"),
            code="role",
        )


def _place(phrase: Phrase, scope: str, actor: Actor) -> None:
    if scope == "own":
        if Phrase.objects.filter(owner=actor.user_id).count() >= OWN_MOST:
            raise Refused(
                _("最多保存 %(most)d 条本人常用语，请先删除不用的。")
                % {"most": OWN_MOST},
                code="many",
            )
        phrase.owner_id = actor.user_id
    elif scope == "unit":
        phrase.organisation_id = actor.organisation_id
    elif actor.role != Role.SYSTEM_ADMIN:
        raise Refused(
            _("全市的模板由系统管理员建立，请选本单位。"), code="role", field="scope"
        )


def _fill(phrase: Phrase, wording: Wording, actor: Actor, at: datetime) -> None:
    phrase.title, phrase.text = wording.title, wording.text
    phrase.audience, phrase.state = wording.audience, wording.state
    phrase.category_id = wording.category_id
    phrase.changed_at = at
    ready = phrase.owner_id is not None or heads(phrase, actor)
    phrase.status = Status.APPROVED if ready else Status.DRAFT
    phrase.approved_by_id = actor.user_id if ready else None


def _record(
    verb: str, phrase: Phrase, actor: Actor, at: datetime, more: dict[str, Any]
) -> None:
    events.record(
        chain=f"phrase:{phrase.pk}",
        action=f"cases.{verb}",
        actor=actor,
        at=at,
        detail={"title": phrase.title, "status": phrase.status, **more},
    )
