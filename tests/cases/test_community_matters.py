"""社区事项清单: what the community may handle itself and the street send down to it."""

from decimal import Decimal

import pytest
from django.urls import reverse

from cases import actions
from cases.actions.catalogue import edit_category
from cases.actions.handling import community_item
from cases.explain import explain
from cases.models import Case, Category, FilingCondition, ResponsibilityItem
from cases.offers import offers
from cases.workflow import TRANSITIONS, State
from governance.errors import Refused
from governance.models import Event
from grids.codes import Level
from parties.roles import Role
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, piece, signed_in
from tests.cases.test_catalogue_import import PLAIN, bring_in, faults_of
from tests.factories import PostFactory, PostingFactory, UserFactory

SENTENCE = "不在社区事项清单：社区请上呈街道，街道请自办或吹哨"
TENTH = (
    "大类代码", "大类名称", "小类代码", "小类名称", "处置单位", "主管部门", "立案条件",
    "结案条件", "处置时限", "社区事项",
)  # fmt: skip


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


@pytest.fixture
def struck(world) -> Category:
    """占用消防通道 is not the community's."""
    lane = world.categories["lane"]
    lane.community_matter = False
    lane.save()
    return lane


@pytest.fixture
def heavy(world) -> FilingCondition:
    """A condition that the community cannot deal with, of a category that it can."""
    return FilingCondition.objects.create(
        category=world.categories["lane"], text="涉及危险品", order=2,
        limit_n=Decimal(1), limit_unit="WORK_HOUR", beyond_community=True,
    )  # fmt: skip


def own(road: Road) -> int:
    return road.world.categories["lane"].conditions.get(order=1).pk


