"""The composer: what it suggests, foresees, refuses and keeps."""

import pytest
from django.urls import reverse

from cases import actions
from cases.models import Case, Whistle
from cases.workflow import State
from governance.models import CalendarYear
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, piece, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


@pytest.fixture
def routed(road, turn, monkeypatch):
    """A case at the street, with the suggestion of the responsibility list."""
    case = road.pending()
    turn(MONDAY_9)
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return again(case)


def compose(case) -> str:
    return reverse("whistle_compose", args=[case.pk])


def preview(case) -> str:
    return reverse("whistle_preview", args=[case.pk])


def written(road, case, *supports: str, **more) -> dict:
    orgs = road.world.orgs
    given = {
        "version": case.version,
        "kind": "routine",
        "condition": case.category.conditions.get().pk,
        "lead": orgs["fire"].pk,
        "lead_task": "现场清理",
        "legal_basis": "消防法第二十八条",
        "supports": [orgs[name].pk for name in supports],
    }
    given |= {f"task_{orgs[name].pk}": f"{name}配合" for name in supports}
    return {**given, **more}


def test_anonymous_out_of_scope_and_without_the_right(road, routed, client) -> None:
    assert "/login/" in client.get(compose(routed))["Location"]
    for name in ("other_dispatcher", "fire"):
        assert signed_in(road.world, name).get(compose(routed)).status_code == 404
    refused = signed_in(road.world, "acceptor").get(compose(routed))
    assert refused.status_code == 422
    assert "不能对本案“吹哨”" in refused.content.decode()


def test_the_list_suggests_lead_supports_basis_and_condition(road, routed) -> None:
    content = signed_in(road.world, "dispatcher").get(compose(routed)).content.decode()
    fire, urban = road.world.orgs["fire"].pk, road.world.orgs["urban"].pk
    assert f'<option value="{fire}" selected>区消防大队（权责清单建议）' in content
    assert f'name="supports" value="{urban}" checked' in content
    basis = "权责清单：占用消防通道，区县101主责区消防大队（示例依据）"
    assert f'value="{basis}"' in content
    assert "在区县101由区消防大队主责，依据由此带出" in content
    assert "占用消防通道的（2 工作时）" in content
    assert "30 分钟内报到" in content
    assert "西区城管局" not in content


def test_the_preview_says_who_when_and_who_signs(road, routed) -> None:
    client = signed_in(road.world, "dispatcher")
    content = piece(client, preview(routed), **written(road, routed)).content.decode()
    for words in ("区消防大队", "现场清理", "11-24 09:00 前报到", "2026-11-23 11:00"):
        assert words in content, words
    assert 'data-blows="yes"' in content
    joint = written(road, routed, "urban", "property")
    content = piece(client, preview(routed), **joint).content.decode()
    assert 'data-blows="no"' in content and "联合哨须由街道值班领导签发" in content
    assert "urban配合" in content and "property配合" in content
    leader = signed_in(road.world, "street_leader")
    assert (
        'data-blows="yes"' in piece(leader, preview(routed), **joint).content.decode()
    )
    assert not Whistle.objects.exists()


def test_the_preview_takes_half_a_form(road, routed) -> None:
    client = signed_in(road.world, "dispatcher")
    content = piece(client, preview(routed), kind="routine").content.decode()
    assert "还没有选择单位" in content
    content = piece(client, preview(routed), lead="x").content.decode()
    assert "选择哨型和单位后" in content


def test_a_support_without_its_task_is_foreseen_all_the_same(road, routed) -> None:
    client = signed_in(road.world, "dispatcher")
    urban = road.world.orgs["urban"].pk
    given = written(road, routed, "urban") | {f"task_{urban}": ""}
    content = piece(client, preview(routed), **given).content.decode()
    assert 'data-blows="no"' in content and "（任务待填写）" in content
    sent = client.post(compose(routed), given)
    assert sent.status_code == 422
    assert "联合哨须由街道值班领导签发" in sent.content.decode()


def test_a_missing_calendar_is_said_not_guessed(road, routed) -> None:
    CalendarYear.objects.all().delete()
    client = signed_in(road.world, "dispatcher")
    content = piece(client, preview(routed), **written(road, routed)).content.decode()
    assert "放假安排" in content


