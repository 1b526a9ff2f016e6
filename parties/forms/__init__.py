"""Shapes of what people type; rules of the trade are in actions."""

from parties.forms.accounts import (
    DelegationForm,
    LocalMoment,
    PasswordForm,
    SignInForm,
)
from parties.forms.channels import ChannelForm, DropForm
from parties.forms.reaching import ReachForm

__all__ = [
    "ChannelForm",
    "DelegationForm",
    "DropForm",
    "LocalMoment",
    "PasswordForm",
    "ReachForm",
    "SignInForm",
]
