"""What an administrator looks after at the doors."""

from doors.admin import bridges, clients

__all__ = ["bridges", "clients"]
