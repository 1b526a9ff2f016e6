"""Jinja, for the pieces of a page that are repeated fifty times.

Django's own templates read well and are the frame of every page, but each of their
tags is a call at run time; a list of rows was half the time of the desk's page. Jinja
compiles a piece into Python once. A piece is a file of macros, `*.jinja`, beside the
templates; `{% piece %}` puts one into a template.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.template import engines
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from jinja2 import Environment


def environment(**options: Any) -> Environment:
    """With the words of the language that is spoken, addresses and local times.

    Words with values in them are written `_("…%(n)s…")|format(n=…)`: so they are
    collected for translation like those of the templates.
    """
    # Django's backend passes autoescape=True.
    made = Environment(trim_blocks=True, lstrip_blocks=True, **options)  # noqa: S701
    made.globals |= {"_": gettext, "url": url}
    made.filters["local"] = local
    return made


def url(name: str, *given: Any) -> str:
    return reverse(name, args=given)


def local(at: datetime, pattern: str) -> str:
    """A moment in the time zone that counts, as `strftime` spells it."""
    return at.astimezone(timezone.get_default_timezone()).strftime(pattern)


def macro(file: str, name: str) -> Callable[..., str]:
    """A macro of a file; AttributeError where the file has none of that name."""
    jinja: Any = engines["jinja"]
    found: Callable[..., str] = getattr(jinja.env.get_template(file).module, name)
    return found
