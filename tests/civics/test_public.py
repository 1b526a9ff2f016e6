"""The public list and map: late, blurred, not of every kind, and nobody's words."""

import json
from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse

from cases import actions
from cases.models import Case
from civics.actions import set_public_rule
from civics.models import PublicRule
from civics.querysets.public import blurred, public_cases
from governance.geo import distance_m
from governance.models import Event
from grids.models import Area
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, SPOT

DAY = timedelta(hours=24)
LIST, POINTS = reverse("public_list"), reverse("public_points")


@pytest.fixture
def taken_up(file_case, world):
    """A case that the street judges: somebody has looked at it."""

    def take(name="lane", **more):
        case = file_case(name, **more)
        actions.raise_to_street(
            case_id=case.pk, opinion="社区管不了，张三的电话 13812345678",
            actor=world.actor("acceptor"), at=MONDAY_9,
        )  # fmt: skip
        case.refresh_from_db()
        return case

    return take


def rule(**given):
    return set_public_rule(
        given=PublicRule(**given), hidden=[], actor=Actor.system(), at=MONDAY_9
    )


def page_of(case):
    return reverse("public_case", args=[case.case_no])


def everywhere(client, case):
    """Whether list, map and page show it; they must agree."""
    found = [
        case.case_no in client.get(LIST).content.decode(),
        case.case_no in client.get(POINTS).content.decode(),
        client.get(page_of(case)).status_code == 200,
    ]
    assert len(set(found)) == 1, found
    return found[0]


def test_a_case_is_public_a_day_after_its_report(client, taken_up, moment):
    case = taken_up()
    moment(MONDAY_9 + DAY - timedelta(minutes=1))
    assert not everywhere(client, case)
    moment(MONDAY_9 + DAY)
    assert everywhere(client, case)


def test_what_nobody_has_taken_up_is_not_public(client, file_case, moment):
    case = file_case("lane")
    moment(MONDAY_9 + DAY)
    assert not everywhere(client, case)


@pytest.mark.parametrize("which", ["case", "category"])
def test_confidential_cases_are_never_shown(client, taken_up, moment, which):
    """A dispute between neighbours: whatever the rule says (FEATURES 74)."""
    case = taken_up()
    rule(delay_hours=0, keep_days=3650)
    if which == "case":
        Case.objects.filter(pk=case.pk).update(confidential=True)
    else:
        case.category.is_confidential = True
        case.category.save()
    moment(MONDAY_9 + DAY)
    assert not everywhere(client, case)
    assert client.get(page_of(case)).status_code == 404
    assert client.post(page_of(case), {"join": "1"}).status_code == 404


def test_a_dispute_filed_as_such_is_never_shown(client, world, moment, file_case):
    category = world.categories["lane"]
    category.is_confidential = True
    category.save()
    case = file_case("lane")
    assert case.confidential
    Case.objects.filter(pk=case.pk).update(state="STREET_PENDING")
    moment(MONDAY_9 + DAY)
    assert not everywhere(client, case)


def test_hidden_categories_are_not_shown(client, taken_up, world, moment):
    lane, stall = taken_up("lane"), taken_up("stall")
    hidden = world.categories["lane"]
    set_public_rule(
        given=PublicRule(), hidden=[hidden.pk], actor=Actor.system(), at=MONDAY_9
    )
    moment(MONDAY_9 + DAY)
    assert not everywhere(client, lane)
    assert everywhere(client, stall)


def test_the_whole_map_can_be_closed(client, taken_up, moment):
    case = taken_up()
    rule(is_open=False)
    moment(MONDAY_9 + DAY)
    for url in (LIST, POINTS, page_of(case)):
        assert client.get(url).status_code == 404
    assert LIST not in client.get("/").content.decode()


def test_closed_cases_are_shown_for_some_days_only(taken_up):
    case = taken_up()
    Case.objects.filter(pk=case.pk).update(state="CLOSED", closed_at=MONDAY_9)
    assert public_cases(MONDAY_9 + timedelta(days=29)).exists()
    assert not public_cases(MONDAY_9 + timedelta(days=31)).exists()


def test_a_voided_case_answers_that_it_is_gone(client, taken_up, moment):
    """FixMyStreet F1: unknown 404, hidden 410."""
    case = taken_up()
    Case.objects.filter(pk=case.pk).update(state="VOIDED")
    moment(MONDAY_9 + DAY)
    assert client.get(page_of(case)).status_code == 410
    Case.objects.filter(pk=case.pk).update(confidential=True)
    assert client.get(page_of(case)).status_code == 404
    assert client.get("/public/9901012026112399999/").status_code == 404


def test_no_words_names_numbers_or_addresses_get_out(client, taken_up, moment):
    case = taken_up(
        complainant_name="王阿姨", complainant_contact="13800001234",
        description="张三在楼下摆摊，他的电话是 13812345678。",
    )  # fmt: skip
    moment(MONDAY_9 + DAY)
    for url in (LIST, POINTS, page_of(case)):
        page = client.get(url).content.decode()
        hidden = ("张三", "13812345678", "王阿姨", "1380000", case.address, "管不了")
        for word in (*hidden, "grid_a", "acceptor"):
            assert word not in page, (url, word)


def test_the_public_page_says_who_has_it_and_what_comes_next(client, taken_up, moment):
    case = taken_up()
    moment(MONDAY_9 + DAY)
    page = client.get(page_of(case)).content.decode()
    assert "现在由 和平街道 负责" in page
    assert "由 幸福社区 转给 和平街道" in page


def test_positions_are_the_middle_of_a_square(client, taken_up, moment):
    case = taken_up()
    moment(MONDAY_9 + DAY)
    (feature,) = json.loads(client.get(POINTS).content)["features"]
    lng, lat = feature["geometry"]["coordinates"]
    assert (lng, lat) != SPOT
    away = distance_m(Point(lng, lat, srid=4490), case.point)
    assert away <= 100 * 0.75  # half the diagonal of a square of 100 m
    assert set(feature["properties"]) == {"name", "words", "open", "url"}


def test_one_square_has_one_point_and_looking_often_tells_no_more():
    near = [blurred(SPOT[0] + step * 1e-6, SPOT[1], 100) for step in range(20)]
    assert len(set(near)) == 1
    assert blurred(SPOT[0] + 0.005, SPOT[1], 100) != near[0]
    assert blurred(-SPOT[0], -SPOT[1], 500) == blurred(-SPOT[0], -SPOT[1], 500)


def test_the_list_is_narrowed_to_a_street(client, taken_up, moment):
    case = taken_up()
    moment(MONDAY_9 + DAY)
    here = client.get(LIST, {"street": case.street.code}).content.decode()
    assert case.case_no in here
    there = client.get(LIST, {"street": "990101002"}).content.decode()
    assert case.case_no not in there
    assert Area.objects.filter(code="990101002").exists()


def test_list_and_map_ask_a_fixed_number_of_questions(
    client, taken_up, moment, django_assert_max_num_queries
):
    for _each in range(4):
        taken_up()
    moment(MONDAY_9 + DAY)
    with django_assert_max_num_queries(8):
        client.get(LIST)
    with django_assert_max_num_queries(4):
        client.get(POINTS)


def test_the_rule_is_one_row_and_its_change_is_journalled(db):
    rule(delay_hours=2)
    rule(delay_hours=48)
    assert PublicRule.objects.get().delay_hours == 48
    events = Event.objects.filter(chain="civics:public_rule").order_by("seq")
    assert [one.detail["delay_hours"] for one in events] == [2, 48]
