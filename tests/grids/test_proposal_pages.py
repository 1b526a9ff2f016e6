"""The page of grid proposals: who may see it, and every button on it."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from grids import actions
from grids.models import Area, GridProposal
from parties.roles import Role
from tests.factories import PostingFactory, UserFactory
from tests.grids import cities
from tests.grids.cities import COMMUNITY, box

BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGE = reverse("proposal", args=[COMMUNITY])
REDRAW = reverse("proposal_redraw", args=[COMMUNITY])
PUBLISH = reverse("proposal_publish", args=[COMMUNITY])
DISCARD = reverse("proposal_discard", args=[COMMUNITY])
ASKED = {"low": 300, "high": 500, "households": 1600, "crs": "cgcs2000"}
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def community(db):
    ground = box(0, 0, 2, 1)
    cities.area("9901", "示例市", ground)
    cities.area("990101", "城东区", ground)
    cities.area("990101001", "和平街道", ground)
    return cities.area(COMMUNITY, "幸福社区", ground)


@pytest.fixture
def administrator(client, community):
    posting = PostingFactory(
        post__role=Role.SYSTEM_ADMIN, user=UserFactory(is_staff=True)
    )
    client.force_login(posting.user, backend=BACKEND)
    return client


@pytest.fixture
def draft(community):
    return actions.propose(
        area_id=community.pk, households=1600, actor=cities.ACTOR, at=cities.AT
    )


def numbers(draft):
    return list(draft.parts.order_by("number").values_list("number", flat=True))


def test_anonymous_people_are_asked_to_sign_in(client, community):
    assert client.get(PAGE)["Location"].startswith(reverse("login"))


def test_the_page_does_not_exist_for_a_grid_worker(client, draft):
    posting = PostingFactory(post__role=Role.GRID_WORKER)
    client.force_login(posting.user, backend=BACKEND)

    assert client.get(PAGE).status_code == 404
    for address in (PAGE, REDRAW, PUBLISH, DISCARD):
        assert client.post(address).status_code == 404


def test_only_streets_and_communities_in_use_have_the_page(administrator, community):
    assert administrator.get(reverse("proposal", args=["990101001"])).status_code == 200
    assert administrator.get(reverse("proposal", args=["990101"])).status_code == 404
    assert administrator.get(reverse("proposal", args=["123"])).status_code == 404


def test_without_a_draft_the_form_stands_open(administrator):
    page = administrator.get(PAGE).content.decode()

    assert "把社区划成网格" in page
    assert 'id="proposal-form"' not in page
    assert administrator.post(REDRAW).status_code == 404


def test_asking_makes_a_draft_that_the_page_shows(administrator):
    answer = administrator.post(PAGE, ASKED, follow=True)

    page = answer.content.decode()
    assert "建议划成 4 个" in page
    assert "全部在范围内" in page
    shapes = answer.context["shapes"]["features"]
    assert [one["properties"]["number"] for one in shapes] == [1, 2, 3, 4]


def test_points_of_a_file_are_counted(administrator):
    rows = "\n".join(f"{113.0002 + i * 0.0002},28.005,20" for i in range(90))
    file = SimpleUploadedFile("户.csv", f"lng,lat,households\n{rows}\n".encode())

    administrator.post(PAGE, {**ASKED, "points": file})

    assert GridProposal.objects.get().settings["households"] == 1800


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"low": 600}, "户数下限应大于 0 且小于上限"),
        ({"households": ""}, "不知道“幸福社区”有多少户"),
        ({"parts": 999}, "300"),
        (
            {"points": SimpleUploadedFile("a.csv", b"a,b\n1,2\n")},
            "CSV 第一行应当有列名",
        ),
    ],
)
def test_wishes_that_make_no_sense_are_told_at_their_field(administrator, given, told):
    answer = administrator.post(PAGE, {**ASKED, **given})

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not GridProposal.objects.exists()


def test_htmx_gets_the_piece_and_others_are_sent_back_to_the_page(administrator, draft):
    wish = {"wish": "split", "numbers": [1], "into": 2}

    piece = administrator.post(REDRAW, wish, **HTMX)
    page = administrator.post(REDRAW, wish)

    assert piece.content.decode().lstrip().startswith('<div id="proposal">')
    assert page["Location"] == PAGE
    assert numbers(draft) == [1, 2, 3, 4, 5, 6]


def test_each_button_does_its_one_thing(administrator, draft):
    west, south, east, north = 112.99, 27.99, 113.03, 28.02
    across = json.dumps([[west, (south + north) / 2], [east, (south + north) / 2]])
    for wish, expected in [
        ({"wish": "merge", "numbers": numbers(draft)}, 1),
        ({"wish": "line", "numbers": [1], "line": across}, 2),
        ({"wish": "line", "numbers": [1, 2], "line": across}, 2),
        ({"wish": "split", "numbers": [2], "into": 2}, 3),
        ({"wish": "name", "numbers": [1], "name": "花园网格"}, 3),
    ]:
        answer = administrator.post(REDRAW, wish, **HTMX)
        assert answer.status_code == 200, answer.content.decode()
        assert draft.parts.count() == expected
    assert draft.parts.get(number=1).name == "花园网格"


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"wish": "merge", "numbers": [1]}, "至少选择两个"),
        ({"wish": "split", "numbers": [1, 2], "into": 2}, "选择一个格子"),
        ({"wish": "split", "numbers": [1], "into": "x"}, "整数"),
        ({"wish": "split", "numbers": [1], "into": 99}, "2 到 20"),
        ({"wish": "line", "numbers": [1], "line": ""}, "先在地图上画线"),
        ({"wish": "line", "numbers": [1], "line": "[[1]]"}, "先在地图上画线"),
        ({"wish": "line", "numbers": [1], "line": "[[1,2],[3,4]]"}, "只穿过一次"),
        ({"wish": "name", "numbers": [9], "name": "甲"}, "已经变化"),
        ({"wish": "assign", "numbers": [1], "code": COMMUNITY}, "只有社区划分"),
        ({"wish": "dance"}, "没有这种操作"),
    ],
)
def test_what_is_refused_is_said_in_the_piece(administrator, draft, wish, told):
    answer = administrator.post(REDRAW, wish, **HTMX)

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert draft.parts.count() == 4


def test_publishing_makes_the_grids(administrator, draft, community):
    answer = administrator.post(PUBLISH)

    assert answer.status_code == 302
    assert Area.objects.below(community).count() == 4


def test_a_gap_is_told_and_may_be_accepted(administrator, draft, community):
    draft.parts.get(number=1).delete()

    refused = administrator.post(PUBLISH)
    assert refused.status_code == 422
    assert "没有下级覆盖" in refused.content.decode()
    assert 'name="accept_gaps"' in refused.content.decode()

    administrator.post(PUBLISH, {"accept_gaps": "on"})
    assert Area.objects.below(community).count() == 3


def test_discarding_leaves_no_draft(administrator, draft):
    administrator.post(DISCARD)

    draft.refresh_from_db()
    assert draft.status == GridProposal.Status.DISCARDED
    assert administrator.post(PUBLISH).status_code == 404


def test_parts_of_a_street_are_matched_to_its_communities(administrator, community):
    cities.area("990101001002", "安康社区")
    street = Area.objects.get(code="990101001")
    draft = actions.propose(area_id=street.pk, actor=cities.ACTOR, at=cities.AT)
    page = reverse("proposal", args=[street.code])
    assert "安康社区（002）" in administrator.get(page).content.decode()

    administrator.post(
        reverse("proposal_redraw", args=[street.code]),
        {"wish": "assign", "numbers": [1], "code": "990101001002"},
    )

    assert draft.parts.get(number=1).name == "安康社区"


def test_the_page_asks_the_same_number_of_questions_for_any_number_of_parts(
    administrator, community, django_assert_max_num_queries
):
    actions.propose(area_id=community.pk, parts=40, actor=cities.ACTOR, at=cities.AT)

    with django_assert_max_num_queries(16):
        administrator.get(PAGE)
