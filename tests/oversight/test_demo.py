"""The demo command; its city has four weeks behind it, and still everything agrees."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases.demo import SAMPLES
from cases.models import Case
from cases.querysets import invariants
from cases.workflow import State
from governance.models import Job
from oversight import demo
from oversight.querysets import tables, tallies
from oversight.querysets.sight import Sight, days_until, month_of
from parties.acting import Actor
from parties.demo import PASSWORD
from parties.models import Posting
from tests.cases.conftest import at


@pytest.mark.django_db
def test_the_demo_city_fills_the_board_and_building_twice_is_once(
    settings: Any, tmp_path: Any
) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }
    settings.MEDIA_ROOT = tmp_path
    now = at("2026-11-26 15:00")
    demo.build(at=now)
    made = Case.objects.count()
    assert made == len(SAMPLES) + len(list(demo._past()))
    demo.build(at=now)
    assert Case.objects.count() == made

    settled = [name for name in invariants.BY_NAME if name != "jobs_move"]
    settled.remove("due_clocks_fired")  # nobody has turned the engine yet
    found = invariants.check(at=now, grace=timedelta(minutes=1), only=settled)
    assert [one for one in found if not one.holds] == []

    posting = Posting.objects.with_post().holding("street_dispatcher").first()
    actor = Actor.of(posting)
    sight = Sight(actor, posting.post.area, now, month_of(now))
    assert not sight.cases.in_state(State.RATING).filter(
        reported_at__lt=now - timedelta(days=1)
    )
    assert len(tallies.repeats(sight.during(days_until(now, 30)), 5, 12)) >= 2
    table = tables.of_units(sight.scope, "check_in", 5)
    assert any(row.rank for row in table.rows)
    telling = Job.objects.filter(task="cases.tasks.tell", done_at=None)
    assert telling.count() < 150


@pytest.mark.django_db
def test_command_prints_the_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doors.demo.build", lambda at: None)
    out = StringIO()
    call_command("seed_demo", stdout=out)
    assert PASSWORD in out.getvalue()
    lines = out.getvalue().splitlines()
    assert any(
        "处置员" in line and " chengguanju-chuzhiyuan " in line for line in lines
    )


@pytest.mark.django_db
def test_production_gets_no_demo_city(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="正式环境"):
        call_command("seed_demo", stdout=StringIO())
