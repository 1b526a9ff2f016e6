"""The roles of the trade (DOMAIN C.3), and the level of area each one is bound to."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from grids.codes import Level


class Role(TextChoices):
    GRID_WORKER = "grid_worker", _("网格员")
    GRID_LEADER = "grid_leader", _("网格长")
    MICRO_GRID_LEADER = "micro_grid_leader", _("微网格长")
    GRID_FORCE = "grid_force", _("网格N力量")
    COMMUNITY_ACCEPTOR = "community_acceptor", _("社区受理岗")
    COMMUNITY_LEADER = "community_leader", _("社区负责人")
    COMMUNITY_HANDLER = "community_handler", _("社区承办人")
    STREET_ACCEPTOR = "street_acceptor", _("街道受理员")
    STREET_DISPATCHER = "street_dispatcher", _("街道派遣员")
    STREET_SHIFT_HEAD = "street_shift_head", _("街道值班长")
    STREET_LEADER = "street_leader", _("街道值班领导")
    STREET_HANDLER = "street_handler", _("街道承办科室")
    DEPARTMENT_LIAISON = "department_liaison", _("部门联络员")
    DEPARTMENT_HANDLER = "department_handler", _("处置人员")
    DEPARTMENT_LEADER = "department_leader", _("部门负责人")
    DISTRICT_COMMAND = "district_command", _("区指挥中心")
    DISTRICT_DIRECTOR = "district_director", _("区指挥中心主任")
    CITY_COMMAND = "city_command", _("市指挥中心")
    INSPECTOR = "inspector", _("督查员")
    ASSESSOR = "assessor", _("考核员")
    HOTLINE_AGENT = "hotline_agent", _("热线坐席")
    ARCHIVIST = "archivist", _("档案员")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")


GRID_ROLES = frozenset(
    {Role.GRID_WORKER, Role.GRID_LEADER, Role.MICRO_GRID_LEADER, Role.GRID_FORCE}
)
COMMUNITY_ROLES = frozenset(
    {Role.COMMUNITY_ACCEPTOR, Role.COMMUNITY_LEADER, Role.COMMUNITY_HANDLER}
)
STREET_ROLES = frozenset(
    {
        Role.STREET_ACCEPTOR,
        Role.STREET_DISPATCHER,
        Role.STREET_SHIFT_HEAD,
        Role.STREET_LEADER,
        Role.STREET_HANDLER,
    }
)
DISTRICT_ROLES = frozenset({Role.DISTRICT_COMMAND, Role.DISTRICT_DIRECTOR})
CITY_ROLES = frozenset({Role.CITY_COMMAND})
DEPARTMENT_ROLES = frozenset(
    {Role.DEPARTMENT_LIAISON, Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_LEADER}
)
# Who answers for a unit and looks after what is its own.
UNIT_HEADS = frozenset(
    {
        Role.COMMUNITY_LEADER,
        Role.STREET_LEADER,
        Role.DEPARTMENT_LEADER,
        Role.DISTRICT_DIRECTOR,
    }
)
# Who puts up QR codes in the street for the own area (docs/residents.md).
PLACE_KEEPERS = (
    (COMMUNITY_ROLES - {Role.COMMUNITY_HANDLER})
    | (STREET_ROLES - {Role.STREET_HANDLER})
    | DISTRICT_ROLES
)
# Look after how others do, in an area of any level.
OVERSEER_ROLES = frozenset({Role.INSPECTOR, Role.ASSESSOR, Role.ARCHIVIST})
# Report from a desk or an inbox (T01); people in the grid do on their phones.
DESK_REPORTERS = frozenset(
    {Role.COMMUNITY_ACCEPTOR, Role.HOTLINE_AGENT, Role.DEPARTMENT_LIAISON}
)
ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
# Who sets up channels, or looks after those of the own unit (docs/channels.md).
CHANNEL_KEEPERS = UNIT_HEADS | {Role.SYSTEM_ADMIN}

# Who brings master data in as tables (docs/exchange.md): each of the two their own.
TABLE_KEEPERS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})

# Roles that see an area and everything below it; the others see by organisation.
AREA_LEVEL: dict[str, Level] = {
    **dict.fromkeys(GRID_ROLES, Level.GRID),
    Role.MICRO_GRID_LEADER: Level.MICROGRID,
    **dict.fromkeys(COMMUNITY_ROLES, Level.COMMUNITY),
    **dict.fromkeys(STREET_ROLES, Level.STREET),
    **dict.fromkeys(DISTRICT_ROLES, Level.DISTRICT),
    **dict.fromkeys(CITY_ROLES, Level.CITY),
}

# Who answers for an area, or looks after how others do (`cases.querysets.desk`).
BOARD_ROLES = (
    COMMUNITY_ROLES
    | (STREET_ROLES - {Role.STREET_HANDLER})
    | DISTRICT_ROLES
    | CITY_ROLES
    | OVERSEER_ROLES
)


def surface_of(role: str) -> str:
    """The surface a role works on: `phone`, `desk`, `inbox` or `admin` (DESIGN 1)."""
    if role in GRID_ROLES:
        return "phone"
    if role in DEPARTMENT_ROLES or role == Role.STREET_HANDLER:
        return "inbox"
    return "admin" if role in ADMIN_ROLES else "desk"
