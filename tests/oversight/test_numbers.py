"""Every number of the board is the number of rows of the list that it opens."""

import re
from html import unescape

import pytest

READERS = ("city", "district", "dispatcher", "street_leader", "acceptor", "assessor")
LINK = re.compile(
    r'<a [^>]*?href="(/desk/(?:board/lists|report)/[^"]+)"[^>]*>(.*?)</a>', re.S
)


def numbers(text: str) -> list[tuple[str, int]]:
    """Addresses of lists with the number that the link shows."""
    found = []
    for url, inside in LINK.findall(text):
        bold = re.search(r"<b>(\d+)</b>", inside)
        plain = re.search(r"\d+", re.sub(r"<[^>]*>", "", inside))
        number = bold[1] if bold else plain[0] if plain else ""
        if number:
            found.append((unescape(url), int(number)))
    return found


def rows(text: str) -> int:
    """How many there are on the page of a list; these worlds have less than a page."""
    content = text.split('<main id="content"')[1]
    return len(re.findall(r'<li(?: id="row-\d+")? class="case-row|<li><b>', content))


def heading(text: str) -> int:
    """The number that heads a list of the board, or stands on the tab of a report's."""
    found = re.search(r'<h1>[^<]*<b data-n="(\d+)">', text) or re.search(
        r'aria-current="page">[^<]*<b data-n="(\d+)"', text
    )
    assert found, text[:2000]
    return int(found[1])


@pytest.mark.parametrize("name", READERS)
def test_each_number_opens_as_many_rows(busy, read, name) -> None:
    pieces = [read(name, f"/desk/board/{piece}") for piece in ("", "month/")]
    found = {one for text in pieces for one in numbers(text)}
    assert len({url for url, _n in found}) == len(found), "one list, two numbers"
    assert sum(1 for _url, n in found if n) > 20
    for url, n in found:
        # One reader opens them all; the others what is not empty, and of the month
        # report's own lists, which are alike for all, none.
        if name != "dispatcher" and (not n or url.startswith("/desk/report/")):
            continue
        text = read(name, url)
        assert (heading(text), rows(text)) == (n, n), url
