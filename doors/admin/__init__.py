"""What an administrator looks after at the doors."""

from doors.admin import alarms, bridges, clients, open311

__all__ = ["alarms", "bridges", "clients", "open311"]
