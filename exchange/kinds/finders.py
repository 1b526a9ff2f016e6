"""Find what the cells of a row name: areas by code, units by name or code."""

from dataclasses import dataclass, field
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from grids.models import Area
from parties.models import Organisation


@dataclass
class Unfound(Exception):
    reason: str


@dataclass(frozen=True)
class AreaFound:
    id: int
    name: str
    level: int


class Areas:
    """The areas in use, by code."""

    def __init__(self) -> None:
        rows = Area.objects.filter(valid_to=None)
        self.by_code = {
            code: AreaFound(pk, name, level)
            for pk, code, name, level in rows.values_list("pk", "code", "name", "level")
        }

    def find(self, code: str) -> AreaFound | None:
        """None for an empty cell."""
        if not code:
            return None
        found = self.by_code.get(code)
        if found is None:
            raise Unfound(_("没有编码为“%(code)s”的区划") % {"code": code[:30]})
        return found


@dataclass
class Units:
    """Units by 统一社会信用代码 or name; a name that several bear is not enough."""

    by_code: dict[str, int] = field(default_factory=dict)
    by_name: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def stored(cls) -> "Units":
        units = cls()
        rows = Organisation.objects.filter(is_active=True).order_by("pk")
        for pk, code, name in rows.values_list("pk", "code", "name"):
            units.add(pk, code, name)
        return units

    def add(self, pk: int, code: str, name: str) -> None:
        if code:
            self.by_code[code] = pk
        self.by_name.setdefault(name, []).append(pk)

    def find(self, text: str) -> int | None:
        """None for an empty cell."""
        if not text:
            return None
        if text in self.by_code:
            return self.by_code[text]
        found = self.by_name.get(text, [])
        if not found:
            raise Unfound(_("没有名为“%(name)s”的单位") % {"name": text[:30]})
        if len(found) > 1:
            raise Unfound(
                _("有 %(n)d 个单位都叫“%(name)s”，请改填统一社会信用代码")
                % {"n": len(found), "name": text[:30]}
            )
        return found[0]


def by_word(choices: Any) -> dict[str, Any]:
    """Value by Chinese word; files are Chinese whatever language a page is read in."""
    with translation.override("zh-hans"):
        return {str(one.label): one.value for one in choices}
