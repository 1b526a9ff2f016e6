"""The import pages: upload, look, accept, confirm."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from governance.geo import Crs
from governance.models import Event
from grids import uploads
from grids.importing import Options
from grids.models import Area, Level
from parties.roles import Role
from tests.factories import PostingFactory, UserFactory
from tests.grids import cities, writers
from tests.grids.cities import COMMUNITY, box

BACKEND = "django.contrib.auth.backends.ModelBackend"
UPLOAD = reverse("areas_import")
WEST = (f"{COMMUNITY}001", "一格", box(0, 0, 1, 1))
EAST = (f"{COMMUNITY}002", "二格", box(1, 0, 2, 1))


@pytest.fixture(autouse=True)
def own_state(settings, tmp_path):
    settings.STATE_DIR = tmp_path / "state"


@pytest.fixture
def community(db):
    street = box(0, 0, 2, 1)
    cities.area("9901", "示例市", street)
    cities.area("990101", "城东区", street)
    cities.area("990101001", "和平街道", street)
    return cities.area(COMMUNITY, "幸福社区", street)


@pytest.fixture
def administrator(client, db):
    posting = PostingFactory(
        post__role=Role.SYSTEM_ADMIN, user=UserFactory(is_staff=True)
    )
    client.force_login(posting.user, backend=BACKEND)
    return client


def given(tmp_path, *rows, **fields):
    path = writers.geojson(tmp_path / "grids.geojson", rows)
    file = SimpleUploadedFile("网格.geojson", path.read_bytes())
    usual = {"file": file, "level": 5, "crs": "cgcs2000", "parent_by": "code"}
    return usual | fields


def grids():
    return Area.objects.at_level(Level.GRID).count()


def test_anonymous_people_are_asked_to_sign_in(client, db):
    assert client.get(UPLOAD).url.startswith(reverse("login"))


def test_the_pages_do_not_exist_for_others(client, db):
    posting = PostingFactory(post__role=Role.GRID_WORKER)
    client.force_login(posting.user, backend=BACKEND)
    assert client.get(UPLOAD).status_code == 404


def test_a_system_administrator_need_not_be_staff(client, db):
    posting = PostingFactory(post__role=Role.SYSTEM_ADMIN)
    client.force_login(posting.user, backend=BACKEND)
    assert client.get(UPLOAD).status_code == 200


def test_the_first_superuser_acts_in_their_own_name(client, community, tmp_path):
    """Places are imported before there can be posts."""
    user = UserFactory(is_staff=True, is_superuser=True, username="first")
    client.force_login(user, backend=BACKEND)
    client.post(client.post(UPLOAD, given(tmp_path, WEST, EAST)).url)
    assert grids() == 2
    event = Event.objects.filter(action="grids.publish_boundary").latest("pk")
    assert event.actor == {"name": "first", "user_id": user.pk}


def test_whoever_was_administrator_is_none_any_more(client, db):
    """What opened with the posting shuts with it; other posts do not open it either."""
    posting = PostingFactory(
        post__role=Role.SYSTEM_ADMIN,
        user=UserFactory(is_staff=True, is_superuser=True),
        ends_at=timezone.now() - timedelta(days=1),
    )
    client.force_login(posting.user, backend=BACKEND)
    assert client.get(UPLOAD).status_code == 422
    PostingFactory(post__role=Role.STREET_DISPATCHER, user=posting.user)
    assert client.get(UPLOAD).status_code == 404


def test_an_account_without_a_posting_is_told_so(client, db):
    client.force_login(UserFactory(), backend=BACKEND)
    assert client.get(UPLOAD).status_code == 422


def test_from_upload_to_map(administrator, community, tmp_path):
    answer = administrator.post(UPLOAD, given(tmp_path, WEST, EAST))
    assert answer.status_code == 302
    review = administrator.get(answer.url)
    page = review.content.decode()
    assert "没有发现问题" in page
    assert "网格.geojson" in page
    assert len(review.context["preview"]["areas"]["features"]) == 2
    assert grids() == 0
    done = administrator.post(answer.url)
    assert done.url == reverse("areas_map")
    assert grids() == 2
    event = Event.objects.get(
        chain=f"area:{COMMUNITY}001", action="grids.publish_boundary"
    )
    assert event.detail["source"] == "网格.geojson"
    assert event.actor["role"] == "system_admin"
    assert administrator.get(answer.url).status_code == 404


def test_warnings_are_accepted_by_kind(administrator, community, tmp_path):
    url = administrator.post(UPLOAD, given(tmp_path, WEST)).url
    review = administrator.get(url)
    assert [kind.value for kind in review.context["kinds"]] == ["gap"]
    assert review.context["preview"]["findings"]["features"]
    refused = administrator.post(url)
    assert refused.status_code == 422
    assert "有警告尚未接受" in refused.content.decode()
    assert grids() == 0
    administrator.post(url, {"accept": ["gap"]})
    assert grids() == 1


def test_errors_are_listed_and_cannot_be_confirmed(administrator, community, tmp_path):
    wide = (EAST[0], EAST[1], box(0.9, 0, 2, 1))
    url = administrator.post(UPLOAD, given(tmp_path, WEST, wide)).url
    page = administrator.get(url).content.decode()
    assert "重叠" in page
    assert "确认导入" not in page
    refused = administrator.post(url, {"accept": ["gap", "overlap"]})
    assert refused.status_code == 422
    assert grids() == 0


def test_a_file_that_cannot_be_read_is_said_at_the_field(
    administrator, community, tmp_path
):
    file = SimpleUploadedFile("网格.geojson", b"<xml/>")
    answer = administrator.post(UPLOAD, given(tmp_path, WEST, file=file))
    assert answer.status_code == 422
    assert "与扩展名" in answer.context["form"].errors["file"][0]
    assert not list((tmp_path / "state" / "imports").iterdir())


@pytest.mark.parametrize("name", ["网格.shp", "网格.exe", "网格"])
def test_other_kinds_of_file_are_refused(administrator, community, tmp_path, name):
    file = SimpleUploadedFile(name, b"x")
    answer = administrator.post(UPLOAD, given(tmp_path, WEST, file=file))
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def test_a_missing_field_is_said_at_the_field(administrator, community, tmp_path):
    answer = administrator.post(UPLOAD, given(tmp_path, WEST, code_field="编号"))
    assert "没有字段 编号" in answer.context["form"].errors["code_field"][0]


def test_an_upload_belongs_to_who_sent_it(administrator, client, community, tmp_path):
    url = administrator.post(UPLOAD, given(tmp_path, WEST, EAST)).url
    other = PostingFactory(post__role=Role.SYSTEM_ADMIN)
    client.force_login(other.user, backend=BACKEND)
    assert client.get(url).status_code == 404


def test_uploads_are_kept_for_a_day(administrator, community, tmp_path):
    url = administrator.post(UPLOAD, given(tmp_path, WEST, EAST)).url
    assert len(os.listdir(tmp_path / "state" / "imports")) == 1
    uploads.keep(
        name="a.csv",
        chunks=[b"code,name\n"],
        options=Options(level=Level.STREET, crs=Crs.WGS84),
        user_id=1,
        at=datetime.now(UTC) + timedelta(days=2),
    )
    assert administrator.get(url).status_code == 404
