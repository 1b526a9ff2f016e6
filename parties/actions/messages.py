"""Messages in the house: written for people, and marked read by them."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from parties.actions.forwarding import Message, forward
from parties.models import Importance, Notification


@transaction.atomic
def notify(
    *,
    user_ids: Iterable[int],
    kind: str,
    title: str,
    key: str,
    at: datetime,
    body: str = "",
    url: str = "",
    subject: str = "",
    urgent: bool = False,
    confidential: bool = False,
) -> None:
    """Write one message for each person; the same `key` again writes nothing.

    What goes out by channels is written beside it. Of something confidential nothing
    is said outside but that there is a message. Not journalled: the journal holds what
    the message is about.
    """
    people = sorted(set(user_ids))
    Notification.objects.bulk_create(
        [
            Notification(
                user_id=user_id,
                kind=kind,
                title=title[:120],
                body=body,
                url=url,
                subject=subject,
                key=f"{key}:{user_id}",
                urgent=urgent,
                created_at=at,
            )
            for user_id in people
        ],
        ignore_conflicts=True,
    )
    forward(
        Message(
            key=key,
            title=title[:120],
            body=body,
            url=url,
            subject=subject,
            importance=Importance.of(kind, urgent),
            confidential=confidential,
        ),
        people,
        at,
    )


def mark_read(*, user_id: int, at: datetime, ids: Iterable[int] | None = None) -> int:
    """Mark a person's own messages read, all of them without `ids`; how many were."""
    own = Notification.objects.visible_to(user_id).unread()
    if ids is not None:
        own = own.filter(pk__in=ids)
    return own.order_by().update(read_at=at)
