"""Several people at once: one wins, nothing is lost or doubled."""

import uuid
from typing import Any

import pytest

from duties import actions
from duties.models import PatrolRecord, TaskReceiver, VisitRecord
from governance.models import Event
from tests.cases.conftest import MONDAY_9
from tests.cases.test_races import at_once
from tests.duties.conftest import GRID_A, Duties, again

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 6


def test_one_of_many_signatures_counts(duties: Duties) -> None:
    part = duties.issued().receivers.get()
    desk = duties.actor("acceptor")
    sign = lambda: actions.sign(receiver_id=part.pk, actor=desk, at=MONDAY_9)  # noqa: E731
    answers, refusals = at_once([sign] * CROWD)
    assert (len(answers), len(refusals)) == (1, CROWD - 1)
    assert Event.objects.filter(chain=part.chain).count() == 1


def test_passing_on_at_once_adds_each_grid_once(duties: Duties) -> None:
    own = duties.signed()
    given: dict[str, Any] = {
        "receiver_id": own.pk, "addressees": [duties.area(GRID_A)],
        "actor": duties.actor("acceptor"), "at": MONDAY_9,
    }  # fmt: skip
    answers, refusals = at_once([lambda: actions.reissue(**given)] * CROWD)
    assert (len(answers), len(refusals)) == (1, CROWD - 1)
    assert TaskReceiver.objects.filter(parent=own).count() == 1


def test_one_submission_at_once_is_one_record(duties: Duties) -> None:
    part, target = duties.in_hand(), duties.target()
    visit = actions.Visit(target_id=target.pk, answers={"q1": "yes", "q2": "yes"})
    given: dict[str, Any] = {
        "receiver_id": part.pk, "submission": uuid.uuid4(), "visit": visit,
        "actor": duties.actor("grid_a"), "at": MONDAY_9,
    }  # fmt: skip
    answers, refusals = at_once([lambda: actions.record_visit(**given)] * CROWD)
    assert len(answers) == CROWD and not refusals
    assert len({record.pk for record in answers}) == VisitRecord.objects.count() == 1
    assert again(part).version == part.version + 1


def test_one_patrol_however_often_pressed_at_once(duties: Duties) -> None:
    worker = duties.actor("grid_a")
    start = lambda: actions.start_patrol(actor=worker, at=MONDAY_9)  # noqa: E731
    answers, refusals = at_once([start] * CROWD)
    assert (len(answers), len(refusals)) == (1, CROWD - 1)
    assert PatrolRecord.objects.count() == 1
