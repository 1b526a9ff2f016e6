"""Other systems and their keys."""

from doors.models.alarm import Alarm, AlarmRule, Device
from doors.models.answer import KeptAnswer
from doors.models.bridge import (
    AreaMapping,
    BridgeSource,
    CategoryMapping,
    OrderStatus,
    WorkOrder,
    WorkOrderContent,
)
from doors.models.client import ApiClient, ApiKey, ApiUse, Scope

__all__ = [
    "Alarm",
    "AlarmRule",
    "ApiClient",
    "ApiKey",
    "ApiUse",
    "AreaMapping",
    "BridgeSource",
    "CategoryMapping",
    "Device",
    "KeptAnswer",
    "OrderStatus",
    "Scope",
    "WorkOrder",
    "WorkOrderContent",
]
