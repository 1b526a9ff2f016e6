"""Create, rename and retire areas."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Refused
from governance.events import Acting, Entry
from grids import codes
from grids.codes import Level
from grids.models import Area, TileVersion


def chain(area: Area) -> str:
    """The journal chain of an area."""
    return f"area:{area.code}"


@transaction.atomic
def create_area(
    *,
    code: str,
    name: str,
    actor: Acting,
    at: datetime,
    short_name: str = "",
    kind: str = "",
    special_type: str = "",
    households: int | None = None,
    attributes: dict[str, Any] | None = None,
    valid_from: date | None = None,
) -> Area:
    """Add an area; its code tells level and parent (DOMAIN B.2).

    Raises Refused for a code of no level ("bad_code"), a code that was ever used
    ("doubled_code"), a parent that is missing or retired ("unknown_parent").
    """
    level = _level(code)
    parent = _open_parent(code, level)
    _never_used([code])
    area = Area.objects.create(
        level=level,
        code=code,
        name=_named(name),
        short_name=short_name,
        kind=kind or codes.kind_of(code, level),
        special_type=special_type,
        parent=parent,
        valid_from=valid_from or timezone.localdate(at),
        households=households,
        attributes=attributes or {},
    )
    events.record(
        chain=chain(area),
        action="grids.create_area",
        actor=actor,
        at=at,
        detail=_facts(area, parent),
    )
    return area


@dataclass(frozen=True, kw_only=True)
class NewArea:
    code: str
    name: str
    short_name: str = ""


@transaction.atomic
def create_areas(
    *, areas: Sequence[NewArea], actor: Acting, at: datetime
) -> dict[str, int]:
    """`create_area` for hundreds together; the parent of one may be among them.

    Answers the ids by code.
    """
    _never_used([one.code for one in areas])
    levels = {one.code: _level(one.code) for one in areas}
    above = {code: codes.parent_code(code, level) for code, level in levels.items()}
    stored = Area.objects.select_for_update(of=("self",)).filter(
        code__in=above.values()
    )
    known = {one.code: one for one in stored}
    entries = []
    for level in sorted(set(levels.values())):
        made = []
        for one in areas:
            if levels[one.code] == level:
                parent = known.get(above[one.code] or "")
                _must_be_open(parent, one.code, above[one.code])
                made.append(_unsaved(one, level, parent, at))
        for area in Area.objects.bulk_create(made):
            known[area.code] = area
            facts = _facts(area, area.parent)
            entries.append(Entry(chain(area), "grids.create_area", facts))
    events.record_all(entries, actor=actor, at=at)
    return {one.code: known[one.code].pk for one in areas}


def _unsaved(one: NewArea, level: Level, parent: Area | None, at: datetime) -> Area:
    return Area(
        level=level,
        code=one.code,
        name=_named(one.name),
        short_name=one.short_name,
        kind=codes.kind_of(one.code, level),
        parent=parent,
        valid_from=timezone.localdate(at),
        attributes={},
    )


def _facts(area: Area, parent: Area | None) -> dict[str, Any]:
    """What the journal keeps of a new area."""
    return {
        "code": area.code,
        "name": area.name,
        "level": Level(area.level).word,
        "parent": parent.code if parent else None,
        "households": area.households,
    }


def _level(code: str) -> Level:
    level = codes.level_of(code)
    if level is None:
        raise Refused(
            _("编码“%(code)s”不符合任何层级的编码规则。") % {"code": code},
            code="bad_code",
            field="code",
        )
    return level


def _never_used(given: list[str]) -> None:
    used = Area.objects.filter(code__in=given).values_list("code", flat=True).first()
    if used is not None:
        raise Refused(
            _("编码 %(code)s 已被使用；编码停用后也不能再次使用。") % {"code": used},
            code="doubled_code",
            field="code",
        )


@transaction.atomic
def rename(
    *, area_id: int, name: str, actor: Acting, at: datetime, short_name: str = ""
) -> Area:
    """Give an area a new name; an empty short name keeps the old one."""
    area = lock_open(area_id)
    before = {"name": area.name, "short_name": area.short_name}
    area.name = _named(name)
    area.short_name = short_name or area.short_name
    area.save(update_fields=["name", "short_name"])
    redraw_tiles([area.level])
    events.record(
        chain=chain(area),
        action="grids.rename_area",
        actor=actor,
        at=at,
        detail={
            "before": before,
            "after": {"name": area.name, "short_name": area.short_name},
        },
    )
    return area


@transaction.atomic
def retire_area(*, area_id: int, actor: Acting, at: datetime, reason: str) -> Area:
    """End an area's life: no new case is located in it, old cases keep it.

    Raises Refused("has_children") while an area below it is still in use.
    """
    area = lock_open(area_id)
    if Area.objects.below(area).filter(valid_to=None).exists():
        raise Refused(
            _("“%(name)s”下还有启用中的区域，请先停用它们。") % {"name": area.name},
            code="has_children",
        )
    area.valid_to = timezone.localdate(at)
    area.save(update_fields=["valid_to"])
    area.boundaries.filter(valid_to=None).update(valid_to=at)
    area.pieces.all().delete()
    redraw_tiles([area.level])
    events.record(
        chain=chain(area),
        action="grids.retire_area",
        actor=actor,
        at=at,
        detail={"valid_to": area.valid_to, "reason": reason},
    )
    return area


def lock_open(area_id: int) -> Area:
    """The area, locked; Refused when it is unknown or retired."""
    area = Area.objects.select_for_update(of=("self",)).filter(pk=area_id).first()
    if area is None:
        raise Refused(_("找不到这个区域，请刷新后重试。"), code="unknown_area")
    if area.valid_to is not None:
        raise Refused(
            _("“%(name)s”已停用，不能再修改。") % {"name": area.name}, code="retired"
        )
    return area


def redraw_tiles(levels: list[int]) -> None:
    """Make these levels' tiles new; ascending, so that two writers never cross."""
    for level in sorted(set(levels)):
        TileVersion.objects.get_or_create(level=level)
        TileVersion.objects.next_version(level)


def _named(name: str) -> str:
    if not name.strip():
        raise Refused(_("请填写名称。"), code="no_name", field="name")
    return name.strip()


def _open_parent(code: str, level: Level) -> Area | None:
    above = codes.parent_code(code, level)
    if above is None:
        return None
    parent = Area.objects.select_for_update(of=("self",)).filter(code=above).first()
    _must_be_open(parent, code, above)
    return parent


def _must_be_open(parent: Area | None, code: str, above: str | None) -> None:
    if above and (parent is None or parent.valid_to is not None):
        raise Refused(
            _("编码 %(code)s 的上级 %(above)s 不存在或已停用，请先建立上级。")
            % {"code": code, "above": above},
            code="unknown_parent",
            field="code",
        )
