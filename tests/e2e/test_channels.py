"""What leaves the house, by real processes: a receiver that was down, a worker that
died, an urgent message at the desk."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person
from tests.e2e.scenario import COMMUNITY, Scenario
from tests.e2e.stack import Stack, until
from tests.parties.channel_road import SECRET, verified
from tests.parties.receiver import Receiver, receiving

pytestmark = pytest.mark.e2e
People = Callable[[str], Person]
# Counts the tones that a page starts.
COUNTING = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) {
  window.tones += 1;
  return start.apply(this, given);
};
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def channel(stack: Stack, people: People, receiver: Receiver) -> Iterator[str]:
    """A system that wants every step, opened by the administrator; closed again."""
    admin = people("xitongguanliyuan")
    text = admin.fill_in(
        "/channels/new/webhook/", name="城市运行平台", url=receiver.url, secret=SECRET,
        importances=[], case_events="on",
    )  # fmt: skip
    assert "请发一条测试消息" in text
    number = stack.ask("Channel.objects.get(name='城市运行平台').pk")
    yield f"/channels/{number}/"
    admin.fill_in(f"/channels/{number}/change/", name=f"停用{number}", enabled=[])


def states(stack: Stack) -> list[str]:
    return list(
        stack.ask(
            "list(Delivery.objects.filter(channel__kind='webhook')"
            ".order_by('pk').values_list('state', flat=True))"
        )
    )


def test_a_system_that_was_down_gets_every_step_later_once_in_order(
    stack: Stack,
    people: People,
    spots: dict[str, dict[str, float]],
    receiver: Receiver,
    channel: str,
) -> None:
    scene, admin = Scenario(stack), people("xitongguanliyuan")
    scene.at("2026-11-23 09:00")
    receiver.down()
    case = people("rexianzuoxi").file(
        photos=1, at=spots[f"{COMMUNITY}001"], category=scene.category("06042"),
        description="垃圾桶满溢，垃圾散落一地，请尽快清运。", address="幸福里南门",
        complainant_name="甲居民", complainant_contact="13900000001", consent="oral",
    )  # fmt: skip
    scene.settle()
    people("shequ-shouliyuan").do(case, "raise_to_street", opinion="社区无力清运")
    until("it was tried", lambda: "连接不上" in admin.page("/channels/"))
    stack.kill("worker")
    receiver.up()
    stack.start("worker")
    stuck = re.search(r"/channels/deliveries/\d+/retry/", admin.page("/channels/"))
    assert stuck is not None
    assert "已安排立即重试" in admin.press("/channels/", stuck.group())
    until("all arrived", lambda: set(states(stack)) == {"sent"})
    bodies = {one.headers["webhook-id"]: one for one in receiver.got}
    assert all(verified(one.headers, one.body) for one in receiver.got)
    told = [json.loads(one.body) for one in bodies.values()]
    (number,) = scene.case(case, "case_no")
    told = [one for one in told if one["data"]["case"] == number]
    steps = stack.ask(
        f"list(Event.objects.filter(chain='case:{case}').order_by('seq')"
        ".values_list('action', 'seq'))"
    )
    assert [[one["type"], one["data"]["seq"]] for one in told] == [
        [action.replace("cases.", "case."), seq] for action, seq in steps
    ]
    texts = "Delivery.objects.filter(channel__complainants=True, state='sent', "
    assert stack.ask(f"{texts}subject='case:{case}').count()") == 1


def urgent(stack: Stack, username: str, key: str) -> None:
    stack.ask(
        "__import__('parties.actions').actions.notify(user_ids=[User.objects.get("
        f"username='{username}').pk], kind='notice', title='应急哨：燃气泄漏', "
        f"key='{key}', url='/notifications/', urgent=True, "
        "at=__import__('governance.clock').clock.now())"
    )


@pytest.mark.parametrize("phone", [True, False])
def test_an_urgent_message_is_heard_and_seen_at_the_desk_and_covers_nothing(
    stack: Stack, sign_in: Callable[..., Any], phone: bool
) -> None:
    page = sign_in("jiedao-zhibanzhang", phone=phone)
    page.add_init_script(COUNTING)
    page.goto("/notifications/")
    if page.get_by_role("button", name="全部标为已读").count():
        page.get_by_role("button", name="全部标为已读").click()
    page.goto("/desk/")
    line = page.locator("#urgent")
    expect(line).to_be_hidden()
    page.mouse.click(3, 300)  # a browser is silent until somebody touched the page
    urgent(stack, "jiedao-zhibanzhang", f"bell:{phone}")
    expect(line).to_be_visible(timeout=10_000)
    assert page.evaluate("window.tones") == 3
    below = page.locator("#content").bounding_box()["y"]
    box = line.bounding_box()
    assert box["y"] + box["height"] <= below + 1
    page.reload()
    expect(line).to_be_visible()
    assert page.evaluate("window.tones") == 0  # heard once
    page.locator("#bell-menu summary").focus()
    page.keyboard.press("Enter")
    panel = page.locator("#bell-panel")
    expect(panel.get_by_text("应急哨：燃气泄漏").first).to_be_visible()
    panel.get_by_role("button", name="标为已读：应急哨：燃气泄漏").first.press("Enter")
    expect(page.locator("#bell .count")).to_have_count(0)
    expect(line).to_be_hidden()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator("#bell-menu summary")).to_be_focused()
