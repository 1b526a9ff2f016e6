"""What makes an app of the phone pages: worker, manifest, pass, catalogue."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from cases.views import offline
from governance import clock
from tests.cases.conftest import MONDAY_9


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)


def source(name):
    return Path(finders.find(name)).read_text(encoding="utf-8")


def shell_of(client):
    answer = client.get(reverse("service_worker"))
    return json.loads(re.search(r"SHELL = (.*);", answer.content.decode())[1])


def test_the_worker_may_answer_for_the_whole_site_and_is_always_asked_anew(client, db):
    answer = client.get("/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer["Cache-Control"] == "no-cache"
    assert "importScripts(" in answer.content.decode()


def test_every_file_of_the_shell_is_there(client, db):
    for name in (*offline.SHELL, "js/phone_worker.js"):
        assert finders.find(name), name
    shell = shell_of(client)
    assert len(shell["files"]) == len(offline.SHELL) + 1
    assert client.get(shell["nothing"]).status_code == 200


def test_the_shell_names_what_the_modules_of_the_phone_import():
    """A module that is missing would break every page without a signal."""
    for name in offline.SHELL:
        text = source(name) if name.startswith("js/") else ""
        for wanted in re.findall(r'^import .*?from "\./([\w.]+)";', text, re.M):
            if wanted != "map.js":  # kept once a map was opened
                assert f"js/{wanted}" in offline.SHELL, f"{name} → {wanted}"


def test_the_filing_page_comes_in_one_round_over_six_connections(client, world):
    """At half a second each round; what is asked for later is not waited for."""
    client.force_login(world.postings["grid_a"].user)
    head = client.get(reverse("phone_file")).content.decode().partition("</head>")[0]
    scripts = re.findall(r'<script [^>]*src="/static/([^"]+)"', head)
    sheets = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"', head)
    assert scripts == ["js/theme.js", "js/filing.js"]
    assert sheets == ["vendor/icons/icons.css", "css/app.css", "css/phone.css"]
    assert {*scripts, *sheets} <= set(offline.SHELL)


def test_the_filing_page_asks_nothing_of_htmx_which_it_does_not_load(client, world):
    client.force_login(world.postings["grid_a"].user)
    page = client.get(reverse("phone_file")).content.decode()
    assert re.findall(r"\shx-[a-z:-]+=", page) == [" hx-headers:inherited="]
    pieces = Path("templates/cases/phone/_duplicates.html").read_text(encoding="utf-8")
    assert "hx-" not in pieces
    other = client.get(reverse("phone_home")).content.decode()
    assert "htmx" in other


def test_the_version_follows_the_files(client, db, monkeypatch):
    before = shell_of(client)["version"]
    monkeypatch.setattr(offline, "SHELL", offline.SHELL[1:])
    offline.shell_version.cache_clear()
    assert shell_of(client)["version"] != before
    offline.shell_version.cache_clear()


def test_the_worker_leaves_everything_but_get_alone():
    text = source("js/phone_worker.js")
    listener = text[text.index('addEventListener("fetch"') :]
    first = listener.index('if (request.method !== "GET") return;')
    assert first < listener.index("respondWith")


def test_the_manifest_names_the_app_and_icons_that_exist(client, db):
    answer = client.get(reverse("manifest"))
    assert answer["Content-Type"] == "application/manifest+json"
    app = answer.json()
    assert app["start_url"] == "/m/"
    assert app["display"] == "standalone"
    for icon in app["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))
    assert {"any", "maskable"} <= {one.get("purpose", "any") for one in app["icons"]}


def test_the_pass_says_whom_the_server_knows(client, world):
    assert client.get(reverse("phone_pass")).json()["account"] is None
    user = world.postings["grid_a"].user
    client.force_login(user)
    answer = client.get(reverse("phone_pass"))
    assert answer.json()["account"] == str(user.pk)
    assert len(answer.json()["csrf"]) >= 32
    assert "no-cache" in answer["Cache-Control"]


def test_who_must_change_the_password_sends_nothing_yet(client, world):
    user = world.postings["grid_a"].user
    user.must_change_password = True
    user.save()
    client.force_login(user)
    assert client.get(reverse("phone_pass")).json()["account"] is None


def test_the_copy_of_the_catalogue_has_what_filing_needs(client, world):
    assert client.get(reverse("phone_catalogue")).status_code == 302
    lane = world.categories["lane"]
    client.force_login(world.postings["grid_a"].user)
    answer = client.get(reverse("phone_catalogue"))
    copy = {one["id"]: one for one in answer.json()["categories"]}
    assert copy[lane.pk]["name"] == lane.name
    assert "占用消防通道的" in [text for text, _ in copy[lane.pk]["conditions"]]
    again = client.get(reverse("phone_catalogue"), HTTP_IF_NONE_MATCH=answer["ETag"])
    assert again.status_code == 304
    lane.is_active = False
    lane.save()
    changed = client.get(reverse("phone_catalogue"), HTTP_IF_NONE_MATCH=answer["ETag"])
    assert changed.status_code == 200
    assert lane.pk not in {one["id"] for one in changed.json()["categories"]}


def test_a_phone_page_tells_its_scripts_whose_it_is(client, world):
    user = world.postings["grid_a"].user
    client.force_login(user)
    for name in ("phone_home", "phone_file", "phone_outbox", "notifications"):
        page = client.get(reverse(name)).content.decode()
        assert f'data-account="{user.pk}"' in page
        assert reverse("manifest") in page


def test_the_outbox_asks_who_is_there(client, db):
    assert client.get(reverse("phone_outbox")).status_code == 302