def accept(road: Road, case: Case, condition_id: int | None = None) -> Case:
    actions.accept(
        case_id=case.pk, handler_id=road.world.user_id("community_handler"),
        condition_id=condition_id or own(road),
        actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    return again(case)


def send_down(road: Road, case: Case, **more) -> Case:
    given = {
        "opinion": "请社区劝导",
        "list_item": "清单第三条",
        "condition_id": own(road),
    }
    actions.send_down(
        case_id=case.pk, actor=road.world.actor("dispatcher"), at=MONDAY_9,
        **{**given, **more},
    )  # fmt: skip
    return again(case)


def offered(case: Case, actor) -> set[str]:
    return {one.name for one in offers(case, actor, MONDAY_9)}


def test_the_guard_stands_in_both_rows_of_the_table() -> None:
    guarded = {
        row.id
        for row in TRANSITIONS
        if any(one.name == "community_matter" for one in row.guards)
    }
    assert guarded == {"T11", "T18"}


def test_what_is_on_the_list_is_handled_and_sent_down(road) -> None:
    assert accept(road, road.reported()).state == State.COMMUNITY_HANDLING
    case = send_down(road, road.pending())
    assert case.state == State.COMMUNITY_HANDLING
    event = Event.objects.filter(chain=case.chain).latest("seq")
    assert event.detail["given"]["list_item"] == "清单第三条"


@pytest.mark.usefixtures("struck")
def test_what_is_not_on_the_list_is_neither(road) -> None:
    reported, pending = road.reported(), road.pending()
    before = Event.objects.count()
    for step, case in ((accept, reported), (send_down, pending)):
        with pytest.raises(Refused, match=SENTENCE) as refused:
            step(road, case)
        assert refused.value.code == "guard"
        assert again(case).state == case.state
    assert Event.objects.count() == before
    desk, dispatcher = road.world.actor("acceptor"), road.world.actor("dispatcher")
    assert "accept" not in offered(again(reported), desk)
    assert "raise_to_street" in offered(again(reported), desk)
    assert "send_down" not in offered(again(pending), dispatcher)
    assert "社区接报自办" not in explain(again(reported), MONDAY_9).now


@pytest.mark.parametrize("step", [accept, send_down])
def test_a_condition_may_go_beyond_the_community(road, heavy, step) -> None:
    case = road.reported() if step is accept else road.pending()
    before = Event.objects.count()
    with pytest.raises(Refused, match=SENTENCE) as refused:
        step(road, case, condition_id=heavy.pk)
    assert refused.value.field == "condition"
    assert (again(case).state, Event.objects.count()) == (case.state, before)


@pytest.mark.parametrize("item", ["", "  "])
def test_sending_down_names_the_item_of_the_list(road, item) -> None:
    with pytest.raises(Refused, match="社区事项清单的哪一条") as refused:
        send_down(road, road.pending(), list_item=item)
    assert refused.value.field == "list_item"


def test_the_item_comes_from_the_responsibility_list_where_it_has_one(
    road, turn
) -> None:
    case = road.pending(name="stall")
    assert community_item(case) == "社区事项清单：09006 占道经营"
    ResponsibilityItem.objects.create(
        category=case.category, level=Level.COMMUNITY, role="lead",
        area=road.world.areas["990101"], legal_basis="清单第八条",
        valid_from="2026-01-01",
    )  # fmt: skip
    turn(MONDAY_9)
    wanted = "权责清单：09006 占道经营，属地社区主责（清单第八条）"
    assert community_item(again(case)) == wanted


def test_the_pages_leave_out_keep_and_carry_out(road, heavy) -> None:
    case = road.pending()
    client = signed_in(road.world, "dispatcher")
    page = reverse("case_action", args=[case.pk, "send_down"])
    content = client.get(page).content.decode()
    assert "社区事项清单：09012 占用消防通道" in content
    assert "占用消防通道的" in content and "涉及危险品" not in content
    given = {"version": case.version, "opinion": "请社区劝导", "condition": own(road)}
    refused = piece(client, page, **given, list_item="")
    assert refused.status_code == 422
    assert "请填写依据清单条目" in refused.content.decode()
    assert "请社区劝导" in refused.content.decode()
    assert "HX-Redirect" in piece(client, page, **given, list_item="清单第三条")
    content = signed_in(road.world, "acceptor").get(f"/cases/{case.pk}/")
    assert "清单第三条" in content.content.decode()


@pytest.mark.usefixtures("struck")
def test_the_page_of_a_case_off_the_list_says_what_to_do(road) -> None:
    case = road.reported()
    page = reverse("case_action", args=[case.pk, "accept"])
    answer = signed_in(road.world, "acceptor").get(page)
    assert answer.status_code == 422
    assert SENTENCE in answer.content.decode()


@pytest.mark.django_db
def test_a_tenth_column_of_the_workbook_draws_the_list() -> None:
    said = ("是", "否", "否")
    lines = [(*line, word) for line, word in zip(PLAIN, said, strict=True)]
    bring_in(*lines, header=TENTH)
    cover, lamp = Category.objects.order_by("code5")
    assert (cover.community_matter, lamp.community_matter) == (True, False)
    beyond = cover.conditions.order_by("order").values_list(
        "beyond_community", flat=True
    )
    assert list(beyond) == [False, True]
    bring_in(*PLAIN)
    lamp.refresh_from_db()
    assert not lamp.community_matter, "a standard that says nothing leaves it"
    wrong = faults_of(*[(*line, "可能") for line in PLAIN[:1]], header=TENTH)
    assert "只能填“是”或“否”" in wrong[3]


def test_the_administrator_draws_the_list(client, world) -> None:
    posting = PostingFactory(
        user=UserFactory(is_staff=True, is_superuser=True),
        post=PostFactory(role=Role.SYSTEM_ADMIN),
    )
    client.force_login(posting.user)
    lane = world.categories["lane"]
    url = reverse("admin:cases_category_changelist")
    for action, listed in (
        ("strike_from_community", False), ("list_for_community", True)
    ):  # fmt: skip
        client.post(url, {"action": action, "_selected_action": [lane.pk]})
        lane.refresh_from_db()
        assert lane.community_matter is listed
        event = Event.objects.filter(action="cases.edit_category").latest("pk")
        assert event.detail["fields"]["community_matter"] == [not listed, listed]
    content = client.get(reverse("catalogue_category", args=[lane.pk]))
    assert "在清单上，社区可以自办" in content.content.decode()


@pytest.mark.parametrize("name", ["assessor", "district", "acceptor"])
def test_others_do_not_draw_the_list(world, name) -> None:
    with pytest.raises(Refused, match="只有系统管理员"):
        edit_category(
            category_id=world.categories["lane"].pk,
            changes={"community_matter": False},
            actor=world.actor(name), at=MONDAY_9,
        )  # fmt: skip
