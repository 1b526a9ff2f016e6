import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases import actions
from cases.models import Photo
from governance.errors import Refused
from tests.cases.conftest import SPOT


@pytest.fixture
def upload(client, world, photos, snapshot):
    """Send one picture as the phone does."""

    def upload(name="grid_a", content=snapshot, **more):
        client.force_login(world.postings[name].user)
        body = {
            "id": str(uuid.uuid4()),
            "batch": str(uuid.uuid4()),
            "stage": "report",
            "photo": SimpleUploadedFile("photo", content, "image/jpeg"),
            **more,
        }
        return client.post(reverse("upload_photo"), body)

    return upload


def test_sending_a_photo_asks_who_is_there(client, db):
    assert client.post(reverse("upload_photo")).status_code == 302
    assert client.get(reverse("photo", args=[uuid.uuid4()])).status_code == 302


def test_a_photo_is_kept_with_time_and_place(upload):
    answer = upload(taken_at="2026-11-20T09:12:00Z", lng=SPOT[0], lat=SPOT[1])
    assert answer.status_code == 200
    photo = Photo.objects.get(pk=answer.json()["id"])
    assert photo.position.x == pytest.approx(SPOT[0])
    assert f"{photo.taken_at:%H:%M}" == "09:12"


def test_the_same_photo_again_is_the_same(upload):
    same = {"id": str(uuid.uuid4()), "batch": str(uuid.uuid4())}
    assert upload(**same).json() == upload(**same).json()
    assert Photo.objects.count() == 1


def test_what_is_no_picture_is_refused_in_words(upload):
    answer = upload(content=b"GIF89a not a photo")
    assert answer.status_code == 422
    assert "只能上传" in answer.json()["message"]


def test_a_photo_without_its_facts_is_refused_in_words(upload):
    answer = upload(id="not-an-id")
    assert answer.status_code == 422
    assert "没有收全" in answer.json()["message"]


def test_before_it_is_filed_only_the_uploader_sees_it(upload, client, world):
    photo_id = upload().json()["id"]
    answer = client.get(reverse("photo", args=[photo_id]))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private")
    client.force_login(world.postings["acceptor"].user)
    assert client.get(reverse("photo", args=[photo_id])).status_code == 404


def test_after_it_is_filed_whoever_sees_the_case_sees_it(client, world, file_case):
    thumb = reverse("photo_thumb", args=[file_case().photos.get().pk])
    for name, status in (("acceptor", 200), ("grid_a", 200), ("grid_b", 404)):
        client.force_login(world.postings[name].user)
        assert client.get(thumb).status_code == status


def test_the_uploader_takes_back_what_no_case_has(upload, client, world, file_case):
    filed = file_case().photos.get()
    photo_id = upload().json()["id"]
    client.force_login(world.postings["grid_b"].user)
    client.post(reverse("remove_photo", args=[photo_id]))
    assert Photo.objects.filter(pk=photo_id).exists()
    client.force_login(world.postings["grid_a"].user)
    for pk in (photo_id, filed.pk, uuid.uuid4()):
        assert client.post(reverse("remove_photo", args=[pk])).status_code == 204
    assert list(Photo.objects.all()) == [filed]


def test_a_file_that_is_too_large_is_refused_unread(settings):
    settings.PHOTO_MAX_BYTES = 10

    class Large:
        size = 11

        def read(self):
            raise AssertionError("read before its size was looked at")

    with pytest.raises(Refused, match="超过"):
        actions.content_of(Large())
