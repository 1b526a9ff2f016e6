"""The notice, consents, and what people ask about their personal data."""

import pytest
from django.urls import reverse

from cases import actions as cases
from cases.models import Case, Category
from civics import actions
from civics.models import Consent, PersonalDataRequest, PrivacyNotice
from governance import crypto
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from tests.cases.conftest import COMMUNITY, MONDAY_9
from tests.civics.conftest import NUMBER, last_code
from tests.factories import PostingFactory

URL = reverse("data_request")


@pytest.fixture
def desk(world, channel, moment):
    unit = world.orgs["urban"]
    actions.open_data_desk(organisation_id=unit.pk, actor=Actor.system(), at=MONDAY_9)
    return unit


def form(client, **given):
    page = client.get(URL).content.decode()
    submission = page.split('name="submission" value="')[1].split('"')[0]
    return {
        "submission": submission, "kind": "delete", "words": "请删除我留的姓名。",
        "community_code": COMMUNITY, "name": "王阿姨", "phone": NUMBER, "agreed": "on",
        **given,
    }  # fmt: skip


def ask(client, **given):
    sent = form(client, **given)
    assert client.post(URL, {**sent, "send": "1"}).status_code == 200
    return client.post(URL, {**sent, "code": last_code()}), sent


def test_a_request_is_a_confidential_case_of_its_own_kind(client, desk, world):
    answer, _sent = ask(client)
    assert answer.url == reverse("resident_receipt")
    request = PersonalDataRequest.objects.get()
    case = request.case
    assert (case.category.code5, case.state) == ("59003", "REPORTED")
    assert case.confidential
    assert "请删除我留的姓名。" in case.description
    assert crypto.unseal(case.complainant_contact) == NUMBER
    assert Consent.objects.get().purpose == "request"
    assert Event.objects.filter(chain=case.chain, action="cases.report").count() == 1
    seen = Case.objects.filter(pk=case.pk)
    assert seen.visible_to(world.actor("acceptor")).exists()
    for other in ("grid_a", "fire", "district", "assessor"):
        assert not seen.visible_to(world.actor(other)).exists()


def test_it_goes_its_way_to_the_data_desk(client, desk, world, turn):
    ask(client)
    case = Case.objects.get()
    turn(MONDAY_9)
    with pytest.raises(Refused, match="不在社区事项清单"):
        cases.accept(
            case_id=case.pk, condition_id=case.category.conditions.get().pk,
            handler_id=world.user_id("community_handler"),
            actor=world.actor("acceptor"), at=MONDAY_9,
        )  # fmt: skip
    cases.raise_to_street(
        case_id=case.pk, opinion="请转数据管理单位", actor=world.actor("acceptor"),
        at=MONDAY_9,
    )  # fmt: skip
    turn(MONDAY_9)
    case.refresh_from_db()
    assert case.suggestion["lead"]["organisation_id"] == desk.pk


def test_it_says_what_is_missing_and_keeps_the_words(client, desk):
    answer = client.post(URL, form(client, kind="", words="", community_code=""))
    page = answer.content.decode()
    assert answer.status_code == 422
    for sentence in ("请选择要办什么", "请写清楚要查什么", "请选择由哪个社区受理"):
        assert sentence in page
    assert "王阿姨" in page
    assert not Case.objects.exists()


def test_identity_is_proven_by_the_code_and_nothing_else(client, desk):
    sent = form(client)
    client.post(URL, {**sent, "send": "1"})
    answer = client.post(URL, {**sent, "code": "12345"})
    assert answer.status_code == 422
    assert not Case.objects.exists()


def test_pressing_twice_asks_once(client, desk):
    _answer, sent = ask(client)
    again = client.post(URL, {**sent, "code": last_code()})
    assert again.url == reverse("resident_receipt")
    assert Case.objects.count() == 1


def test_about_a_case_of_one_s_own_only(client, desk, file_case):
    other = file_case("stall")
    answer, _sent = ask(client, about_no=other.display_no, community_code="")
    assert answer.status_code == 422
    assert "没有上报过这件案件" in answer.content.decode()
    Consent.objects.create(
        phone_id=client.session["resident_phone"]["phone"], purpose="report",
        case=other, notice="1", given_at=MONDAY_9,
    )  # fmt: skip
    sent = form(client, about_no=other.display_no, community_code="")
    assert client.post(URL, sent).url == reverse("resident_receipt")
    request = PersonalDataRequest.objects.get()
    assert request.about == other
    assert request.case.community == other.community
    assert Consent.objects.get(case=request.case).purpose == "request"
    mine = client.get(reverse("resident_mine")).content.decode()
    assert "办理个人信息请求" in mine
    opened = client.post(reverse("resident_open", args=[request.case.pk]))
    assert opened.url == reverse("resident_lookup")


def test_without_a_desk_the_page_says_where_to_go(client, world, channel, moment):
    page = client.get(URL).content.decode()
    assert "请带身份证到所在社区" in page
    assert "<textarea" not in page
    assert client.get(reverse("resident_report")).status_code == 200


def test_residents_do_not_choose_these_kinds_in_an_ordinary_report(client, desk):
    page = client.get(reverse("resident_report")).content.decode()
    assert "占道经营" in page
    assert "删除个人信息" not in page


def test_opening_the_desk_twice_changes_nothing(desk, world):
    new = actions.open_data_desk(
        organisation_id=desk.pk, actor=Actor.system(), at=MONDAY_9
    )
    assert new == 0
    assert Category.objects.filter(parent_code="59").count() == 3


def test_the_administrator_sees_requests_and_how_they_stand(client, desk):
    ask(client)
    case = Case.objects.get()
    admin = PostingFactory(
        user__name="管理员", user__is_staff=True, post__role="system_admin"
    ).user
    admin.is_superuser = True
    admin.save()
    client.force_login(admin)
    page = client.get(reverse("admin:civics_personaldatarequest_changelist"))
    text = page.content.decode()
    assert case.display_no in text
    assert "待接报" in text
    assert "请删除我留的姓名" not in text
    assert NUMBER not in text


# --- the notice -----------------------------------------------------------------
def test_the_notice_is_there_from_the_first_day(client, db):
    page = client.get(reverse("privacy")).content.decode()
    assert "我们收集什么" in page
    assert "平台自带的文本" in page


def test_a_published_notice_counts_from_then_on_and_old_ones_stay(client, db):
    publish = actions.publish_notice
    publish(version="2026-11", text="第一版", actor=Actor.system(), at=MONDAY_9)
    assert "第一版" in client.get(reverse("privacy")).content.decode()
    publish(version="2026-12", text="第二版", actor=Actor.system(), at=MONDAY_9)
    assert "第二版" in client.get(reverse("privacy")).content.decode()
    assert actions.current_version() == "2026-12"
    old = client.get(reverse("privacy"), {"version": "2026-11"}).content.decode()
    assert "第一版" in old
    with pytest.raises(Refused, match="已经用过"):
        publish(version="2026-12", text="x", actor=Actor.system(), at=MONDAY_9)
    events = Event.objects.filter(chain="civics:privacy_notice")
    assert events.count() == PrivacyNotice.objects.count() == 2
