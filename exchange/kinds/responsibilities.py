"""权责清单: who answers for which category where; added or ended, never rewritten."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.responsibility import assign_responsibility, end_responsibility
from cases.models import Category, FilingCondition, ResponsibilityItem
from exchange.kinds.finders import Areas, Unfound, Units, by_word
from exchange.kinds.kind import Judge, RowKind, Verdict
from exchange.kinds.people import unit_names
from exchange.layouts import Column
from governance import clock
from governance.calendar import ZONE
from grids.codes import Level
from parties.acting import Actor

OF_PLACE = (Level.STREET, Level.COMMUNITY)
Where = tuple[int, int | None, int]
Key = tuple[int, int | None, int, int, int | None]


class ResponsibilityJudge(Judge):
    def __init__(self) -> None:
        super().__init__()
        self.kinds = by_word(Category.Kind)
        self.levels, self.roles = by_word(Level), by_word(ResponsibilityItem.Role)
        self.areas, self.units = Areas(), Units.stored()
        self.categories = {
            (standard, kind, code): pk
            for pk, standard, kind, code in Category.objects.values_list(
                "pk", "standard_ref", "kind", "code5"
            )
        }
        self.conditions = {
            (category, text): pk
            for pk, category, text in FilingCondition.objects.values_list(
                "pk", "category", "text"
            )
        }
        self.items: dict[Key, list[Any]] = {}
        self.leads: dict[Where, Key] = {}
        for item in ResponsibilityItem.objects.filter(valid_to=None):
            key = (
                item.category_id, item.condition_id, item.area_id, item.level,
                item.organisation_id,
            )  # fmt: skip
            self._hold(key, [item.pk, item.role, item.legal_basis, item.valid_from, ""])

    def _hold(self, key: Key, item: list[Any]) -> None:
        self.items[key] = item
        if item[1] == ResponsibilityItem.Role.LEAD:
            self.leads[key[:3]] = key

    def judge(self, row: int, given: dict[str, str]) -> Verdict:
        who = given["unit"] or _("属地")
        verdict = Verdict(label=f"{given['code']} {given['area']} {who}")
        key = self._key(verdict, given)
        if key is None:
            return verdict
        verdict.reasons += self.twice(key, row)
        ends = given["ends"]
        if ends and ends <= given["starts"]:
            verdict.reasons.append(_("失效日期须晚于生效日期"))
        role, held = self.roles[given["role"]], self.items.get(key)
        if held is None:
            self._new(verdict, key, role, given)
        else:
            self._known(verdict, key, held, role, given)
        return verdict

    def _key(self, verdict: Verdict, given: dict[str, str]) -> Key | None:
        """What the row is about; the reasons why that is unclear."""
        code = given["code"].zfill(5)
        category = self.categories.get(
            (given["standard"], self.kinds[given["kind"]], code)
        )
        level = self.levels[given["level"]]
        area = unit = condition = None
        try:
            area, unit = self.areas.find(given["area"]), self.units.find(given["unit"])
        except Unfound as error:
            verdict.reasons.append(error.reason)
        if category is None:
            verdict.reasons.append(
                _("“%(standard)s”里没有%(kind)s %(code)s，请先导入目录")
                % {**given, "code": code}
            )
        elif given["condition"]:
            condition = self.conditions.get((category, given["condition"]))
            if condition is None:
                verdict.reasons.append(_("这个小类没有这一条立案条件"))
        if unit is None and not given["unit"] and level not in OF_PLACE:
            verdict.reasons.append(_("只有街道和社区本级可以不填责任单位"))
        if verdict.reasons or area is None or category is None:
            return None
        return category, condition, area.id, level, unit

    def _new(
        self, verdict: Verdict, key: Key, role: str, given: dict[str, str]
    ) -> None:
        if given["ends"]:
            verdict.reasons.append(_("新增的责任不填失效日期；要终止的责任不在清单里"))
        if role == ResponsibilityItem.Role.LEAD and key[:3] in self.leads:
            verdict.reasons.append(_("这一区域这一事项已有主责单位，请先终止原责任"))
        verdict.is_new = not verdict.reasons
        if verdict.is_new:
            starts = date.fromisoformat(given["starts"])
            self._hold(key, [None, role, given["legal_basis"], starts, ""])

    def _known(
        self,
        verdict: Verdict,
        key: Key,
        held: list[Any],
        role: str,
        given: dict[str, str],
    ) -> None:
        _pk, held_role, basis, _starts, _ends = held
        if role != held_role:
            verdict.reasons.append(
                _("这一单位已在清单中，主责或配合不同；请先终止原责任")
            )
        if given["legal_basis"] and given["legal_basis"] != basis:
            verdict.reasons.append(
                _("清单只增加或终止，不改写；要改法律依据，请先终止原责任")
            )
        if given["ends"] and not verdict.reasons:
            if date.fromisoformat(given["ends"]) <= _starts:
                verdict.reasons.append(_("失效日期须晚于生效日期"))
                return
            verdict.changes.append(("失效日期", "", given["ends"]))
            # An ended lead makes room for another further down.
            if self.leads.get(key[:3]) == key:
                del self.leads[key[:3]]

    def write(
        self, row: int, given: dict[str, str], actor: Actor, at: datetime
    ) -> None:
        key = self._key(Verdict(label=""), given)
        if key is None:
            raise RuntimeError("only what was judged is written")
        held = self.items[key]
        if held[0] is not None:
            end_responsibility(
                item_id=held[0],
                valid_to=date.fromisoformat(given["ends"]),
                actor=actor,
                at=at,
            )
            return
        category, condition, area, level, unit = key
        held[0] = assign_responsibility(
            category_id=category,
            condition_id=condition,
            area_id=area,
            level=level,
            organisation_id=unit,
            role=self.roles[given["role"]],
            legal_basis=given["legal_basis"],
            valid_from=date.fromisoformat(given["starts"]),
            actor=actor,
            at=at,
        ).pk


def _standards() -> list[str]:
    return list(Category.objects.active().standards())


class ResponsibilityKind(RowKind):
    code = "responsibilities"
    title = "权责清单"
    label = gettext_lazy("权责清单")
    key = gettext_lazy("依据标准 + 类别 + 小类 + 立案条件 + 区域 + 层级 + 责任单位")
    icon = "list-details"
    columns = (
        Column(
            name="依据标准", field="standard", required=True, sample="某市2024版",
            choices=_standards, longest=50, width=22, explanation="与目录中的写法一致",
        ),
        Column(
            name="类别", field="kind", required=True, sample="事项", only=True,
            choices=lambda: list(by_word(Category.Kind)), explanation="从下拉选",
        ),
        Column(
            name="小类代码", field="code", required=True, sample="09006", longest=5,
            explanation="5 位，按文本填",
        ),
        Column(
            name="立案条件", field="condition", sample="", longest=500, width=30,
            explanation="不填即整个小类；填则与目录原文一致",
        ),
        Column(
            name="责任层级", field="level", required=True, sample="区县", only=True,
            choices=lambda: list(by_word(Level)), explanation="从下拉选",
        ),
        Column(
            name="责任单位", field="unit", sample="城东区城市管理局", longest=100,
            width=28, choices=unit_names,
            explanation="街道、社区本级可不填（由案件所在地的街道、社区负责）",
        ),
        Column(
            name="适用区域编码", field="area", required=True, sample="990101",
            longest=18, explanation="对这一区域及其下级有效",
        ),
        Column(
            name="主责或配合", field="role", required=True, sample="主责", only=True,
            choices=lambda: list(by_word(ResponsibilityItem.Role)),
            explanation="同一区域同一事项只有一个主责",
        ),
        Column(
            name="法律依据", field="legal_basis", sample="某条例第十四条", longest=500,
            width=30, explanation="可不填",
        ),
        Column(
            name="生效日期", field="starts", required=True, sample="2026-01-01",
            is_date=True, explanation="日期",
        ),
        Column(
            name="失效日期", field="ends", sample="", is_date=True,
            explanation="填了即终止已有的责任（当天起失效）；换主责时先写终止的一行",
        ),
    )  # fmt: skip

    def judge(self, at: datetime) -> Judge:
        return ResponsibilityJudge()

    def kept(self) -> QuerySet[Any]:
        today = localdate(clock.now(), ZONE)
        return ResponsibilityItem.objects.exclude(valid_to__lte=today)

    def stored(self, kept: QuerySet[Any]) -> Iterator[list[Any]]:
        kinds = {value: word for word, value in by_word(Category.Kind).items()}
        levels = {value: word for word, value in by_word(Level).items()}
        roles = {
            value: word for word, value in by_word(ResponsibilityItem.Role).items()
        }
        rows = kept.select_related("category", "condition", "organisation", "area")
        for one in rows.order_by("category__code5", "area__code", "pk").iterator(2000):
            yield [
                one.category.standard_ref,
                kinds[one.category.kind],
                one.category.code5,
                one.condition.text if one.condition else "",
                levels[one.level],
                one.organisation.name if one.organisation else "",
                one.area.code,
                roles[one.role],
                one.legal_basis,
                one.valid_from,
                one.valid_to,
            ]
