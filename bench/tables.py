"""Row 5: tables of hundreds of thousands of rows, out of a million cases and in.

Out: what the worker does for a list of the desk, from its statement to the finished
workbook. In: a table of people with phones and posts, checked and written. Each runs in
a fresh process, so that its memory can be told, and in a transaction that is taken
back, so that a kept database stays as it was. Beside each stand the statements alone:
the rows of the list fetched, and the insertions of the table sent again.
"""

import csv
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from django.db import connection, transaction

from bench import fresh, million, people, script
from exchange import actions
from exchange.http import outgoing_again
from exchange.kinds import BY_CODE
from exchange.models import Export, Import
from governance import clock
from parties.acting import Actor
from parties.models import Organisation, Post, Posting, User
from parties.roles import Role

LISTING, NARROWED = "desk", "queue=closed&q=路"
PEOPLE = 200_000
PART = 2000  # of the people; their statements are sent again
CHUNK = 2000
PHONES = 13_000_000_000


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows a second of the product, of its processor alone, and of its statements;
    megabytes of the process before and at the most."""

    name: str
    rows: int
    product: float
    python: float
    database: float
    before: int
    highest: int

    @property
    def ratio(self) -> float:
        return self.product / self.database


def measured(*, cases: int) -> Iterator[Table]:
    million.built(cases)
    yield fresh.result(taken_out, LISTING, NARROWED)
    yield fresh.result(brought_in, PEOPLE)


def taken_out(code: str, query: str) -> Table:
    """Whoever sees the whole city takes a list out as a workbook."""
    with _undone():
        of_role = Posting.objects.filter(post__role=Role.CITY_COMMAND)
        asked = Export(listing=code, query=query, posting=of_role.order_by("pk")[0])
        wanted, actor = outgoing_again(asked)
        at = clock.now()
        export = actions.request_export(
            listing=code, query=query, outgoing=wanted, file_format="xlsx",
            purpose="bench", language="zh-hans", actor=actor, at=at,
        )  # fmt: skip
        before, worked = _megabytes("VmRSS"), time.process_time()
        begun = time.perf_counter()
        actions.produce(export_id=export.pk, outgoing=wanted, actor=actor, at=at)
        took, worked = time.perf_counter() - begun, time.process_time() - worked
        highest = _megabytes("VmHWM")
        (statement,) = script.sent(lambda: next(iter(wanted.rows()), None))
        begun = time.perf_counter()
        _fetch(statement)
        alone = time.perf_counter() - begun
        export.place.remove()
        return Table(
            name="out: cases of the desk",
            rows=wanted.n,
            product=wanted.n / took,
            python=wanted.n / worked,
            database=wanted.n / alone,
            before=before,
            highest=highest,
        )


def brought_in(many: int) -> Table:
    """Upload, check, confirm and write; each person has a phone and a post."""
    with _undone():
        actor, unit = _administrator()
        before, worked = _megabytes("VmRSS"), time.process_time()
        begun = time.perf_counter()
        kept = _written(_people(many, unit), actor)
        took, worked = time.perf_counter() - begun, time.process_time() - worked
        highest = _megabytes("VmHWM")
    with _undone():
        actor, unit = _administrator()
        with _undone():
            sent = script.sent(lambda: _written(_people(PART, unit), actor))
        insertions = [one for one in sent if one.startswith("INSERT")]
        begun = time.perf_counter()
        with connection.cursor() as cursor:
            for one in insertions:
                cursor.execute(one)
        alone = time.perf_counter() - begun
    return Table(
        name="in: people, phones, posts",
        rows=kept.counts["new"],
        product=many / took,
        python=many / worked,
        database=PART / alone,
        before=before,
        highest=highest,
    )


def _written(chunks: Iterator[bytes], actor: Actor) -> Import:
    kept = actions.upload(
        kind="people", name="people.csv", chunks=chunks, options={},
        language="zh-hans", actor=actor, at=clock.now(),
    )  # fmt: skip
    try:
        actions.check_import(import_id=kept.pk, at=clock.now())
        actions.confirm_import(import_id=kept.pk, actor=actor, at=clock.now())
        actions.write_import(import_id=kept.pk, at=clock.now())
        kept.refresh_from_db()
        if kept.state != Import.State.DONE:
            raise RuntimeError(kept.refusal)
    finally:
        kept.place.remove()
    return kept


def _people(many: int, unit: str) -> Iterator[bytes]:
    names = [one.name for one in BY_CODE["people"].columns]
    yield _line(names)
    for number in range(many):
        given = {
            "账号": f"bench-{number}", "姓名": f"人{number}", "单位": unit,
            "手机号": str(PHONES + number), "角色": "部门联络员",
        }  # fmt: skip
        yield _line([given.get(name, "") for name in names])


def _line(cells: Sequence[str]) -> bytes:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _administrator() -> tuple[Actor, str]:
    """Somebody who may import people, and a unit for them.

    The city's people have numbers of their own, which the sequences do not know.
    """
    with connection.cursor() as cursor:
        for table in people.TABLES:
            number = "setval(pg_get_serial_sequence(%s, 'id'), 1 + max(id))"
            cursor.execute(f"SELECT {number} FROM {table}", [table])  # noqa: S608
    unit = Organisation.objects.create(name="表格测量局", kind="department", level=2)
    user = User.objects.create(username="bench", name="管理员")
    post = Post.objects.create(
        role=Role.SECURITY_ADMIN, organisation=unit, name="安全管理员"
    )
    Posting.objects.create(user=user, post=post, starts_at=clock.now())
    return Actor.of(Posting.objects.with_post().get(user=user)), unit.name


def _fetch(statement: str) -> None:
    """All rows, a part at a time as the product reads them, and nothing done."""
    with connection.connection.cursor("bench") as cursor:
        cursor.execute(statement)
        while cursor.fetchmany(CHUNK):
            pass


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _megabytes(what: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{what}:")[1].split()[0]) // 1024
