"""Several static files sent as one, because on a slow line every request costs half a
second: sheets one after the other, modules with everything that they import.

`STATIC_BUNDLES` names them. They are made when the static files are collected, and at
the start where these are served as they are: tests and production run the same file.
"""

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

IMPORT = re.compile(
    r'^import (?:\{(?P<names>[^}]*)\}|\* as (?P<whole>\w+)) from "(?P<path>\.[^"]+)";$',
    re.M,
)
DECLARED = re.compile(
    r"^export (?P<declaration>(?:async function|function|class|const) (?P<name>\w+))",
    re.M,
)
LISTED = re.compile(r"^export \{(?P<names>(?![^}]*\bas\b)[\w\s,]*)\};$", re.M)
# What a module may say and this file does not know: rather no bundle than a wrong one.
UNKNOWN = re.compile(r"^(?:import|export)\b(?!\().*|\bimport\.meta\b.*", re.M)
LATER = re.compile(r'\bimport\("\./')
URL = re.compile(r'url\("(?!data:|/)(?P<path>[^"]+)"\)')


def content(name: str) -> bytes:
    """The bytes of a static file as it is before collecting, bundle or not."""
    if name not in settings.STATIC_BUNDLES:
        return Path(str(finders.find(name))).read_bytes()
    parts = settings.STATIC_BUNDLES[name]
    made = _sheets(name, parts) if name.endswith(".css") else _Modules(name, parts)
    return str(made).encode()


def _source(name: str) -> str:
    found = finders.find(name)
    if not found:
        raise ImproperlyConfigured(f"没有静态文件 {name}。")
    return Path(str(found)).read_text(encoding="utf-8")


# --- sheets ------------------------------------------------------------------------
def _sheets(bundle: str, names: Iterable[str]) -> str:
    return "\n".join(_sheet(name, dirname(bundle)) for name in names)


def _sheet(name: str, folder: str) -> str:
    """With addresses as they are from `folder`."""

    def moved(found: re.Match[str]) -> str:
        return f'url("{relpath(join(dirname(name), found["path"]), folder)}")'

    return URL.sub(moved, _source(name))


# --- modules -----------------------------------------------------------------------
class _Modules:
    """Every module in a scope of its own, each once and after what it imports.

    The entries run like scripts of their own: one that waits or fails holds up no
    other. What a module asks for later, by `import()`, stays a file of its own and has
    its own copies of what it imports.
    """

    def __init__(self, bundle: str, entries: Iterable[str]) -> None:
        self.bundle = bundle
        self.done: dict[str, str] = {}
        self.exports: dict[str, list[str]] = {}
        for name in entries:
            body, exported = self.taken_apart(name, above=())
            if exported:
                raise ImproperlyConfigured(f"{bundle}：入口 {name} 不应有 export。")
            self.done[name] = f"(async () => {{\n{body}\n}})();\n"

    def __str__(self) -> str:
        return "\n".join(f"// {name}\n{text}" for name, text in self.done.items())

    def take(self, name: str, above: tuple[str, ...]) -> str:
        """The variable that holds what module `name` exports."""
        variable = "$" + re.sub(r"\W", "_", name)
        if name in above:
            raise ImproperlyConfigured(f"{self.bundle}：模块循环引用 {name}。")
        if name not in self.done:
            body, exported = self.taken_apart(name, (*above, name))
            self.exports[name] = exported
            given = f"{variable} = {{ {', '.join(exported)} }};"
            self.done[name] = f"let {variable};\n{{\n{body}\n{given}\n}}\n"
        return variable

    def taken_apart(self, name: str, above: tuple[str, ...]) -> tuple[str, list[str]]:
        """The text without import and export, and the names that it exports."""
        exported: list[str] = []

        def imported(found: re.Match[str]) -> str:
            wanted = normpath(join(dirname(name), found["path"]))
            variable = self.take(wanted, above)
            if found["whole"]:
                return f"const {found['whole']} = {variable};"
            names = [one.split() for one in found["names"].split(",") if one.strip()]
            for missing in {one[0] for one in names} - {*self.exports[wanted]}:
                raise ImproperlyConfigured(f"{name}：{wanted} 没有 export {missing}。")
            taken = ", ".join(one[0] + ": " + one[-1] for one in names)
            return f"const {{ {taken} }} = {variable};"

        def declared(found: re.Match[str]) -> str:
            exported.append(found["name"])
            return found["declaration"]

        def listed(found: re.Match[str]) -> str:
            exported.extend(found["names"].replace(",", " ").split())
            return ""

        body = IMPORT.sub(imported, _source(name))
        body = LISTED.sub(listed, DECLARED.sub(declared, body))
        self.must_be_clear(name, body)
        return body, exported

    def must_be_clear(self, name: str, body: str) -> None:
        unknown = UNKNOWN.search(body)
        if not unknown and dirname(name) != dirname(self.bundle):
            unknown = LATER.search(body)
        if unknown:
            raise ImproperlyConfigured(
                f"{self.bundle}：{name} 不能合并：{unknown[0].strip()}"
            )


# --- where collectstatic and the tests find them -----------------------------------
class BundleFinder(finders.BaseFinder):
    def __init__(self, *_: object, **__: object) -> None:
        self.storage = FileSystemStorage(settings.STATE_DIR / "bundles")

    def check(self, **_: object) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **_: object) -> Any:
        if path not in settings.STATIC_BUNDLES:
            return []
        found = self._made(path)
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for path in settings.STATIC_BUNDLES:
            self._made(path)
            yield path, self.storage

    def _made(self, name: str) -> str:
        """Replaced in one step: other processes may be reading it."""
        path, wanted = Path(self.storage.path(name)), content(name)
        if not path.exists() or path.read_bytes() != wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as spare:
                spare.write(wanted)
            os.chmod(spare.name, 0o644)
            os.replace(spare.name, path)
        return str(path)
