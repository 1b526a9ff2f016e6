"""F7 独居老人走访任务 (DOMAIN F), lived through the pages."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cases.models import Case, Category
from duties.models import CareTarget, GridItemAdmission, Task, TaskReceiver, VisitRecord
from duties.views.desk import tree
from governance.models import Event
from tests.cases.conftest import COMMUNITY, MONDAY_9, SPOT
from tests.duties.conftest import GRID_A, GRID_B, Duties

QUESTIONS = {
    "q-TOTAL_FORMS": "6", "q-INITIAL_FORMS": "0", "q-MIN_NUM_FORMS": "0",
    "q-MAX_NUM_FORMS": "20",
    "q-0-text": "身体和生活情况正常", "q-0-kind": "yes_no", "q-0-abnormal": "否",
    "q-0-required": "on",
    "q-1-text": "燃气软管完好", "q-1-kind": "yes_no", "q-1-abnormal": "否",
    "q-1-required": "on",
    "q-2-text": "入户照片", "q-2-kind": "photo",
    "q-3-kind": "yes_no", "q-4-kind": "yes_no", "q-5-kind": "yes_no",
}  # fmt: skip


@pytest.fixture
def gas(world: Any) -> Category:
    return Category.objects.create(
        standard_ref="测试", kind="local", code5="57001", name="用气安全隐患",
        parent_code="57", major_name="安全隐患",
    )  # fmt: skip


def paper(duties: Duties, *codes: str, admission: Any = "", **more: Any) -> dict:
    return {
        "title": "独居老人走访", "kind": "visit",
        "requirement": "逐户走访独居老人，检查用气用电安全。",
        "limit_n": "5", "limit_unit": "WORK_DAY", "service_kind": "living_alone",
        "admission": admission,
        "addressees": [str(duties.area(code)) for code in codes],
        **QUESTIONS, **more,
    }  # fmt: skip


def counts(duties: Duties, task: Task, root: int | None = None) -> tuple[int, ...]:
    """应签收, 已签收, 已反馈, 已验收, 逾期 as the page of the tree has them."""
    receivers = list(TaskReceiver.objects.of_task(task.pk))
    _nodes, found = tree(receivers, root, duties.actor("dispatcher"), MONDAY_9)
    return (
        found.expected, found.signed, found.answered, found.accepted, found.overdue,
    )  # fmt: skip


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


def press(client: Client, url: str, **given: Any) -> str:
    """A step that must succeed; answers the page it led to."""
    response = client.post(url, given, follow=True)
    assert response.redirect_chain, response.content.decode()
    return text_of(response)


def step(part: TaskReceiver, action: str, where: str = "duty_receiver_step") -> str:
    return reverse(where, args=[part.pk, action])


def test_a_visit_to_those_who_live_alone(
    duties: Duties, gas: Category, snapshot: bytes, turn: Any
) -> None:
    """① issue, ② split, ③ visit and case, ④ accept, return, accept, close."""
    wang = duties.target()
    li = duties.target(GRID_B, name="李桂兰", room="502", building="幸福里 7 栋")
    desk = duties.client("acceptor")
    jia, yi = duties.client("grid_a"), duties.client("grid_b")
    task = _issued(duties, desk)
    own = _split(duties, desk, task)
    a, b = duties.part(task, GRID_A), duties.part(task, GRID_B)
    turn(MONDAY_9)

    assert "走访：独居老人走访" in text_of(jia.get(reverse("phone_home")))
    press(jia, step(a, "sign", "phone_duty_step"))
    press(yi, step(b, "sign", "phone_duty_step"))
    assert counts(duties, task, own.pk) == (2, 2, 0, 0, 0)
    _list_is_masked(jia, a)
    _opens_with_a_reason(jia, wang)
    record = _gas_hose(jia, a, wang, snapshot)
    wang.refresh_from_db()
    assert wang.next_visit_date == date(2026, 11, 30)
    assert "已走访" in text_of(jia.get(reverse("phone_duty", args=[a.pk])))
    _becomes_a_case(jia, desk, record, gas, task)

    press(jia, step(a, "submit", "phone_duty_step"), result="走访 1 户，软管已上报")
    press(yi, _record_url(b), **_answers(li))
    press(yi, step(b, "submit", "phone_duty_step"), result="走访 1 户，一切正常")
    assert counts(duties, task, own.pk) == (2, 2, 2, 0, 0)
    press(desk, step(a, "accept"), opinion="属实")
    assert counts(duties, task, own.pk) == (2, 2, 2, 1, 0)
    _returned_for_a_photo(duties, desk, yi, own, b)
    press(yi, _record_url(b), **_answers(li), photos=_picture(snapshot))
    press(yi, step(b, "submit", "phone_duty_step"), result="已补照片")
    press(desk, step(b, "accept"))
    assert counts(duties, task, own.pk) == (2, 2, 2, 2, 0)
    press(desk, step(own, "submit"), result="2 个网格全部走访")
    assert counts(duties, task) == (1, 1, 1, 0, 0)
    street = duties.client("dispatcher")
    press(street, step(own, "accept"), opinion="同意")
    assert counts(duties, task) == (1, 1, 1, 1, 0)
    turn(MONDAY_9 + timedelta(minutes=1))
    task.refresh_from_db()
    assert task.state == "CLOSED"
    assert "自动办结" in text_of(street.get(reverse("duty_task", args=[task.pk])))


def _issued(duties: Duties, desk: Client) -> Task:
    """The street drafts with a checklist, its leader signs; due in 5 working days."""
    item = duties.admitted()
    drafted = paper(duties, COMMUNITY, admission=item.pk)
    press(duties.client("dispatcher"), reverse("duty_compose"), **drafted)
    task = Task.objects.get()
    assert task.state == "DRAFT" and len(task.checklist) == 3
    assert task.title not in text_of(desk.get(reverse("duty_tasks")))
    leader = duties.client("street_leader")
    press(leader, reverse("duty_task_step", args=[task.pk, "issue"]), version=0)
    task.refresh_from_db()
    assert f"{task.due_at:%Y-%m-%d}" == "2026-11-30"
    assert counts(duties, task) == (1, 0, 0, 0, 0)
    return task


def _split(duties: Duties, desk: Client, task: Task) -> TaskReceiver:
    """The community signs and passes it on to 001 and 002."""
    assert task.title in text_of(desk.get(reverse("duty_tasks")))
    own = task.receivers.get()
    press(desk, step(own, "sign"), version=own.version)
    assert counts(duties, task) == (1, 1, 0, 0, 0)
    grids = [str(duties.area(GRID_A)), str(duties.area(GRID_B))]
    press(desk, step(own, "reissue"), addressees=grids, requirement="本周内走完")
    assert {one.due_at for one in own.children.all()} == {task.due_at}
    assert counts(duties, task, own.pk) == (2, 0, 0, 0, 0)
    page = text_of(desk.get(reverse("duty_receiver", args=[own.pk])))
    assert "应签收 <b>2</b>" in page and "已签收 <b>0</b>" in page
    return own


def _list_is_masked(client: Client, part: TaskReceiver) -> None:
    page = text_of(client.get(reverse("phone_duty", args=[part.pk])))
    listed = text_of(client.get(reverse("care_targets")))
    assert "未走访" in page
    for content in (page, listed):
        assert "王**" in content and "138****5678" in content
        for hidden in ("王秀英", "13812345678", "301"):
            assert hidden not in content


def _returned_for_a_photo(
    duties: Duties, desk: Client, worker: Client, own: TaskReceiver, part: TaskReceiver
) -> None:
    """Sent back; meanwhile the community itself cannot hand in."""
    press(desk, step(part, "give_back"), opinion="请补充入户照片")
    assert counts(duties, own.task, own.pk) == (2, 2, 1, 1, 0)
    page = text_of(worker.get(reverse("phone_duty", args=[part.pk])))
    assert "请补充入户照片" in page
    refused = desk.post(step(own, "submit"), {"result": "都走完了"})
    content = refused.content.decode()
    assert refused.status_code == 422 and "还有 1 个下级" in content
    assert "都走完了" in content


def _opens_with_a_reason(client: Client, target: CareTarget) -> None:
    """Full view needs a reason and is logged, without what was seen."""
    url = reverse("care_contact", args=[target.pk])
    assert "13812345678" not in text_of(client.get(url))
    refused = client.post(url, {"reason": ""})
    assert refused.status_code == 422 and "查看用途" in refused.content.decode()
    chain = Event.objects.filter(action="duties.reveal_care_target")
    assert not chain.exists()
    opened = text_of(client.post(url, {"reason": "上门走访"}))
    assert "王秀英" in opened and "13812345678" in opened and "301" in opened
    event = chain.get()
    assert event.detail["purpose"] == "上门走访"
    assert event.actor["name"] == "grid_a"
    assert "13812345678" not in str(event.detail)


def _record_url(part: TaskReceiver) -> str:
    return reverse("visit_new", args=[part.pk])


def _picture(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("hose.jpg", content, "image/jpeg")


def _answers(target: CareTarget, **more: Any) -> dict[str, Any]:
    return {
        "submission": str(uuid.uuid4()), "batch": str(uuid.uuid4()),
        "target": target.pk, "q1": "yes", "q2": "yes", **more,
    }  # fmt: skip


def _gas_hose(
    client: Client, part: TaskReceiver, target: CareTarget, snapshot: bytes
) -> VisitRecord:
    given = _answers(target, q2="no", remark="软管老化开裂", photos=_picture(snapshot))
    page = press(client, _record_url(part), **given)
    record = VisitRecord.objects.get()
    assert record.is_abnormal and record.photos.count() == 1
    assert "一键上报" in page and "燃气软管完好：否" in page
    return record


def _becomes_a_case(
    client: Client, desk: Client, record: VisitRecord, gas: Category, task: Task
) -> None:
    """The case comes from the task, links back, and the record links to it."""
    page = press(
        client,
        reverse("visit_finding", args=[record.pk]),
        category=gas.pk,
        description="走访发现燃气软管老化开裂，请尽快更换。",
        address="幸福里 3 栋 2 单元",
        lng=SPOT[0],
        lat=SPOT[1],
        crs="wgs84",
    )
    case = Case.objects.get()
    assert case.source == Case.Source.TASK and case.category == gas
    assert case.display_no in page
    assert case.photos.count() == 1
    back = reverse("visit_record", args=[record.pk])
    for reader, where in ((client, "phone_case"), (desk, "case")):
        content = text_of(reader.get(reverse(where, args=[case.pk])))
        assert f'href="{back}"' in content and task.title in content
    whole = text_of(desk.get(back))
    assert reverse("duty_task", args=[task.pk]) in whole
    assert reverse("case", args=[case.pk]) in whole


def test_a_department_without_admission_is_refused_with_a_link(duties: Duties) -> None:
    client = duties.client("urban")
    given = paper(duties, COMMUNITY)
    response = client.post(reverse("duty_compose"), given)
    content = response.content.decode()
    assert response.status_code == 422
    assert "要引用已公布的网格事项" in content
    assert f'href="{reverse("admission_apply")}"' in content
    assert "逐户走访独居老人" in content and "燃气软管完好" in content
    assert not Task.objects.exists()
    assert not Event.objects.filter(action__startswith="duties.").exists()


def test_another_departments_item_does_not_help(duties: Duties) -> None:
    item = duties.admitted(by="urban")
    given = paper(duties, COMMUNITY, admission=item.pk)
    response = duties.client("fire").post(reverse("duty_compose"), given)
    assert response.status_code == 422
    assert "不是您单位申请的事项" in response.content.decode()
    assert not Task.objects.exists()


def test_with_its_own_item_published_the_department_sends_it_down(
    duties: Duties,
) -> None:
    department, command = duties.client("urban"), duties.client("district")
    press(
        department,
        reverse("admission_apply"),
        item="独居老人走访", kind="regular", reason="养老服务条例",
        workload="每月 4 小时", starts_date="2026-01-01",
    )  # fmt: skip
    assert "待审核" in text_of(command.get(reverse("admissions")))
    item = GridItemAdmission.objects.get()
    given = paper(duties, COMMUNITY, admission=item.pk)
    assert department.post(reverse("duty_compose"), given).status_code == 422
    for action, more in (("approve", {"opinion": "同意"}), ("publish", {})):
        press(command, reverse("admission_step", args=[item.pk, action]), **more)
    assert "独居老人走访" in text_of(duties.client("grid_a").get(reverse("admissions")))
    press(department, reverse("duty_compose"), **given)
    task = Task.objects.get()
    leader = duties.client("urban_leader")
    press(leader, reverse("duty_task_step", args=[task.pk, "issue"]))
    task.refresh_from_db()
    assert task.state == "ISSUED"
