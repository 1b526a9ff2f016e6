"""A case at real coordinates in GCJ-02 on the imported map of Shenzhen."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e import hands
from tests.e2e.stack import Stack

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.real_data,
    pytest.mark.skipif(
        not DATA.exists(), reason="../shared/data is missing: no real data to run on"
    ),
]
CIVIC_CENTRE = ("114.0596", "22.5429")  # GCJ-02, as copied from a map provider
FUTIAN, NANSHAN = "440304", "440305"
PASSWORD = "Wangge-test-2026"
MONDAY_1000 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

PEOPLE = """
from django.utils import timezone
from datetime import timedelta
from governance import geo
from grids.codes import Level
from grids.models import Area
from parties.models import Organisation, Post, Posting, User
from parties.roles import Role
since = timezone.now() - timedelta(days=400)
kind = Organisation.Kind
spot = Area.objects.locate(geo.to_point({lng}, {lat}, "gcj02")).area
def body(name, kind, level, code, called=False):
    area = Area.objects.get(code=code)
    made = Organisation.objects.create(
        name=name, kind=kind, level=level, area=area, can_be_whistled=called)
    made.jurisdictions.add(area)
    return made
def person(username, role, organisation, code):
    user = User.objects.create_user(username, "{password}", name=username)
    post = Post.objects.create(role=role, organisation=organisation,
        area=Area.objects.get(code=code), name=Role(role).label)
    Posting.objects.create(user=user, post=post, starts_at=since, is_primary=True)
community = body("测试社区", kind.COMMUNITY, Level.COMMUNITY, spot.code[:12])
street = body("测试街道办", kind.STREET_OFFICE, Level.STREET, spot.code[:9])
right = body("福田区城管局", kind.DEPARTMENT, Level.DISTRICT, "{futian}", True)
body("南山区城管局", kind.DEPARTMENT, Level.DISTRICT, "{nanshan}", True)
person("sz-worker", Role.GRID_WORKER, community, spot.code)
person("sz-acceptor", Role.COMMUNITY_ACCEPTOR, community, spot.code[:12])
person("sz-dispatcher", Role.STREET_DISPATCHER, street, spot.code[:9])
person("sz-liaison", Role.DEPARTMENT_LIAISON, right, "{futian}")
"""


@pytest.fixture(scope="module")
def shenzhen(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The recipe of docs/shenzhen.md, down to the grids of one street."""
    joined = str(tmp_path_factory.mktemp("shenzhen") / "streets.geojson")
    codes, boundaries = DATA / "codes", DATA / "boundaries"
    stack.set_clock(MONDAY_1000)
    run = stack.manage
    for file, level in (("cities.csv", "city"), ("areas.csv", "district")):
        run("import_codes", str(codes / file), "--level", level, "--under", "4403")
    run(
        "join_codes", str(boundaries / "shenzhen_streets_gcj02.geojson"),
        str(boundaries / "shenzhen_street_codes.csv"), joined, "--name-field", "NAME",
        "--table-name", "geo_name", "--table-code", "street_code", "--suffix", "街道",
    )  # fmt: skip
    run("import_areas", joined, "--level", "street", "--crs", "gcj02")
    for level in ("district", "city"):
        run("dissolve_areas", "--level", level, "--under", "4403")
    run(
        "import_codes", str(codes / "villages.csv.gz"), "--level", "community",
        "--under", "4403", "--only-known-parents", "--trim", "居民委员会", "委员会",
    )  # fmt: skip
    street = stack.ask(
        "Area.objects.locate(__import__('governance.geo').geo.to_point("
        f"{CIVIC_CENTRE[0]}, {CIVIC_CENTRE[1]}, 'gcj02'), 3).area.code"
    )
    assert street.startswith(FUTIAN)
    run("propose_areas", "--split", "street", "--under", street)
    run("propose_areas", "--split", "community", "--under", street, "--parts", "4")
    people = PEOPLE.format(
        lng=CIVIC_CENTRE[0], lat=CIVIC_CENTRE[1], password=PASSWORD, futian=FUTIAN,
        nanshan=NANSHAN,
    )  # fmt: skip
    run("shell", "--verbosity", "0", "-c", people)


