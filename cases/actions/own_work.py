"""Drafts of forms, and who looks at a case. Neither is journalled: a draft is nothing
that anybody did, and looking at an ordinary case is nobody's business a day later."""

from datetime import datetime, timedelta

from django.db import transaction

from cases.models import CaseViewer, FormDraft
from cases.querysets.own_work import GONE

FORGOTTEN = timedelta(days=30)


@transaction.atomic
def keep_draft(
    *,
    case_id: int,
    action: str,
    fields: dict[str, list[str]],
    seen: str,
    user_id: int,
    at: datetime,
) -> FormDraft:
    """Save what is typed so far, in place of what was saved before (FEATURES 56).

    A person's drafts of a month ago are put away with it.
    """
    FormDraft.objects.filter(user=user_id, saved_at__lt=at - FORGOTTEN).delete()
    draft, _created = FormDraft.objects.update_or_create(
        user_id=user_id,
        case_id=case_id,
        action=action,
        defaults={"fields": fields, "seen": seen, "saved_at": at},
    )
    return draft


def drop_draft(*, case_id: int, action: str, user_id: int) -> None:
    """Sent, or discarded by its owner."""
    found = FormDraft.objects.filter(user=user_id, case=case_id, action=action)
    found.delete()


@transaction.atomic
def look_at(*, case_id: int, user_id: int, at: datetime) -> None:
    """Note that this person has the case open now, and forget who has gone."""
    gone = CaseViewer.objects.filter(case=case_id, seen_at__lt=at - 2 * GONE)
    gone.exclude(user=user_id).delete()
    CaseViewer.objects.bulk_create(
        [CaseViewer(case_id=case_id, user_id=user_id, seen_at=at)],
        update_conflicts=True,
        unique_fields=["case", "user"],
        update_fields=["seen_at"],
    )
