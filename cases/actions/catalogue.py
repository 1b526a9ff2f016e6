"""Write the catalogue and the responsibility list."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from cases.catalogue_rows import (
    CatalogueRow,
    CategoryDraft,
    ConditionDraft,
    Fault,
    draft,
)
from cases.models.catalogue import Category, FilingCondition
from cases.querysets.catalogue import lock_standard
from governance import events
from governance.calendar import Unit
from governance.errors import Refused
from parties.acting import Actor
from parties.roles import Role

NEW, UPDATED, UNCHANGED, RETIRED = "new", "updated", "unchanged", "retired"

CATEGORY_EDITABLE = frozenset(
    {
        "name",
        "plain_words",
        "self_resolvable",
        "community_matter",
        "urgent_default",
        "auto_dispatch",
        "is_confidential",
        "is_active",
        "photo_rule",
        "confusables",
        "handling_unit",
        "competent_unit",
    }
)
CONDITION_EDITABLE = frozenset(
    {
        "limit_n",
        "limit_unit",
        "stages",
        "is_unparsed",
        "closing_condition",
        "legal_basis",
        "collect_rule",
        "beyond_community",
        "order",
        "is_active",
    }
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What becomes of one filing condition; `note` says why its limit is unread."""

    status: str
    category: str
    condition: str
    limit: str
    note: str = ""
    sheet: str = ""
    row: int = 0


@dataclass
class CatalogueReport:
    """What an import does or would do; `faults` keep it from being done."""

    standard_ref: str
    categories: Counter[str] = field(default_factory=Counter)
    outcomes: list[Outcome] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def conditions(self) -> Counter[str]:
        return Counter(outcome.status for outcome in self.outcomes)

    @property
    def flagged(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.note]


class FaultyRows(Refused):
    """Nothing was imported; `report.faults` says which rows are wrong and why."""

    def __init__(self, report: CatalogueReport) -> None:
        super().__init__(
            _("有 %(count)d 行不能导入，目录没有任何改动。请改正后重新上传。")
            % {"count": len(report.faults)},
            code="faulty_rows",
        )
        self.report = report


def check_catalogue(
    *,
    rows: Iterable[CatalogueRow],
    standard_ref: str,
    units: Mapping[str, Unit] | None = None,
    faults: Iterable[Fault] = (),
) -> CatalogueReport:
    """What `import_catalogue` would do, without doing it.

    `faults` are those found while reading the file; they count like any other.
    """
    drafts, found = draft(rows, units)
    report = _compare(drafts, standard_ref).report
    report.faults = sorted([*faults, *found], key=lambda one: (one.sheet, one.row))
    return report


@transaction.atomic
def import_catalogue(
    *,
    rows: Iterable[CatalogueRow],
    standard_ref: str,
    actor: Actor,
    at: datetime,
    units: Mapping[str, Unit] | None = None,
    faults: Iterable[Fault] = (),
) -> CatalogueReport:
    """Bring a standard's rows in, all or none; doing it again changes nothing.

    A condition that its category no longer lists is retired, not deleted. A limit that
    a person has settled stands as long as its text in the file stays the same. Raises
    FaultyRows.
    """
    drafts, found = draft(rows, units)
    every = sorted([*faults, *found], key=lambda one: (one.sheet, one.row))
    if every:
        raise FaultyRows(CatalogueReport(standard_ref, faults=every))
    return publish_catalogue(
        drafts=drafts, standard_ref=standard_ref, actor=actor, at=at
    )


