"""常用语 and templates: filled on the server, chosen only when approved."""

import pytest
from django.urls import reverse

from cases.actions import phrases as actions
from cases.actions.phrases import Wording
from cases.models import Phrase
from cases.phrasing import VARIABLES, filled
from governance.errors import Refused
from governance.models import Event
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, piece, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    world.hire("fire_head", "department_leader", "fire", "990101")
    world.hire("admin", "system_admin", "city", "9901")
    return Road(world, file_case, photos)


def written(road, by: str, scope="unit", text="已于 {今天} 到 {地址} 处置。", **more):
    wording = Wording(
        scope=scope, title=more.pop("title", "常用"), text=text,
        audience=more.pop("audience", "internal"), **more,
    )  # fmt: skip
    return actions.write_phrase(
        wording=wording, actor=road.world.actor(by), at=MONDAY_9
    )


def form(road, by: str, case, action: str) -> str:
    url = reverse("case_action", args=[case.pk, action])
    return piece(signed_in(road.world, by), url).content.decode()


def test_variables_are_filled_for_the_case_at_hand(road) -> None:
    case = road.joint()
    text = "、".join(f"{{{name}}}" for name in VARIABLES)
    said = filled(text, case, road.world.actor("fire"), MONDAY_9)
    assert said == (
        f"{case.display_no}、占用消防通道、和平路 12 号门前、{case.community.name}、"
        "部门处置中、区消防大队、2026-11-23 11:00、区消防大队、fire、fire、2026-11-23"
    )
    case.due_at = None
    who = road.world.actor("fire")
    assert filled("至 { 时限 } 止 {别的}", case, who, MONDAY_9) == "至 —— 止 {别的}"


def test_an_unapproved_template_is_not_selectable(road) -> None:
    """FEATURES 54."""
    case = road.joint()
    one = written(road, "fire")
    assert one.status == Phrase.Status.DRAFT
    assert "已于 2026-11-23 到" not in form(road, "fire", case, "feed_back")
    with pytest.raises(Refused, match="由本单位负责人审核启用"):
        actions.approve_phrase(
            phrase_id=one.pk, actor=road.world.actor("fire"), at=MONDAY_9
        )
    actions.approve_phrase(
        phrase_id=one.pk, actor=road.world.actor("fire_head"), at=MONDAY_9
    )
    said = 'data-phrase="已于 2026-11-23 到 和平路 12 号门前 处置。"'
    assert said in form(road, "fire", case, "feed_back")
    actions.withdraw_phrase(
        phrase_id=one.pk, actor=road.world.actor("fire_head"), at=MONDAY_9
    )
    assert said not in form(road, "fire", case, "feed_back")
    verbs = Event.objects.filter(chain=f"phrase:{one.pk}").order_by("seq")
    assert [event.action for event in verbs] == [
        "cases.write_phrase", "cases.approve_phrase", "cases.withdraw_phrase",
    ]  # fmt: skip


def test_what_somebody_else_changes_waits_for_approval_again(road) -> None:
    one = written(road, "fire_head")
    assert one.status == Phrase.Status.APPROVED
    wording = Wording(scope="", title="改", text="改过的", audience="internal")
    by = {"phrase_id": one.pk, "wording": wording, "at": MONDAY_9}
    changed = actions.change_phrase(**by, actor=road.world.actor("fire"))
    assert (changed.status, changed.approved_by_id) == (Phrase.Status.DRAFT, None)
    changed = actions.change_phrase(**by, actor=road.world.actor("fire_head"))
    assert changed.status == Phrase.Status.APPROVED


def test_a_template_is_the_units_and_a_quick_phrase_ones_own(road) -> None:
    case = road.joint("urban")
    road.check_in(case, "urban")
    written(road, "fire_head", text="消防的话")
    written(road, "fire", scope="own", text="我自己的话")
    mine = form(road, "fire", case, "feed_back")
    assert "消防的话" in mine and "我自己的话" in mine
    head = signed_in(road.world, "fire_head").get(reverse("phrases"))
    assert "我自己的话" not in head.content.decode()
    theirs = form(road, "urban", case, "finish_support")
    assert "消防的话" not in theirs and "我自己的话" not in theirs
    one = Phrase.objects.get(owner__isnull=False)
    with pytest.raises(Refused, match="没有找到"):
        actions.drop_phrase(
            phrase_id=one.pk, actor=road.world.actor("fire_head"), at=MONDAY_9
        )
    actions.drop_phrase(phrase_id=one.pk, actor=road.world.actor("fire"), at=MONDAY_9)
    assert not Phrase.objects.filter(pk=one.pk).exists()


