from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from cases.actions.catalogue import edit_category, edit_condition
from cases.models import Category, FilingCondition, ResponsibilityItem
from governance.errors import Refused
from governance.models import Event
from grids.codes import Level
from parties.acting import Actor
from parties.roles import Role
from tests.factories import (
    OrganisationFactory,
    PostFactory,
    PostingFactory,
    UserFactory,
    area_of,
)

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
BY_SYSTEM = {"actor": Actor.system(), "at": AT}


@pytest.fixture
def category():
    return Category.objects.create(
        standard_ref="测试",
        kind=Category.Kind.COMPONENT,
        code5="01003",
        name="雨水井盖",
        parent_code="01",
        major_name="公用设施",
    )


@pytest.fixture
def flagged(category):
    return FilingCondition.objects.create(
        category=category, text="破损", raw_limit="4小时", is_unparsed=True
    )


@pytest.fixture
def administrator(client):
    posting = PostingFactory(
        user=UserFactory(is_staff=True, is_superuser=True),
        post=PostFactory(role=Role.SYSTEM_ADMIN),
    )
    client.force_login(posting.user)
    return client


def settle(client, condition, **given):
    url = reverse("admin:cases_filingcondition_change", args=[condition.pk])
    form = {"order": 1, "stages": "[]", "is_active": "on", **given}
    return client.post(url, form)


def test_a_person_settles_a_flagged_limit(administrator, flagged):
    answer = settle(administrator, flagged, limit_n="4", limit_unit="WORK_HOUR")
    assert answer.status_code == 302
    flagged.refresh_from_db()
    assert (flagged.limit_n, flagged.is_unparsed) == (Decimal(4), False)
    event = Event.objects.get(chain="catalogue:测试")
    assert event.action == "cases.edit_filingcondition"
    assert event.detail["fields"]["is_unparsed"] == [True, False]


def test_a_limit_without_unit_or_figure_is_refused_on_the_page(administrator, flagged):
    answer = settle(administrator, flagged, limit_n="4")
    assert "请填写时限和单位" in answer.content.decode()
    flagged.refresh_from_db()
    assert flagged.is_unparsed


def test_everyday_words_are_searchable_once_they_are_saved(category):
    edit_category(
        category_id=category.pk, changes={"plain_words": "下水道盖"}, **BY_SYSTEM
    )
    assert list(Category.objects.search("xsd")) == [category]
    assert Event.objects.count() == 1


def test_saving_what_is_already_so_leaves_no_event(category):
    edit_category(category_id=category.pk, changes={"name": "雨水井盖"}, **BY_SYSTEM)
    assert not Event.objects.exists()


def test_the_code_and_the_text_of_a_standard_are_not_edited(category, flagged):
    with pytest.raises(Refused):
        edit_category(category_id=category.pk, changes={"code5": "01004"}, **BY_SYSTEM)
    with pytest.raises(Refused):
        edit_condition(condition_id=flagged.pk, changes={"text": "别的"}, **BY_SYSTEM)


def test_only_the_system_administrator_edits(category):
    with pytest.raises(Refused):
        edit_category(
            category_id=category.pk,
            changes={"name": "别的"},
            actor=Actor(user_id=1, name="甲", role=Role.SECURITY_ADMIN),
            at=AT,
        )


def test_the_category_page_saves_by_the_action(administrator, category):
    url = reverse("admin:cases_category_change", args=[category.pk])
    form = {"name": "雨水井盖", "photo_rule": "optional", "confusables": "[]"}
    assert administrator.post(url, {**form, "is_active": "on"}).status_code == 302
    category.refresh_from_db()
    assert category.photo_rule == "optional"
    assert Event.objects.get().action == "cases.edit_category"


def test_a_responsibility_is_added_and_ended_on_the_admin_pages(
    administrator, category
):
    form = {
        "category": category.pk,
        "area": area_of("990101").pk,
        "level": Level.DISTRICT,
        "organisation": OrganisationFactory().pk,
        "role": "lead",
        "valid_from": "2026-01-01",
    }
    add = reverse("admin:cases_responsibilityitem_add")
    assert administrator.post(add, form).status_code == 302
    item = ResponsibilityItem.objects.get()
    assert item.valid_from == date(2026, 1, 1)
    again = administrator.post(add, {**form, "organisation": OrganisationFactory().pk})
    assert "只能有一个主责单位" in again.content.decode()
    administrator.post(
        reverse("admin:cases_responsibilityitem_changelist"),
        {"action": "end_today", "_selected_action": [item.pk]},
    )
    item.refresh_from_db()
    assert item.valid_to is not None


@pytest.mark.parametrize("name", ["category", "filingcondition", "responsibilityitem"])
def test_the_lists_open_and_nothing_is_deleted_there(administrator, flagged, name):
    assert (
        administrator.get(
            reverse(f"admin:cases_{name}_changelist"), {"q": "雨水"}
        ).status_code
        == 200
    )
    url = reverse(f"admin:cases_{name}_delete", args=[1])
    assert administrator.post(url, {"post": "yes"}).status_code in (302, 403)
    assert Category.objects.exists()
