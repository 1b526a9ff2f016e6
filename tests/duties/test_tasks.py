"""Tasks by their actions: issued, passed on, accepted, late, closed."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from duties import actions
from duties.models import Task, TaskReceiver
from duties.workflow import ReceiverState
from governance.errors import Refused
from governance.models import Event, Job
from parties.models import Notification
from tests.cases.conftest import COMMUNITY, MONDAY_9, STREET, at
from tests.duties.conftest import GRID_A, GRID_B, Duties, again


def events(chain: str) -> list[str]:
    found = Event.objects.filter(chain=chain).order_by("seq")
    return list(found.values_list("action", flat=True))


def refused(sentence: str, act: Any, **given: Any) -> Refused:
    """The refusal; nothing may be written."""
    before = Event.objects.count()
    with pytest.raises(Refused, match=sentence) as caught:
        act(at=MONDAY_9, **given)
    assert Event.objects.count() == before
    return caught.value


def test_issuing_starts_the_limit_and_leaves_one_event(duties: Duties) -> None:
    task = duties.issued()
    assert task.due_at == at("2026-11-30 09:00")
    assert events(task.chain) == ["duties.draft_task", "duties.issue"]
    assert task.receivers.get().due_at == task.due_at
    timed = Job.objects.filter(task__startswith="duties.tasks").values_list(
        "task", "run_at"
    )
    assert dict(timed)["duties.tasks.mark_overdue"] > task.due_at


def test_nobody_below_sees_a_draft(duties: Duties) -> None:
    task = duties.drafted()
    acceptor, street = duties.actor("acceptor"), duties.actor("dispatcher")
    assert not Task.objects.visible_to(acceptor).exists()
    assert not TaskReceiver.objects.visible_to(acceptor).exists()
    assert Task.objects.visible_to(street).get() == task


@pytest.mark.parametrize(
    "name", ["other_dispatcher", "fire", "grid_b", "urban", "property"]
)
def test_out_of_scope_is_not_found(duties: Duties, name: str) -> None:
    part = duties.in_hand()
    client = duties.client(name)
    urls = [
        reverse("duty_receiver", args=[part.pk]),
        reverse("phone_duty", args=[part.pk]),
        reverse("visit_new", args=[part.pk]),
        reverse("duty_receiver_step", args=[part.pk, "submit"]),
        reverse("phone_duty_step", args=[part.pk, "submit"]),
    ]
    for url in urls:
        assert client.get(url).status_code == 404, url
        assert client.post(url).status_code in (404, 405), url


def test_anonymous_is_sent_to_sign_in(duties: Duties, client: Any) -> None:
    names = (
        "duty_tasks", "duty_compose", "phone_duties", "admissions", "care_targets",
        "patrols",
    )  # fmt: skip
    for name in names:
        assert client.get(reverse(name)).status_code == 302


def test_only_leaders_sign(duties: Duties) -> None:
    task = duties.drafted()
    refused(
        "不能“签发”", actions.issue, task_id=task.pk, actor=duties.actor("dispatcher")
    )
    page = duties.client("dispatcher").get(reverse("duty_task", args=[task.pk]))
    step = reverse("duty_task_step", args=[task.pk, "issue"])
    assert f'href="{step}"' not in page.content.decode()
    page = duties.client("street_leader").get(reverse("duty_task", args=[task.pk]))
    assert f'href="{step}"' in page.content.decode()


def test_a_task_goes_only_below_the_own_area(duties: Duties) -> None:
    item = duties.admitted()
    for code in ("990101002", "990101002001", STREET):
        paper = duties.paper(admission_id=item.pk, addressees=(duties.area(code),))
        fault = refused(
            "不在您可以下发的范围内", actions.draft_task, paper=paper,
            actor=duties.actor("dispatcher"),
        )  # fmt: skip
        assert fault.field == "addressees"


def test_signing_needs_an_item_that_is_still_in_force(duties: Duties) -> None:
    task = duties.drafted()
    item = task.admission
    actions.withdraw_admission(
        admission_id=item.pk,
        opinion="到期",
        actor=duties.actor("district"),
        at=MONDAY_9,
    )
    fault = refused(
        "没有公布或已过期", actions.issue, task_id=task.pk,
        actor=duties.actor("street_leader"),
    )  # fmt: skip
    assert (fault.code, fault.field) == ("not_admitted", "admission")
    task.refresh_from_db()
    assert task.state == "DRAFT"


def test_there_is_no_way_round_the_admission(duties: Duties) -> None:
    """The district sends to a street without an item; it cannot go further down."""
    paper = duties.paper(
        kind="campaign", service_kind="", checklist=[],
        addressees=(duties.area(STREET),),
    )  # fmt: skip
    command = duties.actor("district")
    task = actions.draft_task(paper=paper, actor=command, at=MONDAY_9)
    actions.issue(task_id=task.pk, actor=command, at=MONDAY_9)
    street = task.receivers.get()
    head = duties.actor("dispatcher")
    actions.sign(receiver_id=street.pk, actor=head, at=MONDAY_9)
    fault = refused(
        "要引用已公布的网格事项", actions.reissue, receiver_id=street.pk,
        addressees=[duties.area(COMMUNITY)], actor=head,
    )  # fmt: skip
    assert fault.code == "not_admitted"
    assert task.receivers.count() == 1


def test_an_emergency_needs_an_expiry_and_then_no_item(duties: Duties) -> None:
    fault = refused(
        "应急任务要写明失效时间", actions.draft_task,
        paper=duties.paper(kind="emergency"), actor=duties.actor("dispatcher"),
    )  # fmt: skip
    assert fault.field == "expires_at"
    until = MONDAY_9 + timedelta(days=1)
    task = duties.issued(kind="emergency", expires_at=until, limit_unit="URGENT_HOUR")
    assert task.admission is None and task.state == "ISSUED"
    own = task.receivers.get()
    desk = duties.actor("acceptor")
    actions.sign(receiver_id=own.pk, actor=desk, at=MONDAY_9)
    with pytest.raises(Refused, match="应急任务已过失效时间"):
        actions.reissue(
            receiver_id=own.pk, addressees=[duties.area(GRID_A)], actor=desk, at=until
        )


def test_passing_on_stays_within_the_own_deadline(duties: Duties) -> None:
    own = duties.signed()
    given = {
        "receiver_id": own.pk,
        "addressees": [duties.area(GRID_A)],
        "actor": duties.actor("acceptor"),
    }
    fault = refused(
        "不能晚于上级给您的时限", actions.reissue,
        due_at=own.due_at + timedelta(minutes=1), **given,
    )  # fmt: skip
    assert fault.field == "due_at"
    sooner = own.due_at - timedelta(days=1)
    actions.reissue(due_at=sooner, at=MONDAY_9, **given)
    assert duties.part(own, GRID_A).due_at == sooner
    assert events(own.chain) == ["duties.sign", "duties.reissue"]
    refused("已经收到这项任务", actions.reissue, **given)


def test_passing_on_goes_one_level_down_and_to_persons(duties: Duties) -> None:
    own = duties.signed()
    desk = duties.actor("acceptor")
    refused(
        "不在您可以下发的范围内", actions.reissue, receiver_id=own.pk,
        addressees=[duties.area("990101002001001")], actor=desk,
    )  # fmt: skip
    worker = duties.world.user_id("grid_b")
    actions.reissue(
        receiver_id=own.pk, addressees=[actions.Addressee("person", worker)],
        actor=desk, at=MONDAY_9,
    )  # fmt: skip
    part = own.children.get()
    actions.sign(receiver_id=part.pk, actor=duties.actor("grid_b"), at=MONDAY_9)
    assert again(part).state == ReceiverState.SIGNED
    refused(
        "您当前的岗位不能“开始办理”", actions.begin, receiver_id=part.pk,
        actor=duties.actor("grid_a"),
    )  # fmt: skip


def test_a_visit_without_a_record_is_not_handed_in(duties: Duties) -> None:
    part = duties.in_hand()
    refused(
        "还没有一条走访记录", actions.submit, receiver_id=part.pk, result="走完了",
        actor=duties.actor("grid_a"),
    )  # fmt: skip
    url = reverse("phone_duty_step", args=[part.pk, "submit"])
    answer = duties.client("grid_a").post(url, {"result": "走完了"})
    assert answer.status_code == 422 and "走完了" in answer.content.decode()


def test_handing_in_early_needs_a_reason(duties: Duties) -> None:
    own = duties.split()
    given = {"receiver_id": own.pk, "actor": duties.actor("acceptor")}
    fault = refused("还有 2 个下级", actions.submit, result="先报", **given)
    assert fault.field == "override"
    actions.submit(result="先报", override="街道急要", at=MONDAY_9, **given)
    assert again(own).state == ReceiverState.SUBMITTED
    last = Event.objects.filter(chain=own.chain).latest("seq")
    assert last.detail["given"] == {"override": "街道急要"}


def test_giving_back_needs_a_word_and_keeps_the_deadline(duties: Duties) -> None:
    part = duties.in_hand()
    duties.visited(part, duties.target())
    actions.submit(
        receiver_id=part.pk, result="完成", actor=duties.actor("grid_a"), at=MONDAY_9
    )
    given = {"receiver_id": part.pk, "actor": duties.actor("acceptor")}
    assert refused("请写明要补充什么", actions.give_back, opinion=" ", **given).field
    actions.give_back(opinion="补照片", at=MONDAY_9, **given)
    back = again(part)
    assert (back.state, back.returned_count, back.due_at) == (
        "RETURNED", 1, part.due_at,
    )  # fmt: skip
    assert back.submitted_at is None


def test_a_page_that_is_stale_says_so_and_goes_through_next(duties: Duties) -> None:
    receiver = duties.issued().receivers.get()
    client = duties.client("acceptor")
    url = reverse("duty_receiver_step", args=[receiver.pk, "sign"])
    answer = client.post(url, {"version": receiver.version + 5})
    content = answer.content.decode()
    assert answer.status_code == 422 and "有人先您一步" in content
    assert f'name="version" value="{receiver.version}"' in content


def test_the_deadline_reminds_then_marks_and_tells_once(
    duties: Duties, turn: Any
) -> None:
    own = duties.split()
    part = duties.part(own, GRID_A)
    turn(own.due_at - timedelta(minutes=1))
    assert TaskReceiver.objects.filter(overdue_at__isnull=False).count() == 0
    soon = Notification.objects.filter(title__startswith="任务快到期")
    assert soon.filter(user=duties.world.user_id("grid_a")).count() == 1
    turn(own.due_at + timedelta(minutes=1))
    assert again(part).overdue_at == part.due_at
    assert events(part.chain) == ["duties.mark_overdue"]
    late = Notification.objects.filter(title__startswith="任务已逾期")
    assert late.filter(user=duties.world.user_id("acceptor")).exists()
    assert own.task.receivers.counts()["overdue"] == 3
    actions.mark_overdue(
        task_id=own.task_id, parent_id=own.pk, due_at=part.due_at.isoformat(),
        at=part.due_at + timedelta(hours=1),
    )  # fmt: skip
    assert events(part.chain) == ["duties.mark_overdue"]


def test_handed_in_in_time_is_never_late(duties: Duties, turn: Any) -> None:
    part = duties.in_hand()
    duties.visited(part, duties.target())
    actions.submit(
        receiver_id=part.pk, result="完成", actor=duties.actor("grid_a"), at=MONDAY_9
    )
    turn(part.due_at + timedelta(minutes=1))
    assert again(part).overdue_at is None
    assert again(duties.part(part, GRID_B)).overdue_at is not None


def test_a_notice_is_closed_by_the_last_signature(duties: Duties, turn: Any) -> None:
    task = duties.issued(kind="notice", service_kind="", checklist=[])
    own = task.receivers.get()
    actions.sign(receiver_id=own.pk, actor=duties.actor("acceptor"), at=MONDAY_9)
    turn(MONDAY_9)
    task.refresh_from_db()
    assert task.state == "CLOSED"
    assert events(task.chain)[-1] == "duties.close"
    actions.settle(task_id=task.pk, at=MONDAY_9)
    assert events(task.chain).count("duties.close") == 1


def test_a_task_with_an_open_part_is_not_closed_by_itself(duties: Duties) -> None:
    task = duties.issued()
    actions.settle(task_id=task.pk, at=MONDAY_9)
    task.refresh_from_db()
    assert task.state == "ISSUED"


@pytest.mark.parametrize(
    ("action", "state"), [("cancel", "CANCELLED"), ("close", "CLOSED")]
)
def test_the_issuer_ends_a_task_with_a_reason(
    duties: Duties, action: str, state: str
) -> None:
    part = duties.in_hand()
    task = part.task
    client = duties.client("street_leader")
    url = reverse("duty_task_step", args=[task.pk, action])
    assert client.post(url, {"opinion": ""}).status_code == 422
    assert client.post(url, {"opinion": "情况变化"}).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.end_note) == (state, "情况变化")
    refused(
        "任务已经办结或撤销", actions.begin, receiver_id=part.pk,
        actor=duties.actor("grid_a"),
    )  # fmt: skip


def test_receivers_are_told_where_they_work(duties: Duties, turn: Any) -> None:
    own = duties.split()
    turn(MONDAY_9)
    part = duties.part(own, GRID_A)
    told = Notification.objects.get(
        user=duties.world.user_id("grid_a"), subject=own.task.chain
    )
    assert told.url == reverse("phone_duty", args=[part.pk])
    desk = Notification.objects.filter(
        user=duties.world.user_id("acceptor"), subject=own.task.chain
    )
    assert desk.get().url == reverse("duty_receiver", args=[own.pk])


def test_the_tree_costs_the_same_however_many_receive(
    duties: Duties, django_assert_max_num_queries: Any
) -> None:
    own = duties.split()
    client = duties.client("dispatcher")
    with django_assert_max_num_queries(12):
        client.get(reverse("duty_task", args=[own.task_id]))
    with django_assert_max_num_queries(12):
        client.get(reverse("duty_tasks") + "?list=all")


def test_who_has_the_task_is_not_offered_again(duties: Duties) -> None:
    own = duties.signed()
    client = duties.client("acceptor")
    url = reverse("duty_receiver_step", args=[own.pk, "reissue"])
    assert f'value="{duties.area(GRID_A)}"' in client.get(url).content.decode()
    client.post(url, {"addressees": [str(duties.area(GRID_A))]})
    content = client.get(url).content.decode()
    assert f'value="{duties.area(GRID_A)}"' not in content
    assert f'value="{duties.area(GRID_B)}"' in content


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("district", {3, 4}), ("urban", {3, 4}), ("dispatcher", {4, 5}),
        ("acceptor", {5}),
    ],
)  # fmt: skip
def test_an_issuer_reaches_two_levels_down(
    duties: Duties, name: str, levels: set[int]
) -> None:
    reach = actions.reach_of_issuer(duties.actor(name), MONDAY_9)
    assert {area.level for area in reach.areas} == levels
    assert all(area.code.startswith("990101") for area in reach.areas)


def test_each_sees_the_tree_from_the_own_part_down(duties: Duties) -> None:
    """A task of the district goes by street and community to a grid."""
    item = duties.admitted()
    command = duties.actor("district")
    paper = duties.paper(admission_id=item.pk, addressees=(duties.area(STREET),))
    task = actions.draft_task(paper=paper, actor=command, at=MONDAY_9)
    actions.issue(task_id=task.pk, actor=command, at=MONDAY_9)
    for name, code, below in (
        ("dispatcher", STREET, COMMUNITY), ("acceptor", COMMUNITY, GRID_A),
    ):  # fmt: skip
        part, who = duties.part(task, code), duties.actor(name)
        actions.sign(receiver_id=part.pk, actor=who, at=MONDAY_9)
        actions.reissue(
            receiver_id=part.pk, addressees=[duties.area(below)], actor=who,
            at=MONDAY_9,
        )  # fmt: skip
    for name, seen in (
        ("district", [STREET, COMMUNITY, GRID_A]),
        ("dispatcher", [STREET, COMMUNITY, GRID_A]),
        ("acceptor", [COMMUNITY, GRID_A]),
    ):
        page = duties.client(name).get(reverse("duty_task", args=[task.pk]))
        shown = [node.receiver.area.code for node in page.context["nodes"]]
        assert shown == seen, name
        assert [node.depth for node in page.context["nodes"]] == list(range(len(seen)))
    own = duties.part(task, COMMUNITY)
    page = duties.client("acceptor").get(reverse("duty_receiver", args=[own.pk]))
    assert [one.receiver.area.code for one in page.context["nodes"]] == [GRID_A]
