"""A resident's report in three steps, as a browser without JavaScript sends it."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.models import Case, Photo, Question, Submission
from civics import actions
from civics.models import Attempt, Consent, Follow, PublicRule, ServiceRule
from civics.querysets.public import blurred
from governance import crypto
from governance.models import Event
from parties.acting import Actor
from tests.cases.conftest import COMMUNITY, MONDAY_9, SPOT
from tests.civics.conftest import NUMBER, last_code, letters, other_than

WHAT, WHERE, WHO = (
    reverse(name) for name in ("resident_report", "resident_where", "resident_who")
)
WORDS = "楼下水果摊占了整条人行道，推婴儿车过不去。"


@pytest.fixture
def city(world, photos, channel, moment):
    return world


def what(client, city, **given):
    sent = {
        "category": city.categories["stall"].pk, "description": WORDS, **given,
    }  # fmt: skip
    return client.post(WHAT, sent)


def where(client, **given):
    sent = {"address": "和平路 12 号门前", "community_code": COMMUNITY, **given}
    return client.post(WHERE, sent)


def submission(client):
    return client.session["resident_draft"]["submission"][0]


def who(client, **given):
    sent = {
        "submission": submission(client), "name": "王阿姨", "phone": NUMBER,
        "agreed": "on", **given,
    }  # fmt: skip
    return client.post(WHO, sent)


def up_to_who(client, city, **given):
    assert what(client, city).url == WHERE
    assert where(client, **given).url == WHO
    assert who(client, send="1").status_code == 200


def filed(client, city, **given):
    up_to_who(client, city, **given)
    answer = who(client, code=last_code())
    assert answer.url == reverse("resident_receipt")
    return Case.objects.get()


def test_three_steps_file_a_case_without_an_account(client, city):
    for url in (WHAT, reverse("portal")):
        assert client.get(url).status_code == 200
    case = filed(client, city)
    assert (case.source, case.state) == ("resident", "REPORTED")
    assert case.description == WORDS
    assert case.community.code == COMMUNITY
    assert case.has_complainant
    assert crypto.unseal(case.complainant_contact) == NUMBER
    assert case.reporter_name == "居民"  # lists show no name
    page = client.get(reverse("resident_receipt")).content.decode()
    assert case.display_no in page
    assert crypto.unseal(case.query_code) in page
    assert "现在由 幸福社区 负责" in page
    first = Event.objects.filter(chain=case.chain).order_by("seq").first()
    assert first.action == "cases.report"
    assert first.actor["role"] == "resident"


def test_consent_is_kept_with_version_time_and_purpose(client, city):
    case = filed(client, city)
    consent = Consent.objects.get()
    assert (consent.case, consent.purpose) == (case, "report")
    assert consent.given_at == MONDAY_9
    assert consent.notice == actions.current_version()


def test_the_position_is_converted(client, city):
    gcj = (SPOT[0] + 0.0000001, SPOT[1])
    case = filed(
        client, city, community_code="", lng=str(gcj[0]), lat=str(gcj[1]), crs="wgs84",
        method="map", accuracy_m="",
    )  # fmt: skip
    assert case.grid.code == f"{COMMUNITY}001"
    assert case.point.x == pytest.approx(SPOT[0], abs=1e-5)
    assert (case.crs, case.method) == ("wgs84", "map")


def test_a_pair_in_the_system_of_other_maps_is_converted_too(client, city):
    from governance.geo import from_wgs84

    lng, lat = from_wgs84(*SPOT, "gcj02")
    case = filed(client, city, community_code="", lng=lng, lat=lat, crs="gcj02")
    assert case.point.x == pytest.approx(SPOT[0], abs=1e-6)
    assert case.raw_x == pytest.approx(lng)
    assert case.grid.code == f"{COMMUNITY}001"


def test_each_step_keeps_what_was_typed_and_says_what_is_missing(client, city):
    answer = what(client, city, description="短了")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "短了" in page
    assert "至少 10 个字" in page
    assert client.get(WHERE).url == WHAT  # the second step waits for the first
    assert what(client, city).status_code == 302
    answer = where(client, address="", community_code="")
    assert answer.status_code == 422
    assert "请填写地址" in answer.content.decode()
    answer = where(client, community_code="")
    assert "或者选择所在的社区" in answer.content.decode()
    assert "和平路 12 号门前" in answer.content.decode()
    assert client.get(WHO).url == WHERE


def test_a_place_outside_the_city_is_refused_at_the_second_step(client, city):
    what(client, city)
    answer = where(client, community_code="", lng="10", lat="10", crs="wgs84")
    assert answer.status_code == 422
    assert not Case.objects.exists()


def test_without_consent_or_code_nothing_is_filed(client, city):
    up_to_who(client, city)
    answer = who(client, agreed="", code=last_code())
    assert answer.status_code == 422
    assert "请先阅读并同意隐私说明" in answer.content.decode()
    answer = who(client, code="")
    assert "请填写短信里的 6 位验证码" in answer.content.decode()
    answer = who(client, code=other_than(last_code()))
    assert "验证码不正确" in answer.content.decode()
    assert "王阿姨" in answer.content.decode()
    assert not Case.objects.exists()
    assert not Consent.objects.exists()


def test_pressing_twice_files_once(client, city):
    up_to_who(client, city)
    sent = {"submission": submission(client), "code": last_code()}
    assert who(client, **sent).url == reverse("resident_receipt")
    again = client.post(WHO, {**sent, "phone": NUMBER, "agreed": "on"})
    assert again.url == reverse("resident_receipt")
    assert Case.objects.count() == 1
    assert Submission.objects.count() == 1


def test_the_second_press_may_overtake_the_answer_of_the_first(client, city, resident):
    """Both come with the session as it was: the same case all the same."""
    up_to_who(client, city)
    before = client.session["resident_draft"]
    sent = {"code": last_code()}
    first = who(client, **sent)
    session = client.session
    for key in ("resident_case", "resident_phone"):
        session.pop(key)
    session["resident_draft"] = before
    session.save()
    second = who(client, **sent)
    assert first.url == second.url == reverse("resident_receipt")
    assert Case.objects.count() == 1
    assert Consent.objects.count() == 1


def test_a_name_need_not_be_given(client, city):
    up_to_who(client, city)
    who(client, name="", code=last_code())
    assert crypto.unseal(Case.objects.get().complainant_name) == "居民"


def test_photos_come_with_the_form_and_can_be_taken_back(client, city, snapshot):
    def picture(seed):
        return SimpleUploadedFile(f"{seed}.jpg", snapshot, "image/jpeg")

    assert what(client, city, photos=picture(1)).url == WHERE
    page = client.get(WHAT).content.decode()
    (photo,) = Photo.objects.all()
    thumb = reverse("resident_draft_photo", args=[photo.pk])
    assert thumb in page
    assert client.get(thumb).status_code == 200
    what(client, city, remove=str(photo.pk))
    assert not Photo.objects.exists()
    what(client, city, photos=picture(1))
    where(client)
    who(client, send="1")
    who(client, code=last_code())
    case = Case.objects.get()
    assert case.has_photos
    assert Photo.objects.get().case == case


def test_a_strange_browser_sees_no_pictures_of_a_draft(client, city, snapshot):
    picture = SimpleUploadedFile("1.jpg", snapshot, "image/jpeg")
    what(client, city, photos=picture)
    url = reverse("resident_draft_photo", args=[Photo.objects.get().pk])
    client.cookies.clear()
    assert client.get(url).status_code == 404


def test_what_is_no_picture_is_refused_and_the_words_are_kept(client, city):
    fake = SimpleUploadedFile("x.jpg", b"not a picture", "image/jpeg")
    answer = what(client, city, photos=fake)
    assert answer.status_code == 422
    assert "只能上传 JPG、PNG 或 WebP" in answer.content.decode()
    assert WORDS in answer.content.decode()


def test_kinds_are_found_without_javascript(client, city):
    answer = client.post(WHAT, {"q": "井盖", "search": "1", "description": WORDS})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert WORDS in page
    before_groups = page.split("data-major")[0]
    assert "雨水井盖" in before_groups
    assert "占道经营" not in before_groups


def test_extra_questions_of_the_kind_are_asked_at_the_second_step(client, city):
    question = Question.objects.create(
        category=city.categories["stall"],
        label="占了多宽",
        kind="text",
        is_required=True,
    )
    what(client, city)
    assert "占了多宽" in client.get(WHERE).content.decode()
    answer = where(client)
    assert answer.status_code == 422
    answer = where(client, **{f"answers.{question.pk}": "两米"})
    assert answer.url == WHO
    who(client, send="1")
    who(client, code=last_code())
    assert Case.objects.get().answer_lines == [("占了多宽", "两米")]


def test_what_is_unticked_is_not_kept(client, city):
    question = Question.objects.create(
        category=city.categories["stall"], label="挡了谁", kind="choices",
        choices="行人\n轮椅",
    )  # fmt: skip
    name = f"answers.{question.pk}"
    what(client, city)
    assert where(client, **{name: ["行人", "轮椅"]}).url == WHO
    assert where(client).url == WHO
    assert name not in client.session["resident_draft"]


def test_an_urgent_kind_is_urgent(client, city):
    what(client, city, category=city.categories["cover"].pk)
    where(client)
    who(client, send="1")
    who(client, code=last_code())
    assert Case.objects.get().urgent


def test_a_proven_number_is_not_asked_again(client, city):
    filed(client, city)
    what(client, city)
    where(client, address="另一条路 3 号")
    page = client.get(WHO).content.decode()
    assert "138****1234" in page
    assert "发送验证码" not in page
    answer = client.post(
        WHO, {"submission": submission(client), "agreed": "on", "same": ""}
    )
    assert answer.url == reverse("resident_receipt")
    assert Case.objects.count() == 2


def test_a_number_files_twenty_a_day(client, city, resident, monkeypatch):
    from cases.actions import Report

    filed(client, city)
    phone = Consent.objects.get().phone
    given = Report(
        category_id=city.categories["stall"].pk, description=WORDS, address="和平路",
        community_code=COMMUNITY,
    )  # fmt: skip
    sent = {
        "report": given, "phone_id": phone.pk, "name": "", "agreed": True,
        "actor": resident, "at": MONDAY_9,
    }  # fmt: skip
    ids = [uuid.uuid4() for _each in range(20)]
    for one in ids[:19]:
        actions.file_report(submission_id=one, **sent)
    with pytest.raises(actions_refused(), match="今天上报的已经很多"):
        actions.file_report(submission_id=ids[19], **sent)
    actions.file_report(submission_id=ids[0], **sent)  # sent again: the same case
    assert Case.objects.count() == 20
    later = {**sent, "at": MONDAY_9 + timedelta(hours=25)}
    actions.file_report(submission_id=ids[19], **later)


def actions_refused():
    from governance.errors import Refused

    return Refused


def test_the_same_matter_nearby_takes_a_plus_one_in_place_of_a_second_case(
    client, city, file_case
):
    """F9: the list of candidates appears, the resident chooses ＋1."""
    first = file_case("stall")
    spot = {
        "community_code": "", "lng": SPOT[0], "lat": SPOT[1], "crs": "wgs84",
    }  # fmt: skip
    up_to_who(client, city, **spot)
    page = client.get(WHO).content.decode()
    assert "是这一件，给它＋1" in page
    assert first.description not in page  # words of others are not shown
    answer = who(client, code=last_code(), same=str(first.pk))
    assert "已有 1 人＋1" in answer.content.decode()
    assert Case.objects.count() == 1
    first.refresh_from_db()
    assert first.supporters_count == 1
    assert Follow.objects.get().joined


def candidates_at(client, city, lng, lat):
    """The hint's line as a stranger at that place reads it."""
    what(client, city)
    where(client, community_code="", lng=lng, lat=lat, crs="cgcs2000")
    page = client.get(WHO).content.decode()
    return re.findall(r'给它＋1</strong><small class="quiet plain">(.*?)</small>', page)


