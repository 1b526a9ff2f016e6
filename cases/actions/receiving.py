"""What a client sends under an id of its own making: twice is once."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Case, Submission, SubmissionConflict
from governance.errors import Refused
from parties.acting import Actor


class Conflict(Refused):
    """Other content under a known id; `keep_conflict` stores the second body."""

    def __init__(
        self, submission: Submission, digest: str, body: dict[str, Any], at: datetime
    ):
        super().__init__(
            _("这份上报已经提交过，但内容不同。两份都已保留，请联系社区受理岗核对。"),
            code="conflict",
        )
        self.kept = {"digest": digest, "body": body, "received_at": at}
        self.submission_id = submission.pk


def receive(
    submission_id: uuid.UUID,
    *,
    digest: str,
    body: dict[str, Any],
    actor: Actor,
    at: datetime,
) -> tuple[Submission, Case | None]:
    """The submission row, locked; with its case when this very content came before.

    Raises Conflict when other content, or somebody else's, came under this id.
    """
    submission, created = Submission.objects.get_or_create(
        pk=submission_id,
        defaults={
            "user_id": actor.user_id,
            "digest": digest,
            "body": body,
            "received_at": at,
        },
    )
    if created:
        return submission, None
    submission = Submission.objects.select_for_update().get(pk=submission_id)
    if submission.user_id != actor.user_id or submission.digest != digest:
        raise Conflict(submission, digest, body, at)
    return submission, submission.case


def settle(submission: Submission, case: Case) -> None:
    """From now on the answer to this submission is this case."""
    submission.case = case
    submission.save(update_fields=["case"])


@transaction.atomic
def keep_conflict(*, conflict: Conflict) -> None:
    """Called by the edge after the refused transaction has been rolled back."""
    kept = dict(conflict.kept)
    SubmissionConflict.objects.get_or_create(
        submission_id=conflict.submission_id, digest=kept.pop("digest"), defaults=kept
    )
