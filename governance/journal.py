"""Check the journal, and pin it with anchors (DESIGN: Journal).

A chain shows a changed event. It does not show that its newest events were cut off;
for that, the heads of all chains are pinned by one digest a day. The anchors are
chained too, and `WANGGE_ANCHOR_FILE` may name a file on another machine's disk that
keeps them out of reach of whoever can write to the database.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from governance.events import canonical, digest_of
from governance.models import Anchor, Event

_HEADS_SQL = """
SELECT DISTINCT ON (chain COLLATE "C") chain, seq, hash FROM governance_event
WHERE id BETWEEN %(first)s AND %(last)s
ORDER BY chain COLLATE "C", seq DESC
"""


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: a chain and a seq, or an anchor."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}：{self.what}"


def verify(chain: str | None = None) -> Iterator[Fault]:
    """Every fault of one chain, or of all chains, the anchors and the anchor file."""
    events = Event.objects.order_by("chain", "seq")
    yield from _verify_chains(events.filter(chain=chain) if chain else events)
    if chain is None:
        yield from _verify_anchors()
        yield from _verify_anchor_file()


def _verify_chains(events: QuerySet[Event]) -> Iterator[Fault]:
    chain, seq, head = "", 0, ""
    for event in events.iterator(chunk_size=2000):
        if event.chain != chain:
            chain, seq, head = event.chain, 0, ""
        where = f"{event.chain}#{event.seq}"
        if event.seq != seq + 1:
            yield Fault(where, f"前面缺少流水，上一条序号是 {seq}")
        elif event.prev_hash != head:
            yield Fault(where, "与上一条流水衔接不上")
        if digest_of(event) != event.hash:
            yield Fault(where, "内容与摘要不符，流水被改动过")
        seq, head = event.seq, event.hash


def _verify_anchors() -> Iterator[Fault]:
    last, head = 0, ""
    for anchor in Anchor.objects.order_by("id").iterator():
        where = f"锚点 {anchor.pk}（{anchor.at:%Y-%m-%d %H:%M}）"
        if anchor.prev_hash != head or anchor.first_event_id != last + 1:
            yield Fault(where, "与上一个锚点衔接不上")
        if _hash_of(anchor) != anchor.hash:
            yield Fault(where, "内容与摘要不符，锚点被改动过")
        if (anchor.digest, anchor.chains) != _heads(
            anchor.first_event_id, anchor.last_event_id
        ):
            yield Fault(where, "锚定之后有流水被删除或改动")
        last, head = anchor.last_event_id, anchor.hash


def _verify_anchor_file() -> Iterator[Fault]:
    if not settings.ANCHOR_FILE or not Path(settings.ANCHOR_FILE).exists():
        return
    known = set(Anchor.objects.values_list("hash", flat=True))
    text = Path(settings.ANCHOR_FILE).read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        where, kept = f"锚点文件第 {number} 行", _hash_in(line)
        if not kept:
            yield Fault(where, "不是锚点的记录，文件损坏或被改动过")
        elif kept not in known:
            yield Fault(where, "数据库中没有这个锚点")


def _hash_in(line: str) -> str:
    """Of an anchor written down; empty where somebody wrote something else."""
    try:
        kept = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    return str(kept.get("hash", "")) if isinstance(kept, dict) else ""


def anchored_since(at: datetime) -> bool:
    return Anchor.objects.filter(at__gt=at).exists()


def all_anchored(before: datetime) -> bool:
    """Whether no event from before this moment waits for its anchor."""
    last = Anchor.objects.order_by("-id").values_list("last_event_id", flat=True)
    waiting = Event.objects.filter(id__gt=last.first() or 0, at__lt=before)
    return not waiting.exists()


@transaction.atomic
def anchor(*, at: datetime) -> Anchor | None:
    """Pin the heads of the chains that grew since the last anchor; None when none did.

    Waits, for at most three seconds, until no writer is under way: an event that is
    committed later must not carry a smaller id than the anchor's last one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '3s'")
        cursor.execute("LOCK TABLE governance_event IN SHARE MODE")
    before = Anchor.objects.order_by("-id").first()
    first = before.last_event_id + 1 if before else 1
    newest = Event.objects.order_by("-id").values_list("id", flat=True).first()
    if newest is None or newest < first:
        return None
    digest, chains = _heads(first, newest)
    row = Anchor(
        at=at,
        first_event_id=first,
        last_event_id=newest,
        chains=chains,
        digest=digest,
        prev_hash=before.hash if before else "",
    )
    row.hash = _hash_of(row)
    row.save(force_insert=True)
    transaction.on_commit(lambda: _append(row))
    return row


def _heads(first: int, last: int) -> tuple[str, int]:
    """Digest and number of the chain heads among the events of this range of ids."""
    digest, chains = hashlib.sha256(), 0
    with connection.cursor() as cursor:
        cursor.execute(_HEADS_SQL, {"first": first, "last": last})
        for chain, seq, head in cursor.fetchall():
            digest.update(f"{chain}#{seq} {head}\n".encode())
            chains += 1
    return digest.hexdigest(), chains


def _hash_of(anchor: Anchor) -> str:
    return hashlib.sha256(canonical(_facts(anchor)).encode()).hexdigest()


def _facts(anchor: Anchor) -> dict[str, object]:
    return {
        "at": anchor.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "first": anchor.first_event_id,
        "last": anchor.last_event_id,
        "chains": anchor.chains,
        "digest": anchor.digest,
        "prev": anchor.prev_hash,
    }


def _append(anchor: Anchor) -> None:
    if not settings.ANCHOR_FILE:
        return
    with Path(settings.ANCHOR_FILE).open("a", encoding="utf-8") as file:
        file.write(canonical({**_facts(anchor), "hash": anchor.hash}) + "\n")
        file.flush()
        os.fsync(file.fileno())