def test_from_anywhere_in_a_square_the_hint_says_the_same(client, city, file_case):
    """FEATURES 74: asking from many places tells no more than the public map."""
    first = file_case("stall")
    middle = blurred(first.point.x, first.point.y, 100)
    steps = [number * 0.0001 for number in (-4, -2, 0, 2, 4)]
    said = {
        tuple(candidates_at(client, city, middle[0] + east, middle[1] + north))
        for east in steps
        for north in steps
    }
    assert len(said) == 1
    ((line,),) = said
    assert "在 200 米以内，同一小类" in line
    beside = candidates_at(client, city, middle[0] + 0.0011, middle[1])
    assert "在 300 米以内" in beside[0]
    with_words = [one for one in (line, *beside) if "%" in one or "相距" in one]
    assert with_words == []


def test_a_network_asks_about_so_many_places_an_hour(client, city, file_case, moment):
    file_case("stall")
    rule = ServiceRule(places_an_hour=2)
    actions.set_service_rule(given=rule, actor=Actor.system(), at=MONDAY_9)
    for east in (0.0011, 0.0022):
        assert candidates_at(client, city, SPOT[0] + east, SPOT[1])
    assert candidates_at(client, city, SPOT[0], SPOT[1]) == []
    moment(MONDAY_9 + timedelta(hours=1, minutes=1))
    assert candidates_at(client, city, SPOT[0], SPOT[1])
    for _each in range(10):  # the same place again is no new one
        assert client.get(WHO).status_code == 200
    assert Attempt.objects.filter(kind="place").count() == 3
    who(client, send="1")
    assert who(client, code=last_code()).url == reverse("resident_receipt")


