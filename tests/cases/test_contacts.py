"""包联部门 come first in the composer; units show what they have to do already."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from cases.querysets.candidates import Workload, workloads
from parties.models import ContactDepartment
from tests.cases.conftest import COMMUNITY, MONDAY_9
from tests.cases.road import Road, again, piece, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


@pytest.fixture
def contact(world) -> ContactDepartment:
    return ContactDepartment.objects.create(
        organisation=world.orgs["urban"], area=world.areas[COMMUNITY],
        starts_date=date(2026, 1, 1),
    )  # fmt: skip


def compose(road, case) -> str:
    address = reverse("whistle_compose", args=[case.pk])
    return signed_in(road.world, "dispatcher").get(address).text


def leads(text: str) -> list[str]:
    select = text.split('name="lead"')[1].split("</select>")[0]
    return [
        one.split(">")[1].split("<")[0].strip() for one in select.split("<option")[2:]
    ]


def test_contact_departments_are_listed_first_with_the_reason(road, contact) -> None:
    found = leads(compose(road, road.pending()))
    assert found[0] == "区城管局（包联部门）"


def test_they_stand_before_the_responsibility_list(
    road, contact, turn, monkeypatch
) -> None:
    case = road.pending()
    turn(MONDAY_9)
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    text = compose(road, again(case))
    assert leads(text)[:2] == ["区城管局（包联部门）", "区消防大队（权责清单建议）"]
    assert '<span class="tag" data-tone="good">包联部门</span>' in text


@pytest.mark.parametrize(
    "period",
    [
        {"starts_date": date(2026, 11, 24)},
        {"ends_date": date(2026, 11, 23)},
    ],
)
def test_only_while_the_contact_is_in_force(road, contact, period) -> None:
    ContactDepartment.objects.filter(pk=contact.pk).update(**period)
    assert "包联部门" not in compose(road, road.pending())


def test_another_communitys_contact_is_none_here(road, contact) -> None:
    contact.area = road.world.areas["990101002001"]
    contact.save()
    assert "包联部门" not in compose(road, road.pending())


def test_the_list_without_a_line_names_the_contacts(
    road, contact, turn, monkeypatch
) -> None:
    bare, listed = road.pending(name="stall"), road.pending()
    turn(MONDAY_9)
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    assert [one["organisation"] for one in again(bare).suggestion["contacts"]] == [
        "区城管局"
    ]
    assert again(listed).suggestion["contacts"] == []
    assert "权责清单没有对应条目，包联部门：" in compose(road, again(bare))
    shown = signed_in(road.world, "dispatcher").get(reverse("case", args=[bare.pk]))
    assert "区城管局（包联部门）" in shown.text


def test_the_load_of_each_unit_stands_beside_its_name(road) -> None:
    road.whistled("urban")
    case = road.pending()
    text = compose(road, case)
    assert "区消防大队（在办 1 件）" in leads(text)
    row = text.split('<li class="support">')
    urban = next(one for one in row if "区城管局</b>" in one or " 区城管局" in one)
    assert "在办 1 件" in urban


def test_load_counts_what_is_open_and_what_is_overdue(
    road, django_assert_num_queries
) -> None:
    road.whistled("urban")
    joint = road.joint("urban")
    road.closed()
    fire, urban = road.world.orgs["fire"].pk, road.world.orgs["urban"].pk
    with django_assert_num_queries(1):
        assert workloads([fire, urban], MONDAY_9) == {
            fire: Workload(2, 0), urban: Workload(2, 0),
        }  # fmt: skip
    late = MONDAY_9 + timedelta(hours=3)  # 处置 is over, 报到 is not
    assert workloads([fire, urban], late) == {
        fire: Workload(2, 2), urban: Workload(2, 0),
    }  # fmt: skip
    joint.assignments.filter(role="support").update(status="cancelled")
    assert workloads([urban], MONDAY_9 + timedelta(days=1)) == {urban: Workload(1, 1)}


def test_the_composer_takes_presence_and_a_gathering_point(road) -> None:
    case = road.pending()
    client = signed_in(road.world, "dispatcher")
    address = reverse("whistle_compose", args=[case.pk])
    given = {
        "version": case.version, "kind": "enforcement",
        "condition": road.world.categories["lane"].conditions.get().pk,
        "lead": road.world.orgs["fire"].pk, "lead_task": "清理",
        "legal_basis": "消防法", "requires_presence": "on",
        "lng": "113.001", "lat": "", "crs": "cgcs2000",
    }  # fmt: skip
    answer = piece(client, address, **given)
    assert answer.status_code == 422
    assert "经度和纬度要一起填写" in answer.text
    assert 'value="113.001"' in answer.text
    given["lat"] = "28.0005"
    assert piece(client, address, **given).status_code == 200
    whistle = case.whistles.get()
    assert whistle.requires_presence
    assert whistle.gather_point.coords == (113.001, 28.0005)


def test_the_composer_tells_where_other_streets_are_called(road) -> None:
    text = compose(road, road.pending())
    assert "涉及其他街道的，由区指挥中心吹联合哨，请上呈区级" in text
    assert "光明街道" not in "".join(leads(text))
