"""归档 (T46): only a complete file; what is missing is listed once and made up for."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases import actions
from cases.actions import archiving
from cases.actions.archiving import gaps_of, may_complete_file
from cases.explain import explain
from cases.models import Case, Photo
from cases.offers import offers
from cases.querysets import invariants
from cases.querysets.desk import BY_NAME, in_queue, tally
from cases.workflow import State, missing_said
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification
from tests.cases.conftest import MONDAY_9
from tests.cases.deeds import snapshots
from tests.cases.road import Road, again, piece, signed_in

OVER = MONDAY_9 + timedelta(days=7)
LATER = OVER + timedelta(days=3)


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    world.hire("archivist", "archivist", "city", "9901")
    return Road(world, file_case, photos)


@pytest.fixture
def lacking(road, turn, monkeypatch):
    """A case whose file was found to lack photos when its waiting time was over."""

    def lack(*stages: str, case: Case | None = None) -> Case:
        found = case or road.closed()
        lose(found, *stages)
        turn(OVER)
        monkeypatch.setattr("governance.clock.now", lambda: LATER)
        return again(found)

    return lack


def lose(case: Case, *stages: str) -> None:
    Photo.objects.filter(case=case, stage__in=stages).update(case=None)


def complete(road: Road, case: Case, by: str = "street_acceptor", **more) -> Case:
    given = {"opinion": "已补传照片", "photos": None, **more}
    actions.complete_file(
        case_id=case.pk, actor=road.world.actor(by), at=LATER, **given
    )
    return again(case)


def verbs(case: Case) -> list[str]:
    found = Event.objects.filter(chain=case.chain).order_by("seq")
    names = found.values_list("action", flat=True)
    return [one.removeprefix("cases.") for one in names]


def self_resolved(road: Road) -> Case:
    case, worker = road.reported("stall"), road.world.actor("grid_a")
    given = {"case_id": case.pk, "at": road.at}
    actions.self_resolve(**given, actor=worker)
    actions.finish_self(
        **given, actor=worker, measures="已劝离", photos=road.photos(worker, "after")
    )
    actions.approve_self(**given, actor=road.world.actor("acceptor"), opinion="同意")
    return again(case)


def rated(road: Road) -> Case:
    case = road.rating()
    actions.rate(
        case_id=case.pk, score="satisfied", solved=True, comment="", channel="portal",
        actor=Actor.resident(), at=road.at,
    )  # fmt: skip
    return again(case)


@pytest.mark.parametrize("way", [Road.closed, self_resolved, rated])
def test_what_is_closed_as_the_table_says_is_complete(road, turn, way) -> None:
    case = way(road)
    assert case.state == State.CLOSED
    assert gaps_of(case) == []
    turn(OVER)
    assert again(case).state == State.ARCHIVED


def test_a_resident_s_report_need_not_have_shown_the_spot(road) -> None:
    case = road.closed(source="resident")
    lose(case, "report")
    assert gaps_of(case) == []


@pytest.mark.parametrize(
    ("stage", "code", "words"),
    [
        ("report", "photo_before", "处置前照片"),
        ("after", "photo_after", "处置后照片"),
        ("check", "photo_check", "核查照片"),
    ],
)
def test_what_lacks_a_photo_stays_closed_and_is_told_once(
    road, lacking, turn, stage, code, words
) -> None:
    case = lacking(stage)
    assert (case.state, case.file_gaps) == (State.CLOSED, code)
    assert verbs(case)[-1] == "list_gaps"
    (told,) = Notification.objects.filter(title__startswith="案卷不完整")
    assert told.user_id == road.world.user_id("street_acceptor")
    assert words in told.body
    turn(LATER)
    assert verbs(again(case)).count("list_gaps") == 1
    assert words in explain(again(case), LATER).now


def test_no_invariant_is_broken_while_it_waits(road, lacking) -> None:
    lacking("after")
    (found,) = invariants.check(
        at=LATER, grace=timedelta(minutes=1), only=["due_clocks_fired"]
    )
    assert found.checked and found.holds


def test_the_archivist_reads_what_is_missing(road, lacking) -> None:
    case = road.closed()
    lose(case, "after", "check")
    before = Event.objects.count()
    for case_now, at in ((case, OVER), (lacking("after", case=case), LATER)):
        with pytest.raises(Refused) as refused:
            actions.archive(
                case_id=case_now.pk, actor=road.world.actor("archivist"), at=at
            )
        assert "处置后照片" in str(refused.value) and "核查照片" in str(refused.value)
        assert "街道受理员" in str(refused.value)
    assert Event.objects.filter(action="cases.archive").count() == 0
    assert Event.objects.count() > before
    names = [
        one.name for one in offers(again(case), road.world.actor("archivist"), LATER)
    ]
    assert "archive" not in names


def test_a_photo_makes_up_for_it_and_the_file_is_archived(road, lacking, turn) -> None:
    case = lacking("after")
    desk = road.world.actor("street_acceptor")
    case = complete(road, case, photos=snapshots(desk, "after", at=LATER))
    assert (case.state, case.file_gaps) == (State.CLOSED, "")
    event = Event.objects.get(chain=case.chain, action="cases.complete_file")
    assert event.detail["completed"] == ["photo_after"]
    assert event.detail["explained"] == []
    turn(LATER)
    assert again(case).state == State.ARCHIVED


def test_what_cannot_be_made_up_for_is_explained(road, lacking, turn) -> None:
    case = complete(road, lacking("check"), opinion="核查员手机损坏，照片丢失")
    event = Event.objects.get(chain=case.chain, action="cases.complete_file")
    assert event.detail["explained"] == ["photo_check"]
    turn(LATER)
    assert again(case).state == State.ARCHIVED


def test_one_kind_of_photo_at_a_time(road, lacking, turn) -> None:
    case = lacking("after", "check")
    desk = road.world.actor("street_acceptor")
    case = complete(road, case, photos=snapshots(desk, "after", at=LATER))
    assert case.file_gaps == "photo_check"
    turn(LATER)
    assert again(case).state == State.CLOSED
    complete(road, case)
    turn(LATER)
    assert again(case).state == State.ARCHIVED


def test_nothing_is_completed_without_words_by_others_or_when_nothing_lacks(
    road, lacking
) -> None:
    whole, case = road.closed(), lacking("after", case=road.closed())
    before = Event.objects.count()
    for found, by, opinion, sentence in (
        (case, "street_acceptor", " ", "写明补了什么"),
        (case, "acceptor", "补", "街道受理员补全"),
        (case, "archivist", "补", "街道受理员补全"),
        (whole, "street_acceptor", "补", "没有要补全"),
    ):
        with pytest.raises(Refused, match=sentence):
            complete(road, found, by=by, opinion=opinion)
    assert Event.objects.count() == before


def test_the_community_completes_what_it_closed(road, lacking) -> None:
    case = lacking("after", case=self_resolved(road))
    assert case.file_gaps == "photo_after"
    may_complete_file(case, road.world.actor("acceptor"), LATER)
    with pytest.raises(Refused):
        may_complete_file(case, road.world.actor("street_acceptor"), LATER)
    (told,) = Notification.objects.filter(title__startswith="案卷不完整")
    assert told.user_id == road.world.user_id("acceptor")


def test_it_is_listed_at_the_desk_that_closed_it(road, lacking) -> None:
    case = lacking("after")
    for name, listed in (("street_acceptor", [case]), ("acceptor", [])):
        actor = road.world.actor(name)
        visible = Case.objects.visible_to(actor)
        assert list(in_queue(visible, BY_NAME["mine"], actor)) == listed
        assert tally(visible, actor).figures["mine"] == len(listed)
    page = signed_in(road.world, "street_acceptor").get("/desk/?queue=mine")
    assert "案卷待补全" in page.content.decode()


def test_the_page_asks_keeps_and_completes(road, lacking) -> None:
    case = lacking("after")
    client = signed_in(road.world, "street_acceptor")
    assert "补全案卷" in client.get(f"/cases/{case.pk}/").content.decode()
    page = reverse("case_action", args=[case.pk, "complete_file"])
    content = client.get(page).content.decode()
    assert "还缺：处置后照片" in content and "data-photos" in content
    refused = piece(client, page, version=case.version, opinion="")
    assert refused.status_code == 422
    assert "请填写补了什么" in refused.content.decode()
    went = piece(client, page, version=case.version, opinion="无法补拍")
    assert "HX-Redirect" in went
    assert again(case).file_gaps == ""
    other = signed_in(road.world, "dispatcher")
    assert other.get(page).status_code == 422


def test_a_reopened_case_has_a_file_that_grows_again(road, lacking) -> None:
    case = lacking("after")
    head = road.world.actor("shift_head")
    actions.reopen(
        case_id=case.pk, opinion="又堵上了", actor=head, at=LATER,
        photos=snapshots(head, "reopen", at=LATER),
    )  # fmt: skip
    assert (again(case).state, again(case).file_gaps) == (State.STREET_PENDING, "")


def test_a_step_without_words_and_a_broken_record_are_gaps(road) -> None:
    case = road.closed()
    steps = [
        ("cases.report", {"transition": "T01", "from": "DRAFT", "to": "REPORTED"}),
        ("cases.raise_to_street", {"transition": "T12", "opinion": " ",
                                   "from": "REPORTED", "to": "STREET_PENDING"}),
    ]  # fmt: skip
    assert archiving._word_gaps(steps) == ["words:raise_to_street"]
    assert archiving._is_broken(case, [detail for _action, detail in steps])
    case.file_gaps = "words:raise_to_street steps condition"
    said = missing_said(case)
    assert "“上呈街道”的意见" in said and "流程记录" in said and "立案条件" in said
