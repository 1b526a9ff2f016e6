"""Reads of the catalogue and of the responsibility list."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import connection, models
from django.db.models import F, Prefetch, Q
from django.db.models.functions import Length

from parties.querysets import upwards

if TYPE_CHECKING:
    from cases.models.catalogue import Category, FilingCondition
    from parties.acting import Actor


def lock_standard(standard_ref: str) -> None:
    """Hold the standard until the transaction ends: one import of it at a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"catalogue:{standard_ref}"]
        )


def _compact(category: "Category") -> dict[str, Any]:
    return {
        "id": category.pk,
        "code": category.code5,
        "name": category.name,
        "plain": category.plain_words,
        "pinyin": category.pinyin.strip(),
        "spot": category.self_resolvable,
        "urgent": category.urgent_default,
        "unit": category.handling_unit,
        "alike": [[one["code5"], one["hint"]] for one in category.confusables],
        "questions": [_asked(one) for one in category.active_questions],
        "conditions": [
            [one.text, one.limit_text] for one in category.active_conditions
        ],
    }


def _asked(question: Any) -> dict[str, Any]:
    asked = {
        "id": question.pk,
        "label": question.label,
        "kind": question.kind,
        "options": question.options,
        "required": question.is_required,
        "help": question.help_text,
    }
    return {name: value for name, value in asked.items() if value}


class CategoryQuerySet(models.QuerySet[Any]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def under(self, standard_ref: str) -> Self:
        return self.filter(standard_ref=standard_ref)

    def confused_with(self, category: "Category") -> Self:
        """The category itself and those easily taken for it (DOMAIN B.4).

        One of the two need name the other; 部件 and 事项 of one code count as well.
        """
        named = [one["code5"] for one in category.confusables]
        return self.under(category.standard_ref).filter(
            Q(code5__in=[category.code5, *named])
            | Q(confusables__contains=[{"code5": category.code5}])
        )

    def search(self, text: str) -> Self:
        """Categories matching every word of `text`, best match first.

        A word is looked for in the code, the name, the everyday words, and, as full
        pinyin or initials, in `pinyin`.
        """
        found = self
        words = text.split()
        for word in words:
            found = found.filter(
                Q(code5__startswith=word)
                | Q(name__icontains=word)
                | Q(plain_words__icontains=word)
                | Q(pinyin__contains=f" {word.lower()}")
            )
        named = Q(name__icontains=words[0]) if words else Q()
        return found.annotate(
            is_named=models.ExpressionWrapper(named, models.BooleanField())
            if words
            else models.Value(True)
        ).order_by("-is_named", "code5", "kind", "id")

    def majors(self) -> list[tuple[str, str]]:
        """大类 as (code, name), by code; where standards differ, one of the names."""
        rows = self.values_list("parent_code", "major_name").order_by(
            "parent_code", "major_name"
        )
        return list(dict(rows.distinct()).items())

    def standards(self) -> list[str]:
        rows = self.values_list("standard_ref", flat=True)
        return list(rows.distinct().order_by("standard_ref"))

    def with_conditions(self) -> Self:
        """With the conditions in force as `active_conditions`, in their order."""
        conditions = self.model._meta.get_field("conditions").related_model
        return self.prefetch_related(
            Prefetch(
                "conditions",
                conditions.objects.filter(is_active=True).order_by("order", "id"),
                to_attr="active_conditions",
            )
        )

    def with_questions(self) -> Self:
        """With the extra questions that are asked as `active_questions`, in order."""
        questions = self.model._meta.get_field("questions").related_model
        return self.prefetch_related(
            Prefetch(
                "questions",
                questions.objects.filter(is_active=True).order_by("order", "id"),
                to_attr="active_questions",
            )
        )

    def compact(self) -> list[dict[str, Any]]:
        """What the phone keeps for filing without a signal; empty facts left out."""
        found = self.with_conditions().with_questions()
        found = found.order_by("code5", "kind", "id")
        return [
            {name: value for name, value in _compact(one).items() if value}
            for one in found
        ]

    def with_responsibilities(self, at_date: date, actor: "Actor") -> Self:
        """With the items valid on the day and in sight as `valid_responsibilities`,
        lead first."""
        items = self.model._meta.get_field("responsibilities").related_model
        return self.prefetch_related(
            Prefetch(
                "responsibilities",
                items.objects.valid(at_date)
                .in_sight_of(actor)
                .select_related("organisation", "area", "condition")
                .order_by("role", "area__code", "condition__order", "id"),
                to_attr="valid_responsibilities",
            )
        )


class ResponsibilityItemQuerySet(models.QuerySet[Any]):
    def valid(self, at_date: date) -> Self:
        return self.filter(
            Q(valid_to=None) | Q(valid_to__gt=at_date), valid_from__lte=at_date
        )

    def in_sight_of(self, actor: "Actor") -> Self:
        """Those that hold where the person acts; all when the post has no area."""
        own = actor.area_code
        if not own:
            return self
        return self.filter(
            Q(area__code__startswith=own) | Q(area__code__in=upwards(own))
        )

    def matching(
        self,
        category: "Category",
        condition: "FilingCondition | None",
        codes: Iterable[str],
        at_date: date,
    ) -> Self:
        """Who answers for a case, the most specific item first.

        `codes` are the codes of the areas that hold the case, city down to grid. Items
        of the condition go before items of the category, then the deepest area, then
        the lead before supports.
        """
        return (
            self.valid(at_date)
            .filter(
                Q(condition=None) | Q(condition=condition),
                category=category,
                area__code__in=list(codes),
            )
            .select_related("organisation", "area", "condition")
            .order_by(
                F("condition").asc(nulls_last=True),
                Length("area__code").desc(),
                "role",
                "id",
            )
        )
