"""Lists narrowed by several things at once, kept under a name, shared in the unit."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse

from cases import actions
from cases.actions.alerting import mark
from cases.actions.clocks import Ticking, extend, note_used, set_nearest
from cases.models import Case, SavedView
from cases.querysets.narrowing import Narrowing, narrowed
from governance.errors import Refused
from governance.models import Event
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import Road, again, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    world.hire("handler", "department_handler", "fire", "990101")
    return Road(world, file_case, photos)


def listed(road, name: str, query: str, when=MONDAY_9) -> set[int]:
    who = road.world.actor(name)
    asked = Narrowing.of(QueryDict(query))
    found = narrowed(Case.objects.visible_to(who), asked, who, when)
    return set(found.values_list("pk", flat=True))


def test_values_of_one_kind_widen_and_kinds_narrow(road) -> None:
    whistled, joint = road.whistled(), road.joint()
    both = {whistled.pk, joint.pk}
    assert listed(road, "fire", "") == both
    assert listed(road, "fire", "state=WHISTLED") == {whistled.pk}
    assert listed(road, "fire", "state=WHISTLED&state=JOINT_HANDLING") == both
    assert listed(road, "fire", "state=JOINT_HANDLING&kind=routine") == set()
    assert listed(road, "fire", "kind=enforcement&kind=routine") == both
    assert listed(road, "fire", "area=990101001&area=990102") == both
    assert listed(road, "fire", "area=990102") == set()
    lane = whistled.category_id
    assert listed(road, "fire", f"category={lane}") == both
    assert listed(road, "fire", f"category={lane + 1000}") == set()
    assert listed(road, "fire", "state=UNHEARD&lamp=pink&category=x&area=x'") == both


def test_for_a_unit_the_kind_is_that_of_the_whistle_that_called_it(road) -> None:
    case, station = road.whistled(), road.world.orgs["station"]
    Case.objects.filter(pk=case.pk).update(first_handler_org=station)
    assert listed(road, "street_handler", "") == {case.pk}
    assert listed(road, "street_handler", "kind=enforcement") == set()
    assert listed(road, "dispatcher", "kind=enforcement") == {case.pk}


def test_whose_hands(road) -> None:
    mine, free, other = road.whistled(), road.whistled(), road.whistled()
    for name, case in (("fire", mine), ("handler", other)):
        actions.claim(case_id=case.pk, actor=road.world.actor(name), at=MONDAY_9)
    assert listed(road, "fire", "whose=mine") == {mine.pk}
    assert listed(road, "fire", "whose=free") == {free.pk}
    assert listed(road, "fire", "whose=colleagues") == {other.pk}
    assert listed(road, "fire", "whose=mine&whose=free") == {mine.pk, free.pk}


def test_lamps_follow_the_clock_that_ends_first(road) -> None:
    case = again(road.whistled())
    clock = case.clocks.get(due_at=case.due_at, stopped_at=None)
    assert listed(road, "fire", "lamp=green") == {case.pk}
    for percent, lamp in ((50, "blue"), (80, "yellow")):
        mark(clock=clock, percent=percent, at=MONDAY_9)
        note_used(clock, percent)
        lamps = ("green", "blue", "yellow", "red", "paused")
        shown = [one for one in lamps if listed(road, "fire", f"lamp={one}")]
        assert shown == [lamp]
    late = case.due_at + timedelta(minutes=1)
    assert listed(road, "fire", "lamp=red", late) == {case.pk}
    assert listed(road, "fire", "lamp=yellow", late) == set()
    extend(clock=clock, n=Decimal(1), at=MONDAY_9, ticking=Ticking(MONDAY_9))
    set_nearest(case)
    case.save(update_fields=["due_at", "used_percent"])
    assert listed(road, "fire", "lamp=green") == {case.pk}
    paused = road.suspended()
    assert paused.pk in listed(road, "fire", "lamp=paused")


def test_what_came_outside_working_hours_is_marked_and_found(road) -> None:
    """By the whistle that called the unit, not by when the case was filed."""
    day, night, noon = road.whistled(), road.whistled(), road.whistled()
    night.whistles.update(blown_at=at("2026-11-22 20:30"))
    noon.whistles.update(blown_at=at("2026-11-23 12:30"))
    assert listed(road, "fire", "outside=1") == {night.pk, noon.pk}
    content = page(road, "fire")
    assert content.count("非工作时间到达") == 3  # two rows and the filter
    day.whistles.update(blown_at=at("2026-10-01 10:00"))  # no holiday is imported here
    assert day.pk not in listed(road, "fire", "outside=1")


def page(road, name: str, query: str = "") -> str:
    response = signed_in(road.world, name).get(f"{reverse('inbox')}?{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_the_filter_stands_in_the_address_and_travels_with_it(road) -> None:
    whistled, joint = road.whistled(), road.joint()
    content = page(road, "fire", "box=all&state=WHISTLED&lamp=green")
    assert f'id="row-{whistled.pk}"' in content
    assert f'id="row-{joint.pk}"' not in content
    assert 'value="WHISTLED" checked' in content
    assert "?box=pending&amp;state=WHISTLED&amp;lamp=green" in content
    assert "没有符合条件的案件" in page(road, "fire", "box=all&state=CLOSED")


def keep(road, name: str, label: str, query: str, **more):
    given = {"name": label, "query": query, **more}
    return signed_in(road.world, name).post(reverse("keep_view"), given)


def test_a_view_is_kept_opened_and_told_once(road) -> None:
    kept = keep(road, "fire", " 待报 到 ", "?state=WHISTLED&box=all&x=1&after=7&q=路")
    view = SavedView.objects.get()
    assert view.name == "待报 到"
    assert view.query == "box=all&q=%E8%B7%AF&state=WHISTLED"
    assert kept.status_code == 302 and kept.url.endswith(view.query)
    assert Event.objects.filter(chain=f"view:{view.pk}").count() == 1
    content = page(road, "fire", view.query)
    assert f'href="?{view.query.replace("&", "&amp;")}" aria-current="true"' in content
    again_ = keep(road, "fire", "待报 到", "state=CLOSED")
    assert again_.status_code == 422
    assert "您已有同名的视图，请换一个名称。" in again_.content.decode()
    assert "state=CLOSED" in again_.content.decode()
    assert keep(road, "fire", "", "state=CLOSED").status_code == 422
    assert SavedView.objects.count() == 1


def test_a_shared_view_opens_equal_for_colleagues_within_their_rights(road) -> None:
    """FEATURES 52."""
    case = road.whistled()
    keep(road, "fire", "全部待报到", "box=all&state=WHISTLED", is_shared="on")
    keep(road, "fire", "我自己的", "box=all&state=CLOSED")
    view = SavedView.objects.get(is_shared=True)
    for name in ("fire", "handler"):
        content = page(road, name, view.query)
        assert "全部待报到" in content and f'id="row-{case.pk}"' in content
    assert "我自己的" not in page(road, "handler")
    assert "全部待报到" not in page(road, "urban")
    assert f'id="row-{case.pk}"' not in page(road, "urban", view.query)


def test_only_the_owner_changes_and_the_head_puts_aside(road) -> None:
    keep(road, "handler", "甲", "box=all", is_shared="on")
    view = SavedView.objects.get()
    rename = reverse("change_view", args=[view.pk, "rename"])
    refused = signed_in(road.world, "fire").post(rename, {"name": "乙"})
    assert (
        refused.status_code == 422 and "只能修改自己的视图" in refused.content.decode()
    )
    stranger = signed_in(road.world, "urban")
    assert stranger.post(rename, {"name": "乙"}).status_code == 404
    own = signed_in(road.world, "handler")
    assert own.post(rename, {"name": "乙", "is_shared": "on"}).status_code == 302
    assert SavedView.objects.get().name == "乙"
    assert own.post(rename, {"name": ""}).status_code == 422
    drop = reverse("change_view", args=[view.pk, "drop"])
    manage = signed_in(road.world, "fire").get(reverse("saved_views"))
    assert drop in manage.content.decode()
    assert signed_in(road.world, "fire").post(drop).status_code == 302
    assert not SavedView.objects.exists()
    verbs = Event.objects.filter(chain=f"view:{view.pk}").order_by("seq")
    assert [one.action for one in verbs] == [
        "cases.keep_view", "cases.change_view", "cases.drop_view",
    ]  # fmt: skip


def test_a_private_view_is_dropped_by_nobody_else(road) -> None:
    keep(road, "handler", "甲", "box=all")
    view = SavedView.objects.get()
    with pytest.raises(Refused, match="共享视图由建立的人"):
        actions.drop_view(view_id=view.pk, actor=road.world.actor("fire"), at=MONDAY_9)


def test_views_keep_the_order_one_gives_them(road) -> None:
    for name in ("一", "二", "三"):
        keep(road, "fire", name, "box=all")
    own = signed_in(road.world, "fire")

    def move(name: str, what: str) -> None:
        pk = SavedView.objects.get(name=name).pk
        own.post(reverse("change_view", args=[pk, what]))

    move("三", "up")
    move("一", "up")
    names = SavedView.objects.visible_to(road.world.actor("fire"))
    assert [one.name for one in names] == ["一", "三", "二"]
    move("一", "down")
    assert [one.name for one in names.all()] == ["三", "一", "二"]


def test_there_are_at_most_thirty(road) -> None:
    who = road.world.actor("fire")
    given = {"query": "", "is_shared": False, "actor": who, "at": MONDAY_9}
    for number in range(30):
        actions.keep_view(name=str(number), **given)
    with pytest.raises(Refused, match="最多保存 30 个视图"):
        actions.keep_view(name="31", **given)
