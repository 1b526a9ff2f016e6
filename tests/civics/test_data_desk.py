"""What people ask about their data, carried out by the data desk."""

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from cases import actions as cases
from cases.actions import contacts
from cases.models import Case, Category, ResponsibilityItem, Submission
from cases.workflow import State
from civics import actions
from civics.models import (
    Attempt,
    Consent,
    DataDesk,
    Follow,
    PersonalDataRequest,
    Phone,
)
from governance import crypto
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Delivery
from tests.cases.conftest import COMMUNITY, MONDAY_9
from tests.civics.conftest import NUMBER, last_code, letters
from tests.factories import PostingFactory

DAY = timedelta(days=1)
WORDS = "楼下水果摊占了整条人行道，请打 13800001234 找王阿姨。"


@pytest.fixture
def desk(world, channel, moment):
    unit = world.orgs["urban"]
    actions.open_data_desk(organisation_id=unit.pk, actor=Actor.system(), at=MONDAY_9)
    return world.actor("urban")


@pytest.fixture
def phone(desk, resident):
    actions.send_code(number=NUMBER, actor=resident, at=MONDAY_9)
    return actions.verify_code(
        number=NUMBER, code=last_code(), purpose="x", actor=resident, at=MONDAY_9
    )


@pytest.fixture
def reported(world, phone, resident):
    """An own report at the portal, over or still under way."""

    def reported(state="CLOSED", **more):
        case = actions.file_report(
            submission_id=uuid.uuid4(),
            report=cases.Report(
                category_id=world.categories["stall"].pk, description=WORDS,
                address="和平路", community_code=COMMUNITY, **more,
            ),
            phone_id=phone.pk, name="王阿姨", agreed=True, actor=resident, at=MONDAY_9,
        )  # fmt: skip
        if state != "REPORTED":
            Case.objects.filter(pk=case.pk).update(
                state=state, underway=False, closed_at=MONDAY_9
            )
        return Case.objects.get(pk=case.pk)

    return reported


@pytest.fixture
def asked(world, phone, resident, turn, desk):
    """A request that the desk has in hand: raised, whistled, reported for duty."""

    def asked(kind, about_no=""):
        case = actions.ask_about_data(
            submission_id=uuid.uuid4(), kind=kind, words="请按我的要求办理。",
            about_no=about_no, community_code=COMMUNITY, phone_id=phone.pk,
            name="王阿姨", agreed=True, actor=resident, at=MONDAY_9,
        )  # fmt: skip
        given = {"case_id": case.pk, "at": MONDAY_9}
        cases.raise_to_street(
            opinion="请转数据管理单位", actor=world.actor("acceptor"), **given
        )
        call = cases.Call(
            kind="routine",
            called=(cases.Called(desk.organisation_id, "lead", "按请求办理"),),
            condition_id=case.category.conditions.get().pk,
            legal_basis="个人信息保护法",
        )
        cases.whistle(call=call, actor=world.actor("dispatcher"), **given)
        cases.check_in(
            mode="online", position=None, remark="在线受理", actor=desk, **given
        )
        return PersonalDataRequest.objects.get(case=case)

    return asked


def url(request):
    submission = Submission.objects.get(case=request.case)
    return reverse("data_desk", args=[submission.pk])


def on_chain(case, action):
    return Event.objects.filter(chain=case.chain, action=action)


def cells(answer):
    sheet = load_workbook(BytesIO(answer.content)).active
    return [
        [str(one or "") for one in row] for row in sheet.iter_rows(values_only=True)
    ]


# --- see ------------------------------------------------------------------------
def test_what_is_held_is_handed_over_and_downloaded_by_the_person(
    client, desk, reported, asked, world, phone
):
    case = reported()
    request = asked("see")
    client.force_login(world.postings["urban"].user)
    page = client.get(url(request)).content.decode()
    assert case.display_no in page
    assert "王**" in page
    assert NUMBER not in page
    assert client.post(url(request)).url == url(request)
    request.refresh_from_db()
    assert request.carried_out_by_name == desk.name
    assert request.outcome["cases"] == 2
    assert request.open_until == MONDAY_9 + 30 * DAY
    (event,) = on_chain(request.case, "civics.hand_over_data")
    assert NUMBER not in str(event.detail)
    assert "您要的个人信息已经备好。" in [one.title for one in letters()]
    again = client.post(url(request))
    assert again.status_code == 422
    assert "已经办理过了" in again.content.decode()
    client.logout()
    session = client.session
    until = (MONDAY_9 + DAY).isoformat()
    session["resident_phone"] = {"phone": phone.pk, "until": until}
    session.save()
    mine = client.get(reverse("resident_mine")).content.decode()
    assert "下载文件" in mine
    rows = cells(client.post(reverse("resident_data", args=[request.pk])))
    text = str(rows)
    assert NUMBER in text and "王阿姨" in text and WORDS in text
    assert on_chain(request.case, "civics.fetch_data").count() == 1


