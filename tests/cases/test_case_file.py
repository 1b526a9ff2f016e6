"""案卷 on paper, and the pictures of before and after side by side."""

import uuid
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.urls import reverse

from cases.models import Photo
from cases.views import comparing
from governance import geo
from tests.cases.conftest import MONDAY_9, World
from tests.cases.road import Road

HERE = Point(113.0005, 28.0005, srid=4490)


def photo(stage: str, position: Point | None = HERE) -> Photo:
    return Photo(pk=uuid.uuid4(), stage=stage, position=position)


def east(metres: float) -> Point:
    return Point(HERE.x + metres / 98_190, HERE.y, srid=4490)


@pytest.mark.parametrize(
    ("lng", "lat", "degrees"),
    [(0, 1, 0), (1, 0, 90), (0, -1, 180), (-1, 0, 270)],
)
def test_bearing_counts_clockwise_from_north(
    lng: float, lat: float, degrees: float
) -> None:
    assert geo.bearing(Point(0, 0), Point(lng, lat)) == pytest.approx(degrees)


def test_after_stands_beside_the_nearest_before() -> None:
    near, far = photo("report"), photo("report", east(300))
    (found,) = comparing.pairs([far, near, photo("after", east(30))])
    assert found.before is near
    assert found.apart == "相距 30 米，处置后在处置前的东方（90°）。"
    assert not found.is_far


def test_far_apart_is_marked() -> None:
    (found,) = comparing.pairs([photo("before"), photo("after", east(-150))])
    assert found.is_far
    assert "的西方（270°）" in found.apart


def test_without_a_position_it_is_said() -> None:
    (found,) = comparing.pairs([photo("report"), photo("after", None)])
    assert found.apart == "没有拍摄位置，不能比对距离。"


def test_nothing_is_compared_with_nothing() -> None:
    assert comparing.pairs([photo("after")]) == []
    assert comparing.pairs([photo("report")]) == []


def test_what_stands_in_a_pair_is_not_shown_again() -> None:
    before, other, after = photo("report"), photo("verify", east(90)), photo("after")
    paired = comparing.pairs([before, other, after])
    assert comparing.left_over([before, other, after], paired) == [other]


@pytest.fixture
def road(world: World, file_case: Any, photos: Any) -> Road:
    return Road(world, file_case, photos)


def opened(world: World, name: str, case_id: int) -> Any:
    client = Client()
    backend = "django.contrib.auth.backends.ModelBackend"
    client.force_login(world.postings[name].user, backend=backend)
    return client.get(reverse("case_file", args=[case_id]))


@pytest.mark.django_db
def test_file_holds_every_step_from_the_first(road: Road) -> None:
    case = road.fed_back()
    page = opened(road.world, "dispatcher", case.pk)
    assert page.status_code == 200
    text = page.content.decode()
    entries = page.context["entries"]
    assert entries[0].at == case.reported_at == MONDAY_9
    assert [one.at for one in entries] == sorted(one.at for one in entries)
    assert case.display_no in text
    number = case.whistles.get().number
    assert f"{case.display_no}-S01" in text
    assert number not in text
    assert "社区无执法权" in text
    assert "经办人" in text
    assert 'class="pair"' in text
    for one in case.photos.all():
        assert text.count(f"/photos/{one.pk}/thumb") == 1


@pytest.mark.django_db
def test_file_is_seen_by_those_who_see_the_case(road: Road) -> None:
    case = road.reported()
    assert opened(road.world, "other_dispatcher", case.pk).status_code == 404
    url = reverse("case_file", args=[case.pk])
    assert Client().get(url).status_code == 302
    assert Client().post(url).status_code in (302, 405)
