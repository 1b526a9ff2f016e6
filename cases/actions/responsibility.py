"""Write the responsibility list 权责清单: items are added or ended, not rewritten."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.catalogue import must_administer
from cases.models.catalogue import Category, FilingCondition, ResponsibilityItem
from governance import events
from governance.errors import Refused
from grids.codes import Level
from grids.models import Area
from parties.acting import Actor
from parties.models import Organisation


@transaction.atomic
def assign_responsibility(
    *,
    category_id: int,
    area_id: int,
    level: int,
    role: str,
    valid_from: date,
    actor: Actor,
    at: datetime,
    organisation_id: int | None = None,
    condition_id: int | None = None,
    legal_basis: str = "",
) -> ResponsibilityItem:
    """Give a category, or one of its conditions, to a unit in an area.

    Without `organisation_id` the community or street of the case answers itself. The
    same item again is returned as it is. A second lead is refused: there is one.
    """
    must_administer(actor)
    category = Category.objects.select_for_update().get(pk=category_id)
    area = Area.objects.get(pk=area_id)
    _must_fit(category, condition_id, level, organisation_id)
    same_place = ResponsibilityItem.objects.filter(
        category=category, condition_id=condition_id, area=area
    )
    current = list(same_place.filter(valid_to=None).select_related("organisation"))
    for item in current:
        if (item.level, item.organisation_id) == (level, organisation_id):
            return _same(item, role, category)
    lead = next((one for one in current if one.role == role), None)
    if lead and role == ResponsibilityItem.Role.LEAD:
        raise Refused(
            _("%(category)s在%(area)s已有主责单位“%(lead)s”，请先终止原责任。")
            % {"category": category.name, "area": area.name, "lead": lead.who},
            code="second_lead",
            field="role",
        )
    item = ResponsibilityItem.objects.create(
        category=category,
        condition_id=condition_id,
        level=level,
        organisation_id=organisation_id,
        area=area,
        role=role,
        legal_basis=legal_basis,
        valid_from=valid_from,
        version=same_place.exclude(valid_to=None).count() + 1,
    )
    _record(item, "assign_responsibility", actor, at)
    return item


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One line of a list to adopt, by ids; the fields of ResponsibilityItem."""

    category_id: int
    condition_id: int | None
    level: int
    organisation_id: int | None
    area_id: int
    role: str
    legal_basis: str
    valid_from: date

    @property
    def key(self) -> tuple[int | None, ...]:
        """Whose responsibility for what and where, whichever role and period."""
        return (
            self.category_id,
            self.condition_id,
            int(self.level),
            self.organisation_id,
            self.area_id,
        )


@transaction.atomic
def adopt_responsibilities(
    *, assignments: Iterable[Assignment], actor: Actor, at: datetime
) -> int:
    """Adopt a list at once, with one Event for each category; how many are new.

    What a unit already holds, or held until it was ended, is left as it is. The
    database refuses a second lead.
    """
    must_administer(actor)
    wanted = sorted(assignments, key=attrgetter("category_id"))
    ids = {one.category_id for one in wanted}
    locked = Category.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    names = {category.pk: str(category) for category in locked}
    held = set(
        ResponsibilityItem.objects.filter(category__in=ids).values_list(
            "category", "condition", "level", "organisation", "area"
        )
    )
    new = [one for one in wanted if one.key not in held]
    ResponsibilityItem.objects.bulk_create(
        ResponsibilityItem(**vars(one)) for one in new
    )
    for category_id, items in groupby(new, key=attrgetter("category_id")):
        events.record(
            chain=f"responsibility:{category_id}",
            action="cases.adopt_responsibilities",
            actor=actor,
            at=at,
            detail={
                "category": names[category_id],
                "items": [vars(one) for one in items],
            },
        )
    return len(new)


@transaction.atomic
def end_responsibility(
    *, item_id: int, valid_to: date, actor: Actor, at: datetime
) -> ResponsibilityItem:
    """End an item on a day (excluded); the row stays as history."""
    must_administer(actor)
    item = (
        ResponsibilityItem.objects.select_for_update(of=("self",))
        .select_related("category", "area", "organisation")
        .get(pk=item_id)
    )
    if item.valid_to is not None:
        raise Refused(_("这一项责任已经终止。"), code="ended")
    if valid_to <= item.valid_from:
        raise Refused(_("失效日期须晚于生效日期。"), code="period", field="valid_to")
    item.valid_to = valid_to
    item.save(update_fields=["valid_to"])
    _record(item, "end_responsibility", actor, at)
    return item


def _must_fit(
    category: Category,
    condition_id: int | None,
    level: int,
    organisation_id: int | None,
) -> None:
    if (
        condition_id is not None
        and not FilingCondition.objects.filter(
            pk=condition_id, category=category
        ).exists()
    ):
        raise Refused(
            _("立案条件不属于所选小类。"), code="condition", field="condition"
        )
    if organisation_id is None and level not in (Level.STREET, Level.COMMUNITY):
        raise Refused(
            _("只有街道和社区本级可以不指定责任单位。"),
            code="organisation",
            field="organisation",
        )
    if (
        organisation_id is not None
        and not Organisation.objects.filter(pk=organisation_id, is_active=True).exists()
    ):
        raise Refused(
            _("责任单位不存在或已停用。"), code="organisation", field="organisation"
        )


def _same(
    item: ResponsibilityItem, role: str, category: Category
) -> ResponsibilityItem:
    if item.role == role:
        return item
    raise Refused(
        _("“%(who)s”已是%(category)s的%(role)s单位，请先终止原责任。")
        % {
            "who": item.who,
            "category": category.name,
            "role": item.get_role_display(),
        },
        code="other_role",
        field="role",
    )


def _record(item: ResponsibilityItem, verb: str, actor: Actor, at: datetime) -> None:
    events.record(
        chain=f"responsibility:{item.category_id}",
        action=f"cases.{verb}",
        actor=actor,
        at=at,
        detail={
            "item": item.pk,
            "condition": item.condition_id,
            "area": item.area.code,
            "level": item.level,
            "organisation": item.organisation_id,
            "who": item.who,
            "role": item.role,
            "legal_basis": item.legal_basis,
            "valid_from": item.valid_from,
            "valid_to": item.valid_to,
            "version": item.version,
        },
    )
