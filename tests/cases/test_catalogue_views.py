from base64 import b64decode
from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from cases.actions.catalogue import spell
from cases.models import Category, FilingCondition, ResponsibilityItem
from cases.workbooks import COLUMNS
from governance.calendar import Unit
from grids.codes import Level
from parties.roles import Role
from tests.factories import OrganisationFactory, PostingFactory, area_of

pytestmark = pytest.mark.django_db

PAGE = reverse("catalogue")
IMPORT = reverse("catalogue_import")
CONFIRM = reverse("catalogue_import_confirm")
ROW = ("09", "街面秩序", "006", "占道经营", "", "", "摆摊", "劝离", "2工作时")


def category(code5, name, words="", **more):
    return Category.objects.create(
        standard_ref="测试",
        kind=Category.Kind.MATTER,
        code5=code5,
        name=name,
        plain_words=words,
        pinyin=spell([name, *words.split()]),
        parent_code=code5[:2],
        major_name="街面秩序",
        **more,
    )


@pytest.fixture
def trading():
    """占道经营: the street leads, the district's 城管局 supports."""
    made = category(
        "09006",
        "占道经营",
        "摆摊 地摊",
        confusables=[{"code5": "09005", "hint": "有门店的选它"}],
    )
    FilingCondition.objects.create(
        category=made,
        text="占用人行道",
        limit_n=2,
        limit_unit=Unit.WORK_HOUR,
        closing_condition="劝离",
        legal_basis="某条例第十四条",
    )
    for code, name in (("990101", "城东区城管局"), ("990102", "城西区城管局")):
        ResponsibilityItem.objects.create(
            category=made,
            level=Level.DISTRICT,
            organisation=OrganisationFactory(name=name),
            area=area_of(code),
            role="support",
            valid_from=date(2026, 1, 1),
        )
    ResponsibilityItem.objects.create(
        category=made,
        level=Level.STREET,
        area=area_of("9901"),
        role="lead",
        legal_basis="某办法",
        valid_from=date(2026, 1, 1),
    )
    return made


def signed_in(client, role):
    client.force_login(PostingFactory(post__role=role).user)
    return client


@pytest.fixture
def dispatcher(client):
    return signed_in(client, Role.STREET_DISPATCHER)


@pytest.fixture
def administrator(client):
    return signed_in(client, Role.SYSTEM_ADMIN)


def listed(client, given=None):
    return [line.category for line in client.get(PAGE, given).context["lines"]]


def upload(client, *lines, **given):
    workbook = Workbook()
    workbook.active.title = "事件"
    workbook.active.append(["标准"])
    for line in (tuple(COLUMNS), *lines):
        workbook.active.append(list(line))
    file = BytesIO()
    workbook.save(file)
    file.seek(0)
    file.name = "标准.xlsx"
    return client.post(IMPORT, {"file": file, "standard_ref": "测试市", **given})


@pytest.mark.parametrize("url", [PAGE, IMPORT, CONFIRM])
def test_a_stranger_is_sent_to_sign_in(client, url):
    assert client.get(url).status_code == 302


def test_the_list_says_who_leads_and_who_supports_where_one_works(dispatcher, trading):
    page = dispatcher.get(PAGE).content.decode()
    assert "占道经营" in page
    assert "2 工作时" in page
    assert "属地街道" in page
    assert "城东区城管局" in page
    assert "城西区城管局" not in page


def test_a_search_by_htmx_gets_the_rows_only(dispatcher, trading):
    answer = dispatcher.get(PAGE, {"q": "摆摊"}, headers={"HX-Request": "true"})
    assert b"<html" not in answer.content
    assert "占道经营" in answer.content.decode()


@pytest.mark.parametrize(
    "words", ["占道", "地摊", "zdjy", "zhandao", "ditan", "09006", "0900", "占道 摊"]
)
def test_a_category_is_found_by_name_everyday_words_pinyin_and_code(trading, words):
    category("01037", "路灯")
    assert list(Category.objects.search(words)) == [trading]


def test_the_named_category_comes_before_those_that_only_mention_the_word(trading):
    category("09001", "游商", "占道")
    assert [one.code5 for one in Category.objects.search("占道")] == ["09006", "09001"]


