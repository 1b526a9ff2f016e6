"""Row 2: a grid worker files a case with one photo.

The photo itself was uploaded before, as it is on the phone; here its row is tied to
the case. pgbench runs what `cases.actions.report` sends, recorded in the same run.
"""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count

from django.db import connection

from bench import city, script
from bench.row import Row
from cases import actions
from cases.models import Category
from governance.actions import install_defaults
from governance.identity import SYSTEM
from grids.codes import Level
from grids.models import Area
from parties.acting import Actor
from parties.models import Organisation, Post, Posting, User
from parties.roles import Role

COMMUNITY = "990101001001"
DISTRICT = COMMUNITY[:6]
SPOT = (city.WEST + 0.0055, city.SOUTH + 0.0055)
FIRST_DAY = date(2026, 1, 1)
FIRST_NUMBER = 10_000  # so that all numbers of a round have five digits
PHOTOS_A_SECOND = 3000
TABLES = [
    "cases_case",
    "cases_caseclock",
    "governance_event",
    "governance_job",
]
# Photo rows like those of an upload; the batch is a number written as a UUID.
STOCK = """
INSERT INTO cases_photo (id, batch, stage, user_id, user_name, sha256, original, served,
                         thumb, width, height, size, received_at)
SELECT gen_random_uuid(), ('00000000-0000-4000-8000-' || n)::uuid, 'report', %(user)s,
       'bench', repeat('0', 64), 'o.jpg', 's.jpg', 't.jpg', 1600, 1200, 300000, %(at)s
FROM generate_series(%(first)s::bigint, %(first)s::bigint + %(many)s - 1) n
"""


class Filing:
    """The world in which is filed, and where the rounds have got to."""

    def __init__(self) -> None:
        self.actor = _grid_worker()
        self.category = Category.objects.create(
            standard_ref="bench",
            kind=Category.Kind.MATTER,
            code5="09006",
            parent_code="09",
            name="占道经营",
            major_name="街面秩序",
        )
        self.rounds = 0
        install_defaults(actor=SYSTEM, at=_at(FIRST_DAY))

    def row(self) -> Row:
        return Row(
            name="filing a case",
            product=self.prepare,
            script=self.recorded(),
            clients=(1, 2),
            before=self.next_round,
        )

    @property
    def day(self) -> date:
        """Each half of a round numbers its cases on a day of its own."""
        return FIRST_DAY + timedelta(days=self.rounds)

    def next_round(self, clients: int, seconds: int) -> dict[str, object]:
        """Lay in photos, start the numbering; answers the script's variables."""
        self.rounds += 1
        first = self.rounds * 10**9 + 10**11
        for client in range(clients):
            self._stock(first + client * 10**8, seconds * PHOTOS_A_SECOND)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO cases_casenumber (district_code, date, last) "
                "VALUES (%s, %s, %s)",
                [DISTRICT, self.day, FIRST_NUMBER],
            )
        return {
            "first": first,
            "date": f"'{self.day}'",
            "day": f"{self.day:%Y%m%d}",
        }

    def prepare(self, client: int) -> Callable[[], object]:
        numbers = count(self.rounds * 10**9 + 10**11 + client * 10**8)
        at = _at(self.day)

        def file() -> object:
            return self._report(next(numbers), at)

        return file

    def recorded(self) -> str:
        """One report, as a script whose n-th run of a client files its n-th case."""
        first = self.next_round(1, 1)["first"]
        at = _at(self.day)
        found = script.recorded(lambda: self._report(first, at), TABLES)
        found.put(f"{self.day:%Y%m%d}{FIRST_NUMBER + 1}", "day:cases_casenumber_last")
        found.put(f"'{self.day}'", "date")
        found.put(f"{first}", "number")
        return "\n".join(
            [
                "\\set number :first + :client_id * 100000000 + :done",
                "\\set done :done + 1",
                found.text(),
            ]
        )

    def _report(self, number: object, at: datetime) -> object:
        batch = uuid.UUID(f"00000000-0000-4000-8000-{number}")
        return actions.report(
            submission_id=batch,
            report=actions.Report(
                category_id=self.category.pk,
                description="人行道被摊位占满，行人只能走机动车道。",
                address="和平路12号门前",
                lng=SPOT[0],
                lat=SPOT[1],
                accuracy_m=8,
                photos=str(batch),
            ),
            actor=self.actor,
            at=at,
        )

    def _stock(self, first: int, many: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                STOCK,
                {
                    "user": self.actor.user_id,
                    "at": _at(self.day),
                    "first": first,
                    "many": many,
                },
            )


def row() -> Row:
    return Filing().row()


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 1, 30, tzinfo=UTC)


def _grid_worker() -> Actor:
    community = Area.objects.get(code=COMMUNITY)
    desk = Organisation.objects.create(
        name="社区",
        kind=Organisation.Kind.COMMUNITY,
        level=Level.COMMUNITY,
        area=community,
    )
    post = Post.objects.create(
        role=Role.GRID_WORKER,
        organisation=desk,
        area=Area.objects.get(code=f"{COMMUNITY}056"),
        name="网格员",
    )
    posting = Posting.objects.create(
        user=User.objects.create(username="bench", name="网格员"),
        post=post,
        starts_at=_at(FIRST_DAY),
        is_primary=True,
    )
    return Actor.of(Posting.objects.with_post().get(pk=posting.pk))
