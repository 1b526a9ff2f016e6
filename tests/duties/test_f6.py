"""F6 矛盾纠纷调解 (DOMAIN F), lived through the pages of mediation."""

import csv
import io
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cases import actions as cases
from cases.models import Case
from duties import actions
from duties.models import Mediation, MediationTemplate, Task
from governance import crypto
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification
from tests.cases.conftest import COMMUNITY, MONDAY_9, STREET, World
from tests.cases.conftest import _category as category
from tests.cases.conftest import _condition as condition
from tests.factories import PostingFactory

NAMES = ("赵大海", "钱小河")
FORCES = {
    "mediator": ("grid_force", "人民调解员", f"{COMMUNITY}002"),
    "police": ("grid_force", "片区民警", f"{COMMUNITY}002"),
    "adviser": ("grid_force", "社区法律顾问", f"{COMMUNITY}002"),
}
STEPS = "网格：网格员上门听取双方诉求\n社区：人民调解员主持调解\n街道：综治中心联合调解"


@dataclass
class Dispute:
    """A quarrel about leaking water in grid 002, at any stage of its mediation."""

    world: World
    photos: Any
    snapshot: bytes

    def actor(self, name: str) -> Actor:
        return self.world.actor(name)

    def client(self, name: str) -> Client:
        client = Client()
        client.force_login(self.world.postings[name].user)
        return client

    def reported(self, **more: Any) -> Case:
        yi = self.actor("grid_b")
        fields = {
            "category_id": self.world.categories["quarrel"].pk,
            "description": "楼上漏水泡了楼下的天花板，两家争吵多日。",
            "address": "幸福里 5 栋", "lng": 113.0015, "lat": 28.0005,
            "photos": self.photos(yi, "report"),
            "complainant_name": NAMES[0], "complainant_contact": "13800001234",
            "consent": "oral",
            **more,
        }  # fmt: skip
        return cases.report(
            submission_id=uuid.uuid4(), report=cases.Report(**fields), actor=yi,
            at=MONDAY_9,
        )  # fmt: skip

    def in_hand(self) -> Case:
        """社区自办, with three N forces invited on the case page."""
        case = self.reported()
        cases.accept(
            case_id=case.pk, handler_id=self.world.user_id("community_handler"),
            condition_id=case.category.conditions.get().pk,
            actor=self.actor("acceptor"), at=MONDAY_9,
        )  # fmt: skip
        handler = self.client("community_handler")
        for name, (_role, title, _code) in FORCES.items():
            answer = handler.post(
                reverse("case_action", args=[case.pk, "add_member"]),
                {"user": self.world.user_id(name), "role": title, "opinion": "请参加"},
                headers={"HX-Request": "true"},
            )
            assert answer.status_code in (200, 204), answer.content.decode()
        return again(case)

    def press(self, case: Case, action: str, by: str, **given: Any) -> str:
        """A step that must succeed; answers the page of the mediation."""
        url = reverse("mediation_step", args=[case.pk, action])
        response = self.client(by).post(url, given, follow=True)
        assert response.redirect_chain, response.content.decode()
        return str(response.content.decode())

    def refused(self, case: Case, action: str, by: str, **given: Any) -> str:
        url = reverse("mediation_step", args=[case.pk, action])
        before = Event.objects.count()
        response = self.client(by).post(url, given)
        assert response.status_code == 422
        assert Event.objects.count() == before
        return str(response.content.decode())

    def opened(self) -> Case:
        case = self.in_hand()
        self.press(case, "open", "community_handler", **self.parties())
        return case

    def parties(self) -> dict[str, Any]:
        return {
            "template": MediationTemplate.objects.get().pk,
            "applicant_name": NAMES[0], "applicant_telephone": "13800001234",
            "other_name": NAMES[1], "other_telephone": "13900005678",
        }  # fmt: skip

    def sit(self, case: Case, outcome: str, by: str = "mediator") -> str:
        return self.press(case, "session", by, **sitting(outcome))

    def picture(self) -> SimpleUploadedFile:
        return SimpleUploadedFile("page.jpg", self.snapshot, "image/jpeg")

    def agreed(self) -> Case:
        """Failed once, reached the second time, signed."""
        case = self.opened()
        self.sit(case, "failed")
        self.sit(case, "reached")
        self.press(case, "agreement", "mediator", **self.paper())
        return again(case)

    def paper(self, **more: Any) -> dict[str, Any]:
        return {
            "text": "楼上三日内修好水管，赔偿楼下 800 元。",
            "signed_at": "2026-11-23T09:00",
            "visitor": self.world.user_id("grid_b"),
            "judicial_confirmation": "on",
            "photos": self.picture(),
            **more,
        }


