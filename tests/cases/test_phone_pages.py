import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases import actions
from cases.models import (
    Case,
    ComplainantConsent,
    Photo,
    Submission,
    SubmissionConflict,
)
from cases.workflow import Action, State, rows
from governance import clock, crypto
from governance.models import Event
from parties import actions as parties
from parties.acting import Actor
from parties.roles import DESK_REPORTERS, GRID_ROLES
from tests.cases.conftest import COMMUNITY, MONDAY_9, SPOT, spot

NOW = MONDAY_9 + timedelta(minutes=30)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def sign_in(client, world):
    def sign_in(name):
        client.force_login(world.postings[name].user)
        return client

    return sign_in


@pytest.fixture
def filled(world, photos):
    """A complete form of grid worker 甲, its photos uploaded already."""

    def filled(*stages, **more):
        batch = photos(world.actor("grid_a"), *(stages or ("report",)))
        return {
            "submission": batch,
            "kind": "report",
            "category": world.categories["stall"].pk,
            "description": "门前摆摊占住了整条人行道，行人只能走车道。",
            "address": "和平路 12 号门前",
            "lng": str(SPOT[0]),
            "lat": str(SPOT[1]),
            "crs": "wgs84",
            "method": "gps",
            "found_at": NOW.isoformat(),
            **more,
        }

    return filled


PAGES = ["phone_home", "phone_file", "phone_spot", "phone_cases", "duplicates"]


@pytest.mark.parametrize("name", PAGES)
def test_pages_ask_who_is_there(client, name, db):
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("login"))


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_for_a_grid_worker(sign_in, name):
    assert sign_in("grid_a").get(reverse(name)).status_code == 200


def test_who_does_not_report_is_told_so(sign_in):
    answer = sign_in("dispatcher").get(reverse("phone_file"))
    assert answer.status_code == 422
    assert "不上报案件" in answer.content.decode()


def test_a_case_outside_the_scope_does_not_exist(sign_in, file_case):
    case = file_case()
    client = sign_in("grid_b")
    assert client.get(reverse("phone_case", args=[case.pk])).status_code == 404
    assert client.get(reverse("phone_filed", args=[case.pk])).status_code == 404
    step = reverse("phone_step", args=[case.pk, "self_resolve"])
    assert client.get(step).status_code == 404


def test_filing_answers_with_number_holder_and_deadline(sign_in, filled):
    client = sign_in("grid_a")
    answer = client.post(reverse("phone_file"), filled(), follow=True)
    case = Case.objects.get()
    page = answer.content.decode()
    assert answer.redirect_chain[0][0] == reverse("phone_filed", args=[case.pk])
    assert case.display_no in page
    assert "幸福社区" in page
    assert "11-23 11:30" in page
    assert case.photos.get().stage == Photo.Stage.REPORT
    assert "查询码" not in page


def test_pressing_twice_files_once(sign_in, filled):
    client, form = sign_in("grid_a"), filled()
    first = client.post(reverse("phone_file"), form)
    second = client.post(reverse("phone_file"), form)
    assert first.url == second.url
    assert Case.objects.count() == 1


def test_other_content_under_the_same_id_is_a_conflict_and_both_are_kept(
    sign_in, filled
):
    client, form = sign_in("grid_a"), filled()
    client.post(reverse("phone_file"), form)
    other = {**form, "description": "同一编号下写了完全不同的另一段描述。"}
    answer = client.post(reverse("phone_file"), other)
    assert answer.status_code == 409
    assert "内容不同" in answer.content.decode()
    assert other["description"] in answer.content.decode()
    assert SubmissionConflict.objects.get().body["description"] == other["description"]
    assert Case.objects.count() == 1


def test_faults_are_named_and_nothing_typed_or_uploaded_is_lost(sign_in, filled):
    form = filled(description="太短", category="", complainant_name="王阿姨")
    answer = sign_in("grid_a").post(reverse("phone_file"), form)
    page = answer.content.decode()
    assert answer.status_code == 422
    for told in ("请选择问题类别", "至少 10 个字", "请填写居民的联系电话"):
        assert told in page
    for kept in (
        "太短",
        "王阿姨",
        "和平路 12 号门前",
        str(SPOT[0]),
        form["submission"],
    ):
        assert kept in page
    photo = Photo.objects.get()
    assert reverse("photo_thumb", args=[photo.pk]) in page
    assert not Submission.objects.exists()


