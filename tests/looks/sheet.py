"""The contact sheet: all screenshots on one page, what is wrong first."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

from tests.looks.visiting import Seen

STYLE = """body { margin: 1.5rem; font: 14px/1.5 system-ui, sans-serif; }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr));
  gap: 1rem; padding: 0; list-style: none; }
li { padding: .5rem; border: 1px solid #d8e0e4; border-radius: 8px; background: #fff; }
img { width: 100%; height: 14rem; object-fit: cover; object-position: top; }
.fault { color: #b42318; overflow-wrap: anywhere; }"""


def write(folder: Path, all_seen: Iterable[Seen]) -> None:
    ordered = sorted(all_seen, key=lambda one: not one.faults)
    cards = "\n".join(_card(one) for one in ordered if one.image)
    (folder / "index.html").write_text(
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        f"<title>Screenshots</title><style>{STYLE}</style><h1>Screenshots</h1><ul>{cards}</ul></html>",
        encoding="utf-8",
    )


def _card(seen: Seen) -> str:
    faults = "".join(f"<p class='fault'>{escape(one)}</p>" for one in seen.faults)
    return (
        f"<li><a href='{escape(seen.image)}'><img loading='lazy' alt='' "
        f"src='{escape(seen.image)}'></a>{escape(seen.image.removesuffix('.png'))}"
        f"<br><small>{escape(seen.page.path)}</small>{faults}</li>"
    )
