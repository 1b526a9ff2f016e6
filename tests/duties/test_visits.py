"""Records of visits: complete, once, in scope; and the case that comes of one."""

import uuid
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.models import Case, Photo
from duties import actions
from duties.checklists import question
from duties.models import VisitPhoto, VisitRecord
from governance.errors import Refused
from governance.models import Event
from tests.cases.conftest import COMMUNITY, MONDAY_9, SPOT
from tests.duties.conftest import CHECKLIST, GRID_A, GRID_B, Duties, again


def given(target: Any, **more: Any) -> dict[str, Any]:
    return {
        "submission": str(uuid.uuid4()), "batch": str(uuid.uuid4()),
        "target": target.pk, "q1": "yes", "q2": "yes", **more,
    }  # fmt: skip


def test_a_record_sets_the_next_date_by_the_targets_pace(duties: Duties) -> None:
    part, target = duties.in_hand(), duties.target(every_days=10)
    record = duties.visited(part, target)
    target.refresh_from_db()
    assert record.next_visit_date == target.next_visit_date == date(2026, 12, 3)
    assert target.last_visited_at == MONDAY_9
    assert again(part).state == "IN_PROGRESS"
    last = Event.objects.filter(chain=part.chain).latest("seq")
    assert last.action == "duties.record" and last.detail["given"]["abnormal"] == []


def test_the_visitor_may_choose_the_next_date_but_not_backwards(
    duties: Duties,
) -> None:
    part, target = duties.in_hand(), duties.target()
    with pytest.raises(Refused, match="下次走访日期要晚于今天"):
        duties.visited(part, target, next_visit_date=date(2026, 11, 23))
    assert not VisitRecord.objects.exists()
    duties.visited(part, target, next_visit_date=date(2026, 11, 25))
    target.refresh_from_db()
    assert target.next_visit_date == date(2026, 11, 25)


def test_twice_is_once(duties: Duties) -> None:
    part, target = duties.in_hand(), duties.target()
    client, form = duties.client("grid_a"), given(target)
    url = reverse("visit_new", args=[part.pk])
    assert client.post(url, form).status_code == 302
    assert client.post(url, form).status_code == 302
    assert VisitRecord.objects.count() == 1
    assert Event.objects.filter(action="duties.record").count() == 1


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"q2": ""}, "请回答：燃气软管完好"),
        ({"target": ""}, "请选择走访对象"),
        ({"q1": "maybe"}, "请重新选择"),
    ],
)
def test_what_is_missing_is_asked_and_nothing_is_lost(
    duties: Duties, more: dict[str, Any], sentence: str
) -> None:
    part, target = duties.in_hand(), duties.target()
    client = duties.client("grid_a")
    url = reverse("visit_new", args=[part.pk])
    answer = client.post(url, {**given(target, remark="老人说耳背"), **more})
    content = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in content and "老人说耳背" in content
    assert not VisitRecord.objects.exists()


def test_a_required_photo_is_asked_for(duties: Duties, snapshot: bytes) -> None:
    checklist = [*CHECKLIST[:2], question(3, text="入户照片", kind="photo")]
    part, target = duties.in_hand(checklist=checklist), duties.target()
    client = duties.client("grid_a")
    url = reverse("visit_new", args=[part.pk])
    answer = client.post(url, given(target))
    assert answer.status_code == 422
    assert "请拍照：入户照片" in answer.content.decode()
    photo = SimpleUploadedFile("a.jpg", snapshot, "image/jpeg")
    assert client.post(url, given(target, photos=photo)).status_code == 302
    assert VisitPhoto.objects.count() == 1 and not Photo.objects.exists()


def test_photos_uploaded_before_are_taken_over_and_served_in_scope(
    duties: Duties, photos: Any
) -> None:
    part, target = duties.in_hand(), duties.target()
    batch = photos(duties.actor("grid_a"), "report", "report")
    record = duties.visited(part, target, photos=batch)
    assert record.photos.count() == 2
    photo = record.photos.first()
    for name, status in (("grid_a", 200), ("acceptor", 200), ("grid_b", 404)):
        for route in ("visit_photo", "visit_photo_thumb"):
            url = reverse(route, args=[photo.pk])
            assert duties.client(name).get(url).status_code == status
    page = duties.client("acceptor").get(reverse("visit_record", args=[record.pk]))
    content = page.content.decode()
    assert reverse("visit_photo_thumb", args=[photo.pk]) in content
    assert "王**" in content and "王秀英" not in content


def test_a_target_of_another_grid_is_not_visited(duties: Duties) -> None:
    part, target = duties.in_hand(), duties.target(GRID_B)
    with pytest.raises(Refused, match="请选择走访对象"):
        duties.visited(part, target)


def test_an_inspection_names_what_was_looked_at(duties: Duties) -> None:
    part = duties.in_hand(kind="inspection", service_kind="")
    client = duties.client("grid_a")
    url = reverse("visit_new", args=[part.pk])
    form = {"q1": "yes", "q2": "no", "subject_name": ""}
    answer = client.post(url, form)
    assert (
        answer.status_code == 422
        and "请填写走访或检查的对象" in answer.content.decode()
    )
    client.post(url, {**form, "subject_name": "和平路 12 号餐馆"})
    record = VisitRecord.objects.get()
    assert record.subject == "和平路 12 号餐馆" and record.is_abnormal


