"""The demo city is whole: people, catalogue, and a case in every queue."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases import demo
from cases.models import Case, Photo
from cases.workflow import State
from governance.journal import verify
from parties.demo import PASSWORD
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
    demo.build(at=now)
    assert Case.objects.count() == made


@pytest.mark.django_db
def test_command_prints_the_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "build", lambda at: None)
    out = StringIO()
    call_command("seed_demo", stdout=out)
    assert PASSWORD in out.getvalue()
    assert "wanggeyuan-jia" in out.getvalue()


@pytest.mark.django_db
def test_production_gets_no_demo_city(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="正式环境"):
        call_command("seed_demo", stdout=StringIO())
