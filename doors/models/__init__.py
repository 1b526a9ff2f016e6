"""Other systems, their keys, and what came in by Open311."""

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
from doors.models.client import AddressUse, ApiClient, ApiKey, ApiUse, Scope
from doors.models.identity import ExternalIdentity, IdentityProvider
from doors.models.open311 import Open311Request, Open311Update
from doors.models.subscription import Subscription

__all__ = [
    "AddressUse",
    "Alarm",
    "AlarmRule",
    "ApiClient",
    "ApiKey",
    "ApiUse",
    "AreaMapping",
    "BridgeSource",
    "CategoryMapping",
    "Device",
    "ExternalIdentity",
    "IdentityProvider",
    "KeptAnswer",
    "Open311Request",
    "Open311Update",
    "OrderStatus",
    "Scope",
    "Subscription",
    "WorkOrder",
    "WorkOrderContent",
]