def test_a_case_needs_a_photo(sign_in, filled):
    form = filled(submission=str(uuid.uuid4()))
    answer = sign_in("grid_a").post(reverse("phone_file"), form)
    assert answer.status_code == 422
    assert "请至少上传 1 张“上报”照片" in answer.content.decode()


def test_the_hotline_files_without_a_photo_and_goes_back_to_the_desk(
    sign_in, filled, world
):
    """T01: what was told on the telephone; the place is never where the desk stands."""
    world.hire("hotline", "hotline_agent", "city", "9901")
    client = sign_in("hotline")
    page = client.get(reverse("phone_file")).content.decode()
    assert "data-may-lack-photo" in page
    assert "data-elsewhere" in page
    told = filled(submission=str(uuid.uuid4()), complainant_name="王阿姨",
                  complainant_contact="13800001234",
                  consent="oral")  # fmt: skip
    receipt = client.post(reverse("phone_file"), told, follow=True).content.decode()
    assert Case.objects.get().source == Case.Source.HOTLINE
    assert f'<a href="{reverse("home")}">回到首页</a>' in receipt


def test_a_grid_workers_page_asks_for_a_photo_and_where_the_phone_is(sign_in):
    page = sign_in("grid_a").get(reverse("phone_file")).content.decode()
    assert "data-may-lack-photo" not in page
    assert "data-elsewhere" not in page


@pytest.mark.parametrize(
    ("name", "offered"), [("acceptor", True), ("fire", True), ("dispatcher", False)]
)
def test_who_may_report_from_a_desk_finds_the_way(sign_in, name, offered):
    """`DESK_REPORTERS` and the table say the same (T01)."""
    page = sign_in(name).get("/", follow=True).content.decode()
    assert (f'href="{reverse("phone_file")}"' in page) is offered


def test_everybody_who_may_report_is_at_a_phone_or_offered_it():
    may = {who.role for row in rows(Action.REPORT, State.DRAFT) for who in row.who}
    assert may - {"resident", "device"} == GRID_ROLES | DESK_REPORTERS


def test_a_place_outside_every_grid_is_said_at_the_place(sign_in, filled):
    answer = sign_in("grid_a").post(reverse("phone_file"), filled(lng="120.5"))
    assert answer.status_code == 422
    assert "lng" in answer.context["form"].errors


def test_half_a_pair_of_coordinates_is_refused(sign_in, filled):
    answer = sign_in("grid_a").post(reverse("phone_file"), filled(lat=""))
    assert answer.context["form"].errors["lng"] == ["经度和纬度要一起填写。"]


def test_files_in_the_form_work_without_a_script(sign_in, filled, snapshot):
    form = filled(submission=str(uuid.uuid4()))
    client = sign_in("grid_a")
    for _twice in range(2):
        file = SimpleUploadedFile("a.jpg", snapshot, "image/jpeg")
        client.post(reverse("phone_file"), {**form, "photos": [file]})
    assert Case.objects.get().photos.count() == 1


def test_a_file_that_is_no_picture_is_named(sign_in, filled):
    file = SimpleUploadedFile("合同.pdf", b"%PDF-1.4", "application/pdf")
    answer = sign_in("grid_a").post(
        reverse("phone_file"), filled() | {"photos": [file]}
    )
    assert answer.status_code == 422
    assert "合同.pdf：只能上传" in answer.content.decode()


def test_resolving_on_the_spot_needs_both_photos_and_says_how(sign_in, filled, world):
    client = sign_in("grid_a")
    kind = "resolve_on_spot"
    answer = client.post(reverse("phone_spot"), filled("report", kind=kind))
    assert "请填写处置说明" in answer.content.decode()
    answer = client.post(
        reverse("phone_spot"), filled("report", kind=kind, measures="已劝离。")
    )
    assert "处置后" in answer.context["form"].errors["photos"][0]
    form = filled("report", "after", kind=kind, measures="已劝离。")
    answer = client.post(reverse("phone_spot"), form)
    case = Case.objects.get()
    assert answer.url == reverse("phone_filed", args=[case.pk])
    assert case.state == "SELF_REVIEW"
    assert set(case.photos.values_list("stage", flat=True)) == {"before", "after"}


