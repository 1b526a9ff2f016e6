"""Bring a table in: upload, check, look, confirm; all of it or nothing (DOMAIN E.4)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from cases.catalogue_rows import Fault
from cases.workbooks import error_workbook
from exchange import files
from exchange.actions.sweeping import sweep
from exchange.files import Found
from exchange.kinds import BY_CODE, Kind
from exchange.lines import Lines, Status
from exchange.models import Import
from governance import events
from governance.errors import Refused
from governance.spreadsheets import counted
from parties.acting import Actor
from parties.models import Posting

CONTENT, ERRORS = "content", "errors"
State = Import.State


@transaction.atomic
def upload(
    *,
    kind: str,
    name: str,
    chunks: Iterable[bytes],
    options: Mapping[str, str],
    language: str = "zh-hans",
    actor: Actor,
    at: datetime,
) -> Import:
    """Keep a file and have it checked in the background, which speaks `language`.

    Raises Refused at once for what is no table; nothing of that stays.
    """
    chosen = BY_CODE[kind]
    chosen.must_keep(actor, at)
    sweep()
    suffix = Path(name).suffix.lower()
    if suffix not in chosen.suffixes:
        raise Refused(
            _("只接受 %(kinds)s 文件，请另存后上传。")
            % {"kinds": "、".join(chosen.suffixes)},
            code="suffix",
            field="file",
        )
    kept = Import(
        kind=kind,
        name=name[-200:],
        options=dict(options),
        language=language,
        user_id=actor.user_id or 0,
        posting_id=actor.posting_id or 0,
        created_at=at,
    )
    path = kept.place.make() / f"{CONTENT}{suffix}"
    try:
        with path.open("wb") as file:
            file.writelines(chunks)
        files.must_be_table(path)
    except Refused:
        kept.place.remove()
        raise
    kept.save()
    events.record(
        chain=kept.chain,
        action="exchange.upload",
        actor=actor,
        at=at,
        detail={"kind": kind, "name": kept.name, "bytes": path.stat().st_size},
        follow=[
            events.Follow(
                task="exchange.tasks.check_import", args={"import_id": kept.pk}
            )
        ],
    )
    return kept


@transaction.atomic
def check_import(*, import_id: int, at: datetime) -> None:
    """Read the file and judge every line; what it says waits for confirmation."""
    kept = Import.objects.select_for_update().get(pk=import_id)
    if kept.state != State.CHECKING:
        return
    try:
        with translation.override(kept.language):
            _check(kept, at)
    except Refused as refused:
        kept.state, kept.refusal = State.REFUSED, str(refused)
        transaction.on_commit(kept.place.remove)
    kept.checked_at = at
    kept.save(update_fields=["state", "counts", "notes", "refusal", "checked_at"])
    events.record(
        chain=kept.chain,
        action="exchange.check_import",
        actor=Actor.system(),
        at=at,
        detail={"state": kept.state, "counts": kept.counts, "refusal": kept.refusal},
    )


def _check(kept: Import, at: datetime) -> None:
    kind, path = BY_CODE[kept.kind], content_of(kept)
    checked = kind.check(path, kept.options, at)
    lines = Lines(kept.place.make())
    kept.counts = lines.write(counted(checked.lines, kept.place.report))
    if not sum(kept.counts.values()):
        raise Refused(_("表格里没有数据行，请按模板填写后上传。"), code="empty")
    kept.notes = checked.notes
    kept.state = State.CHECKED
    if kept.wrong:
        _mark(kept, kind, path, checked.found, lines)


def _mark(kept: Import, kind: Kind, path: Path, found: Found, lines: Lines) -> None:
    """The original with a column 错误原因, beside it."""
    out = kept.place.folder / f"{ERRORS}{path.suffix}"
    wrong = lines.each(Status.WRONG)
    if found.header:
        words = ((one.row, "；".join(one.reasons)) for one in wrong)
        files.mark(path, out, found, words)
        return
    faults = [
        Fault(one.values["sheet"], one.row, "；".join(one.reasons)) for one in wrong
    ]
    out.write_bytes(error_workbook(path, faults))


@transaction.atomic
def confirm_import(*, import_id: int, actor: Actor, at: datetime) -> Import:
    """Have what the preview showed written, as one whole."""
    kept: Import = (
        Import.objects.select_for_update().visible_to(actor).get(pk=import_id)
    )
    BY_CODE[kept.kind].must_keep(actor, at)
    if kept.state != State.CHECKED:
        raise Refused(_("这次导入已经处理过，请重新上传文件。"), code="state")
    if kept.wrong:
        raise Refused(
            _("有 %(n)d 行不能导入，数据没有改动。请下载错误文件，改正后重新上传。")
            % {"n": kept.wrong},
            code="wrong",
        )
    if not kept.moving:
        raise Refused(_("文件与现有数据完全一致，没有要导入的。"), code="same")
    if not content_of(kept).exists():
        raise Refused(_("预览已过期，请重新上传文件。"), code="expired")
    kept.state = State.WRITING
    kept.place.report(0, sum(kept.counts.values()))
    kept.save(update_fields=["state"])
    events.record(
        chain=kept.chain,
        action="exchange.confirm_import",
        actor=actor,
        at=at,
        detail={"counts": kept.counts},
        follow=[
            events.Follow(
                task="exchange.tasks.write_import", args={"import_id": kept.pk}
            )
        ],
    )
    return kept


@transaction.atomic
def write_import(*, import_id: int, at: datetime) -> None:
    """Write all lines through the actions of their floors, or none of them.

    All in one transaction: when the worker dies in the middle nothing is in, and
    the job that comes back begins anew.
    """
    kept = Import.objects.select_for_update().get(pk=import_id)
    if kept.state != State.WRITING:
        return
    actor = _actor_of(kept, at)
    try:
        with transaction.atomic(), translation.override(kept.language):
            _write(kept, actor, at)
        kept.state = State.DONE
    except Refused as refused:
        kept.state, kept.refusal = State.REFUSED, str(refused)
    except IntegrityError:
        kept.state = State.REFUSED
        with translation.override(kept.language):
            kept.refusal = _("文件里的数据与库中的冲突，全部没有导入。请重新检查。")
    kept.done_at = at
    kept.save(update_fields=["state", "refusal", "done_at"])
    # Not before: a worker that dies here is followed by another, who needs the lines.
    transaction.on_commit(kept.place.remove)
    events.record(
        chain=kept.chain,
        action="exchange.write_import",
        actor=actor,
        at=at,
        detail={"state": kept.state, "counts": kept.counts, "refusal": kept.refusal},
    )


def _write(kept: Import, actor: Actor, at: datetime) -> None:
    BY_CODE[kept.kind].must_keep(actor, at)
    kind, total = BY_CODE[kept.kind], sum(kept.counts.values())
    lines = Lines(kept.place.folder)
    if not lines.path.exists():
        raise Refused(_("上传的文件已被清理，没有导入，请重新上传。"), code="gone")
    for done in kind.write(lines.all(), kept.options, actor, at):
        if done % 200 == 0:
            kept.place.report(done, total)


def _actor_of(kept: Import, at: datetime) -> Actor:
    """Whoever confirmed, if still in that post; else somebody who may do nothing."""
    posting = Posting.objects.current(at).with_post().filter(pk=kept.posting_id).first()
    return Actor.of(posting) if posting else Actor(kept.user_id, str(kept.user))


@transaction.atomic
def drop_import(*, import_id: int, actor: Actor, at: datetime) -> None:
    """Throw a checked file away."""
    kept: Import = (
        Import.objects.select_for_update().visible_to(actor).get(pk=import_id)
    )
    if kept.state != State.CHECKED:
        raise Refused(_("这次导入已经处理过。"), code="state")
    kept.state, kept.refusal = State.REFUSED, _("已放弃。")
    kept.save(update_fields=["state", "refusal"])
    transaction.on_commit(kept.place.remove)
    events.record(chain=kept.chain, action="exchange.drop_import", actor=actor, at=at)


def content_of(kept: Import) -> Path:
    return kept.place.folder / f"{CONTENT}{Path(kept.name).suffix.lower()}"


def errors_of(kept: Import) -> Path:
    return kept.place.folder / f"{ERRORS}{Path(kept.name).suffix.lower()}"