def test_a_file_is_there_for_a_month_and_for_nobody_else(desk, asked, resident, phone):
    request = asked("see")
    given = {"request_id": request.pk, "actor": resident}
    with pytest.raises(Refused, match="下载期限已过"):
        actions.fetch_data(phone_id=phone.pk, at=MONDAY_9, **given)
    actions.hand_over_data(request_id=request.pk, actor=desk, at=MONDAY_9)
    with pytest.raises(Refused, match="下载期限已过"):
        actions.fetch_data(phone_id=phone.pk, at=MONDAY_9 + 30 * DAY, **given)
    with pytest.raises(PersonalDataRequest.DoesNotExist):
        actions.fetch_data(phone_id=0, at=MONDAY_9, **given)
    assert not on_chain(request.case, "civics.fetch_data").exists()


def test_the_desk_exports_a_file_and_that_is_journalled(
    client, desk, reported, asked, world
):
    reported()
    request = asked("see")
    client.force_login(world.postings["urban"].user)
    answer = client.post(f"{url(request)}file/")
    assert "personal-data.xlsx" in answer["Content-Disposition"]
    assert NUMBER in str(cells(answer))
    (event,) = on_chain(request.case, "civics.export_data")
    assert event.actor["user_id"] == desk.user_id
    assert client.get(f"{url(request)}file/").status_code == 405


def test_the_desks_file_is_signed_and_keeps_what_is_not_the_desks(
    client, desk, reported, asked, world, phone
):
    """A number kept from departments, and the words of another confidential case."""
    reported()
    hidden, secret = reported(), reported()
    Case.objects.filter(pk=hidden.pk).update(
        contact_hidden=True, description="水果摊又来了"
    )
    Case.objects.filter(pk=secret.pk).update(
        confidential=True, description="邻居家的事", address="三号院"
    )
    Case.objects.exclude(pk=secret.pk).update(description="水果摊又来了")
    request = asked("see")
    client.force_login(world.postings["urban"].user)
    rows = cells(client.post(f"{url(request)}file/"))
    text = str(rows)
    assert desk.name in rows[0][0] and "不得外传" in rows[0][0]
    assert NUMBER not in text and "138****1234" in text
    assert "邻居家的事" not in text and "三号院" not in text
    assert "保密案件" in text and secret.display_no in text
    assert "请按我的要求办理" in text  # the request itself is confidential as well
    actions.hand_over_data(request_id=request.pk, actor=desk, at=MONDAY_9)
    client.logout()
    session = client.session
    until = (MONDAY_9 + DAY).isoformat()
    session["resident_phone"] = {"phone": phone.pk, "until": until}
    session.save()
    own = str(cells(client.post(reverse("resident_data", args=[request.pk]))))
    assert NUMBER in own and "邻居家的事" in own and "不得外传" not in own


def test_what_others_filed_for_the_number_is_found_too(desk, asked, file_case):
    told = file_case(complainant_name="王阿姨", complainant_contact="138-0000-1234")
    other = file_case("lane", complainant_name="李", complainant_contact="13900000000")
    request = asked("see")
    found = actions.export_data(request_id=request.pk, actor=desk, at=MONDAY_9)
    assert told in found.cases
    assert other not in found.cases


@pytest.mark.parametrize(
    "written", ["13900000005", "139-0000 0005", "+86 13900000005", "86 139 0000 0005"]
)
def test_a_number_is_found_however_it_was_written(written: str) -> None:
    assert contacts.contact_digest(written) == crypto.fingerprint("13900000005")


