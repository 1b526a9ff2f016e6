"""The working calendar's only writers; each records on the chain `calendar`."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance import events, holidays
from governance.calendar import minute_of
from governance.errors import Refused
from governance.models import CalendarYear, Holiday, WorkScheme

CHAIN = "calendar"
PACKAGED = Path(__file__).parent / "data" / "holidays_2025_2026.json"
DEFAULT_WEEKDAYS = [1, 2, 3, 4, 5]
DEFAULT_PERIODS = [["08:00", "12:00"], ["14:00", "18:00"]]


@transaction.atomic
def import_holidays(
    *, document: Any, actor: events.Acting, at: datetime
) -> dict[int, str]:
    """Import whole years (`governance.holidays`), replacing what was imported of them.

    Local overrides stay. Answers the number of the notice for each year.
    """
    notice = holidays.check(document)
    days = [day.date for day in notice.days]
    imported = Holiday.objects.filter(override=False)
    imported.filter(date__year__in=notice.sources).delete()
    imported.filter(date__in=days).delete()
    Holiday.objects.bulk_create(
        Holiday(date=day.date, kind=day.kind, name=day.name) for day in notice.days
    )
    CalendarYear.objects.bulk_create(
        [
            CalendarYear(year=year, source=source, imported_at=at)
            for year, source in notice.sources.items()
        ],
        update_conflicts=True,
        unique_fields=["year"],
        update_fields=["source", "imported_at"],
    )
    events.record(
        chain=CHAIN,
        action="governance.import_holidays",
        actor=actor,
        at=at,
        detail={
            "sources": notice.sources,
            "days": [[day.date, day.kind, day.name] for day in notice.days],
        },
    )
    return notice.sources


@transaction.atomic
def ensure_default_scheme(*, actor: events.Acting, at: datetime) -> WorkScheme:
    """The scheme without dates, made as 08:00–12:00, 14:00–18:00 when there is none."""
    found = WorkScheme.objects.filter(starts_date=None, ends_date=None).first()
    return found or save_scheme(
        scheme_id=None,
        name="标准工作时间",
        starts_date=None,
        ends_date=None,
        weekdays=DEFAULT_WEEKDAYS,
        periods=DEFAULT_PERIODS,
        actor=actor,
        at=at,
    )


@transaction.atomic
def install_defaults(*, actor: events.Acting, at: datetime) -> None:
    """What a new instance starts with: the default scheme and the packaged years.

    A year that is already imported is left as it is; running it again does nothing.
    """
    ensure_default_scheme(actor=actor, at=at)
    document = json.loads(PACKAGED.read_text(encoding="utf-8"))
    known = {str(year) for year in CalendarYear.objects.values_list("year", flat=True)}
    missing = document["source"].keys() - known
    if not missing:
        return
    document["source"] = {year: document["source"][year] for year in sorted(missing)}
    for key in ("rest", "makeup_workdays"):
        document[key] = [day for day in document[key] if day["date"][:4] in missing]
    import_holidays(document=document, actor=actor, at=at)


@transaction.atomic
def override_day(
    *, day: date, kind: str, name: str, actor: events.Acting, at: datetime
) -> Holiday:
    """Set a day's local rule 本地规定, which wins over the imported arrangement."""
    if kind not in Holiday.Kind.values:
        raise Refused(_("类型应为放假或上班。"), field="kind")
    before = Holiday.objects.filter(date=day, override=True).first()
    holiday, _created = Holiday.objects.update_or_create(
        date=day, override=True, defaults={"kind": kind, "name": name}
    )
    events.record(
        chain=CHAIN,
        action="governance.override_day",
        actor=actor,
        at=at,
        detail={
            "day": day,
            "before": [before.kind, before.name] if before else None,
            "after": [kind, name],
        },
    )
    return holiday


@transaction.atomic
def drop_override(*, day: date, actor: events.Acting, at: datetime) -> None:
    """Take a day's local rule away; the imported arrangement holds again."""
    found = Holiday.objects.select_for_update().filter(date=day, override=True).first()
    if found is None:
        raise Refused(_("%(day)s没有本地规定。") % {"day": day}, code="not_found")
    found.delete()
    events.record(
        chain=CHAIN,
        action="governance.drop_override",
        actor=actor,
        at=at,
        detail={"day": day, "before": [found.kind, found.name], "after": None},
    )


@transaction.atomic
def save_scheme(
    *,
    scheme_id: int | None,
    name: str,
    starts_date: date | None,
    ends_date: date | None,
    weekdays: list[int],
    periods: list[list[str]],
    actor: events.Acting,
    at: datetime,
) -> WorkScheme:
    """Make or change a 计时管理方案; where two overlap the later start wins."""
    scheme = WorkScheme()
    if scheme_id is not None:
        scheme = WorkScheme.objects.select_for_update().get(pk=scheme_id)
    before = _facts(scheme) if scheme_id is not None else None
    scheme.name = name
    scheme.starts_date, scheme.ends_date = starts_date, ends_date
    scheme.weekdays, scheme.periods = sorted(set(weekdays)), periods
    check_scheme(scheme)
    scheme.save()
    events.record(
        chain=CHAIN,
        action="governance.save_scheme",
        actor=actor,
        at=at,
        detail={"scheme": scheme.pk, "before": before, "after": _facts(scheme)},
    )
    return scheme


@transaction.atomic
def drop_scheme(*, scheme_id: int, actor: events.Acting, at: datetime) -> None:
    """Take a scheme away; the default one stays."""
    scheme = WorkScheme.objects.select_for_update().get(pk=scheme_id)
    if scheme.starts_date is None:
        raise Refused(_("默认方案不能删除。"), code="default_scheme")
    scheme.delete()
    events.record(
        chain=CHAIN,
        action="governance.drop_scheme",
        actor=actor,
        at=at,
        detail={"scheme": scheme_id, "before": _facts(scheme), "after": None},
    )


def _facts(scheme: WorkScheme) -> dict[str, Any]:
    names = ["name", "starts_date", "ends_date", "weekdays", "periods"]
    return {name: getattr(scheme, name) for name in names}


def check_scheme(scheme: WorkScheme) -> None:
    """Raises Refused, naming the field, for a scheme that cannot be worked by."""
    if (scheme.starts_date is None) != (scheme.ends_date is None):
        raise Refused(
            _("开始日期和结束日期应同时填写；默认方案两者都不填。"), field="starts_date"
        )
    if scheme.starts_date and scheme.ends_date:
        if scheme.ends_date <= scheme.starts_date:
            raise Refused(_("结束日期应晚于开始日期。"), field="ends_date")
    elif WorkScheme.objects.filter(starts_date=None).exclude(pk=scheme.pk).exists():
        raise Refused(_("默认方案只能有一个，请填写起止日期。"), field="starts_date")
    if not scheme.weekdays or not set(scheme.weekdays) <= set(range(1, 8)):
        raise Refused(_("请至少选择一个工作日。"), field="weekdays")
    _check_periods(scheme.periods)


def _check_periods(periods: list[list[str]]) -> None:
    wrong = Refused(
        _("工作时段应按先后写作 08:00-12:00，不重叠，至少一段。"), field="periods"
    )
    last = -1
    try:
        minutes = [(minute_of(opens), minute_of(closes)) for opens, closes in periods]
    except ValueError:
        raise wrong from None
    for opens, closes in minutes:
        if opens <= last or closes <= opens:
            raise wrong
        last = closes
    if not minutes:
        raise wrong
