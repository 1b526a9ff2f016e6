from datetime import date

import pytest
from django.db import IntegrityError, transaction

from grids.models import Area, AreaBoundary, Level
from tests.grids.cities import AT, box


@pytest.mark.parametrize(
    ("level", "code"),
    [
        (Level.CITY, "99"),
        (Level.GRID, "99010100100100a"),
        (Level.STREET, "990101001002"),
        (7, "9901"),
    ],
)
def test_a_code_of_another_form_stays_out(db, level, code):
    with pytest.raises(IntegrityError, match="area_code_fits_level"):
        Area.objects.create(level=level, code=code, name="某地", valid_from=AT)


def test_only_a_city_has_no_parent(town):
    with pytest.raises(IntegrityError, match="area_only_a_city"), transaction.atomic():
        Area.objects.create(
            level=Level.DISTRICT, code="990109", name="孤区", valid_from=AT
        )
    with pytest.raises(IntegrityError, match="area_only_a_city"):
        Area.objects.create(
            level=Level.CITY,
            code="9902",
            name="下级市",
            valid_from=AT,
            parent=town["city"],
        )


def test_a_period_runs_forward(db):
    with pytest.raises(IntegrityError, match="area_period_runs_forward"):
        Area.objects.create(
            level=Level.CITY,
            code="9902",
            name="短命市",
            valid_from=date(2026, 2, 1),
            valid_to=date(2026, 1, 1),
        )


def test_an_area_has_one_current_boundary(town):
    with pytest.raises(IntegrityError, match="boundary_one_current"):
        AreaBoundary.objects.create(
            area=town["west"],
            version=2,
            geometry=box(0, 0, 1, 1),
            valid_from=AT,
            area_m2=1,
            source="测试",
        )


def test_levels_and_subtrees_read_as_they_say(town):
    def codes(areas):
        return sorted(areas.values_list("code", flat=True))

    grids = [town["west"].code, town["east"].code]
    community = town["community"]
    assert codes(Area.objects.at_level(Level.GRID)) == grids
    assert codes(Area.objects.below(community)) == grids
    assert codes(Area.objects.within([community.code])) == [community.code, *grids]
    assert codes(Area.objects.within([])) == []
    assert Area.objects.within(["990102"]).count() == 0


def test_active_counts_the_first_day_and_not_the_last(town):
    Area.objects.filter(pk=town["west"].pk).update(
        valid_from=date(2026, 1, 1), valid_to=date(2026, 2, 1)
    )
    one = Area.objects.filter(pk=town["west"].pk)
    assert one.active(date(2026, 1, 1)).exists()
    assert not one.active(date(2026, 2, 1)).exists()
    assert not one.active(date(2025, 12, 31)).exists()