def test_nobody_records_before_signing(duties: Duties) -> None:
    part, target = duties.part(duties.split(), GRID_A), duties.target()
    answer = duties.client("grid_a").get(reverse("visit_new", args=[part.pk]))
    assert answer.status_code == 422
    with pytest.raises(Refused, match="现在是“待签收”"):
        duties.visited(part, target)


def abnormal(duties: Duties, photos: Any, **more: Any) -> VisitRecord:
    part, target = duties.in_hand(), duties.target()
    batch = photos(duties.actor("grid_a"), "report")
    return duties.visited(
        part, target, answers={"q1": "yes", "q2": "no"}, photos=batch, **more
    )


def finding(duties: Duties, **more: Any) -> dict[str, Any]:
    return {
        "category": duties.world.categories["stall"].pk,
        "description": "燃气软管老化开裂，请尽快更换。",
        "address": "幸福里 3 栋", "crs": "wgs84", **more,
    }  # fmt: skip


def test_the_form_of_a_finding_knows_what_was_seen(duties: Duties, photos: Any) -> None:
    record = abnormal(duties, photos, remark="软管开裂")
    url = reverse("visit_finding", args=[record.pk])
    content = duties.client("grid_a").get(url).content.decode()
    assert "走访发现异常：燃气软管完好：否。软管开裂" in content
    assert "幸福里 3 栋 2 单元" in content
    assert "王秀英" not in content


def test_without_a_position_the_case_goes_to_the_community(
    duties: Duties, photos: Any
) -> None:
    record = abnormal(duties, photos)
    client = duties.client("grid_a")
    url = reverse("visit_finding", args=[record.pk])
    assert client.post(url, finding(duties)).status_code == 302
    case = Case.objects.get()
    assert case.community.code == COMMUNITY and case.point is None
    assert case.source == "task"
    assert case.origin_url == reverse("visit_record", args=[record.pk])
    assert case.photos.count() == 1 and record.photos.count() == 1


def test_pressing_twice_reports_once(duties: Duties, photos: Any) -> None:
    record = abnormal(duties, photos)
    client = duties.client("grid_a")
    url = reverse("visit_finding", args=[record.pk])
    form = finding(duties, lng=SPOT[0], lat=SPOT[1])
    client.post(url, form)
    assert client.post(url, form).url == reverse("visit_record", args=[record.pk])
    assert Case.objects.count() == 1
    assert Event.objects.filter(action="duties.report_finding").count() == 1
    assert Event.objects.filter(action="cases.report").count() == 1


def test_a_faulty_finding_files_nothing(duties: Duties, photos: Any) -> None:
    record = abnormal(duties, photos)
    url = reverse("visit_finding", args=[record.pk])
    form = finding(duties, description="软管坏了", category="")
    answer = duties.client("grid_a").post(url, form)
    content = answer.content.decode()
    assert answer.status_code == 422
    assert "问题描述至少 10 个字" in content and "软管坏了" in content
    assert "请选择问题类别" in content
    assert not Case.objects.exists()


def test_only_the_receiver_reports_its_finding(duties: Duties, photos: Any) -> None:
    record = abnormal(duties, photos)
    with pytest.raises(Refused, match="不是您当前岗位的任务"):
        actions.report_finding(
            record_id=record.pk,
            finding=actions.Finding(
                category_id=duties.world.categories["stall"].pk,
                description="燃气软管老化开裂，请尽快更换。", address="幸福里",
            ),
            actor=duties.actor("acceptor"), at=MONDAY_9,
        )  # fmt: skip
    assert not Case.objects.exists()


def test_a_record_is_seen_by_its_receiver_and_those_above(
    duties: Duties, photos: Any
) -> None:
    record = abnormal(duties, photos)
    url = reverse("visit_record", args=[record.pk])
    for name, status in (
        ("grid_a", 200), ("acceptor", 200), ("dispatcher", 200),
        ("grid_b", 404), ("other_dispatcher", 404), ("fire", 404),
    ):  # fmt: skip
        assert duties.client(name).get(url).status_code == status, name


def test_a_submission_of_somebody_else_is_a_conflict(duties: Duties) -> None:
    part, target = duties.in_hand(), duties.target()
    other = duties.part(part, GRID_B)
    actions.sign(receiver_id=other.pk, actor=duties.actor("grid_b"), at=MONDAY_9)
    record = duties.visited(part, target)
    form = given(duties.target(GRID_B), submission=str(record.submission))
    url = reverse("visit_new", args=[other.pk])
    answer = duties.client("grid_b").post(url, form)
    assert answer.status_code == 422
    assert "编号已被使用" in answer.content.decode()
    assert VisitRecord.objects.count() == 1


def test_a_confidential_case_is_not_named_to_those_outside(
    duties: Duties, photos: Any
) -> None:
    record = abnormal(duties, photos)
    duties.client("grid_a").post(
        reverse("visit_finding", args=[record.pk]), finding(duties)
    )
    case = Case.objects.get()
    url = reverse("visit_record", args=[record.pk])
    street = duties.client("dispatcher")
    assert case.display_no in street.get(url).content.decode()
    Case.objects.filter(pk=case.pk).update(confidential=True)
    outside = duties.actor("dispatcher")
    assert not Case.objects.visible_to(outside).filter(pk=case.pk).exists()
    assert case.display_no not in street.get(url).content.decode()