def test_of_a_hidden_kind_no_candidate_is_shown(client, city, file_case):
    file_case("stall")
    kind = city.categories["stall"].pk
    actions.set_public_rule(
        given=PublicRule(), hidden=[kind], actor=Actor.system(), at=MONDAY_9
    )
    up_to_who(client, city, community_code="", lng=SPOT[0], lat=SPOT[1], crs="wgs84")
    assert "附近已有人上报" not in client.get(WHO).content.decode()


def test_only_a_shown_candidate_can_be_chosen(client, city, file_case):
    far = file_case("stall", lng=113.0025, lat=28.0005)
    up_to_who(client, city)
    who(client, code=last_code(), same=str(far.pk))
    assert Case.objects.count() == 2
    assert not Follow.objects.exists()


def test_the_resident_may_keep_the_number_from_departments(client, city):
    up_to_who(client, city)
    refused = who(client, code="12", contact_hidden="on")
    assert 'id_contact_hidden" checked' in refused.content.decode()
    who(client, code=last_code(), contact_hidden="on")
    assert Case.objects.get().contact_hidden


def test_unless_asked_otherwise_departments_see_the_number_masked(client, city):
    assert not filed(client, city).contact_hidden


def test_the_resident_is_texted_number_and_code(client, city, turn):
    case = filed(client, city)
    turn(MONDAY_9)
    titles = [one.title for one in letters()]
    assert "您反映的“占道经营”已收到，会尽快受理。" in titles
    assert case.display_no in " ".join(one.body for one in letters())


def test_after_leaving_nothing_stays_in_the_browser(client, city):
    case = filed(client, city)
    client.post(reverse("portal_leave"))
    assert client.get(reverse("resident_receipt")).url == reverse("resident_lookup")
    assert (
        case.display_no not in client.get(reverse("resident_lookup")).content.decode()
    )


def test_staff_are_led_to_their_own_surface(client, world, moment):
    client.force_login(
        world.postings["acceptor"].user,
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert client.get("/").url == reverse("desk_queue")
    client.logout()
    page = client.get("/").content.decode()
    assert re.search(rf'href="{WHAT}"', page)
    assert reverse("login") in page
