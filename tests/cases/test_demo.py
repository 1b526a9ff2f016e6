"""The demo city is whole: people, catalogue, and a case in every queue."""

from datetime import timedelta
from typing import Any

import pytest

from cases import demo, demo_phrases
from cases.models import Case, Photo, Phrase
from cases.querysets import invariants
from cases.workflow import State
from governance.journal import verify
from tests.cases.conftest import at


@pytest.mark.django_db
def test_demo_city_has_cases_in_every_queue_and_building_twice_is_once(
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
    now = at("2026-11-23 15:00")
    demo.build(at=now)
    made = Case.objects.count()
    assert made == len(demo.SAMPLES)
    assert {
        State.REPORTED, State.VERIFYING, State.SELF_REVIEW, State.COMMUNITY_HANDLING,
        State.STREET_PENDING, State.WHISTLED, State.JOINT_HANDLING,
        State.FEEDBACK_REVIEW, State.CHECKING, State.RATING, State.CLOSED,
    } == set(Case.objects.values_list("state", flat=True))  # fmt: skip
    assert not Photo.objects.filter(case=None).exists()
    assert list(verify()) == []
    settled = [name for name in invariants.BY_NAME if name != "jobs_move"]
    found = invariants.check(at=now, grace=timedelta(minutes=1), only=settled)
    assert [one for one in found if not one.holds] == []
    demo.build(at=now)
    assert Case.objects.count() == made
    phrases = Phrase.objects.filter(status="approved")
    assert phrases.count() == len(demo_phrases.PHRASES)
    assert set(phrases.values_list("audience", flat=True)) == {"public", "internal"}
