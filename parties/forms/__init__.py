"""Shapes of what people type; rules of the trade are in actions."""

from parties.forms.accounts import DelegationForm, PasswordForm, SignInForm
from parties.forms.channels import ChannelForm, DropForm
from parties.forms.reaching import ReachForm
from parties.forms.security import (
    AccountForm,
    AppointForm,
    FirstPasswordForm,
    PostForm,
    ReasonForm,
)

__all__ = [
    "AccountForm",
    "AppointForm",
    "ChannelForm",
    "DelegationForm",
    "DropForm",
    "FirstPasswordForm",
    "PasswordForm",
    "PostForm",
    "ReachForm",
    "ReasonForm",
    "SignInForm",
]
