"""`{% piece "cases/pieces.jinja" "lamp" lamp %}`: a macro of Jinja in a template."""

from typing import Any

from django import template

from governance.pieces import macro

register = template.Library()


@register.simple_tag
def piece(file: str, name: str, *given: Any, **named: Any) -> str:
    """What the macro makes of what it is given; it is safe, as Jinja escaped it."""
    return macro(file, name)(*given, **named)