def test_a_routine_whistle_is_blown_by_the_dispatcher(road, routed) -> None:
    client = signed_in(road.world, "dispatcher")
    response = piece(client, compose(routed), **written(road, routed))
    assert response["HX-Redirect"] == reverse("case", args=[routed.pk])
    case = again(routed)
    assert (case.state, case.lead_org) == (State.WHISTLED, road.world.orgs["fire"])
    assert case.whistles.get().status == Whistle.Status.BLOWN


def test_a_joint_whistle_is_drafted_and_then_only_signed(road, routed) -> None:
    client = signed_in(road.world, "dispatcher")
    given = written(
        road, routed, "urban", gather_place="东门", gather_at="2026-11-23T15:00"
    )
    response = client.post(compose(routed), given)
    assert response.status_code == 302
    draft = again(routed).whistles.get()
    assert draft.status == Whistle.Status.DRAFT and draft.gather_place == "东门"
    assert draft.gather_at.hour == 7
    assert client.get(compose(routed)).status_code == 302


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": "enforcement", "legal_basis": " "}, "执法哨必须填写权责清单依据"),
        ({"kind": "emergency"}, "应急哨必须填写风险说明"),
        ({"lead": ""}, "请选择主办单位"),
        ({"lead_task": " "}, "请填写主办任务"),
        ({"condition": ""}, "请选择立案条件"),
        ({"kind": ""}, "请选择哨型"),
        ({"gather_at": "明天"}, "请填写日期和时间"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_lost(
    road, routed, change, sentence
) -> None:
    client = signed_in(road.world, "dispatcher")
    given = written(road, routed, "urban", gather_place="东门岗亭", **change)
    response = piece(client, compose(routed), **given)
    content = response.content.decode()
    assert response.status_code == 422 and sentence in content
    assert "东门岗亭" in content and "urban配合" in content
    assert not Whistle.objects.exists()


def test_a_unit_is_not_lead_and_support_and_each_needs_a_task(road, routed) -> None:
    client = signed_in(road.world, "dispatcher")
    twice = written(road, routed, "fire")
    assert "既主办又协办" in piece(client, compose(routed), **twice).content.decode()
    urban = road.world.orgs["urban"].pk
    silent = {**written(road, routed, "urban"), f"task_{urban}": " "}
    content = piece(client, compose(routed), **silent).content.decode()
    assert "请写明每个协办单位的任务" in content


def test_only_the_task_that_is_wrong_is_marked(road, routed) -> None:
    client, orgs = signed_in(road.world, "dispatcher"), road.world.orgs
    given = written(road, routed, "urban", "property", "housing")
    for task, sentence in ((" ", "请写明任务。"), ("长" * 501, "任务最多 500 字")):
        wrong = {**given, f"task_{orgs['urban'].pk}": task}
        content = piece(client, compose(routed), **wrong).content.decode()
        rows = content.split('<li class="support">')
        marked = [row for row in rows if "field-invalid" in row]
        assert len(marked) == 1 and sentence in marked[0]
        assert f'name="task_{orgs["urban"].pk}"' in marked[0]


def test_a_unit_without_jurisdiction_cannot_be_chosen(road, routed) -> None:
    client = signed_in(road.world, "dispatcher")
    given = written(road, routed, lead=road.world.orgs["west_urban"].pk)
    response = piece(client, compose(routed), **given)
    assert response.status_code == 422 and "请重新选择" in response.content.decode()


def test_a_stale_whistle_keeps_what_was_typed(road, routed) -> None:
    client = signed_in(road.world, "dispatcher")
    given = written(road, routed, version=routed.version - 1, lead_task="写了很多")
    content = piece(client, compose(routed), **given).content.decode()
    assert "有人先您一步" in content and "写了很多" in content


def test_a_withdrawn_draft_leaves_the_case_without_its_condition(
    world, file_case, turn
):
    case = file_case("cover")
    turn(MONDAY_9)
    drafted = actions.whistle(
        case_id=case.pk,
        call=actions.Call(
            kind="enforcement",
            called=(actions.Called(world.orgs["urban"].pk, "lead", "补盖"),),
            condition_id=world.categories["cover"].conditions.get().pk,
            legal_basis="示例依据",
        ),
        actor=world.actor("dispatcher"),
        at=MONDAY_9,
    )
    assert drafted.condition is not None
    assert Case.objects.get(pk=case.pk).condition is None
