"""What people do with accounts, postings, messages and channels; the only writers."""

from parties.actions.channels import (
    Plan,
    change_channel,
    change_feed,
    drop_delivery,
    open_channel,
    open_feed,
    retry_delivery,
    send_test,
    turn_feed,
)
from parties.actions.delivering import drain
from parties.actions.enrolling import Newcomer, enroll
from parties.actions.forwarding import (
    drop_expired,
    publish,
    say_gone,
    text,
    write_to,
)
from parties.actions.messages import mark_read, notify
from parties.actions.people import (
    appoint,
    change_password,
    delegate,
    end_delegation,
    end_posting,
    keep,
    only_administrators,
    sign_in,
    unlock,
)
from parties.actions.reaching import (
    channels_for,
    forget_device,
    phone_digest,
    register_phone,
    set_preferences,
    subscribe,
)

__all__ = [
    "Newcomer",
    "Plan",
    "appoint",
    "change_channel",
    "change_feed",
    "change_password",
    "channels_for",
    "delegate",
    "drain",
    "drop_delivery",
    "drop_expired",
    "end_delegation",
    "end_posting",
    "enroll",
    "forget_device",
    "keep",
    "mark_read",
    "notify",
    "only_administrators",
    "open_channel",
    "open_feed",
    "phone_digest",
    "publish",
    "register_phone",
    "retry_delivery",
    "say_gone",
    "send_test",
    "set_preferences",
    "sign_in",
    "subscribe",
    "text",
    "turn_feed",
    "unlock",
    "write_to",
]
