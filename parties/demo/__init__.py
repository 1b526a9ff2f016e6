"""The people of the demo city."""

from parties.demo.building import build
from parties.demo.cast import PASSWORD, DemoLogin, demo_logins

__all__ = ["PASSWORD", "DemoLogin", "build", "demo_logins"]
