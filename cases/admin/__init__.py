"""The catalogue, the responsibility list, limits and gaps for system administrators.

Every save goes through an action.
"""

from cases.admin import catalogue, limits, records, responsibility

__all__ = ["catalogue", "limits", "records", "responsibility"]
