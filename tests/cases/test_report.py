"""The 考核报表: figures, tables, 捆绑考核 and the lists behind every number."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import actions
from cases.models import Case
from cases.querysets.kpi import BY_CODE, INDICATORS
from cases.querysets.kpi_shares import borne
from tests.cases.conftest import at
from tests.cases.road import signed_in
from tests.cases.ruling_road import RulingRoad
from tests.cases.test_kpi import LATER, check, close, feed_back, reopened, scope

NOVEMBER = "/desk/report/?month=2026-11"


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> RulingRoad:
    monkeypatch.setattr("governance.clock.now", lambda: LATER)
    return RulingRoad(world, file_case, photos)


def page(road, name="dispatcher", url=NOVEMBER) -> str:
    answer = signed_in(road.world, name).get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def late(road, *supports) -> Case:
    """Handled after the limit, closed in time for nothing."""
    case = road.whistled(*supports)
    for name in ("fire", *supports):
        case = road.check_in(case, name)
    now, road.at = road.at, at("2026-11-23 14:30")
    for name in supports:
        support = road.world.actor(name)
        actions.finish_support(
            case_id=case.pk, opinion="已配合", photos=road.photos(support, "after"),
            actor=support, at=road.at,
        )  # fmt: skip
    case = close(road, check(road, feed_back(road, case)))
    road.at = now
    return case


def shares(road) -> dict[str, Decimal]:
    found = borne({"overdue": BY_CODE["overdue"].counted(scope(road))})
    names = {org.pk: org.name for org in road.world.orgs.values()}
    return {names[unit]: row["overdue"] for unit, row in found.items()}


def test_f10_a_joint_fault_is_shared_and_a_lone_one_is_the_lead_s(road) -> None:
    joint = late(road, "urban")
    assert shares(road) == {
        "区消防大队": Decimal("0.6"), "区城管局": Decimal("0.2"),
        "和平街道": Decimal("0.2"),
    }  # fmt: skip
    by_case = actions.bundled_shares(joint)
    assert sum(by_case.values()) == 1
    assert by_case == {
        row.pk: shares(road)[row.name]
        for row in road.world.orgs.values()
        if row.name in shares(road)
    }
    late(road)
    assert shares(road)["区消防大队"] == Decimal("1.6")


def test_what_a_round_bore_stays_when_the_case_is_reopened(road) -> None:
    case = late(road, "urban")
    before = shares(road)
    road.at = at("2026-11-24 09:00")
    case = reopened(road, case)
    actions.whistle(
        case_id=case.pk, call=road.call("property"),
        actor=road.world.actor("street_leader"), at=road.at,
    )  # fmt: skip
    found = borne({"overdue": BY_CODE["closing"].counted(scope(road))})
    assert {unit: row["overdue"] for unit, row in found.items()} == {
        road.world.orgs["fire"].pk: before["区消防大队"],
        road.world.orgs["urban"].pk: before["区城管局"],
        road.world.orgs["street"].pk: before["和平街道"],
    }


def test_the_shares_cost_the_same_however_many_faults(road) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            shares(road)
        return len(seen)

    late(road, "urban")
    few = statements()
    late(road)
    late(road, "property")
    assert statements() == few


def test_the_page_prints_each_figure_with_its_definition(road) -> None:
    late(road, "urban")
    text = page(road)
    for one in INDICATORS:
        assert str(one.name) in text and str(one.definition) in text
    assert "各社区" in text and "各承办单位" in text
    assert "区消防大队" in text and "超期分担" in text
    assert "100.00%" in text and "—" in text


def test_f4_the_marks_of_the_street_stand_beside_the_shares(road) -> None:
    case = late(road, "urban")
    line = case.assignments.get(organisation=road.world.orgs["urban"])
    actions.score_unit(
        case_id=case.pk, assignment_id=line.pk, score=4, remark="",
        actor=road.world.actor("dispatcher"), at=LATER,
    )  # fmt: skip
    text = page(road)
    assert re.search(r"区城管局</th>.*?<b>4\.0</b>.*?1 次", text, re.S)
    assert "4.0" not in page(road, url="/desk/report/?month=2026-10")


def test_every_number_opens_exactly_the_list_it_counts(road) -> None:
    late(road, "urban")
    road.closed()
    road.disputed()
    links = re.findall(r'<a href="([^"]+)" title="查看[^"]*">(\d+)</a>', page(road))
    assert len(links) > 40
    client = signed_in(road.world, "dispatcher")
    for url, number in links:
        listed = client.get(url.replace("&amp;", "&")).content.decode()
        assert listed.count('class="case-row"') == int(number), url


def test_an_exempt_overdue_is_named_in_the_list(road) -> None:
    case = late(road)
    case.clocks.filter(stage="HANDLE").update(exempt=True)
    everything = "/desk/report/overdue/?month=2026-11"
    text = page(road, url=everything)
    assert case.display_no in text and "不计超时（申诉通过）" in text
    assert case.display_no not in page(road, url=f"{everything}&part=part")


def test_a_community_sees_its_own_and_no_table_of_communities(road) -> None:
    late(road)
    text = page(road, "acceptor")
    assert "各社区" not in text and "1</a>" in text
    assert "各社区" in page(road, "district")


@pytest.mark.parametrize("name", ["grid_a", "fire"])
def test_who_answers_for_no_area_finds_no_report(road, name) -> None:
    client = signed_in(road.world, name)
    assert client.get(NOVEMBER).status_code == 404
    assert client.get("/desk/report/closing/").status_code == 404


def test_an_area_outside_and_an_unknown_indicator_are_not_found(road) -> None:
    client = signed_in(road.world, "dispatcher")
    assert client.get(f"{NOVEMBER}&area=990101002").status_code == 404
    assert client.get("/desk/report/nonsense/").status_code == 404
    assert client.get(f"{NOVEMBER}&area=990101001001").status_code == 200
    district = signed_in(road.world, "district")
    assert district.get(f"{NOVEMBER}&area=990101002").status_code == 200


@pytest.mark.parametrize("month", ["", "x", "2026-13", "99999-1"])
def test_an_odd_month_is_the_present_one(road, month) -> None:
    assert 'value="2026-11"' in page(road, url=f"/desk/report/?month={month}")


def test_the_neighbouring_months(road) -> None:
    text = page(road, url="/desk/report/?month=2026-12")
    assert "?month=2026-11&amp;area" in text and "?month=2027-01&amp;area" in text


def test_the_desk_leads_to_the_report(road) -> None:
    assert 'href="/desk/report/"' in page(road, url="/desk/")


def test_the_page_costs_the_same_however_many_cases(road) -> None:
    client = signed_in(road.world, "dispatcher")

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(NOVEMBER)
        return len(seen)

    late(road, "urban")
    few = statements()
    for _again in range(3):
        late(road, "urban")
    assert statements() == few
