"""What residents do without an account; the only writers."""

from civics.actions.codes import send_code, verify_code
from civics.actions.consents import current_version, publish_notice
from civics.actions.data_requests import ask_about_data, category_of, open_data_desk
from civics.actions.following import follow, join, tell_followers, unfollow
from civics.actions.places import end_place, name_grids, name_place, require_keeper
from civics.actions.reporting import admit_photo, file_report
from civics.actions.rules import set_public_rule
from civics.actions.tracking import open_case

__all__ = [
    "admit_photo",
    "ask_about_data",
    "category_of",
    "current_version",
    "end_place",
    "file_report",
    "follow",
    "join",
    "name_grids",
    "name_place",
    "open_case",
    "open_data_desk",
    "publish_notice",
    "require_keeper",
    "send_code",
    "set_public_rule",
    "tell_followers",
    "unfollow",
    "verify_code",
]
