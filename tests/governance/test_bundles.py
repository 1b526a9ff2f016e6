"""The files that bin/lib/bundle made of several are the ones that are served."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

STATIC = settings.BASE_DIR / "static"
pytestmark = pytest.mark.skipif(
    not settings.BUNDLES, reason="没有合并的文件；bin/test 会生成"
)


def served(name: str) -> str:
    path = Path(str(finders.find(name)))
    assert path.is_relative_to(settings.BUNDLES), f"{name} 没有合并"
    return path.read_text(encoding="utf-8")


def test_the_sheet_of_every_page_holds_its_parts_in_order() -> None:
    source = (STATIC / "css/app.css").read_text(encoding="utf-8")
    parts = re.findall(r'@import "\./(\w+\.css)"', source)
    made = served("css/app.css")
    assert "@import" not in made
    places = [made.index(f"/* css/{part} */") for part in parts]
    assert len(places) == 3 and places == sorted(places)


def test_the_script_of_the_filing_page_asks_for_nothing_at_once() -> None:
    made = served("js/filing.js")
    for name in ("frame", "phone_file", "phone_place", "outbox", "vault", "phone"):
        assert f"// js/{name}.js" in made
    assert "// vendor/idb/index.js" in made
    assert not re.search(r"^import\b(?!\()", made, re.M)


def test_what_is_asked_for_later_stays_a_file_of_its_own() -> None:
    made = served("js/filing.js")
    later = set(re.findall(r'import\("\./(\w+\.js)"\)', made))
    assert {"exif.js", "phone_map.js", "sign_out.js"} <= later
    for name in later:
        assert (STATIC / "js" / name).exists()
        assert f"// js/{name}" not in made