def sitting(outcome: str, **more: Any) -> dict[str, Any]:
    return {
        "held_at": "2026-11-23T08:30", "place": "社区调解室",
        "present": "人民调解员、片区民警、双方当事人", "outcome": outcome,
        "minutes": "双方陈述意见。", **more,
    }  # fmt: skip


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def page(client: Client, name: str, *args: Any) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200, response.content.decode()
    return str(response.content.decode())


@pytest.fixture
def dispute(
    world: World, photos: Any, snapshot: bytes, monkeypatch: pytest.MonkeyPatch
) -> Dispute:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    quarrel = category("51001", "邻里纠纷", is_confidential=True)
    condition(quarrel, 5, "WORK_DAY")
    world.categories["quarrel"] = quarrel
    for name, (role, title, code) in FORCES.items():
        world.postings[name] = PostingFactory(
            user__name=name, post__role=role, post__name=title,
            post__organisation=world.orgs["community"], post__area=world.areas[code],
        )  # fmt: skip
    actions.save_template(
        template=MediationTemplate(name="4543", steps=STEPS),
        actor=Actor.system(),
        at=MONDAY_9,
    )
    return Dispute(world, photos, snapshot)


def test_a_quarrel_between_neighbours(dispute: Dispute, turn: Any) -> None:
    """① report, ② mediators, ③ two sessions, agreement, ④ review, check, ratings."""
    case = dispute.in_hand()
    content = page(dispute.client("community_handler"), "case", case.pk)
    assert reverse("mediation_panel", args=[case.pk]) in content
    content = dispute.press(case, "open", "community_handler", **dispute.parties())
    assert "4543" in content and "社区调解" in content
    assert "未达成" in dispute.sit(case, "failed")
    assert not Task.objects.exists()
    assert "达成，待签协议" in dispute.sit(case, "reached")
    content = dispute.press(case, "agreement", "mediator", **dispute.paper())
    assert "已签协议" in content and "申请司法确认" in content
    assert "调解协议履行回访（7 天）" in content and "（30 天）" in content
    _follow_ups(dispute, turn)
    _to_the_ratings(dispute, case)
    _both_rate(dispute, case)


def _follow_ups(dispute: Dispute, turn: Any) -> None:
    """Two visit tasks of 乙, which name neither case nor party."""
    first, second = Task.objects.order_by("due_at")
    assert (first.kind, first.state) == ("visit", "ISSUED")
    assert first.due_at == MONDAY_9 + timedelta(days=7)
    assert second.due_at == MONDAY_9 + timedelta(days=30)
    turn(MONDAY_9)
    yi = dispute.world.user_id("grid_b")
    assert Notification.objects.filter(user_id=yi, subject=first.chain).exists()
    part = first.receivers.get()
    client = dispute.client("grid_b")
    assert first.title in page(client, "phone_duties")
    client.post(reverse("phone_duty_step", args=[part.pk, "sign"]))
    url = reverse("visit_new", args=[part.pk])
    given = {"subject_name": "双方当事人", "q1": "yes", "submission": uuid.uuid4()}
    assert client.post(url, given).status_code == 302
    assert part.records.get().is_abnormal is False
    for text in (first.title, first.requirement):
        assert not any(name in text for name in NAMES)


def _to_the_ratings(dispute: Dispute, case: Case) -> None:
    handler, jia = dispute.actor("community_handler"), dispute.actor("grid_a")
    cases.submit_result(
        case_id=case.pk, result="solved", measures="双方签订协议，已履行。",
        photos=dispute.photos(handler, "after"), actor=handler, at=MONDAY_9,
    )  # fmt: skip
    cases.send_to_check(
        case_id=case.pk, worker_id=dispute.world.user_id("grid_a"),
        requirement="电话核查", actor=dispute.actor("community_leader"), at=MONDAY_9,
    )  # fmt: skip
    assert page(dispute.client("grid_a"), "phone_case", case.pk)
    cases.submit_check(
        case_id=case.pk, result="passed", remark="电话核查，双方认可。", position=None,
        photos=dispute.photos(jia, "check"), actor=jia, at=MONDAY_9,
    )  # fmt: skip
    cases.confirm_check(
        case_id=case.pk, opinion="同意", closing_met=True,
        actor=dispute.actor("street_acceptor"), at=MONDAY_9,
    )  # fmt: skip
    assert again(case).state == "RATING"


