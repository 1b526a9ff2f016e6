from datetime import UTC, datetime

import pytest

from cases.demo_catalogue import STANDARD, UNITS, build_catalogue
from cases.models import Category, FilingCondition, ResponsibilityItem
from governance.errors import Refused
from governance.models import Event
from grids.codes import Level
from parties.models import Organisation
from tests.factories import OrganisationFactory, area_of

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
EAST = ["9901", "990101", "990101001", "990101001001", "990101001001001"]
WEST = ["9901", "990102", "990102001"]


@pytest.fixture
def city():
    """Two districts with a street each, and every unit that the list names."""
    for code in (EAST[-1], WEST[-1]):
        area_of(code)
    places = {
        Level.CITY: ["9901"],
        Level.DISTRICT: ["990101", "990102"],
        Level.STREET: ["990101001", "990102001"],
    }
    for level, ending in UNITS.values():
        for code in places[level]:
            OrganisationFactory(
                name=f"{code}{ending}",
                short_name=f"某地{ending}",
                level=level,
                area=area_of(code),
            )


def category(code5):
    return Category.objects.get(standard_ref=STANDARD, code5=code5)


def units(code5, codes=EAST, condition=None):
    items = ResponsibilityItem.objects.matching(
        category(code5), condition, codes, AT.date()
    )
    return {
        role: [item.who for item in items if item.role == role]
        for role in ("lead", "support")
    }


def test_the_catalogue_is_whole_and_every_limit_is_read(city):
    build_catalogue(at=AT)
    categories = Category.objects.filter(standard_ref=STANDARD)
    assert 60 <= categories.count() <= 80
    assert set(categories.values_list("kind", flat=True)) == {
        "component",
        "matter",
        "local",
    }
    assert not FilingCondition.objects.filter(is_unparsed=True).exists()
    assert not categories.filter(conditions=None).exists()
    for one in categories:
        assert one.pinyin
        for confusable in one.confusables:
            assert category(confusable["code5"]) != one
            assert confusable["hint"]


def test_the_limits_the_acceptance_scenarios_count_on(city):
    build_catalogue(at=AT)
    limits = {
        code5: category(code5).conditions.order_by("order").first().limit_text
        for code5 in ("09012", "01003", "06001")
    }
    assert limits == {
        "09012": "2 工作时",
        "01003": "2 紧急工作时",
        "06001": "停工 4 工作时 / 处罚 7 工作日 / 拆除 20 工作日",
    }
    assert category("01003").urgent_default
    assert category("09006").self_resolvable
    assert category("06028").photo_rule == "optional"


def test_every_category_has_one_lead_wherever_a_case_lies(city):
    build_catalogue(at=AT)
    for one in Category.objects.filter(standard_ref=STANDARD):
        for codes in (EAST, WEST):
            assert len(units(one.code5, codes)["lead"]) == 1, one


def test_the_joint_whistle_of_a_blocked_fire_lane_has_its_three_parties(city):
    build_catalogue(at=AT)
    assert units("09012") == {
        "lead": ["990101消防大队"],
        "support": ["990101001物业公司", "990101城管局"],
    }
    assert units("09012", WEST)["lead"] == ["990102消防大队"]


def test_street_trading_is_led_by_the_street_itself(city):
    build_catalogue(at=AT)
    assert units("09006")["lead"] == ["属地街道"]
    assert "990101城管局" in units("09006")["support"]


def test_noise_of_dancing_goes_to_the_police_first(city):
    build_catalogue(at=AT)
    condition = category("06028").conditions.get(text__contains="跳舞")
    assert units("06028", condition=condition)["lead"][0] == "990101公安分局"


def test_building_again_changes_nothing_and_keeps_what_people_changed(city):
    build_catalogue(at=AT)
    Category.objects.filter(code5="09006").update(plain_words="本地叫法")
    ended = ResponsibilityItem.objects.first()
    ResponsibilityItem.objects.filter(pk=ended.pk).update(valid_to=AT.date())
    before = (ResponsibilityItem.objects.count(), Event.objects.count())
    build_catalogue(at=AT)
    assert (ResponsibilityItem.objects.count(), Event.objects.count()) == before
    assert category("09006").plain_words == "本地叫法"


def test_a_missing_unit_is_named_and_nothing_is_built(city):
    Organisation.objects.filter(name="990102水务局").delete()
    with pytest.raises(Refused, match="区水务局"):
        build_catalogue(at=AT)
    assert not Category.objects.exists()


def test_without_the_demo_city_it_is_refused():
    with pytest.raises(Refused, match="演示城市"):
        build_catalogue(at=AT)


def test_quarrels_and_nothing_else_are_confidential(city):
    """DOMAIN F6: they are seen by those who mediate in them alone."""
    build_catalogue(at=AT)
    quarrels = Category.objects.filter(major_name="矛盾纠纷")
    assert quarrels.count() == 3
    assert set(Category.objects.filter(is_confidential=True)) == set(quarrels)
    assert category("51001").self_resolvable
