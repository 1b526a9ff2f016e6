"""单位评分 and the shares of a joint case's fault."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cases import actions
from cases.models import UnitScore
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import Road, again, piece, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def line(case, role="lead"):
    return case.assignments.get(role=role)


def score(road, case, n=5, remark="", who="dispatcher", of=None, when=MONDAY_9):
    return actions.score_unit(
        case_id=case.pk, assignment_id=(of or line(case)).pk, score=n, remark=remark,
        actor=road.world.actor(who), at=when,
    )  # fmt: skip


def refused(road, case, **given) -> tuple[str, str | None]:
    before = Event.objects.filter(chain=case.chain).count()
    with pytest.raises(Refused) as found:
        score(road, case, **given)
    assert Event.objects.filter(chain=case.chain).count() == before
    assert not UnitScore.objects.exists()
    return str(found.value), found.value.field


def test_the_street_marks_a_unit_and_it_is_shown(road) -> None:
    case = road.closed()
    before = Event.objects.filter(chain=case.chain).count()
    score(road, case, 4, "到场快")
    assert Event.objects.filter(chain=case.chain).count() == before + 1
    shown = signed_in(road.world, "fire").get(reverse("case", args=[case.pk])).text
    assert "街道评分 4 分" in shown
    assert "到场快" in shown


def test_marks_are_refused(road) -> None:
    assert "归档前才能评分" in refused(road, road.fed_back())[0]
    case = road.closed()
    for who in ("fire", "other_dispatcher", "district", "street_leader"):
        assert "由本街道" in refused(road, case, who=who)[0], who
    assert refused(road, case, n=None)[1] == "score"
    assert refused(road, case, n=6)[1] == "score"
    said, field = refused(road, case, n=2, remark=" ")
    assert ("请写明原因" in said, field) == (True, "remark")
    elsewhere = line(road.closed())
    assert refused(road, case, of=elsewhere)[1] == "assignment"


def test_the_same_role_changes_its_mark_with_a_trace(road) -> None:
    case = road.closed()
    score(road, case, 5)
    with pytest.raises(Refused, match="已由街道派遣员评过分"):
        score(road, case, 3, who="shift_head")
    score(road, case, 2, "反馈迟了")
    mark = UnitScore.objects.get()
    assert (mark.score, mark.remark) == (2, "反馈迟了")
    last = Event.objects.filter(chain=case.chain).latest("seq")
    assert last.detail["mark_before"] == {"score": 5, "remark": ""}
    shown = signed_in(road.world, "dispatcher").get(reverse("case", args=[case.pk]))
    assert "5 分" in shown.text.split("原评分")[1][:60]


def test_after_archiving_nothing_is_changed(road) -> None:
    case = road.closed()
    score(road, case, 5)
    actions.archive(case_id=case.pk, actor=Actor.system(), at=at("2026-12-05 09:00"))
    with pytest.raises(Refused, match="已归档"):
        score(road, case, 4)
    assert UnitScore.objects.get().score == 5


def test_the_database_keeps_the_range_and_the_reason(road) -> None:
    case = road.closed()
    for given in ({"score": 6}, {"score": 2, "remark": ""}):
        mark = UnitScore(
            assignment=line(case), scorer_role="street_dispatcher",
            scored_at=MONDAY_9, **given,
        )  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            mark.save()


def test_the_page_scores_and_keeps_what_was_typed(road) -> None:
    case = road.closed()
    client = signed_in(road.world, "street_acceptor")
    address = reverse("case_action", args=[case.pk, "score_unit"])
    assert "主办 区消防大队" in piece(client, address).text
    given = {
        "version": again(case).version, "assignment": line(case).pk, "score": 1,
        "remark": "",
    }  # fmt: skip
    answer = piece(client, address, **given)
    assert answer.status_code == 422
    assert "请写明原因" in answer.text
    typed = answer.text.split('value="1"')[1].split(">")[0]
    assert "checked" in typed
    given["remark"] = "没有处置"
    assert piece(client, address, **given).status_code == 200
    assert "（已评 1 分）" in piece(client, address).text


def test_means_by_organisation_of_a_period(road) -> None:
    for n in (5, 4):
        score(road, road.closed(), n)
    begin, end = at("2026-11-01 00:00"), at("2026-12-01 00:00")
    rows = list(UnitScore.objects.of_period(begin, end).by_organisation())
    assert [(row["name"], row["n"], row["mean"]) for row in rows] == [
        ("区消防大队", 2, 4.5)
    ]
    later = at("2027-01-01 00:00")
    assert not UnitScore.objects.of_period(end, later).exists()


def test_the_list_page_by_month_and_scope(road, django_assert_max_num_queries) -> None:
    score(road, road.closed(), 4)
    client = signed_in(road.world, "district")
    address = reverse("desk_scores")
    with django_assert_max_num_queries(8):
        shown = client.get(address, {"month": "2026-11"}).text
    assert "区消防大队" in shown
    assert "4.00" in shown
    assert "区消防大队" not in client.get(address, {"month": "2026-10"}).text
    assert "区消防大队" in client.get(address, {"month": "nonsense"}).text
    other = signed_in(road.world, "other_dispatcher")
    assert "区消防大队" not in other.get(address).text
    client.logout()
    assert client.get(address).status_code == 302


def test_a_joint_fault_is_shared_60_20_20(road) -> None:
    orgs = road.world.orgs
    case = road.joint("urban", "property")
    assert actions.bundled_shares(case) == {
        orgs["fire"].pk: Decimal("0.6"),
        orgs["urban"].pk: Decimal("0.1"),
        orgs["property"].pk: Decimal("0.1"),
        orgs["street"].pk: Decimal("0.2"),
    }
    case.assignments.filter(organisation=orgs["property"]).update(status="cancelled")
    assert actions.bundled_shares(case)[orgs["urban"].pk] == Decimal("0.2")


def test_one_unit_alone_bears_its_fault(road) -> None:
    assert actions.bundled_shares(road.joint()) == {
        road.world.orgs["fire"].pk: Decimal(1)
    }
    pending = road.pending()
    assert actions.bundled_shares(pending) == {road.world.orgs["street"].pk: Decimal(1)}


def test_the_shares_are_the_tenants_and_make_up_the_whole(road) -> None:
    given = {"lead": 50, "supports": 30, "street": 20, "at": MONDAY_9}
    with pytest.raises(Refused, match="系统管理员"):
        actions.set_bundled_shares(actor=road.world.actor("district"), **given)
    with pytest.raises(Refused, match="相加须为 100"):
        actions.set_bundled_shares(actor=Actor.system(), **{**given, "lead": 60})
    shares = actions.set_bundled_shares(actor=Actor.system(), **given)
    case = road.joint("urban")
    assert sorted(actions.bundled_shares(case).values()) == [
        Decimal("0.2"), Decimal("0.3"), Decimal("0.5"),
    ]  # fmt: skip
    shares.street = 21
    with pytest.raises(IntegrityError), transaction.atomic():
        shares.save()
