"""What a phone exported is brought in at the desk: for the worker, and once."""

import io
import json
import os
import time
import uuid
import zipfile
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import actions, phone_exports
from cases.models import Case, Photo, Submission
from cases.phone_exports import read_export
from governance import clock
from governance.errors import Refused
from governance.models import Event
from tests.cases.conftest import MONDAY_9, SPOT

NOW = MONDAY_9 + timedelta(minutes=30)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def item(world):
    def item(**more):
        return {
            "id": str(uuid.uuid4()),
            "kind": "report",
            "stage": "queued",
            "title": "占道经营",
            "fields": {
                "kind": "report",
                "category": world.categories["stall"].pk,
                "description": "门前摆摊占住了整条人行道，行人只能走车道。",
                "address": "和平路 12 号门前",
                "lng": SPOT[0],
                "lat": SPOT[1],
                "found_at": (NOW - timedelta(hours=2)).isoformat(),
            },
            "photos": [{"id": str(uuid.uuid4()), "stage": "report"}],
            **more,
        }

    return item


@pytest.fixture
def export(world, snapshot):
    def export(*items, account="grid_a", photos=True, **more):
        buffer = io.BytesIO()
        about = {
            "format": 1,
            "account": str(world.user_id(account)),
            "items": list(items),
            **more,
        }
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("outbox.json", json.dumps(about))
            for one in items if photos else ():
                for photo in one["photos"]:
                    archive.writestr(f"photos/{photo['id']}.jpg", snapshot)
        return buffer.getvalue()

    return export


@pytest.fixture
def desk(client, world):
    """Preview a file and bring its items in, as somebody at the desk."""

    class Desk:
        def sign_in(self, name):
            client.force_login(world.postings[name].user)
            return self

        def look(self, content):
            file = SimpleUploadedFile("wangge.zip", content, "application/zip")
            return client.post(reverse("phone_export"), {"file": file})

        def bring(self, seen, *items):
            body = {
                "parcel": seen.context["parcel"],
                "item": [one["id"] for one in items],
            }
            return client.post(reverse("phone_export_bring_in"), body)

    return Desk().sign_in("acceptor")


def states(answer):
    return [row["state"] for row in answer.context["rows"]]


def test_the_desk_sees_every_item_before_anything_is_filed(desk, export, item):
    draft = item(stage="draft", fields={}, values={"description": "还没写完"})
    answer = desk.look(export(item(), draft))
    page = answer.content.decode()
    assert states(answer) == ["ready", "draft"]
    assert "门前摆摊占住" in page and "还没写完" in page
    assert "data:image/jpeg;base64," in page
    assert not Case.objects.exists()
    assert not Photo.objects.exists()


def test_it_is_filed_for_the_worker_and_the_journal_names_the_desk(
    desk, export, item, world
):
    one = item()
    seen = desk.look(export(one))
    answer = desk.bring(seen, one)
    assert states(answer) == ["there"]
    case = Case.objects.get()
    assert case.reporter_id == world.user_id("grid_a")
    assert case.found_at == NOW - timedelta(hours=2)
    assert Submission.objects.get(case=case).pk == uuid.UUID(one["id"])
    photo = case.photos.get()
    assert str(photo.pk) == one["photos"][0]["id"]
    assert photo.user_id == world.user_id("grid_a")
    event = Event.objects.get(chain=case.chain)
    assert event.actor["user_id"] == world.user_id("acceptor")
    assert event.actor["on_behalf_of"] == world.actor("grid_a").name


def test_the_phone_may_send_the_same_later(desk, export, item, client, world):
    one = item()
    desk.bring(desk.look(export(one)), one)
    client.force_login(world.postings["grid_a"].user)
    body = {"id": one["id"], **one["fields"]}
    answer = client.post(reverse("api_submissions"), body, "application/json")
    assert answer.status_code == 200
    assert Case.objects.count() == 1


def test_bringing_in_twice_files_once(desk, export, item):
    one = item()
    content = export(one)
    first, second = desk.look(content), desk.look(content)
    desk.bring(first, one)
    desk.bring(second, one)
    assert Case.objects.count() == 1
    assert Photo.objects.count() == 1


def test_what_is_refused_is_said_and_the_others_come(desk, export, item):
    good, outside = item(), item()
    outside["fields"] = {**outside["fields"], "lng": 120.5}
    seen = desk.look(export(good, outside))
    answer = desk.bring(seen, good, outside)
    assert "不在任何网格范围内" in answer.content.decode()
    assert states(answer) == ["there", "ready"]
    assert Case.objects.count() == 1
    assert Photo.objects.count() == 1


def test_a_field_that_does_not_fit_is_shown_in_the_preview(desk, export, item):
    wrong = item()
    wrong["fields"] = {**wrong["fields"], "category": "占道"}
    assert states(desk.look(export(wrong))) == ["fault"]


def test_without_its_photos_it_is_not_filed(desk, export, item):
    one = item()
    answer = desk.bring(desk.look(export(one, photos=False)), one)
    assert "请至少上传 1 张" in answer.content.decode()
    assert not Case.objects.exists()


@pytest.mark.parametrize("name", ["housing", "other_dispatcher"])
def test_only_the_desk_of_the_workers_area_may(desk, export, item, name):
    answer = desk.sign_in(name).look(export(item()))
    assert answer.status_code == 422
    assert not Case.objects.exists()