def test_a_category_that_may_not_be_done_on_the_spot_is_said_at_the_switch(
    sign_in, filled, world
):
    form = filled(
        "report", "after", kind="resolve_on_spot", measures="已清理。",
        category=world.categories["lane"].pk,
    )  # fmt: skip
    answer = sign_in("grid_a").post(reverse("phone_file"), form)
    assert "kind" in answer.context["form"].errors


def test_photos_taken_for_the_spot_follow_when_it_is_only_reported(sign_in, filled):
    sign_in("grid_a").post(reverse("phone_file"), filled("before", "after"))
    stages = Case.objects.get().photos.values_list("stage", flat=True)
    assert list(stages) == ["report", "report"]


def test_coordinates_copied_from_a_map_are_converted(sign_in, filled):
    from governance.geo import from_wgs84

    lng, lat = from_wgs84(*SPOT, "gcj02")
    sign_in("grid_a").post(
        reverse("phone_file"), filled(lng=str(lng), lat=str(lat), crs="gcj02")
    )
    case = Case.objects.get()
    assert case.crs == "gcj02"
    assert abs(case.point.x - SPOT[0]) < 1e-6


def test_a_community_may_be_chosen_where_there_is_no_point(sign_in, filled):
    form = filled(lng="", lat="", community_code=COMMUNITY, method="")
    sign_in("grid_a").post(reverse("phone_file"), form)
    case = Case.objects.get()
    assert case.method == Case.Method.ADDRESS
    assert case.community.code == COMMUNITY


def test_for_a_resident_the_receipt_shows_the_code_and_the_way(sign_in, filled):
    form = filled(
        complainant_name="王阿姨", complainant_contact="13800001234", consent="oral"
    )
    answer = sign_in("grid_a").post(reverse("phone_file"), form, follow=True)
    code = crypto.unseal(Case.objects.get().query_code)
    assert code in answer.content.decode()
    assert reverse("resident_lookup") in answer.content.decode()
    assert "写在纸上交给居民" in answer.content.decode()


def test_the_receipt_says_to_which_number_the_code_is_texted(sign_in, filled):
    """代报: the tracking code is the resident's (DOMAIN E.9)."""
    plan = parties.Plan(name="短信", complainants=True)
    parties.open_channel(
        kind="console_sms", plan=plan, actor=Actor.system(), at=MONDAY_9
    )
    client, url = sign_in("grid_a"), reverse("phone_file")
    form = filled(
        complainant_name="王阿姨", complainant_contact="13800001234", consent="oral"
    )
    page = client.post(url, form, follow=True).content.decode()
    assert "会短信发到 138****1234" in page
    form = filled(
        complainant_name="李大爷", complainant_contact="0755-12345678", consent="oral"
    )
    form["duplicates_seen"] = form["category"]
    page = client.post(url, form, follow=True).content.decode()
    assert "写在纸上交给居民" in page


def test_who_files_for_a_resident_says_whether_he_agreed(sign_in, filled, world):
    """PIPL 13–14: asked, written down, or why not; seen on the case page."""
    client, url = sign_in("grid_a"), reverse("phone_file")
    told = {"complainant_name": "王阿姨", "complainant_contact": "13800001234"}
    page = client.post(url, filled(**told))
    assert page.status_code == 422
    assert "请选择居民是否同意留下姓名和电话" in page.content.decode()
    assert "王阿姨" in page.content.decode()
    form = filled(**told, consent="none", consent_reason=" ")
    page = client.post(url, form)
    assert page.status_code == 422
    assert "请写明为什么没有取得同意" in page.content.decode()
    assert not Case.objects.exists()
    form["consent_reason"] = "情况紧急，联系不上本人"
    client.post(url, form)
    consent = Case.objects.get().complainant_consent
    assert (consent.kind, consent.reason) == ("none", "情况紧急，联系不上本人")
    assert consent.recorded_by_name == world.actor("grid_a").name
    events = Event.objects.filter(chain=consent.case.chain, action="cases.report")
    assert events.get().detail["given"]["consent"] == "none"
    case_page = sign_in("acceptor").get(reverse("case", args=[consent.case_id]))
    assert "情况紧急，联系不上本人" in case_page.content.decode()


def test_without_a_resident_nobody_is_asked_for_consent(sign_in, filled):
    sign_in("grid_a").post(reverse("phone_file"), filled())
    assert not ComplainantConsent.objects.filter(case=Case.objects.get()).exists()