def _both_rate(dispute: Dispute, case: Case) -> None:
    """Each party once, by telephone; then the case closes by its own rating."""
    found = Mediation.objects.get()
    first, second = found.parties.order_by("pk")
    by = "street_acceptor"
    page(dispute.client(by), "mediation", case.pk)
    dispute.press(case, "rate", by, party=first.pk, score="satisfied", remark="满意")
    content = dispute.refused(case, "rate", by, party=first.pk, score="fair")
    assert "已经评价过" in content
    content = dispute.press(case, "rate", by, party=second.pk, score="fair")
    assert "基本满意" in content and "满意" in content
    assert not found.parties.filter(score="").exists()
    cases.rate_by_call_back(
        case_id=case.pk, method="phone", score="satisfied", solved=True, words="谢谢",
        actor=dispute.actor(by), at=MONDAY_9,
    )  # fmt: skip
    assert again(case).state == "CLOSED"


def test_outside_the_mediation_group_nobody_finds_it(dispute: Dispute) -> None:
    case = dispute.agreed()
    photo = Mediation.objects.get().photos.get()
    inside = ("grid_b", "acceptor", "community_leader", "community_handler", *FORCES)
    outside = (
        "grid_a", "dispatcher", "street_leader", "district", "assessor", "urban",
    )  # fmt: skip
    for names, status in ((inside, 200), (outside, 404)):
        for name in names:
            client = dispute.client(name)
            for address in (
                reverse("mediation", args=[case.pk]),
                reverse("mediation_panel", args=[case.pk]),
                reverse("mediation_parties", args=[case.pk]),
                reverse("agreement_photo", args=[photo.pk]),
                reverse("case", args=[case.pk]),
            ):
                assert client.get(address).status_code == status, (name, address)
    url = reverse("mediation_step", args=[case.pk, "session"])
    assert dispute.client("dispatcher").post(url, sitting("failed")).status_code == 404
    assert Client().get(reverse("mediation", args=[case.pk])).status_code == 302


def exported(client: Client) -> str:
    """The list as a file with commas."""
    wish = {"format": "csv", "purpose": "年度统计"}
    answer = client.post(reverse("export", args=["mediations"]), wish)
    file = client.get(f"{answer['Location']}file/")
    return b"".join(file).decode("utf-8-sig")  # type: ignore[arg-type]


def rows_of(export: str) -> list[dict[str, str]]:
    """Without the lines that say who took it out, above and below."""
    return list(csv.DictReader(io.StringIO(export).readlines()[1:-1]))


def test_names_are_masked_in_lists_and_exports(dispute: Dispute) -> None:
    case = dispute.agreed()
    found = Mediation.objects.get()
    assert all(name not in str(found.parties.values_list("name")) for name in NAMES)
    client = dispute.client("acceptor")
    export = exported(client)
    for content in (
        page(client, "mediations"),
        page(client, "mediation", case.pk),
        page(client, "mediation_panel", case.pk),
        page(client, "case", case.pk),
        export,
    ):
        assert not any(name in content for name in NAMES)
        assert "13900005678" not in content
    (row,) = rows_of(export)
    assert row["当事人"] == "赵**、钱**" and row["案卷号"] == case.display_no
    assert (row["层级"], row["结果"], row["调解会（次）"]) == ("社区", "已签协议", "2")
    outside = dispute.client("dispatcher")
    assert case.display_no not in page(outside, "mediations")
    assert not rows_of(exported(outside))


def test_whole_names_need_a_reason_and_are_logged(dispute: Dispute) -> None:
    case = dispute.opened()
    client, url = dispute.client("mediator"), reverse("mediation_parties", args=[1])
    url = reverse("mediation_parties", args=[case.pk])
    before = Event.objects.count()
    refused = client.post(url, {"reason": ""})
    assert refused.status_code == 422 and NAMES[1] not in refused.content.decode()
    assert Event.objects.count() == before
    opened = client.post(url, {"reason": "拟写协议"}).content.decode()
    assert all(name in opened for name in NAMES) and "13900005678" in opened
    event = Event.objects.get(action="duties.reveal_parties")
    assert event.detail["purpose"] == "拟写协议" and event.actor["name"] == "mediator"
    assert not any(name in str(event.detail) for name in NAMES)


