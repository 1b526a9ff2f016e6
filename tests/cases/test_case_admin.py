"""Administrators look at cases and gaps, and set the limits of stages by actions."""

from decimal import Decimal

import pytest
from django.urls import reverse

from cases.actions.checkins import checkin_limit_of
from cases.actions.stage_limits import drop_stage_limit, set_stage_limit
from cases.models import (
    BundledShares,
    CaseClock,
    RoutingGap,
    StageLimit,
    Submission,
    SubmissionConflict,
)
from governance import crypto
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.roles import Role
from tests.cases.conftest import MONDAY_9, at
from tests.factories import PostFactory, PostingFactory, UserFactory

BY_SYSTEM = {"actor": Actor.system(), "at": MONDAY_9}


@pytest.fixture
def administrator(client, db):
    posting = PostingFactory(
        user=UserFactory(is_staff=True, is_superuser=True),
        post=PostFactory(role=Role.SYSTEM_ADMIN),
    )
    client.force_login(posting.user)
    return client


def test_cases_are_shown_without_personal_data_and_not_changed(
    administrator, file_case
) -> None:
    case = file_case(complainant_name="欧阳", complainant_contact="13800001234")
    page = administrator.get(reverse("admin:cases_case_changelist")).content.decode()
    assert case.display_no in page
    url = reverse("admin:cases_case_change", args=[case.pk])
    page = administrator.get(url).content.decode()
    assert "和平路 12 号门前" in page and "_save" not in page
    assert case.complainant_contact not in page and case.query_code not in page
    assert administrator.post(url, {}).status_code == 403


def test_gaps_are_listed(administrator, world, file_case, turn) -> None:
    world.postings["acceptor"].delete()
    file_case()
    turn(MONDAY_9)
    assert RoutingGap.objects.count() == 1
    page = administrator.get(reverse("admin:cases_routinggap_changelist"))
    assert "社区受理岗" in page.content.decode()


def test_a_city_sets_its_own_limit_and_takes_it_back(
    administrator, world, file_case
) -> None:
    url = reverse("admin:cases_stagelimit_add")
    given = {"stage": "ACCEPT", "n": "1", "unit": "WORK_HOUR"}
    assert administrator.post(url, given).status_code == 302
    assert file_case().due_at == at("2026-11-23 10:00")
    limit = StageLimit.objects.get()
    change = reverse("admin:cases_stagelimit_change", args=[limit.pk])
    assert administrator.post(change, {**given, "n": "3"}).status_code == 302
    assert file_case().due_at == at("2026-11-23 12:00")
    assert CaseClock.objects.order_by("pk").first().limit_n == 1
    delete = reverse("admin:cases_stagelimit_delete", args=[limit.pk])
    assert administrator.post(delete, {"post": "yes"}).status_code == 302
    assert file_case().due_at == at("2026-11-23 11:00")
    verbs = Event.objects.filter(chain="stage_limit:ACCEPT:0").order_by("seq")
    assert [one.action for one in verbs] == [
        "cases.set_stage_limit",
        "cases.set_stage_limit",
        "cases.drop_stage_limit",
    ]


def test_a_city_limits_check_in_by_kind_of_whistle(administrator, world) -> None:
    url = reverse("admin:cases_stagelimit_add")
    given = {"stage": "CHECKIN", "n": "1", "unit": "URGENT_HOUR"}
    assert "请选择哨型" in administrator.post(url, given).content.decode()
    given["kind"] = "emergency"
    assert administrator.post(url, given).status_code == 302
    assert str(checkin_limit_of("emergency").n.normalize()) == "1"
    assert checkin_limit_of("routine").unit == "WORK_DAY"
    assert Event.objects.filter(chain="stage_limit:CHECKIN:emergency").count() == 1


def test_the_shares_of_a_joint_fault_are_set_once(administrator, world) -> None:
    url = reverse("admin:cases_bundledshares_add")
    given = {"lead": "50", "supports": "30", "street": "10"}
    assert "相加须为 100" in administrator.post(url, given).content.decode()
    assert administrator.post(url, {**given, "street": "20"}).status_code == 302
    shares = BundledShares.objects.get()
    assert str(shares) == "50/30/20"
    assert administrator.get(url).status_code == 403
    change = reverse("admin:cases_bundledshares_change", args=[shares.pk])
    more = {**given, "lead": "60", "street": "10"}
    assert administrator.post(change, more).status_code == 302
    assert str(BundledShares.objects.get()) == "60/30/10"
    assert Event.objects.filter(chain="bundled_shares").count() == 2


def test_an_impossible_limit_is_refused(administrator, world) -> None:
    url = reverse("admin:cases_stagelimit_add")
    given = {"stage": "CHECK", "urgent": "on", "n": "0", "unit": "WORK_HOUR"}
    page = administrator.post(url, given).content.decode()
    assert "没有单独的紧急时限" in page and "须大于 0" in page
    with pytest.raises(Refused, match="紧急时限"):
        set_stage_limit(
            stage="CHECK", urgent=True, n=Decimal(1), unit="WORK_HOUR", **BY_SYSTEM
        )
    with pytest.raises(Refused, match="大于 0"):
        set_stage_limit(
            stage="CHECK", urgent=False, n=Decimal(0), unit="WORK_HOUR", **BY_SYSTEM
        )


def test_only_the_system_administrator_sets_limits(world) -> None:
    by_other = {"actor": world.actor("dispatcher"), "at": MONDAY_9}
    with pytest.raises(Refused, match="系统管理员"):
        set_stage_limit(
            stage="CHECK", urgent=False, n=Decimal(1), unit="WORK_HOUR", **by_other
        )
    with pytest.raises(Refused, match="系统管理员"):
        drop_stage_limit(limit_id=1, **by_other)
    assert not StageLimit.objects.exists()


def test_what_was_sent_keeps_the_complainant_sealed(world, file_case) -> None:
    case = file_case(complainant_name="欧阳", complainant_contact="13800001234")
    body = case.submission_set.get().body
    assert body["complainant_name"].startswith("v1:")
    assert body["complainant_contact"].startswith("v1:")


def test_conflicting_submissions_are_shown_without_sealed_fields(
    administrator, world, file_case
):
    case = file_case()
    first = Submission.objects.get(case=case)
    sealed = crypto.seal("13800001234")
    SubmissionConflict.objects.create(
        submission=first,
        digest="0" * 64,
        body={"description": "另写的内容", "complainant_contact": sealed},
        received_at=MONDAY_9,
    )
    page = administrator.get(reverse("admin:cases_submissionconflict_changelist"))
    assert page.status_code == 200
    conflict = SubmissionConflict.objects.get()
    url = reverse("admin:cases_submissionconflict_change", args=[conflict.pk])
    text = administrator.get(url).content.decode()
    assert "另写的内容" in text
    assert sealed not in text
