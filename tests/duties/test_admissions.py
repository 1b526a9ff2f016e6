"""Admission of grid items: applied for, reviewed, published, evaluated, withdrawn."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from duties import actions
from duties.models import GridItemAdmission
from governance.errors import Refused
from governance.models import Event
from parties.models import Notification
from tests.cases.conftest import COMMUNITY, MONDAY_9
from tests.duties.conftest import Duties

FORM = {
    "item": "消防通道巡查", "kind": "temporary", "reason": "冬季消防专项通知",
    "workload": "每周 1 小时", "starts_date": "2026-11-23", "ends_date": "2026-12-31",
}  # fmt: skip


def step(item: GridItemAdmission, action: str) -> str:
    return reverse("admission_step", args=[item.pk, action])


def test_an_application_goes_to_command_and_onto_the_list(
    duties: Duties, turn: Any
) -> None:
    fire, command = duties.client("fire"), duties.client("district")
    answer = fire.post(reverse("admission_apply"), FORM)
    item = GridItemAdmission.objects.get()
    assert answer.url == reverse("admission", args=[item.pk])
    assert item.area.code == "990101" and item.applicant.name == "区消防大队"
    worker = duties.client("grid_a")
    assert item.item not in worker.get(reverse("admissions")).content.decode()
    assert worker.get(answer.url).status_code == 404
    assert "待审核" in command.get(reverse("admissions")).content.decode()
    for action, given in (
        ("approve", {"opinion": "同意"}), ("publish", {}),
        ("evaluate", {"opinion": "效果好"}),
    ):  # fmt: skip
        assert command.post(step(item, action), given).status_code == 302, action
    item.refresh_from_db()
    assert item.state == "EVALUATED" and item.published_at == MONDAY_9
    assert item.holds_on(date(2026, 12, 31)) and not item.holds_on(date(2027, 1, 1))
    assert item.item in worker.get(reverse("admissions")).content.decode()
    chain = Event.objects.filter(chain=item.chain).order_by("seq")
    assert list(chain.values_list("action", flat=True)) == [
        "duties.apply_for_admission", "duties.approve", "duties.publish",
        "duties.evaluate",
    ]  # fmt: skip
    turn(MONDAY_9)
    told = Notification.objects.filter(user=duties.world.user_id("fire"))
    assert told.count() == 3
    assert told.first().url == reverse("admission", args=[item.pk])


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"ends_date": ""}, "临时事项要填写结束日期"),
        ({"ends_date": "2026-11-01"}, "结束日期不能早于开始日期"),
        ({"workload": ""}, "请填写工作量"),
        ({"starts_date": "明天"}, "请填写日期"),
    ],
)
def test_a_faulty_application_keeps_what_was_typed(
    duties: Duties, more: dict[str, str], sentence: str
) -> None:
    answer = duties.client("fire").post(reverse("admission_apply"), {**FORM, **more})
    content = answer.content.decode()
    assert answer.status_code == 422 and sentence in content
    assert "冬季消防专项通知" in content
    assert not GridItemAdmission.objects.exists()


def test_the_same_item_is_not_applied_for_twice(duties: Duties) -> None:
    duties.applied("urban")
    with pytest.raises(Refused, match="已经在准入清单或申请中") as caught:
        duties.applied("fire")
    assert caught.value.field == "item"
    assert GridItemAdmission.objects.count() == 1


def test_a_refused_item_may_be_applied_for_again(duties: Duties) -> None:
    item = duties.applied()
    url = step(item, "refuse")
    assert duties.client("district").post(url, {"opinion": ""}).status_code == 422
    assert duties.client("district").post(url, {"opinion": "太重"}).status_code == 302
    duties.applied()
    assert GridItemAdmission.objects.count() == 2


@pytest.mark.parametrize("name", ["urban", "dispatcher", "grid_a", "acceptor"])
def test_only_command_reviews(duties: Duties, name: str) -> None:
    item = duties.applied()
    answer = duties.client(name).post(step(item, "approve"), {"opinion": "同意"})
    assert answer.status_code in (404, 422)
    item.refresh_from_db()
    assert item.state == "APPLIED"


def test_a_grid_worker_does_not_apply(duties: Duties) -> None:
    answer = duties.client("grid_a").get(reverse("admission_apply"))
    assert answer.status_code == 422


def test_the_buttons_are_what_the_table_allows(duties: Duties) -> None:
    item = duties.admitted()
    page = reverse("admission", args=[item.pk])
    command = duties.client("district").get(page).content.decode()
    other = duties.client("urban").get(page).content.decode()
    for action in ("approve", "refuse", "publish", "evaluate", "withdraw"):
        offered = action in ("evaluate", "withdraw")
        assert (f'href="{step(item, action)}"' in command) == offered
        assert f'href="{step(item, action)}"' not in other


def test_a_withdrawn_item_may_not_be_named(duties: Duties) -> None:
    item = duties.admitted()
    command = duties.client("district")
    assert command.post(step(item, "withdraw"), {"opinion": "到期"}).status_code == 302
    with pytest.raises(Refused, match="没有公布或已过期"):
        duties.drafted(admission_id=item.pk)
    page = duties.client("dispatcher").get(reverse("duty_compose")).content.decode()
    assert f'<option value="{item.pk}">' not in page


def test_an_item_of_another_area_does_not_help(duties: Duties) -> None:
    item = duties.admitted()
    other = duties.world.areas["990102"]
    with pytest.raises(Refused, match="接收单位超出了范围"):
        actions.admissions.may_address(
            kind="visit", admission=item, expires_at=None, codes=[other.code],
            actor=duties.actor("dispatcher"), at=MONDAY_9,
        )  # fmt: skip


def test_the_checklist_of_the_composer_is_checked(duties: Duties) -> None:
    item = duties.admitted()
    form = {
        "title": "排查", "kind": "inspection", "requirement": "逐户检查",
        "limit_n": "3", "limit_unit": "WORK_DAY", "admission": item.pk,
        "addressees": [str(duties.area(COMMUNITY))],
        "q-TOTAL_FORMS": "2", "q-INITIAL_FORMS": "0",
        "q-0-text": "用气方式", "q-0-kind": "choice", "q-0-options": "管道",
        "q-1-text": "软管完好", "q-1-kind": "yes_no", "q-1-abnormal": "坏了",
    }  # fmt: skip
    client = duties.client("dispatcher")
    content = client.post(reverse("duty_compose"), form).content.decode()
    assert "单选至少写两个选项" in content and "要从“是、否”里选" in content
    form |= {"q-0-options": "管道、瓶装", "q-0-abnormal": "瓶装", "q-1-abnormal": "否"}
    assert client.post(reverse("duty_compose"), form).status_code == 302
    task = actions.issuing.Task.objects.get()
    assert [one["abnormal"] for one in task.checklist] == [["瓶装"], ["no"]]


@pytest.mark.parametrize(
    ("route", "here"),
    [
        ("duty_tasks", "任务"), ("admissions", "任务"), ("care_targets", "任务"),
        ("patrols", "任务"), ("mediations", "任务"), ("incidents", "任务"),
        ("desk_queue", "工作台"), ("meetings", "工作台"),
    ],
)  # fmt: skip
def test_the_top_bar_marks_where_one_is(duties: Duties, route: str, here: str) -> None:
    page = duties.client("street_leader").get(reverse(route)).content.decode()
    bar = page[page.index('class="topbar-nav"') :]
    marked = bar[bar.index('aria-current="page"') : bar.index("</nav>")]
    assert f"<span>{here}</span>" in marked.split("</a>")[0]
