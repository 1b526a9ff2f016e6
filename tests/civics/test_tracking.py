from datetime import timedelta

import pytest
from django.urls import reverse

from cases import actions
from cases.actions.residents import open_by_code
from cases.models import Case, Rating
from civics import actions as civics
from governance import crypto
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification
from tests.cases.conftest import MONDAY_9

SORRY = "案卷号或查询码不正确"


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


def test_one_address_guesses_thirty_times_over_all_cases(client, case, moment):
    for number in range(30):
        answer = look_up(client, case, number=f"990101-20260101-{number:05d}")
        assert SORRY in answer.content.decode()
    refused = look_up(client, case)
    assert refused.status_code == 422
    assert "这个网络输错的次数太多" in refused.content.decode()
    elsewhere = civics.open_case(
        case_no=case.case_no, code=code_of(case), at=MONDAY_9,
        actor=Actor.resident(ip="10.0.0.2"),
    )  # fmt: skip
    assert elsewhere == case
    moment(MONDAY_9 + timedelta(hours=1))
    assert case.display_no in look_up(client, case).content.decode()


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


# --- asking again ---------------------------------------------------------------
def closed(rating_case):
    return actions.rate(
        case_id=rating_case.pk, score="satisfied", solved=True, comment="",
        channel="portal", actor=Actor.resident(), at=MONDAY_9,
    )  # fmt: skip


def asked_of(case):
    return Event.objects.filter(chain=case.chain, action="cases.ask_again").count()


def test_a_resident_asks_once_that_a_closed_case_be_reopened(
    client, rating_case, moment, world, turn
):
    case = closed(rating_case)
    page = look_up(client, case).content.decode()
    assert "申请重开" in page
    assert client.post(reverse("resident_ask_again"), {"words": ""}).status_code == 422
    given = {"words": "第二天又摆出来了。"}
    page = client.post(reverse("resident_ask_again"), given, follow=True)
    assert "值班长审核，结果会告诉您" in page.content.decode()
    assert asked_of(case) == 1
    turn(MONDAY_9)
    told = Notification.objects.filter(user=world.user_id("shift_head"))
    assert told.filter(title__startswith="诉求人申请重开或复核").count() == 1
    again = client.post(reverse("resident_ask_again"), given)
    assert again.status_code == 422
    assert "请作为新问题上报" in again.content.decode()
    assert asked_of(case) == 1


def test_while_it_is_handled_nothing_is_asked_again(client, case, moment):
    assert "申请重开" not in look_up(client, case).content.decode()
    with pytest.raises(Refused, match="还在办理"):
        actions.ask_again(
            case_id=case.pk, words="快点", actor=Actor.resident(), at=MONDAY_9
        )
    assert asked_of(case) == 0


def test_a_rejected_case_may_be_asked_about_inside_its_window(case, world):
    actions.reject(
        case_id=case.pk, reason="not_ours", opinion="这是物业管的，请找物业。",
        actor=world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    case.refresh_from_db()
    assert actions.may_ask_again(case, MONDAY_9) == "reconsider"
    assert actions.may_ask_again(case, MONDAY_9 + timedelta(days=8)) == ""


def test_staff_do_not_ask_in_the_resident_s_place(rating_case, world):
    case = closed(rating_case)
    with pytest.raises(Refused, match="由诉求人提出"):
        actions.ask_again(
            case_id=case.pk, words="又有", actor=world.actor("acceptor"), at=MONDAY_9
        )
    assert asked_of(case) == 0


# --- “not ours” names the next --------------------------------------------------
def test_not_ours_always_names_who_is_next(client, case, moment, world):
    actions.raise_to_street(
        case_id=case.pk, opinion="社区管不了", actor=world.actor("acceptor"),
        at=MONDAY_9,
    )  # fmt: skip
    page = look_up(client, case).content.decode()
    assert "由 幸福社区 转给 和平街道" in page
    assert "社区管不了" not in page
    actions.transfer(
        case_id=case.pk, destination="110", receipt="A-17", opinion="涉嫌违法",
        actor=world.actor("street_acceptor"), at=MONDAY_9,
    )  # fmt: skip
    page = client.get(reverse("resident_lookup")).content.decode()
    assert "转给 110 公安" in page
    assert "回执号：A-17" in page


def test_a_refusal_says_why_and_who_looks_at_it_again(client, case, moment, world):
    actions.reject(
        case_id=case.pk, reason="not_ours", opinion="这是物业管的，请找物业。",
        actor=world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    page = look_up(client, case).content.decode()
    assert "不属于本级职责，这是物业管的，请找物业。有异议的，由" in page
    assert f"由{case.street.name}复核。" in page
    assert "申请复核" in page
