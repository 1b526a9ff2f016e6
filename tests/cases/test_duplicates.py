"""Likely duplicates (DOMAIN C.7): who is a candidate, in which order, at what cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from cases.actions.duplicate_rules import set_duplicate_rule
from cases.likeness import Limits
from cases.models import Case, DuplicateRule
from cases.querysets.duplicates import Matter
from cases.views import words
from cases.workflow import State
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.roles import Role
from tests.cases.conftest import COMMUNITY, MONDAY_9, SPOT
from tests.cases.road import signed_in
from tests.factories import PostFactory, PostingFactory, UserFactory

METRE_EAST = 1 / 98_200
OTHER_WORDS = {
    "description": "一辆坏的三轮车停了很多天，轮胎都没有了。",
    "address": "光明街菜场后门",
}


def metres_off(metres):
    return {"lng": SPOT[0] + metres * METRE_EAST}


def alike(case):
    return [one.case for one in Case.objects.alike(Matter.of(case))]


@pytest.fixture
def confused(world):
    """占道经营 names 占用消防通道 as easily confused, not the other way round."""
    stall = world.categories["stall"]
    code = world.categories["lane"].code5
    stall.confusables = [{"code5": code, "hint": "堵住消防通道的选占用消防通道"}]
    stall.save()
    return stall


def test_near_and_of_the_same_category_is_alike_whatever_the_words(file_case):
    first = file_case()
    case = file_case(**OTHER_WORDS, **metres_off(40))
    assert alike(case) == [first]
    assert alike(first) == [case]


def test_beyond_50_metres_only_like_words_are_alike(file_case):
    first = file_case()
    other = file_case(**OTHER_WORDS, **metres_off(60))
    same_words = file_case(**metres_off(160))
    assert set(alike(first)) == {same_words}
    assert other not in alike(same_words)


def test_beyond_200_metres_nothing_is_alike(file_case):
    first = file_case()
    file_case(**metres_off(210))
    assert alike(first) == []


def test_another_category_is_alike_only_when_easily_confused(file_case, confused):
    case = file_case("stall")
    lane, cover = file_case("lane"), file_case("cover")
    assert alike(case) == [lane]
    assert alike(lane) == [case]
    assert alike(cover) == []


def test_component_and_matter_of_one_code_are_confused(world, file_case):
    matter = world.categories["cover"]
    component = type(matter).objects.create(
        standard_ref=matter.standard_ref, kind="component", code5=matter.code5,
        name="雨水井盖", parent_code="01", major_name="测试大类",
    )  # fmt: skip
    world.categories["component"] = component
    first, case = file_case("cover"), file_case("component")
    assert alike(case) == [first]


def test_confusables_of_another_standard_do_not_count(world, file_case, confused):
    lane = world.categories["lane"]
    lane.standard_ref = "别的标准"
    lane.save()
    case = file_case("stall")
    file_case("lane")
    assert alike(case) == []


def test_without_a_point_the_community_and_the_words_decide(file_case):
    first = file_case()
    nowhere = {"lng": None, "lat": None, "community_code": COMMUNITY}
    case = file_case(**nowhere)
    other = file_case(**nowhere, **OTHER_WORDS)
    assert set(alike(case)) == {first}
    assert alike(first) == [case]
    assert alike(other) == []
    elsewhere = file_case(
        lng=None, lat=None, community_code="990101002001", by="acceptor"
    )
    assert alike(elsewhere) == []


def test_more_than_seven_days_ago_is_another_matter(file_case):
    file_case(when=MONDAY_9 - timedelta(days=7, minutes=1))
    recent = file_case(when=MONDAY_9 - timedelta(days=6, hours=23))
    case = file_case()
    assert alike(case) == [recent]


@pytest.mark.parametrize(
    "state",
    ["ARCHIVED", "REJECTED", "MERGED", "TRANSFERRED", "VOIDED"],
)
def test_what_has_ended_is_no_candidate(file_case, state):
    case, ended = file_case(), file_case()
    Case.objects.filter(pk=ended.pk).update(
        state=state, master=case if state == State.MERGED else None
    )
    assert alike(case) == []


def test_a_closed_case_still_is_a_candidate(file_case):
    case, closed = file_case(), file_case()
    Case.objects.filter(pk=closed.pk).update(state=State.CLOSED)
    assert alike(case) == [closed]


def test_at_most_five_are_shown_the_likeliest_first(file_case):
    case = file_case()
    near = file_case(**metres_off(5))
    for metres in (20, 25, 30, 35, 40):
        file_case(**OTHER_WORDS, **metres_off(metres))
    found = alike(case)
    assert len(found) == 5
    assert found[0] == near


def test_the_reason_is_said_in_words(file_case, confused):
    case = file_case()
    file_case(**metres_off(12))
    file_case("lane", **OTHER_WORDS, **metres_off(30))
    file_case(lng=None, lat=None, community_code=COMMUNITY)
    said = {words.reason(one) for one in Case.objects.alike(Matter.of(case))}
    assert said == {
        "相距 12 米，同一小类，文字相似 100%",
        "相距 30 米，易混小类“占用消防通道”",
        "没有点位，在同一社区，同一小类，文字相似 100%",
    }


def test_the_administrators_limits_hold(file_case):
    case = file_case()
    far = file_case(**metres_off(230))
    file_case(**OTHER_WORDS, **metres_off(40))
    actor = Actor.system()
    limits = Limits(near_m=30, far_m=400, days=2, likeness=0.9)
    set_duplicate_rule(limits=limits, actor=actor, at=MONDAY_9)
    assert alike(case) == [far]
    set_duplicate_rule(limits=Limits(), actor=actor, at=MONDAY_9)
    assert DuplicateRule.objects.count() == 1
    events = Event.objects.filter(action="cases.set_duplicate_rule").order_by("seq")
    assert [event.detail["before"].get("near_m") for event in events] == [None, 30]


def test_only_an_administrator_sets_the_limits_and_they_must_make_sense(world):
    with pytest.raises(Refused, match="只有系统管理员"):
        set_duplicate_rule(limits=Limits(), actor=world.actor("acceptor"), at=MONDAY_9)
    with pytest.raises(Refused, match="不能小于"):
        set_duplicate_rule(
            limits=Limits(near_m=90, far_m=80), actor=Actor.system(), at=MONDAY_9
        )
    assert not DuplicateRule.objects.exists()
    assert not Event.objects.filter(action="cases.set_duplicate_rule").exists()


def test_it_costs_three_queries_for_one_case_and_for_many(
    file_case, django_assert_num_queries
):
    case = Case.objects.select_related("category").get(pk=file_case().pk)
    file_case()
    with django_assert_num_queries(3):
        Case.objects.alike(Matter.of(case))
    for _one in range(4):
        file_case()
    with django_assert_num_queries(3):
        assert len(alike(case)) == 5


def many_old_cases(case, number):
    """Copies of a case all over the city and the years, written by the database."""
    table = Case._meta.db_table
    changed = {
        "case_no": "lpad(n::text, 19, '0')",
        "reported_at": "reported_at - n * interval '20 minutes'",
        "point": "ST_Translate(point, (n % 300) * 0.002, (n / 300) * 0.002)",
    }
    own = [one for one in Case._meta.fields if not (one.primary_key or one.generated)]
    names = [one.column for one in own]
    values = ", ".join(changed.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {values} "  # noqa: S608
            f"FROM {table}, generate_series(1, {number}) AS n WHERE id = {case.pk}"
        )
        cursor.execute(f"ANALYZE {table}")


def plan_of(cases):
    return cases.explain()


def test_a_city_full_of_old_cases_is_not_read_through(file_case):
    case = file_case()
    many_old_cases(case, 30_000)
    found = Case.objects.candidates_for(Matter.of(case))
    assert "Seq Scan on cases_case" not in plan_of(found)
    no_point = Matter(
        case.category, "门前摆摊", case.reported_at, case.community_id, None
    )
    assert "Seq Scan on cases_case" not in plan_of(
        Case.objects.candidates_for(no_point)
    )
    assert "Seq Scan on cases_case" not in plan_of(Case.objects.recurrences_of(case))


@pytest.fixture
def closed(file_case):
    """Close a case at a moment, as the data says it."""

    def close(when, **more):
        case = file_case(**more, when=when - timedelta(hours=2))
        Case.objects.filter(pk=case.pk).update(state=State.CLOSED, closed_at=when)
        return case

    return close


def test_a_recurrence_is_the_same_point_and_category_within_30_days(file_case, closed):
    older = closed(MONDAY_9 - timedelta(days=29))
    newer = closed(MONDAY_9 - timedelta(days=3), **metres_off(49))
    closed(MONDAY_9 - timedelta(days=31))
    closed(MONDAY_9 - timedelta(days=3), **metres_off(51))
    closed(MONDAY_9 - timedelta(days=3), name="lane")
    case = file_case()
    assert list(Case.objects.recurrences_of(case)) == [newer, older]
    Case.objects.filter(pk=older.pk).update(state=State.ARCHIVED)
    assert older in Case.objects.recurrences_of(case)


def test_what_is_open_or_rejected_or_closed_later_is_no_recurrence(file_case, closed):
    file_case(when=MONDAY_9 - timedelta(days=2))
    rejected = closed(MONDAY_9 - timedelta(days=2))
    Case.objects.filter(pk=rejected.pk).update(state=State.REJECTED)
    case = file_case()
    closed(MONDAY_9 + timedelta(hours=3))
    assert not Case.objects.recurrences_of(case).exists()


def test_without_a_point_there_is_no_recurrence(file_case, closed):
    closed(MONDAY_9 - timedelta(days=2))
    case = file_case(lng=None, lat=None, community_code=COMMUNITY)
    assert not Case.objects.recurrences_of(case).exists()


def test_the_case_page_shows_the_reason_to_who_may_merge_only(file_case, world):
    case = file_case()
    file_case(**metres_off(12))
    page = reverse("case", args=[case.pk])
    assert "相距 12 米，同一小类，文字相似" in (
        signed_in(world, "acceptor").get(page).content.decode()
    )
    for name in ("grid_a", "dispatcher"):
        assert "相距 12 米" not in signed_in(world, name).get(page).content.decode()


def test_the_case_page_hints_at_cases_without_a_point(file_case, world):
    case = file_case(lng=None, lat=None, community_code=COMMUNITY)
    file_case()
    page = signed_in(world, "acceptor").get(reverse("case", args=[case.pk]))
    assert "没有点位，在同一社区，同一小类，文字相似" in page.content.decode()


def test_the_phone_hints_by_words_without_a_point(world, file_case):
    case = file_case()
    client = signed_in(world, "grid_b")
    given = {
        "category": world.categories["stall"].pk,
        "community_code": COMMUNITY,
        "address": "和平路 12 号门前",
        "description": "有人摆摊占住了人行道，行人只能走车道",
    }
    page = client.post(reverse("duplicates"), given).content.decode()
    assert "没有点位，在同一社区，同一小类，文字相似" in page
    assert reverse("support_case", args=[case.pk]) in page
    other = client.post(reverse("duplicates"), {**given, **OTHER_WORDS})
    assert "我也遇到" not in other.content.decode()
    photo = reverse("duplicate_photo", args=[case.pk])
    assert f"{photo}?category" in page
    assert "description" not in page.split(photo)[1].split('"')[0]
    client.post(reverse("support_case", args=[case.pk]), given)
    case.refresh_from_db()
    assert case.supporters_count == 1


def test_the_phone_asks_nothing_without_place(world, file_case):
    file_case()
    client = signed_in(world, "grid_b")
    given = {"category": world.categories["stall"].pk}
    page = client.post(reverse("duplicates"), given).content.decode()
    assert "我也遇到" not in page


def test_a_point_is_measured_the_same_in_every_direction(file_case):
    case = file_case()
    north = file_case(**OTHER_WORDS, lat=SPOT[1] + 49 / 110_800)
    file_case(**OTHER_WORDS, lat=SPOT[1] - 52 / 110_800)
    assert alike(case) == [north]


def test_the_administration_keeps_one_rule(client, world):
    posting = PostingFactory(
        user=UserFactory(is_staff=True, is_superuser=True),
        post=PostFactory(role=Role.SYSTEM_ADMIN),
    )
    client.force_login(posting.user)
    adding = reverse("admin:cases_duplicaterule_add")
    given = {"near_m": "80", "far_m": "60", "days": "10", "likeness": "0.3"}
    page = client.post(adding, given).content.decode()
    assert "“稍远”不能小于“附近”" in page
    assert not DuplicateRule.objects.exists()
    assert client.post(adding, {**given, "far_m": "160"}).status_code == 302
    rule = DuplicateRule.objects.get()
    assert rule.limits == Limits(near_m=80, far_m=160, days=10, likeness=0.3)
    assert client.get(adding).status_code == 403
    change = reverse("admin:cases_duplicaterule_change", args=[rule.pk])
    answer = client.post(change, {**given, "far_m": "100", "days": "3"})
    assert answer.status_code == 302
    assert DuplicateRule.objects.get().limits.days == 3
    assert Event.objects.filter(action="cases.set_duplicate_rule").count() == 2