def test_figures_by_level_are_right(dispute: Dispute) -> None:
    """Solved in the grid, in the community and at the street; one still open."""
    _solved_in_the_grid(dispute)
    dispute.agreed()
    _solved_at_the_street(dispute)
    dispute.opened()
    for name, expected in (
        ("dispatcher", {5: (1, 1), 4: (2, 1), 3: (1, 1)}),
        ("district", {5: (1, 1), 4: (2, 1), 3: (1, 1)}),
        ("other_dispatcher", {}),
    ):
        counted = Mediation.objects.counted_for(dispute.actor(name)).by_level()
        figures = {k: (row["total"], row["agreed"]) for k, row in counted.items()}
        assert figures == expected, name
    content = page(dispute.client("dispatcher"), "mediations")
    rows = content.split("<tbody>")[1].split("</tbody>")[0].split("</tr>")
    assert ["1" in rows[0], ">2<" in rows[1], ">4<" in rows[4]] == [True] * 3


def _solved_in_the_grid(dispute: Dispute) -> None:
    quarrel = dispute.world.categories["quarrel"]
    quarrel.self_resolvable = True
    quarrel.save()
    case = dispute.reported()
    cases.self_resolve(case_id=case.pk, actor=dispute.actor("grid_b"), at=MONDAY_9)
    dispute.press(case, "open", "grid_b", **dispute.parties())
    dispute.sit(case, "reached", by="grid_b")
    dispute.press(case, "agreement", "grid_b", **dispute.paper())
    assert Mediation.objects.get(case=case).level == 5


def _solved_at_the_street(dispute: Dispute) -> None:
    case = dispute.opened()
    dispute.sit(case, "failed")
    dispute.sit(case, "failed")
    _raised(dispute, case)
    _whistled(dispute, case)
    dispute.sit(case, "reached", by="station")
    visitor = dispute.world.user_id("grid_b")
    dispute.press(case, "agreement", "station", **dispute.paper(visitor=visitor))
    assert Mediation.objects.get(case=case).level == 3


