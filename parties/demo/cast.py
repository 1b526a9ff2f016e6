"""Who lives in the demo city: its organisations and accounts, role names only."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from grids.codes import Level
from grids.models import Area
from parties.models import Organisation
from parties.roles import OVERSEER_ROLES, Role

PASSWORD = "Wangge-demo-2026"  # noqa: S105 - printed on demo instances
CITY = "9901"
MAIN = {"990101", "990101001", "990101001001"}
Kind = Organisation.Kind

# Name, short name, what usernames begin with, kind.
DEPARTMENTS = (
    ("城市管理局", "城管局", "chengguanju", Kind.DEPARTMENT),
    ("住房和城乡建设局", "住建局", "zhujianju", Kind.DEPARTMENT),
    ("消防救援大队", "消防大队", "xiaofangdadui", Kind.DEPARTMENT),
    ("生态环境局", "生态环境局", "shengtaihuanjingju", Kind.DEPARTMENT),
    ("公安分局", "公安分局", "gonganfenju", Kind.DEPARTMENT),
    ("公安分局交通警察大队", "交警大队", "jiaojingdadui", Kind.DEPARTMENT),
    ("市场监督管理局", "市场监管局", "shichangjianguanju", Kind.DEPARTMENT),
    ("水务局（排水管理所）", "水务局", "shuiwuju", Kind.DEPARTMENT),
    ("园林绿化中心", "园林中心", "yuanlinzhongxin", Kind.DEPARTMENT),
    ("交通运输局", "交通局", "jiaotongju", Kind.DEPARTMENT),
    ("应急管理局", "应急局", "yingjiju", Kind.DEPARTMENT),
    ("卫生健康局", "卫健局", "weijianju", Kind.DEPARTMENT),
    ("民政局", "民政局", "minzhengju", Kind.DEPARTMENT),
    ("司法局", "司法局", "sifaju", Kind.DEPARTMENT),
)
CITY_BODIES = (
    ("市城市管理局", "市城管局", "shi-chengguanju", Kind.DEPARTMENT),
    ("市住房和城乡建设局", "市住建局", "shi-zhujianju", Kind.DEPARTMENT),
    ("供水公司", "供水公司", "gongshuigongsi", Kind.ENTERPRISE),
    ("供电公司", "供电公司", "gongdiangongsi", Kind.ENTERPRISE),
    ("燃气公司", "燃气公司", "ranqigongsi", Kind.ENTERPRISE),
    ("通信公司", "通信公司", "tongxingongsi", Kind.ENTERPRISE),
)
CITY_ACCOUNTS = (
    ("shizhihuizhongxin", "市指挥中心", Role.CITY_COMMAND),
    ("duchayuan", "督查员", Role.INSPECTOR),
    ("kaoheyuan", "考核员", Role.ASSESSOR),
    ("rexianzuoxi", "热线坐席", Role.HOTLINE_AGENT),
    ("danganyuan", "档案员", Role.ARCHIVIST),
    ("xitongguanliyuan", "系统管理员", Role.SYSTEM_ADMIN),
    ("anquanguanliyuan", "安全管理员", Role.SECURITY_ADMIN),
    ("shenjiguanliyuan", "审计管理员", Role.AUDIT_ADMIN),
)
STREET_ACCOUNTS = (
    ("jiedao-shouliyuan", "街道受理员", Role.STREET_ACCEPTOR),
    ("jiedao-paiqianyuan", "街道派遣员", Role.STREET_DISPATCHER),
    ("jiedao-zhibanzhang", "街道值班长", Role.STREET_SHIFT_HEAD),
    ("jiedao-zhibanlingdao", "街道值班领导", Role.STREET_LEADER),
)
GRID_FORCES = (
    ("pianqu-minjing", "片区民警"),
    ("renmin-tiaojieyuan", "人民调解员"),
    ("falv-guwen", "社区法律顾问"),
)
COMMUNITY_ACCOUNTS = (
    ("shequ-shouliyuan", "社区受理员", Role.COMMUNITY_ACCEPTOR),
    ("shequ-fuzeren", "社区负责人", Role.COMMUNITY_LEADER),
    ("shequ-chengbanren", "社区承办人", Role.COMMUNITY_HANDLER),
)
STEMS = tuple(
    zip(
        ("jia", "yi", "bing", "ding", "wu", "ji", "geng", "xin", "ren", "gui"),
        "甲乙丙丁戊己庚辛壬癸",
        strict=True,
    )
)
# What the login page offers: group, then username, name and place of each.
CARDS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        gettext_noop("手机端 · 网格"),
        (
            ("wanggeyuan-jia", "网格员甲", "幸福社区 001 网格"),
            ("wanggeyuan-yi", "网格员乙", "幸福社区 002 网格"),
            ("wanggezhang", "网格长", "幸福社区 001 网格"),
            ("weiwanggezhang", "微网格长", "幸福社区 001 网格"),
        ),
    ),
    (
        gettext_noop("工作台 · 社区"),
        (
            ("shequ-shouliyuan", "社区受理员", "幸福社区"),
            ("shequ-fuzeren", "社区负责人", "幸福社区"),
            ("shequ-chengbanren", "社区承办人", "幸福社区"),
        ),
    ),
    (
        gettext_noop("工作台 · 街道"),
        (
            ("jiedao-shouliyuan", "街道受理员", "和平街道"),
            ("jiedao-paiqianyuan", "街道派遣员", "和平街道"),
            ("jiedao-zhibanzhang", "街道值班长", "和平街道"),
            ("jiedao-zhibanlingdao", "街道值班领导", "和平街道"),
        ),
    ),
    (
        gettext_noop("收件箱 · 科室、部门与企业"),
        (
            ("jiedao-chengbankeshi", "街道承办科室", "和平街道"),
            ("chengguanju-lianluoyuan", "区城管局联络员", "城东区"),
            ("chengguanju-chuzhiyuan", "区城管局处置员", "城东区"),
            ("zhujianju-lianluoyuan", "区住建局联络员", "城东区"),
            ("xiaofangdadui-lianluoyuan", "区消防大队联络员", "城东区"),
            ("jiaojingdadui-lianluoyuan", "区交警大队联络员", "城东区"),
            ("shengtaihuanjingju-lianluoyuan", "区生态环境局联络员", "城东区"),
            ("shuiwuju-lianluoyuan", "区水务局联络员", "城东区"),
            ("gongshuigongsi-lianluoyuan", "供水公司联络员", "全市"),
            ("wuyegongsi-lianluoyuan", "物业公司联络员", "和平街道"),
        ),
    ),
    (
        gettext_noop("指挥与监督"),
        (
            ("quzhihuizhongxin", "区指挥中心", "城东区"),
            ("quzhihuizhongxin-zhuren", "区指挥中心主任", "城东区"),
            ("shizhihuizhongxin", "市指挥中心", "全市"),
            ("duchayuan", "督查员", "全市"),
            ("kaoheyuan", "考核员", "全市"),
            ("danganyuan", "档案员", "全市"),
            ("rexianzuoxi", "热线坐席", "全市"),
        ),
    ),
    (
        gettext_noop("系统管理"),
        (
            ("xitongguanliyuan", "系统管理员", "全市"),
            ("anquanguanliyuan", "安全管理员", "全市"),
            ("shenjiguanliyuan", "审计管理员", "全市"),
        ),
    ),
)


@dataclass(frozen=True)
class Body:
    """An organisation to be; `area` is its seat and jurisdiction, `parent` a name."""

    name: str
    short_name: str
    kind: str
    area: str
    parent: str = ""
    can_be_whistled: bool = False


@dataclass(frozen=True)
class Account:
    """An account to be, in one post; `area` is the scope of the post."""

    username: str
    name: str
    role: Role
    body: str
    area: str = ""
    post: str = ""
    is_primary: bool = True


@dataclass(frozen=True)
class DemoLogin:
    group: str
    username: str
    name: str
    place: str


def demo_logins() -> list[DemoLogin]:
    """The accounts worth showing, by surface; the password of all is `PASSWORD`."""
    return [DemoLogin(_(group), *one) for group, logins in CARDS for one in logins]


def _suffix(area: Area) -> str:
    """Usernames of the main street and community are plain, others end in the code."""
    return "" if area.code in MAIN else f"-{area.code}"


def _prefixed(area: Area, name: str) -> str:
    """`区城管局联络员` in the main district, `城西区城管局联络员` in another."""
    return f"区{name}" if area.code in MAIN else f"{area.name}{name}"


def _office(street: Area) -> str:
    return f"{street.name}办事处"


def _team(street: Area) -> str:
    return f"{street.name}综合行政执法队"


def _judicial_office(street: Area) -> str:
    return f"{street.name}司法所"


def _committee(community: Area) -> str:
    return f"{community.name}居民委员会"


def _at_level(areas: dict[str, Area], level: Level) -> list[Area]:
    return sorted(
        (one for one in areas.values() if one.level == level), key=lambda one: one.code
    )


def bodies_of(areas: dict[str, Area]) -> Iterator[Body]:
    city = areas[CITY]
    yield Body(f"{city.name}人民政府", "市政府", Kind.GOVERNMENT, CITY)
    yield Body("市城市运行管理指挥中心", "市指挥中心", Kind.COMMAND_CENTRE, CITY)
    for name, short_name, _username, kind in CITY_BODIES:
        yield Body(name, short_name, kind, CITY, can_be_whistled=True)
    for district in _at_level(areas, Level.DISTRICT):
        yield from _district_bodies(district)
    for street in _at_level(areas, Level.STREET):
        yield from _street_bodies(street)
    for community in _at_level(areas, Level.COMMUNITY):
        office = _office(areas[community.code[:9]])
        name = _committee(community)
        yield Body(name, community.name, Kind.COMMUNITY, community.code, office)


def _district_bodies(district: Area) -> Iterator[Body]:
    centre = f"{district.name}城市运行管理指挥中心"
    short_name = _prefixed(district, "指挥中心")
    yield Body(centre, short_name, Kind.COMMAND_CENTRE, district.code)
    for name, short_name, _username, kind in DEPARTMENTS:
        yield Body(
            f"{district.name}{name}",
            _prefixed(district, short_name),
            kind,
            district.code,
            can_be_whistled=True,
        )


def _street_bodies(street: Area) -> Iterator[Body]:
    office, code = _office(street), street.code
    yield Body(office, street.name, Kind.STREET_OFFICE, code, can_be_whistled=True)
    team = _team(street)
    short_name = f"{street.name}执法队"
    yield Body(team, short_name, Kind.STATION, code, office, can_be_whistled=True)
    station = _judicial_office(street)
    yield Body(station, station, Kind.STATION, code, office, can_be_whistled=True)
    management = f"{street.name}城市管理办公室"
    yield Body(management, "城管办", Kind.STREET_OFFICE, code, office)
    property_company = f"{street.name}物业服务公司"
    yield Body(property_company, "物业公司", Kind.PROPERTY, code, can_be_whistled=True)


def contacts_of(areas: dict[str, Area]) -> Iterator[tuple[str, str]]:
    """包联: a department's name and the code of the community it looks after."""
    for number, community in enumerate(_at_level(areas, Level.COMMUNITY)):
        name = DEPARTMENTS[number % len(DEPARTMENTS)][0]
        yield f"{areas[community.code[:6]].name}{name}", community.code


