"""What an administrator looks after at the doors."""

from doors.admin import clients

__all__ = ["clients"]
