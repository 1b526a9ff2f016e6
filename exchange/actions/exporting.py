"""Take a list out as a file: asked for, written, downloaded, each in the journal."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from exchange.actions.sweeping import KEPT, sweep
from exchange.models import Export
from governance import events
from governance.errors import Refused
from governance.spreadsheets import Sheet, counted, write_csv, write_xlsx
from parties.acting import Actor
from parties.models import Posting

MOST_ROWS = 500_000
AT_ONCE = 2000
State = Export.State


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """What a list has to say: `rows` are read when it is written."""

    title: str
    headings: Sequence[str]
    widths: Sequence[int]
    rows: Callable[[], Iterable[Sequence[Any]]]
    n: int
    sensitive: bool

    @property
    def is_long(self) -> bool:
        """Too long to be waited for: it is written in the background."""
        return self.n > AT_ONCE


@transaction.atomic
def request_export(
    *,
    listing: str,
    query: str,
    outgoing: Outgoing,
    file_format: str,
    purpose: str,
    language: str = "zh-hans",
    actor: Actor,
    at: datetime,
) -> Export:
    """Ask for a list; a purpose has to be given for one with personal data. A short
    list is there at once, a long one is written in the background."""
    purpose = purpose.strip()
    if outgoing.sensitive and not purpose:
        raise Refused(
            _("这份清单含个人信息，请填写用途。"), code="purpose", field="purpose"
        )
    if outgoing.n > MOST_ROWS:
        raise Refused(
            _("清单有 %(n)d 行，一次最多导出 %(most)d 行，请先缩小范围。")
            % {"n": outgoing.n, "most": MOST_ROWS},
            code="too_many",
        )
    sweep()
    export = Export.objects.create(
        listing=listing,
        title=outgoing.title,
        query=query,
        format=file_format,
        purpose=purpose[:100],
        language=language,
        user_id=actor.user_id or 0,
        posting_id=actor.posting_id or 0,
        total=outgoing.n,
        created_at=at,
        expires_at=at + KEPT,
    )
    export.place.report(0, outgoing.n)
    follow = events.Follow(
        task="exchange.tasks.run_export", args={"export_id": export.pk}
    )
    events.record(
        chain=export.chain,
        action="exchange.request_export",
        actor=actor,
        at=at,
        detail={
            "listing": listing,
            "query": query,
            "format": file_format,
            "purpose": export.purpose,
            "rows": outgoing.n,
        },
        follow=[follow] if outgoing.is_long else [],
    )
    if outgoing.is_long:
        return export
    return produce(export_id=export.pk, outgoing=outgoing, actor=actor, at=at)


@transaction.atomic
def produce(
    *, export_id: int, outgoing: Outgoing, actor: Actor, at: datetime
) -> Export:
    """Write the file; `outgoing` was read with the rights of now."""
    export = Export.objects.select_for_update().get(pk=export_id)
    if export.state != State.WAITING:
        return export
    path = file_of(export)
    export.place.make()

    def tell(done: int) -> None:
        export.place.report(done, outgoing.n)

    sheet = _sheet(export, outgoing, actor, counted(outgoing.rows(), tell))
    write = write_xlsx if export.format == Export.Format.XLSX else write_csv
    export.total = write(path, sheet)
    export.state, export.done_at = State.DONE, at
    export.save(update_fields=["state", "total", "done_at"])
    events.record(
        chain=export.chain,
        action="exchange.produce",
        actor=actor,
        at=at,
        detail={"rows": export.total, "bytes": path.stat().st_size},
    )
    return export


def _sheet(
    export: Export, outgoing: Outgoing, actor: Actor, rows: Iterable[Sequence[Any]]
) -> Sheet:
    """Who, when and what for stands above a list with personal data, else below."""
    when = f"{localtime(export.created_at):%Y-%m-%d %H:%M}"
    who = f"{actor.name}（{actor.organisation_name}·{actor.post_name}）"
    mark = f"导出：{who} {when}"
    if export.purpose:
        mark += f" 用途：{export.purpose}"
    if outgoing.sensitive:
        mark += " 含个人信息，仅限本人工作使用，不得外传"
    return Sheet(
        title=outgoing.title,
        headings=outgoing.headings,
        widths=outgoing.widths,
        rows=rows,
        above=[mark] if outgoing.sensitive else [],
        below=[mark],
        author=actor.name,
        mark=f"{mark} {export.token}",
    )


@transaction.atomic
def refuse_export(*, export_id: int, words: str, at: datetime) -> None:
    """The list may not be read any more: say so, and leave no file."""
    export = Export.objects.select_for_update().get(pk=export_id)
    if export.state != State.WAITING:
        return
    export.state, export.refusal, export.done_at = State.REFUSED, words, at
    export.save(update_fields=["state", "refusal", "done_at"])
    transaction.on_commit(export.place.remove)
    events.record(
        chain=export.chain,
        action="exchange.refuse_export",
        actor=Actor.system(),
        at=at,
        detail={"reason": words},
    )


@transaction.atomic
def download(*, export_id: int, actor: Actor, at: datetime) -> Path:
    """The file, for the one who asked for it, in the same post, in time."""
    export: Export = (
        Export.objects.select_for_update().visible_to(actor).get(pk=export_id)
    )
    path = file_of(export)
    if export.state != State.DONE or at >= export.expires_at or not path.exists():
        raise Refused(_("下载链接已过期，请回到清单重新导出。"), code="expired")
    Export.objects.filter(pk=export.pk).update(downloads=F("downloads") + 1)
    events.record(
        chain=export.chain,
        action="exchange.download",
        actor=actor,
        at=at,
        detail={"ip": actor.ip},
    )
    return path


def exporter(export: Export, at: datetime) -> Posting | None:
    """The post in which it was asked for, while it is in force."""
    found = Posting.objects.current(at).with_post()
    return found.filter(pk=export.posting_id).first()


def file_of(export: Export) -> Path:
    return export.place.folder / f"list.{export.format}"
