"""Other systems and their keys."""

from doors.models.answer import KeptAnswer
from doors.models.client import ApiClient, ApiKey, ApiUse, Scope

__all__ = ["ApiClient", "ApiKey", "ApiUse", "KeptAnswer", "Scope"]
