"""Worker, relay, beat or Redis die in the middle; nothing is lost, nothing doubled."""

import uuid
from typing import Any

import pytest

from cases.demo_pictures import picture
from tests.e2e.client import Client
from tests.e2e.stack import Stack, until

pytestmark = pytest.mark.e2e
COVER = "01003"


@pytest.fixture
def worker_a(stack: Stack) -> Client:
    return Client(stack.url, "wanggeyuan-jia")


@pytest.fixture(scope="module")
def place(stack: Stack) -> dict[str, Any]:
    """A point inside 网格 001 and the category of an urgent case."""
    found = stack.ask(
        "{'lng': p.x, 'lat': p.y, 'category': "
        "Category.objects.get(standard_ref='示例', code5='01003').pk} "
        "if (p := AreaBoundary.objects.current().get("
        "area__code='990101001001001').geometry.point_on_surface) else None"
    )
    assert found
    return dict(found)


def file_urgent(client: Client, place: dict[str, Any]) -> int:
    """An urgent case, which the platform itself must raise to the street."""
    batch = str(uuid.uuid4())
    status, answer = client.photo(batch, "report", picture(1))
    assert status == 201, answer
    status, answer = client.json(
        "/api/v1/submissions/",
        {
            "id": str(uuid.uuid4()),
            "kind": "report",
            "category": place["category"],
            "description": "雨水井盖丢失，井口敞开在人行道上。",
            "address": "和平路口",
            "lng": place["lng"],
            "lat": place["lat"],
            "photos": batch,
        },
    )
    assert status == 201, answer
    return int(answer["id"])


def steps(stack: Stack, case_id: int) -> list[str]:
    return list(
        stack.ask(
            "[e.detail['transition'] for e in Event.objects.filter("
            f"chain='case:{case_id}').order_by('seq') if 'transition' in e.detail]"
        )
    )


def doubled_messages(stack: Stack) -> int:
    return int(
        stack.ask(
            "Notification.objects.count() - "
            "Notification.objects.values('key').distinct().count()"
        )
    )


def routed(stack: Stack, case_id: int) -> None:
    stack.settle()
    assert steps(stack, case_id) == ["T01", "T12"]
    assert doubled_messages(stack) == 0


@pytest.mark.parametrize("name", ["worker", "relay", "redis"])
def test_process_dies_before_the_case_is_routed(
    stack: Stack, worker_a: Client, place: dict[str, Any], name: str
) -> None:
    stack.kill(name)
    case_id = file_urgent(worker_a, place)
    assert steps(stack, case_id) == ["T01"]
    stack.start(name)
    routed(stack, case_id)
    until("healthz answers ok", stack.healthy)


def test_worker_dies_with_the_message_in_hand_and_redis_forgets_the_rest(
    stack: Stack, worker_a: Client, place: dict[str, Any]
) -> None:
    """The relay has rung for all; the rings are lost with Redis and the worker."""
    stack.kill("worker")
    cases = [file_urgent(worker_a, place) for _ in range(3)]
    until(
        "the relay rang for every case",
        lambda: stack.ask(
            "Job.objects.filter(done_at=None, attempts__gt=0, "
            f"args__case_id__in={cases}).count() >= 3"
        ),
    )
    stack.start("worker")
    stack.kill("worker")
    stack.kill("redis")
    stack.start("redis")
    stack.start("worker")
    for case_id in cases:
        routed(stack, case_id)


def test_beat_dies_and_every_step_still_happens(
    stack: Stack, worker_a: Client, place: dict[str, Any]
) -> None:
    stack.kill("beat")
    case_id = file_urgent(worker_a, place)
    routed(stack, case_id)
    until("healthz names the dead beat", lambda: not stack.healthy(), 60)
    assert stack.health()["status"] != "ok"
    stack.start("beat")
    until("healthz answers ok", stack.healthy)


def test_journal_is_whole_after_all_that(stack: Stack) -> None:
    assert "case:" not in stack.manage("verify_journal")


def test_everything_agrees_after_all_that(stack: Stack) -> None:
    stack.settle()
    assert "条全部成立" in stack.manage("check_invariants")
