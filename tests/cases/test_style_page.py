"""The style page shows every piece to whoever works inside."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from cases.workflow import State
from tests.cases.conftest import World

pytestmark = pytest.mark.django_db


def test_style_page_asks_for_signing_in() -> None:
    assert Client().get(reverse("style")).status_code == 302


@pytest.mark.parametrize("name", ["grid_a", "dispatcher", "fire"])
def test_style_page_shows_every_piece(world: World, name: str) -> None:
    client = Client()
    client.force_login(world.postings[name].user, backend=BACKEND)
    page = client.get(reverse("style")).content.decode()
    for state in State:
        assert f'data-state="{state.value}"' in page
    for colour in ("green", "blue", "yellow", "red", "paused"):
        assert f'data-lamp="{colour}"' in page
    for piece in ("empty-state", "error-state", "loading", "pager", "errorlist"):
        assert f'class="{piece}' in page or f" {piece}" in page, piece


def test_list_that_was_cut_says_so() -> None:
    cut = render_to_string("_too_many.html", {"rows": [1, 2, 3], "most": 3})
    assert "只列出前 3 条" in cut
    assert not render_to_string("_too_many.html", {"rows": [1, 2], "most": 3}).strip()


BACKEND: Any = "django.contrib.auth.backends.ModelBackend"
