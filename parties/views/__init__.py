"""Signing in, acting, delegating, messages and channels."""

from parties.views.accounts import (
    delegations,
    demo_login,
    end_delegation,
    home,
    locked_out,
    login,
    logout,
    password_change,
    switch_posting,
)
from parties.views.channels import (
    channel,
    channel_change,
    channel_new,
    channel_test,
    channels,
    delivery,
    delivery_drop,
    delivery_retry,
)
from parties.views.messages import (
    notification_open,
    notifications,
    notifications_bell,
    notifications_read,
)

__all__ = [
    "channel",
    "channel_change",
    "channel_new",
    "channel_test",
    "channels",
    "delegations",
    "delivery",
    "delivery_drop",
    "delivery_retry",
    "demo_login",
    "end_delegation",
    "home",
    "locked_out",
    "login",
    "logout",
    "notification_open",
    "notifications",
    "notifications_bell",
    "notifications_read",
    "password_change",
    "switch_posting",
]
