"""A device's alarm becomes a case (DOMAIN C.3, source 感知), or joins an open one."""

import hashlib
import re
import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from cases import actions as cases
from doors.models import Alarm, AlarmRule, Device
from governance import events
from governance.errors import Refused
from governance.events import canonical
from parties.acting import Actor
from parties.actions.people import only_administrators

SPACE = uuid.UUID("5f1d7f0e-6c8b-4d0b-9a0e-2d1f6f1c7a55")
REMARK = 500
NUMBER = re.compile(r"(?:(?<![A-Za-z0-9])[-−+])?\d+(?:\.\d+)?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class AlarmGiven:
    """What a device sends. Without `lng` and `lat` its place of installation counts."""

    device: str
    alarm_id: str
    kind: str
    raised_at: datetime | None = None
    lng: float | None = None
    lat: float | None = None
    crs: str = "wgs84"
    address: str = ""
    description: str = ""
    reading: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def take_alarm(
    *, client_id: int, given: AlarmGiven, ip: str, at: datetime
) -> tuple[Alarm, bool]:
    """The alarm, and whether it is new. The row of the device is locked, so that two
    alarms of one device cannot become two cases."""
    device, _new = Device.objects.select_for_update().get_or_create(
        client_id=client_id, code=given.device
    )
    digest = hashlib.sha256(canonical(asdict(given)).encode()).hexdigest()
    known = device.alarms.select_related("case").filter(alarm_id=given.alarm_id).first()
    if known is not None:
        if known.digest != digest:
            raise Refused(
                _("这个告警编号已经收到过，但内容不同，请换一个编号。"),
                code="conflict", field="alarm_id",
            )  # fmt: skip
        return known, False
    if not device.is_active:
        raise Refused(
            _("这台设备已经停用，请联系平台管理员。"), code="inactive", field="device"
        )
    rule = AlarmRule.objects.filter(kind=given.kind, is_active=True).first()
    if rule is None:
        raise Refused(
            _("没有登记这种告警类型，请联系平台管理员。"), code="kind", field="kind"
        )
    actor = Actor.device(str(device), ip)
    before = _open_alarm(device, rule, at)
    alarm = Alarm(
        device=device, rule=rule, alarm_id=given.alarm_id, digest=digest,
        reading=given.reading, raised_at=min(given.raised_at or at, at),
        received_at=at, unfiled=_why_not(rule, device, given, before, at),
    )  # fmt: skip
    if not alarm.unfiled:
        alarm.is_joined = before is not None
        alarm.case = _case_of(before, rule, device, given, actor, at)
    alarm.save(force_insert=True)
    events.record(
        chain=f"device:{device.pk}",
        action="doors.take_alarm",
        actor=actor,
        at=at,
        detail={
            "alarm": given.alarm_id, "kind": given.kind, "case": alarm.case_id,
            "joined": alarm.is_joined, "unfiled": alarm.unfiled,
            "description": given.description, "address": given.address,
        },
    )  # fmt: skip
    return alarm, True


@transaction.atomic
def save_setting(*, record: models.Model, actor: Actor, at: datetime) -> None:
    """Write a rule for alarms or what is known of a device."""
    only_administrators(actor)
    record.save()
    name = record._meta.model_name
    events.record(
        chain=f"{name}:{record.pk}",
        action=f"doors.save_{name}",
        actor=actor,
        at=at,
        detail={"record": str(record)},
    )


def _open_alarm(device: Device, rule: AlarmRule, at: datetime) -> Alarm | None:
    """The last alarm of this kind within the window whose case is still open. The case
    is locked, so that it stays so."""
    recent = device.alarms.select_related("case").filter(
        rule=rule,
        received_at__gt=at - timedelta(minutes=rule.window_minutes),
        case__underway=True,
        case__confidential=False,
    )
    return recent.order_by("-received_at").select_for_update(of=("case",)).first()


def _why_not(
    rule: AlarmRule,
    device: Device,
    given: AlarmGiven,
    before: Alarm | None,
    at: datetime,
) -> str:
    """Why this alarm is only kept: too low, or soon after a case was closed. What joins
    an open case is never left out for the latter."""
    figure = _figure(given.reading.get(rule.measure))
    if rule.at_least is not None and figure is not None and figure < rule.at_least:
        return Alarm.Unfiled.BELOW
    if before is None and rule.quiet_minutes and _closed_lately(rule, device, at):
        return Alarm.Unfiled.QUIET
    return ""


def _figure(reading: Any) -> Decimal | None:
    """The one number of a reading, its unit left out. None where there is none or
    several, as in `1,250` or `2e3`: better a case too many than an alarm too few."""
    found = NUMBER.findall(str(reading or ""))
    return Decimal(found[0].replace("−", "-")) if len(found) == 1 else None


def _closed_lately(rule: AlarmRule, device: Device, at: datetime) -> bool:
    since = at - timedelta(minutes=rule.quiet_minutes)
    return device.alarms.filter(rule=rule, case__closed_at__gt=since).exists()


def _case_of(
    before: Alarm | None,
    rule: AlarmRule,
    device: Device,
    given: AlarmGiven,
    actor: Actor,
    at: datetime,
) -> Any:
    if before is None:
        return _filed(rule, device, given, actor, at)
    remark = _said(rule, device, given)[:REMARK]
    return cases.support(case_id=before.case_id or 0, remark=remark, actor=actor, at=at)


def _filed(
    rule: AlarmRule, device: Device, given: AlarmGiven, actor: Actor, at: datetime
) -> Any:
    """The place in the alarm, else where the device stands (CGCS2000). Raises Refused
    when neither is known."""
    lng, lat, crs = given.lng, given.lat, given.crs
    if (lng is None or lat is None) and device.point is not None:
        lng, lat, crs = device.point.x, device.point.y, "cgcs2000"
    if lng is None or lat is None:
        raise Refused(
            _(
                "不知道这台设备在哪里：请随告警送来 lng 和 lat，"
                "或请平台管理员在“感知设备”里登记安装位置。"
            ),
            code="required",
            field="lng",
        )
    report = cases.Report(
        category_id=rule.category_id,
        condition_id=rule.condition_id,
        description=_said(rule, device, given),
        address=given.address or device.address or f"设备 {device} 处",
        lng=lng,
        lat=lat,
        crs=crs,
        urgent=rule.urgent,
        source="device",
        found_at=(given.raised_at or at).isoformat(),
    )
    key = f"{device.pk}:{given.alarm_id}"
    return cases.report(
        submission_id=uuid.uuid5(SPACE, key), report=report, actor=actor, at=at
    )


def _said(rule: AlarmRule, device: Device, given: AlarmGiven) -> str:
    """Kept with the case, so in one language."""
    readings = "，".join(f"{name} {value}" for name, value in given.reading.items())
    parts = [f"感知设备 {device} 发出“{rule.name}”告警", given.description, readings]
    return "；".join(filter(None, parts))[:2000]
