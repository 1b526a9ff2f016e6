"""Where an administrator says which community an address in words lies in."""

from typing import Any

from django.urls import reverse

from cases.models import Case
from doors.models import Open311Request
from tests.cases.conftest import COMMUNITY
from tests.doors.open311.conftest import Door


def test_the_administration_places_an_address(
    door: Door, world: Any, admin_client: Any
) -> None:
    given = {
        "service_code": str(world.categories["lane"].pk),
        "address_string": "区县101街道001老槐树旁边",
    }
    door.post("requests.json", **given)
    row = Open311Request.objects.get()
    waiting = reverse("admin:doors_open311request_changelist") + "?placed=no"
    assert "区县101街道001老槐树旁边" in admin_client.get(waiting).content.decode()
    page = reverse("admin:doors_open311request_change", args=[row.pk])
    refused = admin_client.post(page, {"community": ""})
    assert "请选择社区。" in refused.content.decode()
    assert not Case.objects.exists()
    community = world.areas[COMMUNITY]
    assert admin_client.post(page, {"community": community.pk}).status_code == 302
    row.refresh_from_db()
    assert row.case.community == community
    assert not Open311Request.objects.unplaced().exists()
    again = admin_client.post(page, {"community": community.pk})
    assert again.status_code == 302
    assert Case.objects.count() == 1


def test_what_cannot_be_filed_is_not_called_saved(
    door: Door, world: Any, admin_client: Any
) -> None:
    lane = world.categories["lane"]
    given = {"service_code": str(lane.pk), "address_string": "区县101街道001老槐树旁边"}
    door.post("requests.json", **given)
    lane.is_active = False
    lane.save(update_fields=["is_active"])
    row = Open311Request.objects.get()
    page = reverse("admin:doors_open311request_change", args=[row.pk])
    refused = admin_client.post(page, {"community": world.areas[COMMUNITY].pk})
    assert refused.status_code == 422
    assert "请选择问题类别。" in refused.content.decode()
    shown = admin_client.get(reverse("admin:doors_open311request_changelist"))
    assert 'class="success"' not in shown.content.decode()
    assert not Case.objects.exists()
