"""Confidential cases (DOMAIN F6): for those let in alone, wherever one looks."""

import pytest
from django.urls import reverse

from cases import actions
from cases.models import Case, CaseMember
from cases.querysets.duplicates import Matter
from governance.errors import Refused
from governance.models import Event
from parties.models import Notification
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, piece, signed_in


@pytest.fixture
def road(world, file_case, photos) -> Road:
    category = world.categories["lane"]
    category.is_confidential = True
    category.save()
    return Road(world, file_case, photos)


def seeing(road, case) -> set[str]:
    return {
        name
        for name in road.world.postings
        if Case.objects.visible_to(road.world.actor(name)).filter(pk=case.pk).exists()
    }


def in_hand(road):
    """Received by the community, and one of its handlers has it in hand."""
    case = road.reported()
    actions.accept(
        case_id=case.pk, handler_id=road.world.user_id("community_handler"),
        condition_id=case.category.conditions.get().pk,
        actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    return again(case)


def add(road, case, name="urban_leader", by="community_handler", **more):
    given = {"role": "法律顾问", "opinion": "请其到场调解", **more}
    return actions.add_member(
        case_id=case.pk, user_id=road.world.user_id(name),
        actor=road.world.actor(by), at=MONDAY_9, **given,
    )  # fmt: skip


COMMUNITY = {"grid_a", "acceptor", "community_leader"}
STREET = {"street_acceptor", "dispatcher", "shift_head", "street_leader"}


def test_only_the_reporter_and_the_community_s_desk_see_what_was_filed(road) -> None:
    case = road.reported()
    assert case.confidential
    assert seeing(road, case) == COMMUNITY


def test_the_holder_and_the_members_are_let_in_until_removed(road) -> None:
    case = in_hand(road)
    assert seeing(road, case) == COMMUNITY | {"community_handler"}
    before = Event.objects.count()
    add(road, case)
    assert Event.objects.count() == before + 1
    assert "urban_leader" in seeing(road, case)
    actions.remove_member(
        case_id=case.pk, user_id=road.world.user_id("urban_leader"), opinion="已调解",
        actor=road.world.actor("community_handler"), at=MONDAY_9,
    )  # fmt: skip
    assert "urban_leader" not in seeing(road, case)
    assert CaseMember.objects.get().removed_at == MONDAY_9


def test_handed_on_it_is_the_street_s_and_no_longer_the_community_s(road) -> None:
    assert seeing(road, road.pending()) == {"grid_a"} | STREET


def test_the_called_unit_can_report_for_duty(road) -> None:
    case = road.whistled()
    assert seeing(road, case) == {"grid_a", "fire"} | STREET
    case = road.check_in(case, "fire")
    assert "fire" in seeing(road, case)
    assert "urban" not in seeing(road, case)


def test_an_ordinary_case_is_seen_as_before(road) -> None:
    assert {"grid_a", "assessor", "district"} <= seeing(road, road.reported("stall"))


def test_duplicates_and_recurrences_never_show_it(road) -> None:
    case = road.reported()
    matter = Matter.of(road.reported())
    assert list(Case.objects.candidates_for(matter)) == []
    assert Case.objects.alike(matter) == []
    Case.objects.filter(pk=case.pk).update(state="CLOSED", closed_at=MONDAY_9)
    assert not Case.objects.recurrences_of(road.reported()).exists()
    with pytest.raises(Refused, match="不能附和"):
        actions.support(
            case_id=case.pk, remark="", actor=road.world.actor("grid_b"), at=MONDAY_9
        )


def test_lists_pages_and_api_agree(road) -> None:
    case = road.reported()
    for name, status in (("acceptor", 200), ("dispatcher", 404), ("assessor", 404)):
        client = signed_in(road.world, name)
        page = client.get(reverse("case", args=[case.pk]))
        assert page.status_code == status, name
        found = client.get(reverse("api_case", args=[case.pk]))
        assert found.status_code == status, name
        listed = client.get(reverse("api_cases")).json()["results"]
        assert (case.pk in [one["id"] for one in listed]) == (status == 200)
        points = client.get(reverse("desk_points")).json()["features"]
        assert (case.pk in [one["id"] for one in points]) == (status == 200), name


def test_nobody_hears_of_it_who_may_not_read_it(road, turn) -> None:
    case = road.whistled()
    turn(MONDAY_9)
    told = Notification.objects.filter(subject=case.chain)
    names = set(told.values_list("user__name", flat=True))
    assert "fire" in names
    assert names <= {"grid_a", "fire", *STREET}


def test_members_are_the_holder_s_to_name(road) -> None:
    case = in_hand(road)
    before = Event.objects.count()
    for by in ("acceptor", "dispatcher", "fire"):
        with pytest.raises(Refused, match="承办人增减"):
            add(road, case, by=by)
    for field, sentence in (("role", "什么身份"), ("opinion", "理由")):
        with pytest.raises(Refused, match=sentence) as refused:
            add(road, case, **{field: ""})
        assert refused.value.field == field
    assert Event.objects.count() == before
    add(road, case)
    with pytest.raises(Refused, match="已是本案办理成员"):
        add(road, case)
    with pytest.raises(Refused, match="只有保密案件"):
        add(road, road.reported("stall"), by="acceptor")


def test_the_pages_add_and_show_members(road, monkeypatch) -> None:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    case = road.reported()
    client = signed_in(road.world, "acceptor")
    url = reverse("case_action", args=[case.pk, "add_member"])
    assert "本案保密" in piece(client, url).content.decode()
    answer = piece(client, url, role="片区民警", opinion="")
    assert answer.status_code == 422
    assert "片区民警" in answer.content.decode()
    user = road.world.user_id("urban")
    piece(client, url, user=user, role="片区民警", opinion="到场")
    assert "片区民警" in client.get(reverse("case", args=[case.pk])).content.decode()
    url = reverse("case_action", args=[case.pk, "remove_member"])
    piece(client, url, user=user, opinion="完成")
    assert not CaseMember.objects.filter(removed_at=None).exists()


def test_the_scope_asks_nothing_more_of_ordinary_cases(
    road, django_assert_num_queries
) -> None:
    found = Case.objects.visible_to(road.world.actor("dispatcher"))
    with django_assert_num_queries(1):
        list(found)
    assert " JOIN " not in str(found.query)
