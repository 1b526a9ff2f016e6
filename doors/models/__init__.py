"""Other systems and their keys."""

from doors.models.client import ApiClient, ApiKey, ApiUse, Scope

__all__ = ["ApiClient", "ApiKey", "ApiUse", "Scope"]
