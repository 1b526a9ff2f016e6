"""Drafts of forms, and who looks at a case. Neither is journalled: a draft is nothing
that anybody did, and looking at an ordinary case is nobody's business a day later."""

from datetime import datetime, timedelta

from django.db import transaction

from cases.models import Case, CaseViewer, FormDraft
from cases.querysets.own_work import GONE
from governance.models import Event

FORGOTTEN = timedelta(days=30)
# The Events of a step where they are not all called as it is.
RECORDED_AS = {
    "whistle": ("whistle", "draft_whistle"),
    "add_support": ("add_support", "draft_support"),
    "sign_support": ("add_support",),
}


@transaction.atomic
def keep_draft(
    *,
    case_id: int,
    action: str,
    fields: dict[str, list[str]],
    seen: str,
    last_seen: int | None,
    user_id: int,
    at: datetime,
) -> FormDraft | None:
    """Save what is typed so far, in place of what was saved before (FEATURES 56).

    None when this person did the step after Event number `last_seen`, the last there
    was when the page was opened: what was still on its way then is no draft any more.
    A person's drafts of a month ago are put away with it.
    """
    # Behind the step itself, which holds the case until its Event is there.
    case = Case.objects.select_for_update(no_key=True).get(pk=case_id)
    if last_seen is not None and _was_sent(case, action, last_seen, user_id):
        return None
    FormDraft.objects.filter(user=user_id, saved_at__lt=at - FORGOTTEN).delete()
    draft, _created = FormDraft.objects.update_or_create(
        user_id=user_id,
        case_id=case_id,
        action=action,
        defaults={"fields": fields, "seen": seen, "saved_at": at},
    )
    return draft


def _was_sent(case: Case, action: str, last_seen: int, user_id: int) -> bool:
    verbs = RECORDED_AS.get(action, (action,))
    return Event.objects.filter(
        chain=case.chain,
        seq__gt=last_seen,
        action__in=[f"cases.{verb}" for verb in verbs],
        actor__user_id=user_id,
    ).exists()


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