@transaction.atomic
def publish_catalogue(
    *,
    drafts: Iterable[CategoryDraft],
    standard_ref: str,
    actor: Actor,
    at: datetime,
) -> CatalogueReport:
    """Write categories with their conditions; one Event when anything changes."""
    drafts = list(drafts)
    must_administer(actor)
    if not standard_ref.strip() or len(standard_ref) > 50:
        raise Refused(_("请填写依据标准，不超过 50 字。"), field="standard_ref")
    if not drafts:
        raise Refused(_("没有可导入的类别。"), code="empty")
    lock_standard(standard_ref)
    comparison = _compare(drafts, standard_ref)
    comparison.write()
    report = comparison.report
    if report.changes:
        events.record(
            chain=f"catalogue:{standard_ref}",
            action="cases.import_catalogue",
            actor=actor,
            at=at,
            detail={
                "categories": dict(report.categories),
                "conditions": dict(report.conditions),
                "flagged": len(report.flagged),
                "changes": report.changes,
            },
        )
    return report


@dataclass
class _Comparison:
    """The drafts against what is stored: rows to create and to save, and the report."""

    report: CatalogueReport
    created: list[models.Model] = field(default_factory=list)
    saved: list[tuple[models.Model, list[str]]] = field(default_factory=list)

    def write(self) -> None:
        created = self.created
        Category.objects.bulk_create(
            [row for row in created if isinstance(row, Category)]
        )
        FilingCondition.objects.bulk_create(
            [row for row in created if isinstance(row, FilingCondition)]
        )
        for row, fields in self.saved:
            row.save(update_fields=fields)

    def set(self, row: models.Model, values: Mapping[str, Any]) -> str:
        """Note what of the values differs, and change the row in memory."""
        if row.pk is None:
            for name, value in values.items():
                setattr(row, name, value)
            self.created.append(row)
            self.report.changes.append({"new": str(row)})
            return NEW
        changed = _changed(row, values)
        if not changed:
            return UNCHANGED
        self.saved.append((row, list(changed)))
        self.report.changes.append({"row": str(row), "fields": changed})
        return UPDATED