def _raised(dispute: Dispute, case: Case) -> None:
    """T17, from the hint on the page of the mediation."""
    url = reverse("case_action", args=[case.pk, "raise_to_street"])
    content = page(dispute.client("acceptor"), "mediation", case.pk)
    assert "已 2 次未达成" in content and url in content
    answer = dispute.client("acceptor").post(
        url,
        {"opinion": "两次调解未达成，请综治中心调解", "work_done": "调解两次"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code in (200, 204), answer.content.decode()
    assert again(case).state == "STREET_PENDING"


def _whistled(dispute: Dispute, case: Case) -> None:
    """The 司法所, an ordinary unit of the street, is called and reports for duty."""
    world = dispute.world
    station = world.orgs["station"]
    if "station" not in world.postings:
        world.postings["station"] = PostingFactory(
            user__name="station", post__role="department_liaison",
            post__name="司法所联络员", post__organisation=station,
            post__area=world.areas[STREET],
        )  # fmt: skip
    call = cases.Call(
        kind="routine", called=(cases.Called(station.pk, "lead", "联合调解"),),
        condition_id=case.category.conditions.get().pk, legal_basis="人民调解法",
    )  # fmt: skip
    cases.whistle(
        case_id=case.pk, call=call, actor=dispute.actor("dispatcher"), at=MONDAY_9
    )
    cases.check_in(
        case_id=case.pk, mode="online", position=None, remark="到岗",
        actor=dispute.actor("station"), at=MONDAY_9,
    )  # fmt: skip
    assert again(case).state == "JOINT_HANDLING"


def test_fails_twice_then_street_then_the_judicial_office(dispute: Dispute) -> None:
    case = dispute.opened()
    assert "已 2 次未达成" not in dispute.sit(case, "failed")
    assert "上呈街道综治中心" in dispute.sit(case, "failed")
    _raised(dispute, case)
    street = dispute.client("dispatcher")
    content = page(street, "mediation", case.pk)
    assert "吹哨司法所" in content
    assert "不在办理中" in dispute.refused(
        case, "session", "mediator", **sitting("failed")
    )
    _whistled(dispute, case)
    assert "街道调解" in dispute.sit(case, "reached", by="station")


def test_the_name_of_the_template_is_the_administrator_s(
    dispute: Dispute, admin_client: Client
) -> None:
    case = dispute.opened()
    template = MediationTemplate.objects.get()
    form = {
        "name": "老街坊调解法", "steps": "社区：喝茶谈心\n街道：联合会商",
        "raise_after": "3", "follow_up_days": "10,60", "is_active": "on",
    }  # fmt: skip
    url = reverse("admin:duties_mediationtemplate_change", args=[template.pk])
    refused = admin_client.post(url, {**form, "steps": "楼栋：喝茶"})
    assert refused.status_code == 200 and "写不成一步" in refused.content.decode()
    assert admin_client.post(url, form).status_code == 302
    content = page(dispute.client("mediator"), "mediation", case.pk)
    assert "老街坊调解法" in content and "喝茶谈心" in content and "4543" not in content
    dispute.sit(case, "failed")
    assert "次未达成" not in dispute.sit(case, "failed")
    assert "已 3 次未达成" in dispute.sit(case, "failed")
    dispute.sit(case, "reached")
    dispute.press(case, "agreement", "mediator", **dispute.paper())
    days = Task.objects.order_by("due_at").values_list("limit_n", flat=True)
    assert list(days) == [10, 60]


def test_public_pages_never_show_it(dispute: Dispute) -> None:
    """Without the code nothing; with it the own case, and nothing of the mediation."""
    case = dispute.agreed()
    public, lookup = Client(), reverse("resident_lookup")
    guessed = public.post(lookup, {"case_no": case.case_no, "code": "no"})
    assert guessed.status_code == 422
    content = public.get(lookup).content.decode()
    assert "邻里纠纷" not in content and case.description not in content
    for path in (reverse("mediations"), reverse("export", args=["mediations"])):
        response = public.get(path)
        assert response.status_code == 302 and "login" in response["Location"]
    code = crypto.unseal(case.query_code)
    opened = public.post(lookup, {"case_no": case.case_no, "code": code}, follow=True)
    shown = opened.content.decode()
    assert case.display_no in shown
    for hidden in ("4543", "800 元", NAMES[1], "调解协议", "人民调解员"):
        assert hidden not in shown


def test_steps_are_refused_with_a_sentence_and_keep_what_was_typed(
    dispute: Dispute,
) -> None:
    case = dispute.in_hand()
    given = {**dispute.parties(), "other_name": ""}
    content = dispute.refused(case, "open", "community_handler", **given)
    assert "请填写被申请人姓名" in content and NAMES[0] in content
    content = dispute.refused(case, "open", "acceptor", **dispute.parties())
    assert "承办人或受邀的办理成员" in content
    dispute.press(case, "open", "mediator", **dispute.parties())
    assert "已经开始调解" in dispute.refused(
        case, "open", "mediator", **dispute.parties()
    )
    late = sitting("failed", held_at="2026-11-24T08:30", minutes="楼上不认账")
    content = dispute.refused(case, "session", "mediator", **late)
    assert "不能晚于现在" in content and "楼上不认账" in content
    content = dispute.refused(case, "agreement", "mediator", **dispute.paper())
    assert "还没有达成一致" in content and "800 元" in content
    dispute.sit(case, "reached")
    bare = dispute.paper()
    del bare["photos"]
    content = dispute.refused(case, "agreement", "mediator", **bare)
    assert "协议照片" in content and "800 元" in content
    assert "受理岗位" not in page(dispute.client("mediator"), "mediation", case.pk)
    party = Mediation.objects.get().parties.order_by("pk").first()
    rate = {"party": party.pk, "score": "fair"}
    assert "才回访" in dispute.refused(case, "rate", "acceptor", **rate)
    assert "受理岗位" in dispute.refused(case, "rate", "mediator", **rate)


def test_an_ordinary_case_has_no_mediation(dispute: Dispute) -> None:
    case = dispute.reported(category_id=dispute.world.categories["stall"].pk)
    client = dispute.client("acceptor")
    assert client.get(reverse("mediation", args=[case.pk])).status_code == 404
    assert "mediation" not in page(client, "case", case.pk)
    with pytest.raises(Refused, match="保密案件"):
        actions.may_mediate(case, dispute.actor("acceptor"))