def test_duplicates_are_shown_with_distance_and_joined(sign_in, file_case, world):
    case = file_case()
    client = sign_in("grid_b")
    place = {
        "category": world.categories["stall"].pk,
        "lng": SPOT[0] + 0.0002,
        "lat": SPOT[1],
    }
    page = client.get(reverse("duplicates"), place).content.decode()
    assert "相距 20 米，同一小类" in page
    assert f'href="{reverse("phone_case", args=[case.pk])}"' not in page
    photo = reverse("duplicate_photo", args=[case.pk])
    assert photo in page
    assert client.get(photo, place)["Content-Type"] == "image/jpeg"
    assert client.get(photo, {**place, "lng": SPOT[0] + 0.0024}).status_code == 404
    assert client.get(photo).status_code == 404
    joining = reverse("support_case", args=[case.pk])
    assert joining in page
    client.post(joining, place)
    case.refresh_from_db()
    assert case.supporters_count == 1
    far = {**place, "lng": SPOT[0] + 0.0024}
    assert client.post(joining, far).status_code == 404


def test_a_duplicate_not_yet_shown_is_shown_before_it_is_filed(
    sign_in, file_case, filled, world
):
    file_case()
    client, form = sign_in("grid_a"), filled()
    answer = client.post(reverse("phone_file"), form)
    assert answer.status_code == 422
    assert "我也遇到" in answer.content.decode()
    assert Case.objects.count() == 1
    seen = str(world.categories["stall"].pk)
    answer = client.post(reverse("phone_file"), {**form, "duplicates_seen": seen})
    assert answer.status_code == 302
    assert Case.objects.count() == 2


def test_own_cases_turn_pages_by_id(sign_in, file_case, monkeypatch):
    from cases.views import phone

    monkeypatch.setattr(phone, "PAGE", 1)
    older, newer = file_case(), file_case("lane")
    client = sign_in("grid_a")
    answer = client.get(reverse("phone_cases"))
    assert [row.case for row, _photo in answer.context["rows"]] == [newer]
    answer = client.get(reverse("phone_cases") + answer.context["older_url"])
    assert [row.case for row, _photo in answer.context["rows"]] == [older]
    assert answer.context["older_url"] == ""


def test_cases_underway_stand_before_those_done(sign_in, file_case, monkeypatch):
    from cases.views import phone

    monkeypatch.setattr(phone, "PAGE", 2)
    running = [file_case(), file_case("lane")]
    done = [file_case("lane"), file_case("lane")]
    for case in done:
        Case.objects.filter(pk=case.pk).update(state="CLOSED", holder_org=None)
    client, url, seen = sign_in("grid_a"), reverse("phone_cases"), []
    for part in ("在办", "已办完"):
        answer = client.get(url)
        seen += [row.case.pk for row, _photo in answer.context["rows"]]
        assert answer.content.decode().count('class="rows-part"') == 1
        assert f'class="rows-part">{part}<' in answer.content.decode()
        url = reverse("phone_cases") + answer.context["older_url"]
    assert seen == [one.pk for one in [*running[::-1], *done[::-1]]]
    assert answer.context["older_url"] == ""


@pytest.mark.parametrize("before", ["x", "1", "2.5", "1.x", "0." + "9" * 30])
def test_a_broken_page_address_begins_anew(sign_in, file_case, before):
    file_case()
    answer = sign_in("grid_a").get(reverse("phone_cases"), {"before": before})
    assert len(answer.context["rows"]) == 1


def test_a_list_costs_the_same_for_one_case_and_for_many(
    sign_in, file_case, django_assert_max_num_queries
):
    for _case in range(4):
        file_case()
    client = sign_in("grid_a")
    with django_assert_max_num_queries(15):
        client.get(reverse("phone_cases"))


def test_the_buttons_are_those_the_table_allows(sign_in, file_case, world):
    case = file_case()
    client = sign_in("grid_a")
    page = client.get(reverse("phone_case", args=[case.pk])).content.decode()
    assert reverse("phone_step", args=[case.pk, "self_resolve"]) in page
    assert reverse("phone_step", args=[case.pk, "finish_self"]) not in page
    lane = file_case("lane")
    page = client.get(reverse("phone_case", args=[lane.pk])).content.decode()
    assert reverse("phone_step", args=[lane.pk, "self_resolve"]) not in page