def accounts_of(areas: dict[str, Area]) -> Iterator[Account]:
    centre = "市城市运行管理指挥中心"
    for username, name, role in CITY_ACCOUNTS:
        area = CITY if role in OVERSEER_ROLES | {Role.CITY_COMMAND} else ""
        yield Account(username, name, role, centre, area)
    for body, short_name, username, _kind in CITY_BODIES:
        yield from _responders(body, short_name, username)
    for district in _at_level(areas, Level.DISTRICT):
        yield from _district_accounts(district)
    for street in _at_level(areas, Level.STREET):
        yield from _street_accounts(street)
    for community in _at_level(areas, Level.COMMUNITY):
        yield from _community_accounts(community)
        code = community.code
        grids = [one for one in _at_level(areas, Level.GRID) if one.code[:12] == code]
        yield from _grid_accounts(community, grids)
    for micro_grid in _at_level(areas, Level.MICROGRID):
        yield _micro_grid_leader(micro_grid, areas)


def _responders(body: str, short_name: str, username: str) -> Iterator[Account]:
    """联络员, 处置员 and 负责人 of a body that can be whistled."""
    for role, word, pinyin in (
        (Role.DEPARTMENT_LIAISON, "联络员", "lianluoyuan"),
        (Role.DEPARTMENT_HANDLER, "处置员", "chuzhiyuan"),
        (Role.DEPARTMENT_LEADER, "负责人", "fuzeren"),
    ):
        yield Account(
            _joined(username, pinyin), f"{short_name}{word}", role, body, post=word
        )


