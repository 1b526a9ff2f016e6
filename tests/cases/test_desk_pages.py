"""The desk: what is in which queue, in which order, for whom, and at what cost."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import actions
from cases.models import Case
from cases.querysets import desk, scope
from cases.workflow import State
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import Road, piece, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def desk_of(road, name: str, **given) -> str:
    response = signed_in(road.world, name).get(reverse("desk_queue"), given)
    assert response.status_code == 200
    return response.content.decode()


def order_of(content: str, *cases: Case) -> list[int]:
    found = {content.find(f'id="row-{case.pk}"'): case.pk for case in cases}
    return [found[place] for place in sorted(found) if place >= 0]


def test_anonymous_is_sent_to_sign_in(db, client) -> None:
    for name in ("desk_queue", "desk_points", "inbox"):
        response = client.get(reverse(name))
        assert response.status_code == 302 and "/login/" in response["Location"]


def test_page_and_piece(road) -> None:
    road.reported()
    client = signed_in(road.world, "acceptor")
    whole = client.get(reverse("desk_queue")).content.decode()
    part = piece(client, reverse("desk_queue")).content.decode()
    assert "<html" in whole and "<html" not in part
    assert 'id="desk"' in whole and part.lstrip().startswith('<div id="desk"')
    assert 'hx-trigger="every 10s, renew"' in part


def test_scope_is_the_own_area(road) -> None:
    here = road.reported()
    elsewhere = road.reported(lng=113.0025)
    content = desk_of(road, "dispatcher", queue="open")
    assert here.display_no in content and elsewhere.display_no not in content
    content = desk_of(road, "other_dispatcher", queue="open")
    assert elsewhere.display_no in content and here.display_no not in content
    both = desk_of(road, "district", queue="open")
    assert here.display_no in both and elsewhere.display_no in both


@pytest.mark.parametrize(
    ("stage", "queue", "waits_for"),
    [
        ("reported", "reported", "acceptor"),
        ("pending", "pending", "dispatcher"),
        ("drafted", "unsigned", "street_leader"),
        ("whistled", "whistled", None),
        ("joint", "joint", None),
        ("fed_back", "review", "street_acceptor"),
        ("checking", "checking", None),
        ("checked", "checking", "street_acceptor"),
    ],
)
def test_each_stage_has_its_queue_and_waits_for_one_desk(
    road, stage, queue, waits_for
) -> None:
    case = getattr(road, stage)()
    assert case.display_no in desk_of(road, "dispatcher", queue=queue)
    assert case.display_no not in desk_of(road, "dispatcher", queue="rating")
    if waits_for:
        assert case.display_no in desk_of(road, waits_for)
    else:
        for name in ("acceptor", "street_acceptor"):
            assert case.display_no not in desk_of(road, name)


def test_a_closed_case_is_only_under_closed(road) -> None:
    case = road.closed()
    assert case.display_no in desk_of(road, "dispatcher", queue="closed")
    assert case.display_no not in desk_of(road, "dispatcher", queue="open")


def test_a_case_to_be_rated_waits_for_nobody_until_it_is_dissatisfied(road) -> None:
    case = road.closed(complainant_name="居民", complainant_contact="13800001234")
    assert case.display_no not in desk_of(road, "street_acceptor")
    actions.rate(
        case_id=case.pk, score="dissatisfied", solved=False, comment="又堵了",
        channel="portal", actor=Actor.resident("居民"), at=MONDAY_9,
    )  # fmt: skip
    assert case.display_no in desk_of(road, "street_acceptor")
    assert case.display_no in desk_of(road, "street_leader")


def test_urgent_first_then_what_is_due_first(road, monkeypatch) -> None:
    late = road.reported()
    road.at = at("2026-11-23 08:30")
    soon = road.reported("stall")
    road.at = MONDAY_9
    urgent = road.reported("cover")
    content = desk_of(road, "acceptor", queue="reported")
    assert order_of(content, late, soon, urgent) == [urgent.pk, soon.pk, late.pk]
    assert "剩 30 分钟" in content and "剩 2 工作时" in content
    assert 'data-lamp="green"' in content and "11-23 10:30" in content


def test_counts_are_of_open_cases_in_scope(road) -> None:
    road.reported(), road.reported(), road.drafted(), road.closed()
    world = road.world
    found = desk.tally(
        Case.objects.visible_to(world.actor("dispatcher")),
        world.actor("dispatcher"),
    )
    counted = {name: n for name, n in found.figures.items() if n}
    assert counted == {
        "reported": 2, "pending": 1, "unsigned": 1, "open": 3, "mine": 1,
    }  # fmt: skip
    assert 'data-n="2"' in desk_of(road, "dispatcher")


def test_a_community_is_not_shown_the_queue_of_drafts(road) -> None:
    assert "待签发吹哨单" not in desk_of(road, "acceptor")
    assert "待签发吹哨单" in desk_of(road, "dispatcher")


def test_search_by_number_address_category_and_filters(road) -> None:
    lane = road.reported()
    stall = road.reported("stall", address="文化巷 3 号")
    cover = road.reported("cover")
    tail = lane.case_no[-5:]
    for words, found in (
        ("文化巷", stall), ("占道经营", stall), (f"{tail}", lane),
        (lane.display_no, lane),
    ):  # fmt: skip
        content = desk_of(road, "dispatcher", queue="open", q=words)
        assert order_of(content, lane, stall, cover) == [found.pk], words
    content = desk_of(road, "dispatcher", queue="open", only="urgent")
    assert order_of(content, lane, stall, cover) == [cover.pk]
    content = desk_of(road, "dispatcher", queue="open", only="overdue")
    assert "没有符合条件的案件" in content
    area = lane.community.code
    content = desk_of(road, "dispatcher", queue="open", area=area)
    assert len(order_of(content, lane, stall, cover)) == 3
    content = desk_of(road, "dispatcher", queue="open", area="990101002001")
    assert order_of(content, lane, stall, cover) == []


def test_an_empty_queue_says_so(road) -> None:
    assert "这里没有案件" in desk_of(road, "dispatcher", queue="joint")
    assert "这里没有案件" in desk_of(road, "dispatcher", queue="nonsense", after="x")


def test_pages_follow_each_other_without_gap_or_repeat(road, monkeypatch) -> None:
    monkeypatch.setattr(desk, "PAGE", 2)
    cases = [road.reported("cover" if n == 3 else "stall") for n in range(5)]
    Case.objects.filter(pk=cases[0].pk).update(due_at=None)
    client = signed_in(road.world, "dispatcher")
    url, seen = f"{reverse('desk_queue')}?queue=open", []
    while url:
        content = client.get(url).content.decode()
        seen += order_of(content, *cases)
        _before, mark, rest = content.partition('rel="next" href="')
        query = rest.partition('"')[0].replace("&amp;", "&")
        url = f"{reverse('desk_queue')}{query}" if mark else ""
    expected = [cases[n].pk for n in (3, 1, 2, 4, 0)]
    assert seen == expected


def test_closed_cases_are_paged_newest_first(road, monkeypatch) -> None:
    monkeypatch.setattr(desk, "PAGE", 1)
    first, second = road.closed(), road.closed()
    content = desk_of(road, "dispatcher", queue="closed")
    assert order_of(content, first, second) == [second.pk]
    assert f"after={second.pk}" in content
    content = desk_of(road, "dispatcher", queue="closed", after=second.pk)
    assert order_of(content, first, second) == [first.pk]
    assert "回到第一页" in content


def test_points_of_the_queue_for_the_map(road) -> None:
    case = road.reported()
    elsewhere = road.reported(lng=113.0025)
    url = reverse("desk_points")
    response = signed_in(road.world, "dispatcher").get(url, {"queue": "open"})
    features = json.loads(response.content)["features"]
    assert [one["id"] for one in features] == [case.pk]
    assert features[0]["geometry"]["coordinates"] == pytest.approx([113.0005, 28.0005])
    assert features[0]["properties"]["no"] == case.display_no
    assert elsewhere.pk not in [one["id"] for one in features]


def test_unread_messages_are_marked(road, turn, monkeypatch) -> None:
    case = road.reported()
    turn(MONDAY_9)
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    content = desk_of(road, "acceptor", queue="reported", only="unread")
    assert case.display_no in content and "有未读消息" in content


def test_queries_do_not_grow_with_rows_or_closed_cases(road) -> None:
    client = signed_in(road.world, "dispatcher")
    url = f"{reverse('desk_queue')}?queue=open"
    counts = []
    for _round in range(2):
        for name in ("lane", "stall", "cover"):
            road.reported(name)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 17


WHO_SEE_MUCH = ["district", "director", "assessor", "city"]


@pytest.fixture
def some_of_all(road) -> None:
    """Cases in several states, one confidential, and one in another city that this one
    was called to."""
    road.reported(), road.pending(), road.drafted(), road.joint(), road.closed()
    hidden = road.suspended()
    Case.objects.filter(pk=hidden.pk).update(confidential=True)
    elsewhere = road.whistled()
    called = [road.world.actor(name).organisation_id for name in WHO_SEE_MUCH]
    far = {}
    for level in ("city", "district"):
        area = getattr(elsewhere, level)
        area.pk, area.code = None, f"8{area.code[1:]}"
        area.save()
        far[level] = area
    Case.objects.filter(pk=elsewhere.pk).update(**far, called_ids=called)


@pytest.mark.parametrize("name", WHO_SEE_MUCH)
@pytest.mark.usefixtures("some_of_all")
def test_what_is_placed_there_and_what_is_beside_is_all_that_is_seen(
    road, name: str
) -> None:
    actor = road.world.actor(name)
    there = set(Case.objects.filter(scope.placed(actor)))
    others = set(Case.objects.filter(scope.beside(actor)))
    assert there and others and not there & others
    assert there | others == set(Case.objects.visible_to(actor))


@pytest.mark.parametrize("name", [*WHO_SEE_MUCH, "dispatcher", "acceptor"])
@pytest.mark.usefixtures("some_of_all")
def test_the_figures_are_the_lengths_of_the_lists(road, name: str) -> None:
    actor = road.world.actor(name)
    visible = Case.objects.visible_to(actor)
    lengths = {
        queue.name: desk.in_queue(visible, queue, actor).count()
        for queue in desk.QUEUES
        if queue.name != "closed"
    }
    tally = desk.tally(visible, actor)
    found = {queue: tally.figures[queue] for queue in lengths}
    assert found == lengths
    mine = desk.in_queue(visible, desk.BY_NAME["mine"], actor)
    assert sorted(tally.mine) == sorted(mine.values_list("pk", flat=True))


@pytest.mark.parametrize("name", ["dispatcher", "district", "city"])
def test_what_is_too_many_is_not_counted_on(road, monkeypatch, name) -> None:
    road.reported(), road.reported(), road.reported("stall"), road.drafted()
    actor = road.world.actor(name)
    counted = desk.tally(Case.objects.visible_to(actor), actor).figures
    assert (counted["reported"], counted["open"], counted["unsigned"]) == (3, 4, 1)
    monkeypatch.setattr(desk, "CAP", 2)
    counted = desk.tally(Case.objects.visible_to(actor), actor).figures
    assert (counted["reported"], counted["open"], counted["unsigned"]) == (2, 2, 1)


@pytest.mark.parametrize(
    ("name", "state", "gaps"),
    [
        ("street_acceptor", State.CLOSED, "photo_after"),
        ("district", State.DISTRICT_COORD, ""),
    ],
)
def test_what_is_too_many_to_be_counted_is_all_listed(
    road, monkeypatch, name, state, gaps
) -> None:
    cases = road.closed(), road.closed(), road.closed()
    actor = road.world.actor(name)
    Case.objects.update(
        state=state,
        file_gaps=gaps,
        holder_user=None,
        holder_org=actor.organisation_id,
    )
    monkeypatch.setattr(desk, "CAP", 2)
    tally = desk.tally(Case.objects.visible_to(actor), actor)
    assert tally.figures["mine"] == len(tally.mine) == 2
    content = desk_of(road, name)
    assert len(order_of(content, *cases)) == 3


def test_more_than_999_are_shown_as_such(road, monkeypatch) -> None:
    many = desk.Tally(dict.fromkeys(desk.BY_NAME, 1000), [])
    monkeypatch.setattr(desk, "tally", lambda *_: many)
    assert "<b>999+</b>" in desk_of(road, "dispatcher")


def test_along_the_index_and_sorted_is_the_same_order(road) -> None:
    for name in ("lane", "cover", "stall", "cover"):
        road.reported(name)
    Case.objects.filter(category__name="占道经营").update(due_at=None)
    sorted_ = Case.objects.by_urgency().values_list("pk", flat=True)
    assert list(sorted_) == list(
        Case.objects.by_urgency(walk=True).values_list("pk", flat=True)
    )