def test_the_account_must_hold_a_post_in_the_field(desk, export, item):
    answer = desk.look(export(item(), account="dispatcher"))
    assert answer.status_code == 422
    assert "在岗网格人员" in answer.content.decode()


def test_a_parcel_of_somebody_else_is_no_use(desk, export, item):
    one = item()
    seen = desk.look(export(one))
    answer = desk.sign_in("street_acceptor").bring(seen, one)
    assert answer.status_code == 302
    assert not Case.objects.exists()


def test_a_step_on_a_case_is_left_to_the_phone(desk, export, item):
    assert states(desk.look(export(item(kind="step")))) == ["draft"]


@pytest.mark.parametrize(
    "content",
    [b"", b"no zip", None, {"format": 2}, {"items": [{"id": "x", "kind": "report"}]}],
)
def test_a_file_that_is_no_export_is_refused_in_words(desk, export, content):
    if content is None:
        buffer = io.BytesIO()
        zipfile.ZipFile(buffer, "w").close()
        content = buffer.getvalue()
    elif isinstance(content, dict):
        content = export(**content) if "format" in content else _with(export, content)
    answer = desk.look(content)
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def _with(export, more):
    buffer = io.BytesIO()
    about = {"format": 1, "account": "1", **more}
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("outbox.json", json.dumps(about))
    return buffer.getvalue()


def _packed(content: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("outbox.json", content)
    return buffer.getvalue()


def test_whatever_is_wrong_with_the_bytes_is_told_in_words(desk, export, item):
    locked = bytearray(_packed(b"{}"))
    locked[6] |= 1  # "encrypted", in the entry and in the directory
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    unpacks_wrong = _packed(b"{}" * 99, zipfile.ZIP_DEFLATED)
    start = 30 + len("outbox.json")
    unpacks_wrong = unpacks_wrong[:start] + b"\xff\xff" + unpacks_wrong[start + 2 :]
    picture = export(item())
    spoiled = picture.index(b"photos/") + 200
    picture = picture[:spoiled] + b"spoiled" + picture[spoiled + 7 :]
    for content in (
        bytes(locked), unpacks_wrong, picture, _packed(b"[" * 100_000),
        _packed(b'{"format": 1, "account": "1", "items": ["x"]}'),
    ):  # fmt: skip
        answer = desk.look(content)
        assert answer.status_code == 422
        assert "重新导出" in answer.context["form"].errors["file"][0]
    assert not Case.objects.exists()


def test_a_time_that_is_none_is_left_out(desk, export, item):
    one = item()
    one["fields"]["found_at"] = "2026-13-45T25:00:00"
    one["photos"][0]["taken_at"] = "0001-01-01"
    seen = desk.look(export(one))
    assert states(seen) == ["ready"]
    assert states(desk.bring(seen, one)) == ["there"]
    assert Case.objects.get().found_at == NOW


def test_the_preview_shows_no_more_pictures_than_a_page_bears(
    desk, export, item, snapshot, monkeypatch
):
    monkeypatch.setattr(phone_exports, "MOST_SHOWN", len(snapshot) * 3 // 2)
    answer = desk.look(export(item(), item()))
    assert states(answer) == ["ready", "ready"]
    assert [bool(row["picture"]) for row in answer.context["rows"]] == [True, False]


@pytest.fixture
def left_over():
    """Keep a file as a desk that looked at it two days ago and never came back."""
    kept = []

    def leave():
        kept.append(default_storage.save("phone-exports/old.zip", ContentFile(b"zip")))
        then = time.time() - 2 * 24 * 3600
        os.utime(default_storage.path(kept[-1]), (then, then))
        return kept[-1]

    yield leave
    for name in kept:
        default_storage.delete(name)


def test_what_was_never_brought_in_is_swept_by_the_next_look(
    desk, export, item, left_over
):
    old = left_over()
    answer = desk.look(export(item()))
    assert states(answer) == ["ready"]
    assert not default_storage.exists(old)


def test_two_desks_may_sweep_at_the_same_time(
    desk, export, item, left_over, monkeypatch
):
    old, age = left_over(), default_storage.get_modified_time

    def swept_by_another(name):
        default_storage.delete(old)
        return age(name)

    monkeypatch.setattr(default_storage, "get_modified_time", swept_by_another)
    assert states(desk.look(export(item()))) == ["ready"]


def test_the_preview_asks_the_database_once_for_all_items(
    desk, export, item, django_assert_max_num_queries
):
    few, many = export(item()), export(*[item() for _ in range(12)])
    with CaptureQueriesContext(connection) as first:
        desk.look(few)
    with django_assert_max_num_queries(len(first)):
        desk.look(many)


def test_a_list_that_unpacks_too_large_is_not_read():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("outbox.json", " " * (6 * 1024 * 1024))
    with pytest.raises(Refused, match="重新导出"):
        read_export(buffer)


def test_bringing_in_asks_for_the_role_in_the_action_too(world):
    with pytest.raises(Refused, match="只有社区受理岗"):
        actions.worker_of(
            user_id=world.user_id("grid_a"), actor=world.actor("grid_b"), at=NOW
        )