@pytest.fixture
def enter(stack: Stack, browser: Any) -> Any:
    """Sign in by hand, with name and password."""
    contexts = []

    def enter(username: str, *, phone: bool = False) -> Any:
        size = (
            {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        )
        context = browser.new_context(
            base_url=stack.url, viewport=size, locale="zh-CN", has_touch=phone
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.goto("/login/")
        page.locator("#id_username").fill(username)
        page.locator("#id_password").fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        page.wait_for_url(lambda url: "/login/" not in url)
        return page

    yield enter
    for context in contexts:
        context.close()


def _file(phone: Any, folder: Path) -> None:
    """At the civic centre, where a map provider in GCJ-02 says it is."""
    phone.goto("/m/file/")
    phone.get_by_text("手动输入坐标").click()
    phone.get_by_label("经度").fill(CIVIC_CENTRE[0])
    phone.get_by_label("纬度").fill(CIVIC_CENTRE[1])
    phone.get_by_label("坐标系").select_option("gcj02")
    hands.add_photo(phone, folder)
    hands.choose_category(phone, "占道经营")
    phone.get_by_label("问题描述").fill("市民中心广场旁有流动摊贩占道经营。")
    phone.get_by_label("地址").fill("市民中心广场西侧")
    phone.get_by_role("button", name="提交上报").click()


def test_case_given_in_gcj02_is_whistled_to_the_right_district(
    stack: Stack, shenzhen: None, enter: Callable[..., Any], tmp_path: Path
) -> None:
    phone = enter("sz-worker", phone=True)
    _file(phone, tmp_path)
    number = hands.filed_number(phone)
    identity = hands.case_id(phone)
    assert number.startswith(FUTIAN)
    lng, lat, raw_x, crs = stack.ask(
        f"[(c := Case.objects.get(pk={identity})).point.x, c.point.y, c.raw_x, c.crs]"
    )
    assert (raw_x, crs) == (float(CIVIC_CENTRE[0]), "gcj02")
    assert 0.003 < raw_x - lng < 0.007
    assert 0.001 < lat - float(CIVIC_CENTRE[1]) < 0.005

    url = f"/cases/{identity}/"
    stack.settle()
    community = enter("sz-acceptor")
    community.goto(url)
    form = hands.press(community, "上呈街道")
    form.get_by_role("textbox").first.fill("请街道协调城管部门。")
    form.locator("button[type=submit]").click()
    hands.state_of(community, "待街道研判")
    stack.settle()

    dispatcher = enter("sz-dispatcher")
    dispatcher.goto(url)
    dispatcher.locator(".action-bar").get_by_role("link", name="吹哨").click()
    dispatcher.locator("label.kind", has_text="日常哨").click()
    lead = dispatcher.get_by_label("主办单位")
    offered = lead.locator("option").all_inner_texts()
    assert [name for name in offered if "城管局" in name] == ["福田区城管局"]
    lead.select_option(label="福田区城管局")
    dispatcher.get_by_label("主办任务").fill("现场劝离并规范管理")
    condition = dispatcher.get_by_label("立案条件")
    if condition.input_value() == "":
        condition.select_option(index=1)
    # No list of responsibilities is imported: the dispatcher says what it rests on.
    dispatcher.get_by_label("权责清单依据").fill("《深圳市市容和环境卫生管理条例》")
    dispatcher.get_by_role("button", name="吹哨").click()
    hands.state_of(dispatcher, "已吹哨·待报到")
    stack.settle()

    liaison = enter("sz-liaison")
    liaison.goto("/inbox/")
    expect(liaison.locator(f'a[href*="{url}"]').first).to_be_visible()
    liaison.goto(url)
    form = hands.press(liaison, "主办报到")
    form.get_by_label("线上报到").check()
    form.locator("button[type=submit]").click()
    hands.state_of(liaison, "部门处置中")