# --- correct --------------------------------------------------------------------
def test_name_and_number_are_corrected_where_it_was_chosen(
    client, desk, reported, asked, world
):
    wrong, untouched = reported(), reported()
    request = asked("correct", about_no=wrong.case_no)
    client.force_login(world.postings["urban"].user)
    empty = client.post(url(request), {"case_ids": [wrong.pk], "reason": "已核对"})
    assert empty.status_code == 422
    assert "请填写更正后的姓名或电话" in empty.content.decode()
    given = {"case_ids": [wrong.pk], "name": "王大妈", "contact": "123", "reason": ""}
    answer = client.post(url(request), given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "电话号码不正确" in page and "请写明核对情况和依据" in page
    assert "王大妈" in page
    given |= {"contact": "13900000005", "reason": "已电话核对身份"}
    assert client.post(url(request), given).url == url(request)
    wrong.refresh_from_db()
    untouched.refresh_from_db()
    assert crypto.unseal(wrong.complainant_name) == "王大妈"
    assert crypto.unseal(wrong.complainant_contact) == "13900000005"
    assert wrong.complainant_digest == crypto.fingerprint("13900000005")
    assert crypto.unseal(untouched.complainant_contact) == NUMBER
    (event,) = on_chain(wrong, "cases.correct_complainant")
    assert "13900000005" not in str(event.detail)
    assert on_chain(request.case, "civics.correct_data").count() == 1
    assert client.get(url(request)).status_code == 200


def test_nobody_elses_case_is_corrected(desk, asked, file_case):
    other = file_case("lane", complainant_name="李", complainant_contact="13900000000")
    request = asked("correct")
    with pytest.raises(Refused, match="请选择要更正的案件"):
        actions.correct_data(
            request_id=request.pk, case_ids=[other.pk], name="王", contact="",
            reason="核对", actor=desk, at=MONDAY_9,
        )  # fmt: skip
    other.refresh_from_db()
    assert crypto.unseal(other.complainant_name) == "李"
    assert not on_chain(request.case, "civics.correct_data").exists()


# --- delete ---------------------------------------------------------------------
def delete(request, desk, at=MONDAY_9):
    return actions.delete_data(
        request_id=request.pk, reason="已核对身份", actor=desk, at=at
    )


def test_deleting_leaves_the_file_and_nothing_of_the_person(
    client, desk, reported, asked, world, phone, file_case, resident, turn
):
    case, followed = reported(), file_case("lane")
    actions.follow(case_id=followed.pk, phone_id=phone.pk, actor=resident, at=MONDAY_9)
    turn(MONDAY_9)
    request = asked("delete")
    client.force_login(world.postings["urban"].user)
    unsure = client.post(url(request), {"reason": "已核对身份"})
    assert unsure.status_code == 422
    assert "请确认已核对身份" in unsure.content.decode()
    given = {"reason": "已核对身份", "sure": "on"}
    assert client.post(url(request), given).url == url(request)
    case.refresh_from_db()
    assert case.complainant_name == case.complainant_contact == ""
    assert case.complainant_digest == case.query_code == ""
    assert case.description == WORDS.replace(NUMBER, "138****1234").replace(
        "王阿姨", "王**"
    )
    body = Submission.objects.get(case=case).body
    assert body["complainant_contact"] == ""
    assert NUMBER not in str(body)
    assert not Follow.objects.running().exists()
    kept = Consent.objects.filter(withdrawn_at=None)
    assert [one.case for one in kept] == [request.case]
    assert not Phone.objects.exclude(number="").exists()
    assert not Attempt.objects.filter(who=crypto.fingerprint(NUMBER)).exists()
    assert not [one for one in letters() if one.subject == case.chain]
    (event,) = on_chain(request.case, "civics.delete_data")
    assert event.detail["figures"]["cases"] == 1
    assert on_chain(case, "cases.erase_complainant").count() == 1
    assert client.get(url(request)).status_code == 200


def test_an_erased_case_opens_for_nobody_by_code_and_shows_no_contact(
    client, desk, reported, asked, world, resident
):
    case = reported()
    code = crypto.unseal(case.query_code)
    delete(asked("delete"), desk)
    with pytest.raises(Refused, match="不正确"):
        actions.open_case(case_no=case.case_no, code=code, actor=resident, at=MONDAY_9)
    client.force_login(world.postings["acceptor"].user)
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "姓名和电话已按本人要求删除" in page
    with pytest.raises(Refused, match="按本人要求删除"):
        contacts.reveal_contact(
            case_id=case.pk, reason="回访", actor=world.actor("acceptor"), at=MONDAY_9
        )


def test_what_is_under_way_is_deleted_a_month_after_it_is_over(
    desk, reported, asked, phone
):
    running = reported("REPORTED")
    request = asked("delete")
    delete(request, desk)
    request.refresh_from_db()
    assert request.waiting == [running.pk, request.case_id]
    running.refresh_from_db()
    assert crypto.unseal(running.complainant_contact) == NUMBER
    assert Phone.objects.get(pk=phone.pk).number
    both = Case.objects.filter(pk__in=request.waiting)
    both.update(state="CLOSED", underway=False, updated_at=MONDAY_9 + DAY)
    assert actions.purge(at=MONDAY_9 + 30 * DAY)["deletions"] == 0
    later = MONDAY_9 + 32 * DAY
    assert actions.purge(at=later)["deletions"] == 2
    assert actions.purge(at=later)["deletions"] == 0
    request.refresh_from_db()
    assert request.waiting == []
    assert not both.exclude(complainant_contact="").exists()
    assert Phone.objects.get(pk=phone.pk).number == ""
    assert not letters()


def test_who_came_back_meanwhile_keeps_the_number_for_that(
    desk, reported, asked, phone
):
    reported("REPORTED")
    request = asked("delete")
    delete(request, desk)
    anew = reported("REPORTED")
    both = Case.objects.filter(pk__in=PersonalDataRequest.objects.get().waiting)
    both.update(state="CLOSED", underway=False, updated_at=MONDAY_9)
    assert actions.purge(at=MONDAY_9 + 32 * DAY)["deletions"] == 2
    assert not both.exclude(complainant_contact="").exists()
    anew.refresh_from_db()
    assert crypto.unseal(anew.complainant_contact) == NUMBER
    assert Phone.objects.get(pk=phone.pk).number
    assert [one.case for one in Consent.objects.filter(withdrawn_at=None)] == [anew]


def test_a_browser_that_proved_a_deleted_number_has_to_prove_it_again(
    client, desk, asked, phone, moment
):
    session = client.session
    until = (MONDAY_9 + DAY).isoformat()
    session["resident_phone"] = {"phone": phone.pk, "until": until}
    session.save()
    assert client.get(reverse("resident_mine")).status_code == 200
    delete(asked("delete"), desk)
    assert client.get(reverse("resident_mine")).status_code == 302


# --- who may --------------------------------------------------------------------
def test_only_the_desk_of_the_district_in_whose_hand_it_is(
    client, desk, reported, asked, world
):
    reported()
    request = asked("delete")
    for name in ("dispatcher", "acceptor", "fire"):
        with pytest.raises(Refused):
            delete(request, world.actor(name))
        client.force_login(world.postings[name].user)
        answer = client.get(url(request))
        assert answer.status_code in (404, 422)
        assert "王**" not in answer.content.decode()
        assert client.post(f"{url(request)}file/").status_code in (404, 422)
    for wrong in (actions.hand_over_data,):
        with pytest.raises(Refused, match="本人要的是"):
            wrong(request_id=request.pk, actor=desk, at=MONDAY_9)
    Case.objects.filter(pk=request.case_id).update(state="CLOSED", underway=False)
    with pytest.raises(Refused):
        delete(request, desk)
    assert not Event.objects.filter(action__startswith="civics.delete").exists()
    client.logout()
    assert client.get(url(request)).status_code == 302


def test_after_it_the_case_goes_on_by_its_usual_steps(
    client, desk, asked, world, photos
):
    request = asked("see")
    client.force_login(world.postings["urban"].user)
    page = client.get(reverse("case", args=[request.case_id])).content.decode()
    assert url(request) in page  # the way to it stands on the case
    actions.hand_over_data(request_id=request.pk, actor=desk, at=MONDAY_9)
    cases.feed_back(
        case_id=request.case_id, result="solved", measures="已交付文件", override="",
        photos=photos(desk, "after"), actor=desk, at=MONDAY_9,
    )  # fmt: skip
    case = Case.objects.get(pk=request.case_id)
    assert case.state == State.FEEDBACK_REVIEW
    client.force_login(world.postings["dispatcher"].user)
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "把个人信息文件交给本人" in page


# --- the desk -------------------------------------------------------------------
def administrator():
    admin = PostingFactory(
        user__name="管理员", user__is_staff=True, post__role="system_admin"
    ).user
    admin.is_superuser = True
    admin.save()
    return admin


def leads(unit):
    found = ResponsibilityItem.objects.filter(valid_to=None, role="lead")
    return found.filter(
        organisation=unit, category__in=Category.objects.under("个人信息保护法")
    )


def test_the_administrator_opens_it_and_hands_it_to_another_unit(
    client, world, channel, moment
):
    client.force_login(administrator())
    add = reverse("admin:civics_datadesk_add")
    refused = client.post(add, {"organisation": world.orgs["community"].pk})
    assert "可被吹哨" in refused.content.decode()
    assert not DataDesk.objects.exists()
    client.post(add, {"organisation": world.orgs["urban"].pk})
    assert DataDesk.objects.in_force().get().organisation == world.orgs["urban"]
    assert leads(world.orgs["urban"]).count() == 3
    client.post(add, {"organisation": world.orgs["fire"].pk})
    assert DataDesk.objects.in_force().get().organisation == world.orgs["fire"]
    assert not leads(world.orgs["urban"]).exists()
    assert leads(world.orgs["fire"]).count() == 3
    events = Event.objects.filter(action="civics.open_data_desk")
    assert events.count() == DataDesk.objects.count() == 2
    page = client.get(reverse("admin:civics_datadesk_changelist")).content.decode()
    assert world.orgs["fire"].name in page


def test_a_unit_that_nobody_can_call_is_no_desk(world, db):
    with pytest.raises(Refused, match="不能被吹哨"):
        actions.open_data_desk(
            organisation_id=world.orgs["community"].pk, actor=Actor.system(),
            at=MONDAY_9,
        )  # fmt: skip
    assert not DataDesk.objects.exists()
    assert not Delivery.objects.exists()