def test_nothing_found_says_so(dispatcher, trading):
    page = dispatcher.get(PAGE, {"q": "火星"}).content.decode()
    assert "没有找到" in page


def test_the_list_can_be_narrowed(dispatcher, trading):
    category("01037", "路灯")
    for narrowed in ({"major": "01"}, {"kind": "local"}, {"standard": "别的"}):
        assert trading not in listed(dispatcher, narrowed)
    assert listed(dispatcher, {"major": "09"}) == [trading]


def test_inactive_categories_are_not_listed(dispatcher, trading):
    Category.objects.update(is_active=False)
    assert listed(dispatcher) == []


def test_the_list_asks_as_much_for_one_category_as_for_forty(
    dispatcher, trading, django_assert_max_num_queries
):
    for number in range(40):
        category(f"06{number:03}", f"事项{number}")
    with django_assert_max_num_queries(13):
        page = dispatcher.get(PAGE)
    assert page.context["page"].paginator.num_pages == 2
    assert "page=2" in page.content.decode()


def test_a_category_shows_conditions_confusables_and_responsibilities(
    dispatcher, trading
):
    other = category("09005", "店外经营")
    page = dispatcher.get(reverse("catalogue_category", args=[trading.pk]))
    text = page.content.decode()
    assert reverse("catalogue_category", args=[other.pk]) in text
    for words in ("某条例第十四条", "某办法", "2026-01-01", "有门店的选它", "劝离"):
        assert words in text
    assert dispatcher.get(reverse("catalogue_category", args=[0])).status_code == 404


@pytest.mark.parametrize("role", [Role.STREET_DISPATCHER, Role.SECURITY_ADMIN])
def test_importing_does_not_exist_for_others(client, role):
    other = signed_in(client, role)
    assert other.get(IMPORT).status_code == 404
    assert upload(other, ROW).status_code == 404
    assert other.post(CONFIRM, {"parcel": "x"}).status_code == 404


def test_an_upload_is_previewed_and_written_only_when_confirmed(administrator):
    preview = upload(administrator, ROW, (*[None] * 6, "占路", "劝离", "4小时"))
    assert preview.status_code == 200
    assert "4小时" in preview.content.decode()
    assert not Category.objects.exists()
    done = administrator.post(CONFIRM, {"parcel": preview.context["parcel"]})
    assert done.status_code == 302
    assert Category.objects.get().standard_ref == "测试市"
    assert FilingCondition.objects.filter(is_unparsed=True).count() == 1
    assert "1 条时限待人工认定" in administrator.get(PAGE).content.decode()


def test_the_meanings_given_with_the_file_are_kept_until_confirmed(administrator):
    preview = upload(administrator, (*ROW[:8], "4小时"), hours_mean="URGENT_HOUR")
    administrator.post(CONFIRM, {"parcel": preview.context["parcel"]})
    assert FilingCondition.objects.get().limit_text == "4 紧急工作时"


def test_faulty_rows_are_named_and_downloadable_but_not_confirmable(administrator):
    answer = upload(administrator, ROW, ROW)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "与第 3 行的立案条件重复" in page
    assert CONFIRM not in page
    content = answer.context["errors_url"].partition("base64,")[2]
    marked = load_workbook(BytesIO(b64decode(content)))["事件"]
    assert marked.cell(4, 10).value == "与第 3 行的立案条件重复"


def test_what_is_no_workbook_is_refused_at_its_field(administrator):
    file = BytesIO(b"hello")
    file.name = "标准.xlsx"
    answer = administrator.post(IMPORT, {"file": file, "standard_ref": "测试市"})
    assert answer.status_code == 422
    assert "xlsx" in str(answer.context["form"].errors["file"])


def test_a_forged_or_stale_parcel_is_not_imported(administrator):
    answer = administrator.post(CONFIRM, {"parcel": "forged"}, follow=True)
    assert "预览已过期" in answer.content.decode()
    assert not Category.objects.exists()


def test_looking_at_the_confirm_address_imports_nothing(administrator):
    assert administrator.get(CONFIRM).status_code == 405