def _changed(row: models.Model, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set what differs and say {field: [before, after]}."""
    changed = {}
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            changed[name] = [before, value]
            setattr(row, name, value)
    return changed


def _compare(drafts: Iterable[CategoryDraft], standard_ref: str) -> _Comparison:
    comparison = _Comparison(CatalogueReport(standard_ref))
    stored = {
        (category.kind, category.code5): category
        for category in Category.objects.under(standard_ref).prefetch_related(
            "conditions"
        )
    }
    for one in drafts:
        category = stored.get((one.kind, one.code5)) or Category(
            standard_ref=standard_ref, kind=one.kind, code5=one.code5
        )
        conditions = list(category.conditions.all()) if category.pk else []
        status = comparison.set(category, _category_values(one))
        comparison.report.categories[status] += 1
        _compare_conditions(comparison, category, one, conditions)
    return comparison


def _category_values(one: CategoryDraft) -> dict[str, Any]:
    words = [one.name, *str(one.more.get("plain_words", "")).split()]
    return {
        "name": one.name,
        "parent_code": one.code5[:2],
        "major_name": one.major_name,
        "legacy_code4": one.legacy_code4,
        "handling_unit": one.handling_unit,
        "competent_unit": one.competent_unit,
        "pinyin": spell(words),
        **_listed(one),
        **one.more,
    }


def _listed(one: CategoryDraft) -> dict[str, Any]:
    """Whether it is the community's, where the rows say so of any condition."""
    said = [
        each.is_community for each in one.conditions if each.is_community is not None
    ]
    return {"community_matter": any(said)} if said else {}


def _compare_conditions(
    comparison: _Comparison,
    category: Category,
    one: CategoryDraft,
    stored: list[FilingCondition],
) -> None:
    by_text = {condition.text: condition for condition in stored}
    for order, wanted in enumerate(one.conditions, start=1):
        condition = by_text.pop(wanted.text, None) or FilingCondition(
            category=category, text=wanted.text
        )
        status = comparison.set(condition, _condition_values(condition, wanted, order))
        comparison.report.outcomes.append(_outcome(status, one, condition, wanted))
    for condition in by_text.values():
        if condition.is_active:
            comparison.set(condition, {"is_active": False})
            comparison.report.outcomes.append(_outcome(RETIRED, one, condition))


def _condition_values(
    condition: FilingCondition, wanted: ConditionDraft, order: int
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "order": order,
        "closing_condition": wanted.closing_condition,
        "is_active": True,
    }
    if wanted.legal_basis is not None:
        values["legal_basis"] = wanted.legal_basis
    if wanted.is_community is not None:
        values["beyond_community"] = not wanted.is_community
    reading = wanted.reading
    settled = bool(condition.pk) and not condition.is_unparsed
    if reading.is_unparsed and settled and condition.raw_limit == reading.raw:
        return values
    limit = reading.limit
    return values | {
        "raw_limit": reading.raw,
        "is_unparsed": reading.is_unparsed,
        "limit_n": limit.n if limit else None,
        "limit_unit": limit.unit if limit else "",
        "stages": [stage.as_json() for stage in reading.stages],
    }


def _outcome(
    status: str,
    one: CategoryDraft,
    condition: FilingCondition,
    wanted: ConditionDraft | None = None,
) -> Outcome:
    return Outcome(
        status=status,
        category=f"{one.code5} {one.name}",
        condition=condition.text,
        limit=condition.limit_text,
        note=wanted.reading.reason if wanted and condition.is_unparsed else "",
        sheet=wanted.sheet if wanted else "",
        row=wanted.row if wanted else 0,
    )


def spell(words: Iterable[str]) -> str:
    """Full pinyin and initials of each word, a blank before each: " zhandao zd".

    `Category.objects.search` looks for a word's beginning after such a blank.
    """
    # Its dictionaries take some 20 MB, which no other process should carry.
    from pypinyin import lazy_pinyin

    spelled = ""
    for word in words:
        syllables = [one.lower() for one in lazy_pinyin(word, errors="ignore")]
        if syllables:
            initials = "".join(one[0] for one in syllables)
            spelled += f" {''.join(syllables)} {initials}"
    return spelled


@transaction.atomic
def edit_category(
    *, category_id: int, changes: Mapping[str, Any], actor: Actor, at: datetime
) -> Category:
    """Change what a standard leaves to the city; code and standard stay."""
    must_administer(actor)
    category = Category.objects.select_for_update().get(pk=category_id)
    changed = _changed(category, _only(changes, CATEGORY_EDITABLE))
    if {"name", "plain_words"} & set(changed):
        category.pinyin = spell([category.name, *category.plain_words.split()])
    _save_edited(category, category, [*changed, "pinyin"], changed, actor, at)
    return category


@transaction.atomic
def edit_condition(
    *, condition_id: int, changes: Mapping[str, Any], actor: Actor, at: datetime
) -> FilingCondition:
    """Settle a limit or complete a condition; its text and category stay."""
    must_administer(actor)
    condition = (
        FilingCondition.objects.select_for_update(of=("self",))
        .select_related("category")
        .get(pk=condition_id)
    )
    changed = _changed(condition, _only(changes, CONDITION_EDITABLE))
    _save_edited(condition, condition.category, list(changed), changed, actor, at)
    return condition


def _only(changes: Mapping[str, Any], editable: frozenset[str]) -> Mapping[str, Any]:
    if unknown := set(changes) - editable:
        raise Refused(
            _("不能修改：%(fields)s。") % {"fields": "、".join(sorted(unknown))},
            code="not_editable",
        )
    return changes


def _save_edited(
    row: models.Model,
    category: Category,
    fields: list[str],
    changed: dict[str, list[Any]],
    actor: Actor,
    at: datetime,
) -> None:
    if not changed:
        return
    row.save(update_fields=fields)
    events.record(
        chain=f"catalogue:{category.standard_ref}",
        action=f"cases.edit_{row._meta.model_name}",
        actor=actor,
        at=at,
        detail={"category": str(category), "row": str(row), "fields": changed},
    )


def must_administer(actor: Actor) -> None:
    """The catalogue and the responsibility list belong to the system administrator."""
    if not actor.is_system and actor.role != Role.SYSTEM_ADMIN:
        raise Refused(_("只有系统管理员可以维护案件目录和权责清单。"), code="role")
