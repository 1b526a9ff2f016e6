"""What the demo city has of tasks and care targets."""

from typing import Any

import pytest

from duties import demo
from duties.models import CareTarget, GridItemAdmission, PatrolRecord, Task
from governance import crypto
from governance.journal import verify
from tests.cases.conftest import at


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["2026-11-23 15:00", "2026-11-24 00:20"])
def test_demo_city_has_a_task_in_two_grids_and_building_twice_is_once(
    settings: Any, tmp_path: Any, moment: str
) -> None:
    """Also just after midnight, when its cases are of the day before."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }
    settings.MEDIA_ROOT = tmp_path
    now = at(moment)
    demo.build(at=now)
    task = Task.objects.get()
    states = task.receivers.order_by("pk").values_list("area__level", "state")
    assert list(states) == [
        (4, "IN_PROGRESS"), (5, "PENDING_SIGN"), (5, "PENDING_SIGN"),
    ]  # fmt: skip
    assert GridItemAdmission.objects.get().state == "PUBLISHED"
    target = CareTarget.objects.order_by("pk")[0]
    assert "13800000001" not in target.telephone
    assert crypto.unseal(target.telephone) == "13800000001"
    patrol = PatrolRecord.objects.get()
    assert patrol.ended_at and patrol.ended_at < now and patrol.remark
    assert list(verify()) == []
    demo.build(at=now)
    assert Task.objects.count() == PatrolRecord.objects.count() == 1
    assert CareTarget.objects.count() == len(demo.CARED_FOR)
