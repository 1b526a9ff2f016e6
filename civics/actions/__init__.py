"""What residents do without an account; the only writers."""

from civics.actions.alerts import follow_area, tell_area_followers, unfollow_area
from civics.actions.codes import send_code, verify_code
from civics.actions.consents import current_version, publish_notice
from civics.actions.data_desk import (
    correct_data,
    delete_data,
    export_data,
    fetch_data,
    hand_over_data,
    require_desk,
)
from civics.actions.data_requests import ask_about_data, category_of, open_data_desk
from civics.actions.following import follow, join, tell_followers, unfollow
from civics.actions.nearby import may_compare
from civics.actions.places import end_place, name_grids, name_place, require_keeper
from civics.actions.reporting import admit_photo, file_report
from civics.actions.retention import purge
from civics.actions.rules import service_rule, set_public_rule, set_service_rule
from civics.actions.tracking import open_case

__all__ = [
    "admit_photo",
    "ask_about_data",
    "category_of",
    "correct_data",
    "current_version",
    "delete_data",
    "end_place",
    "export_data",
    "fetch_data",
    "file_report",
    "follow",
    "follow_area",
    "hand_over_data",
    "join",
    "may_compare",
    "name_grids",
    "name_place",
    "open_case",
    "open_data_desk",
    "publish_notice",
    "purge",
    "require_desk",
    "require_keeper",
    "send_code",
    "service_rule",
    "set_public_rule",
    "set_service_rule",
    "tell_area_followers",
    "tell_followers",
    "unfollow",
    "unfollow_area",
    "verify_code",
]