def _joined(username: str, pinyin: str) -> str:
    """`chengguanju-lianluoyuan-990102`: the code stays at the end."""
    stem, dash, code = username.rpartition("-")
    if code.isdigit():
        return f"{stem}-{pinyin}{dash}{code}"
    return f"{username}-{pinyin}"


def _district_accounts(district: Area) -> Iterator[Account]:
    centre, code = f"{district.name}城市运行管理指挥中心", district.code
    end = _suffix(district)
    for username, word, role in (
        ("quzhihuizhongxin", "指挥中心", Role.DISTRICT_COMMAND),
        ("quzhihuizhongxin-zhuren", "指挥中心主任", Role.DISTRICT_DIRECTOR),
    ):
        name = _prefixed(district, word)
        yield Account(f"{username}{end}", name, role, centre, code)
    for name, short_name, username, _kind in DEPARTMENTS:
        yield from _responders(
            f"{district.name}{name}",
            _prefixed(district, short_name),
            f"{username}{end}",
        )


def _street_accounts(street: Area) -> Iterator[Account]:
    end, office, code = _suffix(street), _office(street), street.code
    place = "" if code in MAIN else street.name.removesuffix("街道")
    for username, name, role in STREET_ACCOUNTS:
        yield Account(f"{username}{end}", f"{place}{name}", role, office, code)
    yield Account(
        f"jiedao-chengbankeshi{end}",
        f"{place}街道承办科室",
        Role.STREET_HANDLER,
        _team(street),
        code,
    )
    yield from _responders(_team(street), f"{street.name}执法队", f"zhifadui-{code}")
    yield from _responders(office, street.name, f"jiedaoban-{code}")
    station = _judicial_office(street)
    yield from _responders(station, f"{place}司法所", f"sifasuo{end}")
    company = f"{street.name}物业服务公司"
    yield from _responders(company, f"{place}物业公司", f"wuyegongsi{end}")