def test_category_and_state_narrow_what_is_offered(road) -> None:
    case = road.joint()
    stall = road.world.categories["stall"].pk
    written(road, "fire_head", text="别的类", category_id=stall)
    written(road, "fire_head", text="本类", category_id=case.category_id)
    written(road, "fire_head", text="别的状态", state="WHISTLED")
    written(road, "fire_head", text="本状态", state="JOINT_HANDLING")
    offered = form(road, "fire", case, "feed_back")
    assert "本类" in offered and "本状态" in offered
    assert "别的类" not in offered and "别的状态" not in offered


def test_public_and_internal_variants_stay_in_their_own_fields(road) -> None:
    case = road.reported()
    written(
        road, "admin", scope="all", text="您好，{编号} 不予受理。", audience="public"
    )
    written(road, "admin", scope="all", text="内部：不归我们", audience="internal")
    public = form(road, "acceptor", case, "reject")
    assert f"您好，{case.display_no} 不予受理。" in public
    assert "内部：不归我们" not in public
    internal = form(road, "acceptor", case, "raise_to_street")
    assert "内部：不归我们" in internal and "您好，" not in internal


def test_only_an_administrator_writes_for_all(road) -> None:
    events = Event.objects.count()
    with pytest.raises(Refused, match="全市的模板由系统管理员建立"):
        written(road, "fire_head", scope="all")
    assert Event.objects.count() == events
    one = written(road, "admin", scope="all")
    wording = Wording(scope="", title="改", text="改", audience="internal")
    with pytest.raises(Refused, match="审核启用"):
        actions.change_phrase(
            phrase_id=one.pk, wording=wording, actor=road.world.actor("fire_head"),
            at=MONDAY_9,
        )  # fmt: skip
    with pytest.raises(Refused, match="模板不删除"):
        actions.drop_phrase(
            phrase_id=one.pk, actor=road.world.actor("admin"), at=MONDAY_9
        )


def test_an_administrator_keeps_his_own_and_looks_after_those_of_all_units(
    road,
) -> None:
    own = written(road, "admin", scope="own", title="自己记的")
    theirs = written(road, "fire_head", title="消防的")
    quick = written(road, "fire", scope="own", title="别人的")
    client = signed_in(road.world, "admin")
    page = client.get(reverse("phrases")).content.decode()
    assert "自己记的" in page and "消防的" in page and "别人的" not in page
    change = reverse("phrase", args=[own.pk])
    given = {
        "title": "自己记的", "text": "改过的", "audience": "internal", "category": "",
        "state": "",
    }  # fmt: skip
    assert client.post(change, given).status_code == 302
    assert Phrase.objects.get(pk=own.pk).text == "改过的"
    drop = reverse("change_phrase", args=[own.pk, "drop"])
    assert client.post(drop).status_code == 302
    assert not Phrase.objects.filter(pk=own.pk).exists()
    withdraw = reverse("change_phrase", args=[theirs.pk, "withdraw"])
    assert client.post(withdraw).status_code == 302
    assert Phrase.objects.get(pk=theirs.pk).status == Phrase.Status.WITHDRAWN
    assert client.get(reverse("phrase", args=[quick.pk])).status_code == 404


def test_the_page_writes_refuses_changes_and_approves(road) -> None:
    client = signed_in(road.world, "fire")
    url = reverse("phrases")
    given = {
        "scope": "unit", "title": "到场", "text": "已到 {地点}", "audience": "internal",
        "category": "", "state": "",
    }  # fmt: skip
    wrong = client.post(url, given)
    assert wrong.status_code == 422
    assert "没有变量“{地点}”" in wrong.content.decode()
    assert "已到 {地点}</textarea>" in wrong.content.decode()
    assert client.post(url, {**given, "text": "已到 {地址}"}).status_code == 302
    one = Phrase.objects.get()
    page = client.get(url).content.decode()
    approve = reverse("change_phrase", args=[one.pk, "approve"])
    assert "待审核" in page and approve not in page
    head = signed_in(road.world, "fire_head")
    assert approve in head.get(url).content.decode()
    assert head.post(approve).status_code == 302
    assert Phrase.objects.get().status == Phrase.Status.APPROVED
    change = reverse("phrase", args=[one.pk])
    assert "已到 {地址}</textarea>" in client.get(change).content.decode()
    assert client.post(change, {**given, "text": ""}).status_code == 422
    assert client.post(change, {**given, "text": "到了"}).status_code == 302
    assert Phrase.objects.get().status == Phrase.Status.DRAFT
    stranger = signed_in(road.world, "urban")
    assert stranger.get(change).status_code == 404
    assert stranger.post(approve).status_code == 404
