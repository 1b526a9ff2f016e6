"""Internal notes and mentions: for colleagues who may see the case, nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions.notes import leave_note
from cases.models import Case
from cases.querysets.candidates import readers
from governance import crypto
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification, User
from tests.cases.conftest import MONDAY_9
from tests.cases.road import ASKED, Road, again, piece, signed_in

SECRET = "当事人情绪激动，勿单独上门"


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def left(road, case, by="fire", text=SECRET):
    return leave_note(
        case_id=case.pk, opinion=text, actor=road.world.actor(by), at=MONDAY_9
    )


def told(road, name: str) -> list[str]:
    own = Notification.objects.visible_to(road.world.user_id(name))
    return [one.title for one in own if "内部备注" in one.title]


def test_a_note_is_one_event_and_no_new_version(road) -> None:
    case = road.whistled()
    events = Event.objects.filter(chain=case.chain).count()
    event = left(road, case)
    assert event.action == "cases.leave_note"
    assert Event.objects.filter(chain=case.chain).count() == events + 1
    assert again(case).version == case.version


def test_colleagues_read_it_on_the_page_apart_from_the_course(road) -> None:
    case = road.whistled()
    left(road, case)
    for name in ("fire", "dispatcher", "district"):
        page = signed_in(road.world, name).get(reverse("case", args=[case.pk]))
        content = page.content.decode()
        assert SECRET in content.split('id="notes"')[1]
        assert SECRET not in content.split('id="notes"')[0]


def test_residents_other_systems_and_the_phone_timeline_never_have_it(road) -> None:
    case = road.whistled(**ASKED)
    left(road, case)
    resident = Client()
    code = crypto.unseal(again(case).query_code)
    opened = resident.post(
        reverse("resident_lookup"), {"case_no": case.case_no, "code": code}, follow=True
    )
    assert opened.status_code == 200 and "吹哨" in opened.content.decode()
    worker = signed_in(road.world, "grid_a")
    pages = [
        opened,
        signed_in(road.world, "fire").get(reverse("api_case", args=[case.pk])),
        signed_in(road.world, "fire").get(reverse("api_cases")),
        worker.get(reverse("phone_case", args=[case.pk])),
    ]
    for page in pages:
        assert page.status_code == 200
        assert SECRET not in page.content.decode()


def test_who_is_mentioned_and_may_see_it_is_told_once(road) -> None:
    case = road.whistled("urban")
    left(road, case, text="@urban 请带锁具，@dispatcher（和平街道）知悉，@fire 我也去")
    assert told(road, "urban") == ["fire 在内部备注中提到您：占用消防通道"]
    assert told(road, "dispatcher") and not told(road, "fire")
    message = Notification.objects.visible_to(road.world.user_id("urban")).first()
    assert message.url == case.get_absolute_url() and "请带锁具" in message.body
    event = Event.objects.filter(chain=case.chain).order_by("-seq").first()
    assert event.detail["mentioned"] == ["dispatcher", "fire", "urban"]


@pytest.mark.parametrize("name", ["property", "other_dispatcher", "nobody"])
def test_who_may_not_see_the_case_cannot_be_mentioned(road, name) -> None:
    case = road.whistled()
    events = Event.objects.count()
    with pytest.raises(Refused, match="不是能查看本案的人员") as refused:
        left(road, case, text=f"请 @{name} 看看")
    assert refused.value.field == "opinion"
    assert Event.objects.count() == events
    assert Notification.objects.filter(title__contains="内部备注").count() == 0


def test_who_did_it_and_is_with_another_unit_now_cannot_be_mentioned(road) -> None:
    case = road.joint()
    Case.objects.filter(pk=case.pk).update(doer=road.world.user_id("property"))
    with pytest.raises(Refused, match="不是能查看本案的人员"):
        left(road, case, text="请 @property 看看")


def test_two_of_one_name_are_told_apart_by_the_unit(road) -> None:
    case = road.whistled("urban")
    twin = road.world.hire("twin", "department_handler", "urban", "990101")
    other = road.world.hire("other", "department_handler", "fire", "990101")
    User.objects.filter(pk__in=[twin.user_id, other.user_id]).update(name="张三")
    with pytest.raises(Refused, match="有几位都叫“张三”"):
        left(road, case, text="@张三 请看")
    left(road, case, text="@张三（区城管局）请看")
    own = Notification.objects.filter(title__contains="内部备注")
    assert [one.user_id for one in own] == [twin.user_id]


def test_of_a_confidential_case_only_those_let_in_can_be_mentioned(road) -> None:
    case = road.reported()
    case.confidential = True
    case.save(update_fields=["confidential"])
    who = {one.user.name for one in readers(case, MONDAY_9)}
    assert "acceptor" in who
    assert not who & {"dispatcher", "district", "city", "assessor", "street_leader"}
    case = road.whistled("urban")
    assert {"fire", "urban", "dispatcher", "city"} <= {
        one.user.name for one in readers(case, MONDAY_9)
    }


def test_the_page_offers_leaves_and_refuses(road) -> None:
    case = road.whistled()
    client = signed_in(road.world, "fire")
    url = reverse("case_notes", args=[case.pk])
    people = client.get(reverse("case_readers", args=[case.pk])).json()["people"]
    posts = {one["say"]: one["post"] for one in people}
    assert posts["dispatcher"] == "和平街道·dispatcher"
    assert "fire" not in {one["name"] for one in people}
    done = piece(client, url, opinion="已约好周三")
    assert done.status_code == 200 and "已约好周三" in done.content.decode()
    wrong = piece(client, url, opinion="请 @property 看看")
    content = wrong.content.decode()
    assert wrong.status_code == 422 and "请 @property 看看</textarea>" in content
    assert "不是能查看本案的人员" in content
    assert piece(client, url, opinion=" ").status_code == 422
    assert client.post(url, {"opinion": "整页"}).status_code == 302
    stranger = signed_in(road.world, "property")
    assert stranger.post(url, {"opinion": "x"}).status_code == 404
    assert stranger.get(reverse("case_readers", args=[case.pk])).status_code == 404


def test_strangers_residents_and_the_archive_are_refused(road) -> None:
    case = road.whistled()
    events = Event.objects.count()
    with pytest.raises(Refused, match="不在您的范围内"):
        left(road, case, by="property")
    with pytest.raises(Refused, match="由工作人员填写"):
        leave_note(case_id=case.pk, opinion="x", actor=Actor.resident(), at=MONDAY_9)
    assert Event.objects.count() == events
    closed = road.closed(complainant_name="", complainant_contact="")
    Case.objects.filter(pk=closed.pk).update(state="ARCHIVED")
    with pytest.raises(Refused, match="补充说明"):
        left(road, closed)
