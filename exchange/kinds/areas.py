"""区划与网格: areas by code, without their boundaries."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.kinds.finders import by_word
from exchange.kinds.kind import Judge, RowKind, Verdict
from exchange.layouts import Column
from exchange.lines import Line
from governance.errors import Refused
from grids import codes
from grids.actions import NewArea, create_area, create_areas, rename
from grids.codes import CODE_FORM, Level
from grids.models import Area
from parties.acting import Actor


class AreaJudge(Judge):
    together = 500

    def __init__(self) -> None:
        super().__init__()
        self.levels = by_word(Level)
        rows = Area.objects.values_list("code", "pk", "name", "short_name", "valid_to")
        self.stored: dict[str, list[Any]] = {code: facts for code, *facts in rows}

    def judge(self, row: int, given: dict[str, str]) -> Verdict:
        code, name = given["code"], given["name"]
        verdict = Verdict(label=f"{code} {name}")
        verdict.reasons += self.twice(code, row)
        level = codes.level_of(code)
        if level is None:
            forms = "；".join(f"{one.label} {CODE_FORM[one]}" for one in Level)
            verdict.reasons.append(_("编码位数不对：%(forms)s") % {"forms": forms})
            return verdict
        if given["level"] and self.levels[given["level"]] != level:
            verdict.reasons.append(
                _("按编码应是%(level)s，与“层级”一列不符") % {"level": level.label}
            )
        known = self.stored.get(code)
        if known is None:
            self._new(verdict, code, level, given)
        elif known[3] is not None:
            verdict.reasons.append(_("这个编码已停用，不能再次使用"))
        else:
            _compare(verdict, known, given)
        return verdict

    def _new(
        self, verdict: Verdict, code: str, level: Level, given: dict[str, str]
    ) -> None:
        above = codes.parent_code(code, level)
        parent = self.stored.get(above) if above else None
        if above and (parent is None or parent[3] is not None):
            verdict.reasons.append(
                _("上级 %(above)s 不存在或已停用（上级要写在前面的行里）")
                % {"above": above}
            )
        verdict.is_new = not verdict.reasons
        if verdict.is_new:
            self.stored[code] = [None, given["name"], given["short_name"], None]

    def write_new(self, lines: Sequence[Line], actor: Actor, at: datetime) -> None:
        """Together; what is refused so is done one by one, which names the row."""
        areas = [
            NewArea(
                code=one.values["code"],
                name=one.values["name"],
                short_name=one.values["short_name"],
            )
            for one in lines
        ]
        try:
            ids = create_areas(areas=areas, actor=actor, at=at)
        except Refused:
            super().write_new(lines, actor, at)
        else:
            for code, pk in ids.items():
                self.stored[code][0] = pk

    def write(
        self, row: int, given: dict[str, str], actor: Actor, at: datetime
    ) -> None:
        known = self.stored[given["code"]]
        if known[0] is not None:
            rename(
                area_id=known[0],
                name=given["name"],
                short_name=given["short_name"],
                actor=actor,
                at=at,
            )
            return
        area = create_area(
            code=given["code"],
            name=given["name"],
            short_name=given["short_name"],
            actor=actor,
            at=at,
        )
        known[0] = area.pk


def _compare(verdict: Verdict, known: list[Any], given: dict[str, str]) -> None:
    _pk, name, short_name, _valid_to = known
    if name != given["name"]:
        verdict.changes.append(("名称", name, given["name"]))
    if given["short_name"] and short_name != given["short_name"]:
        verdict.changes.append(("简称", short_name, given["short_name"]))


class AreaKind(RowKind):
    code = "areas"
    title = "区划与网格"
    label = gettext_lazy("区划与网格")
    key = gettext_lazy("编码；编码一经停用不再使用")
    icon = "map-2"
    columns = (
        Column(
            name="编码", field="code", required=True, sample="990101001001001",
            longest=18, width=22,
            explanation="市 4 位、区县 6 位、街道 9 位、社区 12 位、网格 15 位、"
            "微网格 18 位；前几位是上级的编码，上级写在前面的行里",
        ),
        Column(
            name="名称", field="name", required=True, sample="幸福社区第一网格",
            longest=100, width=26, explanation="全称；与库里不同即为改名",
        ),
        Column(
            name="简称", field="short_name", sample="第一网格", longest=50,
            explanation="可不填；不填不改",
        ),
        Column(
            name="层级", field="level", sample="网格",
            choices=lambda: list(by_word(Level)), only=True,
            explanation="可不填，按编码识别；填了就核对",
        ),
    )  # fmt: skip

    def judge(self, at: datetime) -> Judge:
        return AreaJudge()

    def kept(self) -> QuerySet[Any]:
        return Area.objects.filter(valid_to=None)

    def stored(self, kept: QuerySet[Any]) -> Iterator[list[Any]]:
        words = {value: word for word, value in by_word(Level).items()}
        for one in kept.order_by("level", "code").iterator(2000):
            yield [one.code, one.name, one.short_name, words[one.level]]
