"""单位: government bodies, departments, communities, enterprises and their phones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.kinds.finders import Areas, Unfound, by_word
from exchange.kinds.kind import NO, YES, Judge, RowKind, Verdict, yes_no
from exchange.layouts import Column
from grids.codes import Level
from grids.models import Area
from parties.acting import Actor
from parties.actions import keep
from parties.models import Organisation

PHONE = re.compile(r"[0-9+()\- 转,]{3,30}")
PLAIN = ("name", "short_name", "code", "phone", "duty_phone")
FLAGS = ("can_be_whistled", "is_active")


@dataclass
class Body:
    """A unit as it stands; `id` is None until a row of this file is written."""

    id: int | None
    shown: dict[str, str]


class OrganisationJudge(Judge):
    def __init__(self) -> None:
        super().__init__()
        self.kinds, self.levels = by_word(Organisation.Kind), by_word(Level)
        self.areas = Areas()
        self.by_code: dict[str, Body] = {}
        self.by_name: dict[str, list[Body]] = {}
        for body in _bodies(Organisation.objects.all()):
            self._remember(body)

    def _remember(self, body: Body) -> None:
        if body.shown["code"]:
            self.by_code[body.shown["code"]] = body
        self.by_name.setdefault(body.shown["name"], []).append(body)

    def judge(self, row: int, given: dict[str, str]) -> Verdict:
        verdict = Verdict(label=given["name"])
        key = given["code"] or (given["name"], given["parent"])
        verdict.reasons += self.twice(key, row)
        verdict.reasons += self._wrong(given)
        found = self._find(given)
        if len(found) > 1:
            verdict.reasons.append(_("有多个同名单位，请填统一社会信用代码"))
        if verdict.reasons:
            return verdict
        if found:
            self._compare(verdict, found[0], given)
        else:
            verdict.is_new = True
            self._remember(Body(None, _defaults(given)))
        return verdict

    def _wrong(self, given: dict[str, str]) -> list[str]:
        reasons = []
        for heading, name in (("电话", "phone"), ("值班电话", "duty_phone")):
            if given[name] and not PHONE.fullmatch(given[name]):
                reasons.append(_("%(column)s只能用数字和横线") % {"column": heading})
        if given["code"] and not re.fullmatch(r"[0-9A-Z]{18}", given["code"]):
            reasons.append(_("统一社会信用代码是 18 位数字和大写字母"))
        if given["parent"] and len(self.by_name.get(given["parent"], [])) != 1:
            reasons.append(
                _("上级单位“%(name)s”不存在或有重名（上级要写在前面的行里）")
                % {"name": given["parent"][:30]}
            )
        for code in (given["area"], *_split(given["jurisdictions"])):
            try:
                self.areas.find(code)
            except Unfound as error:
                reasons.append(error.reason)
        return reasons

    def _find(self, given: dict[str, str]) -> list[Body]:
        if given["code"] in self.by_code:
            return [self.by_code[given["code"]]]
        named = [
            one
            for one in self.by_name.get(given["name"], [])
            if not (given["code"] and one.shown["code"])
        ]
        exact = [one for one in named if one.shown["parent"] == given["parent"]]
        return exact or ([] if given["parent"] else named)

    def _compare(self, verdict: Verdict, body: Body, given: dict[str, str]) -> None:
        for column in OrganisationKind.columns:
            wanted = given[column.field]
            before = body.shown[column.field]
            if column.field == "jurisdictions":
                wanted = "、".join(_split(wanted))
            if wanted and wanted != before:
                verdict.changes.append((column.name, before, wanted))

    def write(
        self, row: int, given: dict[str, str], actor: Actor, at: datetime
    ) -> None:
        body = self._find(given)[0]
        if body.id is None:
            record = Organisation(name=given["name"])
        else:
            record = Organisation.objects.select_for_update().get(pk=body.id)
        wanted = self._fields(given)
        is_new = record.pk is None
        changed = {
            name: None if is_new else getattr(record, name)
            for name, value in wanted.items()
            if is_new or getattr(record, name) != value
        }
        for name in changed:
            setattr(record, name, wanted[name])
        related = {}
        if given["jurisdictions"]:
            ids = [self.areas.by_code[one].id for one in _split(given["jurisdictions"])]
            related["jurisdictions"] = list(Area.objects.filter(pk__in=ids))
        keep(record=record, changed=changed, related=related, actor=actor, at=at)
        body.id = record.pk

    def _fields(self, given: dict[str, str]) -> dict[str, Any]:
        """What the row says, as the model has it; empty cells say nothing."""
        said: dict[str, Any] = {name: given[name] for name in PLAIN if given[name]}
        said |= {name: given[name] == YES for name in FLAGS if given[name]}
        if given["kind"]:
            said["kind"] = self.kinds[given["kind"]]
        if given["level"]:
            said["level"] = self.levels[given["level"]]
        if given["parent"]:
            said["parent_id"] = self.by_name[given["parent"]][0].id
        area = self.areas.find(given["area"])
        if area is not None:
            said["area_id"] = area.id
        return said


def _split(text: str) -> list[str]:
    return sorted({one for one in re.split(r"[、,，;；\s]+", text) if one})


def _defaults(given: dict[str, str]) -> dict[str, str]:
    shown = dict(given)
    shown["can_be_whistled"] = given["can_be_whistled"] or NO
    shown["is_active"] = given["is_active"] or YES
    shown["jurisdictions"] = "、".join(_split(given["jurisdictions"]))
    return shown


def _bodies(kept: QuerySet[Any]) -> Iterator[Body]:
    kinds = {value: word for word, value in by_word(Organisation.Kind).items()}
    levels = {value: word for word, value in by_word(Level).items()}
    rows = kept.select_related("parent", "area").order_by("level", "pk")
    for one in rows.prefetch_related("jurisdictions").iterator(2000):
        codes = sorted(area.code for area in one.jurisdictions.all())
        yield Body(
            one.pk,
            {
                "name": one.name,
                "short_name": one.short_name,
                "code": one.code,
                "kind": kinds[one.kind],
                "level": levels[one.level],
                "parent": one.parent.name if one.parent else "",
                "area": one.area.code if one.area else "",
                "jurisdictions": "、".join(codes),
                "can_be_whistled": YES if one.can_be_whistled else NO,
                "phone": one.phone,
                "duty_phone": one.duty_phone,
                "is_active": YES if one.is_active else NO,
            },
        )


class OrganisationKind(RowKind):
    code = "organisations"
    title = "单位"
    label = gettext_lazy("单位")
    key = gettext_lazy("统一社会信用代码；没有代码的按“单位名称 + 上级单位”")
    icon = "building"
    most_rows = 50_000
    columns = (
        Column(
            name="单位名称", field="name", required=True, sample="城东区城市管理局",
            longest=100, width=28, explanation="全称",
        ),
        Column(
            name="简称", field="short_name", sample="区城管局", longest=40,
            explanation="可不填",
        ),
        Column(
            name="统一社会信用代码", field="code", sample="11990101MB0000001X",
            longest=18, width=24, explanation="18 位；没有可不填",
        ),
        Column(
            name="类型", field="kind", required=True, sample="职能部门", only=True,
            choices=lambda: list(by_word(Organisation.Kind)), explanation="从下拉选",
        ),
        Column(
            name="层级", field="level", required=True, sample="区县", only=True,
            choices=lambda: list(by_word(Level)), explanation="从下拉选",
        ),
        Column(
            name="上级单位", field="parent", sample="", longest=100, width=28,
            explanation="上级的全称；上级写在前面的行里，或已在系统中",
        ),
        Column(
            name="所在区划编码", field="area", sample="990101", longest=18,
            explanation="4 至 18 位编码",
        ),
        Column(
            name="管辖区划编码", field="jurisdictions", sample="990101", longest=2000,
            width=24, explanation="可写多个，用顿号分开",
        ),
        Column(
            name="可被吹哨", field="can_be_whistled", sample="是", only=True,
            choices=yes_no, explanation="是或否；新增时不填为否",
        ),
        Column(
            name="电话", field="phone", sample="0999-1234567", longest=30,
            explanation="按文本填，区号用横线",
        ),
        Column(
            name="值班电话", field="duty_phone", sample="0999-1234568", longest=30,
            explanation="按文本填",
        ),
        Column(
            name="启用", field="is_active", sample="是", only=True, choices=yes_no,
            explanation="是或否；新增时不填为是",
        ),
    )  # fmt: skip

    def judge(self, at: datetime) -> Judge:
        return OrganisationJudge()

    def kept(self) -> QuerySet[Any]:
        return Organisation.objects.all()

    def stored(self, kept: QuerySet[Any]) -> Iterator[list[Any]]:
        for body in _bodies(kept):
            yield [body.shown[one.field] for one in self.columns]
