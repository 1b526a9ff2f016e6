"""An `Idempotency-Key`: the same request again is answered and not done again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doors.models import KeptAnswer
from governance.errors import Refused

KEPT_FOR = timedelta(days=2)


class KeyReused(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("这个 Idempotency-Key 已经用于另一个请求，请换一个新的。"),
            code="idempotency_key_reused",
        )


@dataclass(frozen=True)
class Done:
    status: int
    body: Any
    headers: dict[str, str]
    is_replayed: bool


@transaction.atomic
def answer_once(
    *,
    owner: str,
    key: str,
    digest: str,
    at: datetime,
    act: Callable[[], tuple[int, Any, dict[str, str]]],
) -> Done:
    """Does `act` in the transaction that keeps its answer: status, body and the
    headers that say something of it.

    What was refused is not kept, so that it may be mended and sent again. A second
    request waits for the first. Raises KeyReused when the content differs.
    """
    KeptAnswer.objects.filter(owner=owner, created_at__lt=at - KEPT_FOR).delete()
    kept, is_new = KeptAnswer.objects.get_or_create(
        owner=owner, key=key, defaults={"digest": digest, "created_at": at}
    )
    if not is_new:
        if kept.digest != digest:
            raise KeyReused
        return Done(kept.status, kept.body, kept.headers, is_replayed=True)
    kept.status, kept.body, kept.headers = act()
    if kept.status >= 400:
        transaction.set_rollback(True)
    else:
        kept.save(update_fields=["status", "body", "headers"])
    return Done(kept.status, kept.body, kept.headers, is_replayed=False)
