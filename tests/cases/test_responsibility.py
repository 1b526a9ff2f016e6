from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from cases.actions.responsibility import (
    Assignment,
    adopt_responsibilities,
    assign_responsibility,
    end_responsibility,
)
from cases.models import Category, FilingCondition, ResponsibilityItem
from governance.calendar import Unit
from governance.errors import Refused
from governance.models import Event
from grids.codes import Level
from parties.acting import Actor
from tests.factories import OrganisationFactory, area_of

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
TODAY = date(2026, 11, 23)
CODES = ["9901", "990101", "990101001", "990101001001", "990101001001001"]


@pytest.fixture
def category():
    return Category.objects.create(
        standard_ref="测试",
        kind=Category.Kind.MATTER,
        code5="09006",
        name="占道经营",
        parent_code="09",
        major_name="街面秩序",
    )


@pytest.fixture
def condition(category):
    return FilingCondition.objects.create(
        category=category, text="占用盲道", limit_n=2, limit_unit=Unit.WORK_HOUR
    )


def assign(category, **given):
    area = area_of(given.pop("area", "990101"))
    organisation = given.pop("organisation", None)
    defaults = {
        "level": Level.DISTRICT if organisation else Level.STREET,
        "role": "lead",
        "valid_from": date(2026, 1, 1),
        "actor": Actor.system(),
        "at": AT,
    }
    return assign_responsibility(
        category_id=category.pk,
        area_id=area.pk,
        organisation_id=organisation.pk if organisation else None,
        **{**defaults, **given},
    )


def matching(category, condition=None, codes=CODES, on=TODAY):
    return list(ResponsibilityItem.objects.matching(category, condition, codes, on))


def test_an_item_holds_in_its_area_and_below_but_not_beside(category):
    item = assign(category, area="990101")
    assert matching(category) == [item]
    assert matching(category, codes=["9901", "990102"]) == []
    assert matching(category, codes=["9901"]) == []


def test_the_condition_goes_before_the_category_and_the_deeper_area_first(
    category, condition
):
    anywhere = assign(category, area="9901")
    street = assign(category, area="990101001")
    special = assign(category, area="9901", condition_id=condition.pk)
    assert matching(category, condition) == [special, street, anywhere]
    assert matching(category) == [street, anywhere]


def test_the_lead_comes_before_supports_of_the_same_area(category):
    support = assign(category, organisation=OrganisationFactory(), role="support")
    lead = assign(category)
    assert matching(category) == [lead, support]


def test_an_item_holds_from_its_first_day_to_the_day_before_its_last(category):
    item = assign(category, valid_from=TODAY)
    end_responsibility(
        item_id=item.pk, valid_to=date(2026, 12, 1), actor=Actor.system(), at=AT
    )
    assert matching(category, on=date(2026, 11, 22)) == []
    assert matching(category, on=date(2026, 11, 30)) == [item]
    assert matching(category, on=date(2026, 12, 1)) == []


def test_a_case_is_matched_in_one_query(category, condition, django_assert_num_queries):
    assign(category, organisation=OrganisationFactory())
    with django_assert_num_queries(1):
        assert [one.who for one in matching(category, condition)]


def test_a_second_lead_is_refused_and_named(category):
    assign(category, organisation=OrganisationFactory(name="区城管局"))
    with pytest.raises(Refused, match="区城管局") as refused:
        assign(category)
    assert refused.value.code == "second_lead"
    assert ResponsibilityItem.objects.count() == 1


def test_a_lead_for_one_condition_may_stand_beside_that_of_the_category(
    category, condition
):
    assign(category)
    assign(category, condition_id=condition.pk)
    assert ResponsibilityItem.objects.count() == 2


def test_the_database_too_allows_one_current_lead(category):
    item = assign(category, organisation=OrganisationFactory())
    with pytest.raises(IntegrityError), transaction.atomic():
        ResponsibilityItem.objects.create(
            category=category,
            level=Level.STREET,
            area=item.area,
            role="lead",
            valid_from=TODAY,
        )


def test_assigning_the_same_again_returns_it_without_an_event(category):
    item = assign(category)
    assert assign(category) == item
    assert Event.objects.count() == 1
    assert Event.objects.get().detail["who"] == "属地街道"


def test_a_unit_does_not_lead_and_support_at_once(category):
    unit = OrganisationFactory()
    assign(category, organisation=unit)
    with pytest.raises(Refused, match="主责"):
        assign(category, organisation=unit, role="support")


def test_after_the_end_a_new_lead_gets_the_next_version(category):
    first = assign(category)
    end_responsibility(item_id=first.pk, valid_to=TODAY, actor=Actor.system(), at=AT)
    second = assign(category, organisation=OrganisationFactory(), valid_from=TODAY)
    assert (first.version, second.version) == (1, 2)
    assert matching(category) == [second]


def test_ending_twice_or_before_the_beginning_is_refused(category):
    item = assign(category, valid_from=TODAY)
    ending = {"item_id": item.pk, "actor": Actor.system(), "at": AT}
    with pytest.raises(Refused, match="晚于"):
        end_responsibility(valid_to=TODAY, **ending)
    end_responsibility(valid_to=date(2027, 1, 1), **ending)
    with pytest.raises(Refused, match="已经终止"):
        end_responsibility(valid_to=date(2027, 2, 1), **ending)


def test_only_street_and_community_answer_without_naming_a_unit(category):
    with pytest.raises(Refused) as refused:
        assign(category, level=Level.DISTRICT)
    assert refused.value.field == "organisation"


def test_a_closed_unit_is_not_given_a_responsibility(category):
    with pytest.raises(Refused, match="停用"):
        assign(category, organisation=OrganisationFactory(is_active=False))


def test_a_condition_of_another_category_is_refused(category, condition):
    other = Category.objects.create(
        standard_ref="测试",
        kind=Category.Kind.MATTER,
        code5="09005",
        name="店外经营",
        parent_code="09",
        major_name="街面秩序",
    )
    with pytest.raises(Refused, match="不属于"):
        assign(other, condition_id=condition.pk)


@pytest.mark.parametrize("role", ["grid_worker", "street_dispatcher", "audit_admin"])
def test_only_the_system_administrator_changes_the_list(category, role):
    with pytest.raises(Refused):
        assign(category, actor=Actor(user_id=1, name="甲", role=role))
    assign(category, actor=Actor(user_id=1, name="管理员", role="system_admin"))


def test_a_list_is_adopted_once_with_one_event_for_each_category(category, condition):
    area, unit = area_of("990101"), OrganisationFactory()
    lines = [
        Assignment(
            category_id=category.pk,
            condition_id=condition_id,
            level=Level.DISTRICT,
            organisation_id=unit.pk,
            area_id=area.pk,
            role="lead",
            legal_basis="",
            valid_from=TODAY,
        )
        for condition_id in (None, condition.pk)
    ]
    adopting = {"actor": Actor.system(), "at": AT}
    assert adopt_responsibilities(assignments=lines, **adopting) == 2
    assert adopt_responsibilities(assignments=lines, **adopting) == 0
    assert len(Event.objects.get().detail["items"]) == 2
