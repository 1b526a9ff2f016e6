"""What an administrator looks after at the doors."""

from doors.admin import alarms, bridges, clients

__all__ = ["alarms", "bridges", "clients"]
