"""诉求人撤回 (X01): the resident takes back what nobody has begun to handle."""

import pytest
from django.urls import reverse

from cases import actions
from cases.models import SiteTask
from governance import crypto
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification
from tests.cases.conftest import MONDAY_9
from tests.cases.road import ASKED, Road, again, piece, signed_in


@pytest.fixture
def road(world, file_case, photos) -> Road:
    return Road(world, file_case, photos)


def verifying(road):
    case = road.reported(**ASKED)
    actions.send_to_verify(
        case_id=case.pk, worker_id=road.world.user_id("grid_b"),
        requirement="看是否属实", actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    return again(case)


def withdraw(case, actor=None, opinion="已自行解决"):
    actions.withdraw(
        case_id=case.pk, opinion=opinion, actor=actor or Actor.resident(), at=MONDAY_9
    )
    return again(case)


def test_the_resident_takes_it_back(road) -> None:
    case = road.reported(**ASKED)
    before = Event.objects.count()
    case = withdraw(case, opinion="")
    assert case.state == "REJECTED"
    assert Event.objects.count() == before + 1
    event = Event.objects.filter(chain=case.chain).order_by("-seq").first()
    assert event.detail["given"]["reason"] == "withdrawn"
    running = case.clocks.filter(stopped_at=None)
    assert [one.stage for one in running] == ["OBJECTION_WINDOW"]


def test_a_verification_under_way_is_called_off_and_the_worker_told(road, turn) -> None:
    case = withdraw(verifying(road))
    task = SiteTask.objects.get()
    assert (task.result, task.submitted_at) == ("recalled", MONDAY_9)
    turn(MONDAY_9)
    told = Notification.objects.filter(
        subject=case.chain, title__startswith="诉求人撤回"
    )
    assert {one.user.name for one in told} >= {"grid_a", "grid_b", "acceptor"}
    with pytest.raises(Refused):
        actions.submit_verification(
            case_id=case.pk, result="untrue", remark="没有", position=None,
            photos=None, actor=road.world.actor("grid_b"), at=MONDAY_9,
        )  # fmt: skip


def test_the_desk_says_how_the_resident_said_so(road) -> None:
    case = road.reported(**ASKED)
    acceptor = road.world.actor("acceptor")
    with pytest.raises(Refused, match="怎样表示撤回") as refused:
        withdraw(case, acceptor, opinion=" ")
    assert refused.value.field == "opinion"
    assert withdraw(case, acceptor, "张先生来电说已解决").state == "REJECTED"


def test_it_may_be_reconsidered_like_any_rejected_case(road) -> None:
    case = withdraw(road.reported(**ASKED))
    actions.reconsider(
        case_id=case.pk, opinion="隐患仍在", actor=road.world.actor("shift_head"),
        at=MONDAY_9,
    )  # fmt: skip
    assert again(case).state == "REPORTED"


def test_what_no_resident_asked_for_is_not_his_to_withdraw(road) -> None:
    with pytest.raises(Refused, match="不是居民反映的"):
        withdraw(road.reported(), road.world.actor("acceptor"))


def test_what_is_being_handled_is_not_withdrawn(road) -> None:
    case = road.pending(**ASKED)
    before = Event.objects.count()
    with pytest.raises(Refused, match="待街道研判"):
        withdraw(case)
    assert Event.objects.count() == before


def test_one_resident_does_not_withdraw_what_others_asked_for(road) -> None:
    master, child = road.reported(**ASKED), road.reported()
    actions.merge(
        case_id=child.pk, master_id=master.pk, opinion="同一件",
        actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    with pytest.raises(Refused, match="还有别人反映"):
        withdraw(master)


def test_the_resident_s_page_withdraws(road, client, monkeypatch) -> None:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    case = road.reported(**ASKED)
    url = reverse("resident_withdraw")
    assert client.post(url).status_code == 302  # not opened with its code
    assert again(case).state == "REPORTED"
    given = {"case_no": case.case_no, "code": crypto.unseal(case.query_code)}
    page = client.post(reverse("resident_lookup"), given, follow=True)
    assert "确认撤回" in page.content.decode()
    answer = client.post(url, {"reason": "长" * 1001})
    assert answer.status_code == 422
    assert "长" * 1001 in answer.content.decode()
    page = client.post(url, {"reason": "车已开走"}, follow=True).content.decode()
    assert "已撤回" in page
    assert "确认撤回" not in page
    assert again(case).state == "REJECTED"
    refused = client.post(url, {"reason": "再来"})
    assert refused.status_code == 422
    assert "不予受理" in refused.content.decode()


def test_the_desk_s_page_withdraws(road) -> None:
    case = road.reported(**ASKED)
    client = signed_in(road.world, "acceptor")
    url = reverse("case_action", args=[case.pk, "withdraw"])
    assert "代诉求人撤回" in piece(client, url).content.decode()
    assert piece(client, url, opinion="").status_code == 422
    piece(client, url, opinion="来电撤回", version=case.version)
    assert again(case).state == "REJECTED"
