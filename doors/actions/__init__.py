"""What is done with clients, keys and what comes in by them; the only writers."""

from doors.actions.alarms import AlarmGiven, save_setting, take_alarm
from doors.actions.bridging import (
    Decision,
    Received,
    Sent,
    file_order,
    may_settle,
    opened,
    receive_order,
    return_order,
)
from doors.actions.clients import (
    Admission,
    admit,
    admit_stranger,
    check_usable,
    find_key,
    issue_key,
    revoke_key,
    save_client,
)
from doors.actions.identities import arrive, bind_identity, save_provider
from doors.actions.open311 import (
    Asked,
    Told,
    file_request,
    take_update,
)
from doors.actions.placing import may_place, place_request
from doors.actions.replaying import Done, KeyReused, answer_once
from doors.actions.sources import save_source
from doors.actions.subscribing import (
    open_push,
    push_name,
    resume_webhook,
    subscribe,
)
from doors.actions.writing_back import write_back

__all__ = [
    "Admission",
    "AlarmGiven",
    "Asked",
    "Decision",
    "Done",
    "KeyReused",
    "Received",
    "Sent",
    "Told",
    "admit",
    "admit_stranger",
    "answer_once",
    "arrive",
    "bind_identity",
    "check_usable",
    "file_order",
    "file_request",
    "find_key",
    "issue_key",
    "may_place",
    "may_settle",
    "open_push",
    "opened",
    "place_request",
    "push_name",
    "receive_order",
    "resume_webhook",
    "return_order",
    "revoke_key",
    "save_client",
    "save_provider",
    "save_setting",
    "save_source",
    "subscribe",
    "take_alarm",
    "take_update",
    "write_back",
]
