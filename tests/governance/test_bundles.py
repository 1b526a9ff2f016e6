"""Static files sent as one: each part once, in order, nothing that is unclear."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured

from governance import bundles

MODULES = [name for name in settings.STATIC_BUNDLES if name.endswith(".js")]


@pytest.fixture
def files(tmp_path, settings):
    """`files({"js/a.js": "…"}, "js/all.js", "js/a.js", …)`: the text of the bundle."""

    def made(sources, bundle, *parts):
        for name, text in sources.items():
            path = tmp_path / "static" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        settings.STATIC_BUNDLES = {bundle: parts}
        return bundles.content(bundle).decode()

    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATE_DIR = tmp_path / "state"
    finders.get_finder.cache_clear()
    yield made
    finders.get_finder.cache_clear()


@pytest.mark.parametrize("bundle", MODULES)
def test_a_bundle_of_modules_needs_no_other_file_at_first(bundle):
    text = bundles.content(bundle).decode()
    assert not re.search(r"^(import|export)\b(?!\()", text, re.M)
    for name in settings.STATIC_BUNDLES[bundle]:
        assert text.count(f"// {name}\n") == 1
    for later in re.findall(r'import\("\./([\w.]+)"\)', text):
        assert f"// js/{later}\n" not in text, f"{later} would run twice"


def test_a_module_that_two_import_is_there_once_and_before_both(files):
    text = files(
        {
            "js/low.js": "export const low = 1;\nexport async function deep() {}",
            "js/one.js": 'import { low as base } from "./low.js";\nbase;',
            "js/two.js": 'import * as all from "./low.js";\nall.deep();',
        },
        "js/both.js",
        "js/one.js",
        "js/two.js",
    )
    assert text.count("const low = 1;") == 1
    assert "$js_low_js = { low, deep };" in text
    assert "const { low: base } = $js_low_js;" in text
    assert "const all = $js_low_js;" in text
    assert text.index("// js/low.js") < text.index("// js/one.js")
    assert text.index("// js/one.js") < text.index("// js/two.js")


def test_an_entry_that_fails_or_waits_holds_up_no_other(files):
    text = files(
        {"js/a.js": "await 1;", "js/b.js": "b();"}, "js/ab.js", "js/a.js", "js/b.js"
    )
    assert text.count("(async () => {") == 2
    assert text.count("})();") == 2


@pytest.mark.parametrize(
    "said",
    [
        "export default 1;",
        "export let later = 1;",
        "const one = 1;\nexport { one as two };",
        'export { one } from "./b.js";',
        'import whole from "./b.js";',
        "const here = import.meta.url;",
    ],
)
def test_what_is_not_understood_stops_the_collecting(files, said):
    sources = {"js/a.js": said, "js/b.js": "export const one = 1;"}
    with pytest.raises(ImproperlyConfigured, match=r"不能合并：(im|ex)port"):
        files(sources, "js/x.js", "js/a.js")


def test_modules_that_import_each_other_are_refused(files):
    circle = {
        "js/a.js": 'import { b } from "./b.js";',
        "js/b.js": 'import { c } from "./c.js";\nexport const b = c;',
        "js/c.js": 'import { b } from "./b.js";\nexport const c = b;',
    }
    with pytest.raises(ImproperlyConfigured, match="循环引用"):
        files(circle, "js/x.js", "js/a.js")


def test_an_address_that_would_lead_elsewhere_is_refused(files):
    sources = {"other/a.js": 'import("./b.js");'}
    with pytest.raises(ImproperlyConfigured, match="不能合并"):
        files(sources, "js/x.js", "other/a.js")


def test_what_a_module_does_not_export_is_missed_while_joining(files):
    sources = {
        "js/a.js": 'import { one, two } from "./b.js";',
        "js/b.js": "export const one = 1, two = 2;",
    }
    with pytest.raises(ImproperlyConfigured, match="没有 export two"):
        files(sources, "js/x.js", "js/a.js")


def test_an_entry_gives_nothing_away_and_a_missing_file_is_named(files):
    with pytest.raises(ImproperlyConfigured, match="不应有 export"):
        files({"js/a.js": "export const a = 1;"}, "js/x.js", "js/a.js")
    with pytest.raises(ImproperlyConfigured, match=r"js/none\.js"):
        files({}, "js/x.js", "js/none.js")


def test_sheets_stand_one_after_the_other_and_find_their_files(files):
    text = files(
        {"a/one.css": '.a { src: url("pic.png"); }', "css/two.css": ".b { top: 0; }"},
        "css/all.css",
        "a/one.css",
        "css/two.css",
    )
    assert text == '.a { src: url("../a/pic.png"); }\n.b { top: 0; }'


def test_the_icons_are_found_from_the_sheet_of_all_pages():
    text = bundles.content("css/app.css").decode()
    address = re.search(r'url\("\.\./([^"]+\.woff2)"\)', text)
    assert finders.find(address[1])
    assert "--wg-ink" in text


def test_the_finder_makes_the_file_anew_when_a_part_changed(files):
    sources = {"js/a.js": "first();"}
    files(sources, "js/x.js", "js/a.js")
    found = finders.find("js/x.js")
    assert "first();" in Path(found).read_text()
    files({"js/a.js": "second();"}, "js/x.js", "js/a.js")
    assert finders.find("js/x.js", find_all=True) == [found]
    assert "second();" in Path(found).read_text()
    assert not finders.find("js/y.js")


def test_collecting_and_serving_see_the_bundles(files):
    files({"js/a.js": "a();"}, "js/x.js", "js/a.js")
    finder = bundles.BundleFinder()
    assert [(path, storage.exists(path)) for path, storage in finder.list(None)] == [
        ("js/x.js", True)
    ]
    assert finder.check() == []
