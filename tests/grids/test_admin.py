import pytest
from django.urls import reverse

from governance.models import Event
from parties.roles import Role
from tests.factories import PostingFactory, UserFactory
from tests.grids import cities
from tests.grids.cities import LATER

BACKEND = "django.contrib.auth.backends.ModelBackend"
LIST = reverse("admin:grids_area_changelist")


@pytest.fixture
def administrator(client, db):
    posting = PostingFactory(
        post__role=Role.SYSTEM_ADMIN,
        user=UserFactory(is_staff=True, is_superuser=True),
    )
    client.force_login(posting.user, backend=BACKEND)
    return client


def change_url(area):
    return reverse("admin:grids_area_change", args=[area.pk])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=990101001001002", {"二格"}),
        ("q=和平", {"和平街道"}),
        ("level__exact=4", {"幸福社区", "安宁社区"}),
        ("level__exact=4&drawn=0", {"安宁社区"}),
        ("level__exact=4&drawn=1", {"幸福社区"}),
    ],
)
def test_areas_are_found(administrator, town, query, names):
    cities.area("990101001002", "安宁社区")
    page = administrator.get(f"{LIST}?{query}")
    assert {area.name for area in page.context["cl"].result_list} == names


def test_versions_are_shown_and_not_changed(administrator, town):
    cities.publish(
        (town["west"], cities.box(0, 0, 0.5, 1)),
        (town["east"], cities.box(0.5, 0, 2, 1)),
        at=LATER,
    )
    page = administrator.get(change_url(town["west"])).content.decode()
    assert "1,089,991" in page
    assert "边界版本" in page
    assert 'name="boundaries-0-source"' not in page


def form(**given):
    return {
        "boundaries-TOTAL_FORMS": 0,
        "boundaries-INITIAL_FORMS": 0,
        "name": "和平街道",
        "short_name": "",
    } | given


def test_renaming_goes_by_the_action(administrator, town):
    street = town["street"]
    answer = administrator.post(change_url(street), form(name="和平里街道"))
    assert answer.status_code == 302
    street.refresh_from_db()
    assert street.name == "和平里街道"
    event = Event.objects.get(action="grids.rename_area")
    assert event.actor["role"] == "system_admin"


def test_saving_without_a_change_leaves_no_event(administrator, town):
    administrator.post(change_url(town["street"]), form())
    assert not Event.objects.filter(action="grids.rename_area").exists()


def test_areas_are_neither_added_nor_deleted_here(administrator, town):
    assert administrator.get(reverse("admin:grids_area_add")).status_code == 403
    gone = reverse("admin:grids_area_delete", args=[town["west"].pk])
    assert administrator.get(gone).status_code == 403


def test_others_stay_out(client, town):
    client.force_login(PostingFactory().user, backend=BACKEND)
    assert client.get(LIST).status_code == 302
