"""Lists that people keep under a name, for themselves or for their unit."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from cases.models import SavedView
from governance import events
from governance.errors import Refused
from parties.acting import Actor
from parties.models import User
from parties.roles import UNIT_HEADS, Role

MOST = 30
HEADS = UNIT_HEADS | {Role.STREET_SHIFT_HEAD, Role.DEPARTMENT_LIAISON}
"""Who may put aside what the unit shares, also when its owner has left."""


@transaction.atomic
def keep_view(
    *, name: str, query: str, is_shared: bool, actor: Actor, at: datetime
) -> SavedView:
    """保存视图 (FEATURES 52): under a name of one's own that is not taken yet."""
    owner = User.objects.select_for_update().get(pk=actor.user_id)
    own = SavedView.objects.filter(owner=owner)
    if own.count() >= MOST:
        raise Refused(
            _("最多保存 %(most)d 个视图，请先删除不用的。") % {"most": MOST},
            code="many",
            field="name",
        )
    _name_is_free(owner.pk, name, None)
    last = own.aggregate(last=Max("place"))["last"]
    view = SavedView.objects.create(
        owner=owner,
        organisation_id=actor.organisation_id or 0,
        name=name,
        query=query,
        is_shared=is_shared,
        place=0 if last is None else last + 1,
        created_at=at,
    )
    _record("keep_view", view, actor, at, {"query": query, "shared": is_shared})
    return view


@transaction.atomic
def change_view(
    *, view_id: int, name: str, is_shared: bool, actor: Actor, at: datetime
) -> SavedView:
    """Another name, or shared with the unit or no longer."""
    view = _own(view_id, actor)
    _name_is_free(view.owner_id, name, view.pk)
    before = {"name": view.name, "shared": view.is_shared}
    view.name, view.is_shared = name, is_shared
    view.save(update_fields=["name", "is_shared"])
    _record("change_view", view, actor, at, {"before": before, "shared": is_shared})
    return view


@transaction.atomic
def move_view(*, view_id: int, up: bool, actor: Actor, at: datetime) -> SavedView:
    """One place up or down among one's own; at the end it stays where it is."""
    view = _own(view_id, actor)
    own = list(
        SavedView.objects.select_for_update()
        .filter(owner_id=view.owner_id)
        .order_by("place", "pk")
    )
    here = next(place for place, one in enumerate(own) if one.pk == view.pk)
    there = min(max(here + (-1 if up else 1), 0), len(own) - 1)
    own.insert(there, own.pop(here))
    for place, one in enumerate(own):
        one.place = place
    SavedView.objects.bulk_update(own, ["place"])
    _record("move_view", view, actor, at, {"from": here, "to": there})
    return view


@transaction.atomic
def drop_view(*, view_id: int, actor: Actor, at: datetime) -> None:
    """One's own; and a shared one by whoever heads the unit."""
    view = SavedView.objects.select_for_update().get(pk=view_id)
    heads = actor.role in HEADS and actor.organisation_id == view.organisation_id
    if view.owner_id != actor.user_id and not (view.is_shared and heads):
        raise Refused(_("共享视图由建立的人或本单位负责人删除。"), code="role")
    _record("drop_view", view, actor, at, {"query": view.query})
    view.delete()


def _own(view_id: int, actor: Actor) -> SavedView:
    view = SavedView.objects.select_for_update().get(pk=view_id)
    if view.owner_id != actor.user_id:
        raise Refused(_("只能修改自己的视图；可以按它另存一个。"), code="role")
    return view


def _name_is_free(owner_id: int, name: str, but: int | None) -> None:
    same = SavedView.objects.filter(owner=owner_id, name=name).exclude(pk=but or 0)
    if same.exists():
        raise Refused(
            _("您已有同名的视图，请换一个名称。"), code="double", field="name"
        )


def _record(
    verb: str, view: SavedView, actor: Actor, at: datetime, more: dict[str, Any]
) -> None:
    events.record(
        chain=f"view:{view.pk}",
        action=f"cases.{verb}",
        actor=actor,
        at=at,
        detail={"name": view.name, **more},
    )
