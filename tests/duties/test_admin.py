"""Duties in the administration: to be looked up, not to be changed."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from duties import actions
from tests.cases.conftest import MONDAY_9
from tests.duties.conftest import Duties
from tests.factories import UserFactory


@pytest.fixture
def administrator(db: None) -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def test_tasks_items_and_patrols_are_read_only(
    duties: Duties, administrator: Client
) -> None:
    own = duties.split()
    patrol = actions.start_patrol(actor=duties.actor("grid_a"), at=MONDAY_9)
    subjects: tuple[tuple[str, Any], ...] = (
        ("task", own.task), ("griditemadmission", own.task.admission),
        ("patrolrecord", patrol),
    )  # fmt: skip
    for name, subject in subjects:
        listed = administrator.get(reverse(f"admin:duties_{name}_changelist"))
        assert listed.status_code == 200
        url = reverse(f"admin:duties_{name}_change", args=[subject.pk])
        assert administrator.get(url).status_code == 200
        assert administrator.post(url, {}).status_code == 403
        add = reverse(f"admin:duties_{name}_add")
        assert administrator.get(add).status_code == 403


def test_care_targets_are_not_in_the_administration(
    duties: Duties, administrator: Client
) -> None:
    duties.target()
    assert administrator.get("/admin/duties/caretarget/").status_code == 404
