"""What an administrator looks after at the doors."""

from doors.admin import alarms, bridges, clients, identities, open311

__all__ = ["alarms", "bridges", "clients", "identities", "open311"]
