"""Jinja's pieces in Django's templates: words, escaping, and the same look."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation

from cases.lamps import Lamp
from governance.pieces import macro

DUE = datetime(2026, 11, 26, 2, 5, tzinfo=UTC)


def in_template(source: str, **context: Any) -> str:
    return Template("{% load pieces %}" + source).render(Context(context))


def test_a_piece_in_a_template_speaks_the_language_and_the_local_time() -> None:
    source = '{% piece "cases/pieces.jinja" "lamp" lamp True %}'
    lamp = Lamp("red", "超时 2小时", "处置", DUE)
    shown = in_template(source, lamp=lamp)
    assert "处置 超时 2小时" in shown
    assert "11-26 10:05 前" in shown
    with translation.override("en"):
        assert "by 11-26 10:05" in in_template(source, lamp=lamp).lower()


def test_what_people_wrote_is_escaped_once() -> None:
    case = SimpleNamespace(pk=1, version=2, display_no='"><script>&')
    shown = in_template('{% piece "cases/pieces.jinja" "pick" case %}', case=case)
    assert "<script>" not in shown
    assert "&lt;script&gt;&amp;" in shown
    assert "&amp;lt;" not in shown


def test_a_macro_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(AttributeError):
        macro("cases/pieces.jinja", "lantern")
