"""职责分离: who checked a case does not confirm the check (DOMAIN C.1)."""

from typing import Any

import pytest

from cases import actions
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Posting
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again
from tests.factories import PostingFactory


def test_checker_cannot_send_it_to_rework_on_the_own_finding(
    world: Any, file_case: Any, photos: Any
) -> None:
    case = Road(world, file_case, photos).checked("failed")
    desk = world.postings["street_acceptor"].post
    both = PostingFactory(user=world.postings["grid_b"].user, post=desk)
    with pytest.raises(Refused) as refused:
        actions.rework(
            case_id=case.pk, opinion="仍有杂物",
            actor=Actor.of(Posting.objects.with_post().get(pk=both.pk)), at=MONDAY_9,
        )  # fmt: skip
    assert refused.value.code == "separation"
    case.refresh_from_db()
    assert (case.state, case.rework_count) == ("CHECKING", 0)


@pytest.mark.parametrize(
    ("action", "post", "given"),
    [
        ("rework_after_rating", "street_acceptor", {"call_back": "仍堵"}),
        ("close_despite", "street_leader", {"reply": "已依法答复"}),
    ],
)
def test_the_doer_does_not_settle_the_dissatisfaction(
    world: Any, file_case: Any, photos: Any, action: str, post: str, given: Any
) -> None:
    case = Road(world, file_case, photos).rating()
    actions.rate(
        case_id=case.pk, score="dissatisfied", solved=False, comment="", at=MONDAY_9,
        channel="portal", actor=Actor.resident(),
    )  # fmt: skip
    desk = world.postings[post].post
    both = PostingFactory(user=world.postings["fire"].user, post=desk)
    settle = getattr(actions, action)
    with pytest.raises(Refused, match="由他人办理"):
        settle(
            case_id=case.pk, opinion="诉求超出政策",
            actor=Actor.of(Posting.objects.with_post().get(pk=both.pk)), at=MONDAY_9,
            **given,
        )  # fmt: skip
    settle(
        case_id=case.pk, opinion="诉求超出政策", actor=world.actor(post), at=MONDAY_9,
        **given,
    )  # fmt: skip


def test_a_check_without_a_position_says_why(world, file_case, photos) -> None:
    road = Road(world, file_case, photos)
    case = road.checking()
    checker = world.actor("grid_b")
    given = {
        "case_id": case.pk, "result": "passed", "position": None,
        "photos": road.photos(checker, "check"), "actor": checker, "at": MONDAY_9,
    }  # fmt: skip
    before = Event.objects.filter(chain=case.chain).count()
    with pytest.raises(Refused, match="没有定位的，请写明原因") as refused:
        actions.submit_check(**given, remark=" ")
    assert refused.value.field == "remark"
    assert Event.objects.filter(chain=case.chain).count() == before
    actions.submit_check(**given, remark="电话核查，诉求人认可")
    assert again(case).check_result == "passed"
    assert Event.objects.filter(chain=case.chain).count() == before + 1


def test_checker_cannot_confirm_the_own_check(
    world: Any, file_case: Any, photos: Any
) -> None:
    case = Road(world, file_case, photos).checked()
    desk = world.postings["street_acceptor"].post
    both = PostingFactory(user=world.postings["grid_b"].user, post=desk)
    with pytest.raises(Refused) as refused:
        actions.confirm_check(
            case_id=case.pk, opinion="同意", closing_met=True,
            actor=Actor.of(Posting.objects.with_post().get(pk=both.pk)), at=MONDAY_9,
        )  # fmt: skip
    assert refused.value.code == "separation"
