"""Organisations, accounts, posts, postings, notifications and channels."""

from parties.models.channel import Address, Channel, Delivery, Importance, Preference
from parties.models.people import (
    ContactDepartment,
    Notification,
    Organisation,
    Post,
    Posting,
    User,
)

__all__ = [
    "Address",
    "Channel",
    "ContactDepartment",
    "Delivery",
    "Importance",
    "Notification",
    "Organisation",
    "Post",
    "Posting",
    "Preference",
    "User",
]
