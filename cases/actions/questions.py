"""The extra questions of a category: set by the administrator, answered when filing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases import answers
from cases.actions.catalogue import must_administer
from cases.models import Category, Question
from governance import events
from governance.errors import Refused
from parties.acting import Actor


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A question as the administrator writes it; `choices` has one a line."""

    label: str
    kind: str
    choices: str = ""
    is_required: bool = False
    help_text: str = ""
    order: int = 1
    is_active: bool = True


@transaction.atomic
def set_question(
    *,
    category_id: int,
    wording: Wording,
    actor: Actor,
    at: datetime,
    question_id: int | None = None,
) -> Question:
    """Add a question to a category, or change one; asked from the next filing on."""
    must_administer(actor)
    category = Category.objects.select_for_update().get(pk=category_id)
    question = Question(category=category)
    if question_id is not None:
        question = category.questions.get(pk=question_id)
    before = {name: getattr(question, name) for name in asdict(wording)}
    for name, value in asdict(wording).items():
        setattr(question, name, value)
    if not question.label.strip():
        raise Refused(_("请填写问题。"), code="required", field="label")
    check_choices(question)
    changed = {
        name: [before[name] if question_id else None, value]
        for name, value in asdict(wording).items()
        if question_id is None or before[name] != value
    }
    if not changed:
        return question
    question.save()
    events.record(
        chain=f"catalogue:{category.standard_ref}",
        action="cases.set_question",
        actor=actor,
        at=at,
        detail={"category": str(category), "row": question.label, "fields": changed},
    )
    return question


def check_choices(question: Question) -> None:
    """Refused unless there are choices exactly where one chooses."""
    chooses = question.kind in answers.CHOICE_KINDS
    if chooses and len(question.options) < 2:
        raise Refused(
            _("单选、多选至少要有两个选项，每行一个。"),
            code="required",
            field="choices",
        )
    if not chooses and question.choices.strip():
        raise Refused(
            _("只有单选、多选有选项，请清空选项。"), code="choices", field="choices"
        )


def answered(
    category: Category, given: Mapping[str, Any], *, all_required: bool
) -> list[dict[str, Any]]:
    """What a case of the category keeps of the answers.

    Raises Refused at the first question that is not answered as it must be; the field
    is `answers.` and the question's id.
    """
    asked = category.questions.filter(is_active=True).order_by("order", "id")
    kept, faults = answers.check(asked, given, all_required=all_required)
    for question_id, sentence in faults.items():
        raise Refused(sentence, code="answer", field=f"answers.{question_id}")
    return kept