def test_a_grid_worker_takes_a_case_in_hand_and_finishes_it(
    sign_in, file_case, photos, world
):
    case = file_case()
    client = sign_in("grid_a")
    url = reverse("phone_step", args=[case.pk, "self_resolve"])
    assert client.get(url).status_code == 200
    assert client.post(url).url == reverse("phone_case", args=[case.pk])
    url = reverse("phone_step", args=[case.pk, "finish_self"])
    batch = photos(world.actor("grid_a"), "after")
    answer = client.post(url, {"batch": batch, "measures": ""})
    assert answer.status_code == 422
    assert "请填写处置说明" in answer.content.decode()
    assert str(Photo.objects.get(batch=batch).pk) in answer.content.decode()
    client.post(url, {"batch": batch, "measures": "已劝离摊主，恢复通行。"})
    case.refresh_from_db()
    assert case.state == "SELF_REVIEW"


def test_a_case_may_be_handed_up_with_a_reason(sign_in, file_case, world):
    case = file_case()
    actions.self_resolve(case_id=case.pk, actor=world.actor("grid_a"), at=NOW)
    client = sign_in("grid_a")
    url = reverse("phone_step", args=[case.pk, "hand_up"])
    assert "请写明为什么办不了" in client.post(url).content.decode()
    client.post(url, {"opinion": "摊主不听劝，网格办不了。"})
    case.refresh_from_db()
    assert case.state == "REPORTED"


def test_an_old_page_does_not_overwrite_what_others_did(sign_in, file_case, world):
    case = file_case()
    actions.self_resolve(case_id=case.pk, actor=world.actor("grid_a"), at=NOW)
    url = reverse("phone_step", args=[case.pk, "hand_up"])
    answer = sign_in("grid_a").post(url, {"opinion": "办不了", "version": "0"})
    assert answer.status_code == 422
    assert "有人先您一步" in answer.content.decode()


def test_a_step_that_is_over_leads_back_to_the_case(sign_in, file_case):
    case = file_case()
    client = sign_in("grid_a")
    answer = client.get(reverse("phone_step", args=[case.pk, "finish_self"]))
    assert answer.url == reverse("phone_case", args=[case.pk])
    unknown = reverse("phone_step", args=[case.pk, "reject"])
    assert client.get(unknown).status_code == 404


@pytest.fixture
def verify_task(file_case, world):
    case = file_case("lane")
    actions.send_to_verify(
        case_id=case.pk,
        worker_id=world.user_id("grid_b"),
        requirement="看看消防通道是不是真堵着",
        missing="堵了多长",
        actor=world.actor("acceptor"),
        at=NOW,
    )
    return case.site_tasks.get()


def test_a_task_is_on_the_home_page_of_its_worker_only(sign_in, verify_task):
    url = reverse("phone_site_task", args=[verify_task.pk])
    page = sign_in("grid_b").get(reverse("phone_home")).content.decode()
    assert url in page
    assert "看看消防通道" in page
    client = sign_in("grid_a")
    assert url not in client.get(reverse("phone_home")).content.decode()
    assert client.get(url).status_code == 404


def test_a_verification_is_submitted_with_photo_and_position(
    sign_in, verify_task, photos, world
):
    url = reverse("phone_site_task", args=[verify_task.pk])
    client = sign_in("grid_b")
    answer = client.post(url, {"result": "true"})
    assert answer.status_code == 422
    batch = photos(world.actor("grid_b"), "verify")
    form = {"batch": batch, "result": "true", "lng": SPOT[0], "lat": SPOT[1]}
    assert client.post(url, form).url == reverse("phone_home")
    verify_task.refresh_from_db()
    assert verify_task.result == "true"
    assert verify_task.distance_m == 0
    assert verify_task.position.equals_exact(spot(), 1e-9)
    assert client.get(url).url == reverse("phone_case", args=[verify_task.case_id])


def test_far_from_the_spot_the_worker_says_why(sign_in, verify_task, photos, world):
    batch = photos(world.actor("grid_b"), "verify")
    form = {"batch": batch, "result": "true", "lng": 113.01, "lat": 28.01}
    url = reverse("phone_site_task", args=[verify_task.pk])
    answer = sign_in("grid_b").post(url, form)
    assert "200 米" in answer.content.decode()
    assert str(Photo.objects.get(batch=batch).pk) in answer.content.decode()