def _community_accounts(community: Area) -> Iterator[Account]:
    end, committee, code = _suffix(community), _committee(community), community.code
    place = "" if code in MAIN else community.name.removesuffix("社区")
    for username, name, role in COMMUNITY_ACCOUNTS:
        yield Account(f"{username}{end}", f"{place}{name}", role, committee, code)


def _micro_grid_leader(micro_grid: Area, areas: dict[str, Area]) -> Account:
    code = micro_grid.code
    end = "" if code[:12] in MAIN else f"-{code}"
    return Account(
        f"weiwanggezhang{end}",
        "微网格长",
        Role.MICRO_GRID_LEADER,
        _committee(areas[code[:12]]),
        code,
        f"{code[12:15]} 微网格长",
    )


def _grid_accounts(community: Area, grids: list[Area]) -> Iterator[Account]:
    """A grid worker for each grid; in the main community also 网格长 and N力量."""
    committee = _committee(community)
    for (pinyin, stem), grid in zip(STEMS, grids, strict=False):
        username = f"wanggeyuan-{pinyin}"
        name, place = f"网格员{stem}", ""
        if community.code not in MAIN:
            username = f"wanggeyuan-{grid.code}"
            place = community.name.removesuffix("社区")
        post = f"{grid.code[-3:]} 网格员"
        yield Account(
            username, f"{place}{name}", Role.GRID_WORKER, committee, grid.code, post
        )
    if community.code in MAIN and grids:
        first = grids[0].code
        leader, post = Role.GRID_LEADER, "001 网格长"
        yield Account("wanggezhang", "网格长", leader, committee, first, post)
        for username, name in GRID_FORCES:
            post = f"001 {name}"
            yield Account(username, name, Role.GRID_FORCE, committee, first, post)
        yield Account(
            "shequ-fuzeren", "社区负责人", leader, committee, first, post, False
        )
