"""What is typed into a form is on the server before it is sent (FEATURES 56)."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cases import actions
from cases.difference import seen
from cases.models import FormDraft
from governance.models import Event
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, piece, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def step(case, action: str) -> str:
    return reverse("case_action", args=[case.pk, action])


def draft(case, action: str) -> str:
    return reverse("case_draft", args=[case.pk, action])


def hidden(content: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', content)
    assert found
    return html.unescape(found[1])


def test_after_a_crash_the_text_is_there_and_says_so(road) -> None:
    case = road.joint()
    client = signed_in(road.world, "fire")
    opened = piece(client, step(case, "feed_back")).content.decode()
    assert "已恢复草稿" not in opened
    saved = client.post(
        draft(case, "feed_back"),
        {
            "result": "solved", "measures": "已清空杂物\n并加装立柱", "override": "",
            "batch": hidden(opened, "batch"), "version": "1",
            "seen": hidden(opened, "seen"),
        },
    )  # fmt: skip
    assert saved.json() == {"said": "草稿已保存 09:00:00"}
    events = Event.objects.filter(chain=case.chain).count()
    opened_again = signed_in(road.world, "fire").get(step(case, "feed_back"))
    content = opened_again.content.decode()
    assert "已恢复草稿（11-23 09:00 保存），还没有提交。" in content
    assert "已清空杂物\n并加装立柱</textarea>" in content
    assert re.search(r'value="solved"[^>]*checked', content)
    assert hidden(content, "batch") == hidden(opened, "batch")
    assert hidden(content, "version") == str(case.version)
    assert "您打开以后的变化" not in content
    assert "草稿" in client.get(reverse("case", args=[case.pk])).content.decode()
    assert Event.objects.filter(chain=case.chain).count() == events


def test_a_draft_is_its_owners_and_that_steps_alone(road) -> None:
    case, other = road.joint("urban"), road.joint()
    client = signed_in(road.world, "fire")
    client.post(draft(case, "assign_handler"), {"opinion": "说好周三去"})
    road.world.hire("second", "department_liaison", "fire", "990101")
    colleague = signed_in(road.world, "second")

    def shown(who, url: str) -> bool:
        return "说好周三去" in piece(who, url).content.decode()

    assert shown(client, step(case, "assign_handler"))
    assert not shown(client, step(other, "assign_handler"))
    assert not shown(client, step(case, "feed_back"))
    assert not shown(colleague, step(case, "assign_handler"))
    assert FormDraft.objects.get().user_id == road.world.user_id("fire")


def test_sent_or_discarded_it_is_gone(road) -> None:
    case = road.whistled()
    client = signed_in(road.world, "fire")
    actions.claim(case_id=case.pk, actor=road.world.actor("fire"), at=MONDAY_9)
    client.post(draft(case, "release"), {"opinion": "换班"})
    client.post(draft(case, "assign_handler"), {"opinion": "先不交代"})
    gone = client.post(f"{draft(case, 'assign_handler')}?discard=1")
    assert gone.status_code == 302 and gone.url == step(case, "assign_handler")
    assert "先不交代" not in piece(client, gone.url).content.decode()
    assert piece(client, step(case, "release"), opinion="换班").status_code == 200
    assert again(case).holder_user is None
    assert not FormDraft.objects.exists()


def test_what_arrives_after_the_step_was_sent_is_no_draft(road) -> None:
    """The step overtook the last save of its own form; opened anew it is kept again."""
    case = road.whistled()
    client = signed_in(road.world, "fire")
    actions.claim(case_id=case.pk, actor=road.world.actor("fire"), at=MONDAY_9)
    late = {"opinion": "换班", "seen": seen(again(case))}
    assert "草稿已保存" in client.post(draft(case, "release"), late).json()["said"]
    assert piece(client, step(case, "release"), opinion="换班").status_code == 200
    assert client.post(draft(case, "release"), late).json() == {"said": ""}
    assert not FormDraft.objects.exists()
    other = client.post(draft(case, "assign_handler"), late)
    assert "草稿已保存" in other.json()["said"]
    anew = {**late, "seen": seen(again(case))}
    assert "草稿已保存" in client.post(draft(case, "release"), anew).json()["said"]


def test_a_whistle_sent_to_be_signed_leaves_no_draft_behind(road) -> None:
    case = road.pending()
    client = signed_in(road.world, "dispatcher")
    late = {"lead_task": "清空通道", "seen": seen(case)}
    who = road.world.actor("dispatcher")
    actions.whistle(case_id=case.pk, call=road.call(), actor=who, at=MONDAY_9)
    assert client.post(draft(case, "whistle"), late).json() == {"said": ""}
    assert not FormDraft.objects.exists()


def test_what_is_emptied_again_is_no_draft(road) -> None:
    case = road.whistled()
    client = signed_in(road.world, "fire")
    client.post(draft(case, "dispute"), {"opinion": "不归我们"})
    assert FormDraft.objects.count() <= 1
    client.post(draft(case, "assign_handler"), {"opinion": "给他"})
    emptied = client.post(draft(case, "assign_handler"), {"opinion": "  "})
    assert emptied.json() == {"said": ""}
    assert not FormDraft.objects.filter(action="assign_handler").exists()


def test_out_of_scope_unknown_or_endless_is_refused(road) -> None:
    case = road.whistled()
    stranger = signed_in(road.world, "property")
    assert stranger.post(draft(case, "release"), {"opinion": "x"}).status_code == 404
    client = signed_in(road.world, "fire")
    assert client.post(draft(case, "nothing"), {"opinion": "x"}).status_code == 404
    assert client.get(draft(case, "release")).status_code == 405
    endless = client.post(draft(case, "release"), {"opinion": "字" * 40_001})
    assert endless.status_code == 422 and "内容太长" in endless.content.decode()
    assert not FormDraft.objects.exists()


def test_a_restored_draft_shows_what_happened_meanwhile(road) -> None:
    case = road.whistled()
    client = signed_in(road.world, "fire")
    opened = piece(client, step(case, "assign_handler")).content.decode()
    given = {"opinion": "请到场", "seen": hidden(opened, "seen")}
    client.post(draft(case, "assign_handler"), given)
    actions.claim(case_id=case.pk, actor=road.world.actor("fire"), at=MONDAY_9)
    content = piece(client, step(case, "assign_handler")).content.decode()
    assert "您打开以后的变化" in content and "认领" in content
    assert "请到场" in content
    assert hidden(content, "version") == str(again(case).version)


def test_forgotten_drafts_go_after_a_month(road, monkeypatch) -> None:
    case = road.whistled()
    client = signed_in(road.world, "fire")
    client.post(draft(case, "assign_handler"), {"opinion": "旧的"})
    later = MONDAY_9 + timedelta(days=31)
    monkeypatch.setattr("governance.clock.now", lambda: later)
    client.post(draft(case, "release"), {"opinion": "新的"})
    assert [one.action for one in FormDraft.objects.all()] == ["release"]


def test_a_half_composed_whistle_is_kept_with_the_tasks_of_its_units(road) -> None:
    case = road.pending()
    client = signed_in(road.world, "dispatcher")
    url = reverse("whistle_compose", args=[case.pk])
    fire, urban = road.world.orgs["fire"].pk, road.world.orgs["urban"].pk
    given = {
        "kind": "routine", "lead": fire, "lead_task": "清空通道", "supports": urban,
        f"task_{urban}": "拖走车辆", "condition": "", "gather_place": "东门岗亭",
        "csrfmiddlewaretoken": "x",
    }  # fmt: skip
    saved = client.post(draft(case, "whistle"), given)
    assert "草稿已保存" in saved.json()["said"]
    assert "csrfmiddlewaretoken" not in FormDraft.objects.get().fields
    for content in (client.get(url), piece(client, url)):
        shown = content.content.decode()
        assert "已恢复草稿" in shown
        assert f'<option value="{fire}" selected>' in shown
        for said in ("清空通道</textarea>", "拖走车辆", "东门岗亭"):
            assert said in shown, said
    preview = client.get(url).content.decode().split('id="preview"')[1]
    assert "区消防大队" in preview and "区城管局" in preview
    gone = client.post(f"{draft(case, 'whistle')}?discard=1", follow=True)
    assert "清空通道" not in gone.content.decode()
    client.post(draft(case, "whistle"), given)
    condition = case.category.conditions.get().pk
    sent = {**given, "condition": condition, "legal_basis": "消防法第二十八条"}
    assert client.post(url, sent).status_code == 302
    assert not FormDraft.objects.exists()
