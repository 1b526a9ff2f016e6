from civics.models.consent import Consent, PersonalDataRequest, PrivacyNotice
from civics.models.desk import DataDesk
from civics.models.following import AreaFollow, Follow
from civics.models.phone import Attempt, Phone
from civics.models.place import Place
from civics.models.rule import PublicRule, ServiceRule

__all__ = [
    "AreaFollow",
    "Attempt",
    "Consent",
    "DataDesk",
    "Follow",
    "PersonalDataRequest",
    "Phone",
    "Place",
    "PrivacyNotice",
    "PublicRule",
    "ServiceRule",
]
