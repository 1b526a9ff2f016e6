"""Full-text search of cases: what is found, for whom, and by which index."""

import re

import pytest
from django.db import connection
from django.urls import reverse

from cases.models import Case
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def found(text: str) -> list[int]:
    return list(Case.objects.search(text).order_by("pk").values_list("pk", flat=True))


def pairs(text: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT case_bigrams(%s, '')", [text])
        (numbers,) = cursor.fetchone()
    return sorted(chr(n >> 21) + chr(n & 0x1FFFFF) for n in numbers)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("占道经营", ["占道", "经营", "道经"]),
        ("A座B1", ["a座", "b1", "座b"]),
        ("文化 巷\n口", ["文化"]),
        ("𠮷野家", ["野家", "𠮷野"]),
        ("啊啊啊", ["啊啊"]),
        ("路", []),
        ("", []),
    ],
)
def test_pairs_fold_letters_and_stop_at_spaces(text, expected) -> None:
    assert pairs(text) == sorted(expected)


def test_each_part_of_a_case_is_found(road) -> None:
    lane = road.reported(description="消防车进不来，楼道口堆满了旧家具。")
    stall = road.reported("stall", address="文化巷 3 号 B座")
    for text, expected in (
        ("家具", lane), ("旧家具", lane), ("具", lane), ("文化巷", stall),
        ("b座", stall), ("占道经营", stall), ("消防 楼道", lane), ("文化 占道", stall),
        (lane.case_no, lane), (lane.display_no, lane), (lane.case_no[-4:], lane),
    ):  # fmt: skip
        assert found(text) == [expected.pk], text
    assert found("幸福社区") == [lane.pk, stall.pk], "the unit that holds them"
    assert found(lane.case_no[6:14]) == [lane.pk, stall.pk], "filed on that day"
    assert found(lane.case_no[:6]) == [lane.pk, stall.pk], "the district"
    assert found("") == [lane.pk, stall.pk]
    for no_day in ("20261332", "00000000", "99991231", "00010101"):
        assert found(no_day) == [], no_day


@pytest.mark.parametrize(
    "text", ["具家", "旧家占", "文化 家具", "20261122", "20269999", "99999", "%%", "__"]
)
def test_what_no_case_says_finds_none(road, text) -> None:
    road.reported(description="消防车进不来，楼道口堆满了旧家具，旧房家家都有。")
    road.reported("stall", address="文化巷 3 号")
    assert found(text) == []


def test_all_pairs_in_another_order_are_not_the_word(road) -> None:
    road.reported(description="经营占道者须离开，道经两侧不得摆放物品。")
    assert found("占道经营") == []


def test_a_corrected_text_is_found_at_once(road) -> None:
    case = road.reported()
    Case.objects.filter(pk=case.pk).update(address="百花路 8 号")
    assert found("百花") == [case.pk]


def test_two_characters_hit_the_index(road) -> None:
    road.reported()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for text, indexes in (
        ("家具", ["case_bigrams"]),
        ("占道经营", ["case_bigrams", "category_id|case_likeness"]),
        ("幸福社区", ["case_bigrams", "holder_org"]),
        ("20001", ["case_bigrams", "case_number_end", "case_no_"]),
    ):
        plan = Case.objects.search(text).explain()
        assert "Seq Scan" not in plan, plan
        for index in indexes:
            assert re.search(index, plan), plan


def test_desk_and_inbox_search_within_the_scope(road) -> None:
    case = road.whistled(description="消防通道被大件家具堵死，车辆进不来。")
    other = road.whistled()
    for name, page, given in (
        ("dispatcher", "desk_queue", {"queue": "open"}),
        ("fire", "inbox", {"box": "pending"}),
    ):
        client = signed_in(road.world, name)
        content = client.get(reverse(page), {**given, "q": "家具"}).content.decode()
        assert f'id="row-{case.pk}"' in content
        assert f'id="row-{other.pk}"' not in content
        assert 'value="家具"' in content
    client = signed_in(road.world, "other_dispatcher")
    given = {"queue": "open", "q": "家具"}
    content = client.get(reverse("desk_queue"), given).content.decode()
    assert f'id="row-{case.pk}"' not in content
