from datetime import timedelta

import pytest
from django.urls import reverse

from cases import actions
from cases.actions.residents import open_by_code
from cases.models import Case, Rating
from governance import clock, crypto
from governance.errors import Refused
from tests.cases.conftest import MONDAY_9

SORRY = "案卷号或查询码不正确"


@pytest.fixture
def moment(monkeypatch):
    """Set what time it is."""

    def moment(at):
        monkeypatch.setattr(clock, "now", lambda: at)

    moment(MONDAY_9)
    return moment


@pytest.fixture
def case(file_case):
    return file_case(complainant_name="王阿姨", complainant_contact="13800001234")


def code_of(case):
    return crypto.unseal(case.query_code)


def wrong(case):
    return f"{(int(code_of(case)) + 1) % 10**6:06d}"


@pytest.fixture
def rating_case(case, photos, world):
    """Done by the grid worker, approved by the community; the resident may rate."""
    worker = world.actor("grid_a")
    actions.self_resolve(case_id=case.pk, actor=worker, at=MONDAY_9)
    actions.finish_self(
        case_id=case.pk,
        measures="张三已劝离摊主。",
        photos=photos(worker, "after"),
        actor=worker,
        at=MONDAY_9,
    )
    return actions.approve_self(
        case_id=case.pk,
        opinion="情况属实，同意。",
        actor=world.actor("acceptor"),
        at=MONDAY_9,
    )


def look_up(client, case, code=None, number=None):
    return client.post(
        reverse("resident_lookup"),
        {"case_no": number or case.display_no, "code": code or code_of(case)},
        follow=True,
    )


def test_anybody_may_ask_and_the_right_pair_opens_the_case(client, case, moment):
    assert client.get(reverse("resident_lookup")).status_code == 200
    page = look_up(client, case).content.decode()
    assert case.display_no in page
    assert "已送到社区" in page


def test_unknown_number_and_wrong_code_are_answered_alike(client, case, moment):
    known = look_up(client, case, code=wrong(case))
    unknown = look_up(client, case, number="990101-20260101-99999")
    for answer in (known, unknown):
        assert answer.status_code == 422
        assert SORRY in answer.content.decode()


def test_five_wrong_codes_lock_the_case_for_fifteen_minutes(case):
    for _try in range(4):
        with pytest.raises(Refused, match=SORRY):
            open_by_code(case_no=case.case_no, code=wrong(case), at=MONDAY_9)
    with pytest.raises(Refused, match="09:15"):
        open_by_code(case_no=case.case_no, code=wrong(case), at=MONDAY_9)
    with pytest.raises(Refused, match="输错次数太多"):
        open_by_code(
            case_no=case.case_no,
            code=code_of(case),
            at=MONDAY_9 + timedelta(minutes=14),
        )
    later = MONDAY_9 + timedelta(minutes=15)
    found = open_by_code(case_no=case.case_no, code=code_of(case), at=later)
    assert found == case
    assert found.code_failures == 0


def test_the_right_code_forgets_earlier_failures(case):
    with pytest.raises(Refused):
        open_by_code(case_no=case.case_no, code=wrong(case), at=MONDAY_9)
    open_by_code(case_no=case.case_no, code=code_of(case), at=MONDAY_9)
    case.refresh_from_db()
    assert case.code_failures == 0


def test_the_case_stays_open_half_an_hour(client, case, moment):
    look_up(client, case)
    moment(MONDAY_9 + timedelta(minutes=29))
    assert case.display_no in client.get(reverse("resident_lookup")).content.decode()
    moment(MONDAY_9 + timedelta(minutes=30))
    page = client.get(reverse("resident_lookup")).content.decode()
    assert case.display_no not in page


def test_a_resident_reads_of_units_but_not_of_persons_and_opinions(
    client, rating_case, moment
):
    page = look_up(client, rating_case).content.decode()
    assert "幸福社区" in page
    for hidden in ("grid_a", "acceptor", "张三", "情况属实"):
        assert hidden not in page


def test_a_resident_rates_once(client, rating_case, moment):
    look_up(client, rating_case)
    answer = client.post(reverse("resident_rate"))
    assert answer.status_code == 422
    assert "请选择满意程度" in answer.content.decode()
    form = {"score": "satisfied", "solved": "yes", "comment": "很快"}
    page = client.post(reverse("resident_rate"), form, follow=True).content.decode()
    assert "谢谢您的评价" in page
    assert Case.objects.get().state == "CLOSED"
    rating = Rating.objects.get()
    assert (rating.score, rating.solved, rating.channel) == (
        "satisfied", True, "portal",
    )  # fmt: skip
    assert client.post(reverse("resident_rate"), form).status_code == 422
    assert Rating.objects.count() == 1


def test_dissatisfied_keeps_the_case_open_and_says_what_follows(
    client, rating_case, moment
):
    look_up(client, rating_case)
    form = {"score": "dissatisfied", "solved": "no"}
    page = client.post(reverse("resident_rate"), form, follow=True).content.decode()
    assert "回访" in page
    assert Case.objects.get().state == "RATING"


def test_without_the_code_nothing_can_be_rated_or_seen(client, rating_case, moment):
    answer = client.post(reverse("resident_rate"), {"score": "satisfied"})
    assert answer.url == reverse("resident_lookup")
    photo = reverse("resident_photo", args=[rating_case.photos.first().pk])
    assert client.get(photo).status_code == 404
    look_up(client, rating_case)
    assert client.get(photo).status_code == 200
    client.post(reverse("resident_leave"))
    assert client.get(photo).status_code == 404
