"""People at their pages over plain HTTP: fill the form a page offers, send it, read it.

What a browser would do without its JavaScript: every field of the form as it was given,
choices by the words that stand beside them. One scenario of the trade walks in seconds.
"""

import re
import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from cases.demo_pictures import picture
from tests.e2e.client import Client


@dataclass
class Form:
    """Of a page: what it would send untouched, and the choices by their words."""

    action: str = ""
    values: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, dict[str, str]] = field(default_factory=dict)

    def fill(self, name: str, given: Any) -> None:
        assert name in self.values or name in self.choices, (name, sorted(self.values))
        wanted = given if isinstance(given, list | tuple) else [given]
        self.values[name] = [self._value(name, str(one)) for one in wanted]

    def _value(self, name: str, words: str) -> str:
        known = self.choices.get(name, {})
        if not known or words in known.values():
            return words
        if words in known:
            return known[words]
        fitting = [value for label, value in known.items() if words in label]
        assert fitting, f"{name}: “{words}” 不在 {sorted(known)}"
        return fitting[0]


class _Reader(HTMLParser):
    """Reads all forms of a page; of a select and of radios the words of each choice."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.form = Form()
        self.select = ""
        self.option: tuple[str, bool] | None = None
        self.area = ""
        self.label: list[tuple[str, str]] | None = None
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(given.get("action", ""))
            self.forms.append(self.form)
        elif tag == "select":
            self.select = given.get("name", "")
            self.form.values.setdefault(self.select, [])
        elif tag == "option" and self.select:
            self._close_option()
            self.option = (given.get("value", ""), "selected" in given)
            self.words = []
        elif tag == "textarea":
            self.area, self.words = given.get("name", ""), []
        elif tag == "label":
            self.label, self.words = [], []
        elif tag == "input" and given.get("name"):
            self._input(given)

    def _input(self, given: dict[str, str]) -> None:
        name, value = given["name"], given.get("value", "on")
        kind = given.get("type", "text")
        if kind in ("radio", "checkbox"):
            self.form.values.setdefault(name, [])
            if "checked" in given:
                self.form.values[name].append(value)
            if self.label is not None:
                self.label.append((name, value))
            self.form.choices.setdefault(name, {})[value] = value
        elif kind not in ("file", "submit", "button"):
            self.form.values.setdefault(name, []).append(given.get("value", ""))
        elif kind == "file":
            self.form.values.setdefault(name, [])

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._close_option()
            self._first_of_one()
            self.select = ""
        elif tag == "option":
            self._close_option()
        elif tag == "textarea" and self.area:
            self.form.values[self.area] = ["".join(self.words).lstrip("\n")]
            self.area = ""
        elif tag == "label" and self.label is not None:
            for name, value in self.label:
                self.form.choices[name]["".join(self.words).strip()] = value
            self.label = None

    def _close_option(self) -> None:
        if self.option is None:
            return
        value, selected = self.option
        label = "".join(self.words).strip()
        self.form.choices.setdefault(self.select, {})[label] = value
        if selected:
            self.form.values[self.select] = [value]
        self.option = None

    def _first_of_one(self) -> None:
        known = self.form.choices.get(self.select, {})
        if not self.form.values[self.select] and known:
            self.form.values[self.select] = [next(iter(known.values()))]


def forms_of(page: str) -> list[Form]:
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def words_of(page: str) -> str:
    """The text of a page, blanks folded."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare))


class Resident(Client):
    """Without an account: number and code open the case."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._open_jar()

    def look_up(self, number: str, code: str) -> str:
        page = self.get("/r/")[1]
        form = next(one for one in forms_of(page) if "code" in one.values)
        form.fill("case_no", number)
        form.fill("code", code)
        status, text = self.form(
            form.action or "/r/", **{k: v[0] for k, v in form.values.items()}
        )
        assert status == 200, words_of(text)[:300]
        return words_of(text)

    def rate(self, score: str, *, solved: str, comment: str = "") -> str:
        page = self.get("/r/")[1]
        form = next(one for one in forms_of(page) if "score" in one.values)
        for name, value in (("score", score), ("solved", solved), ("comment", comment)):
            form.fill(name, value)
        pairs = [(name, one) for name, many in form.values.items() for one in many]
        status, text = self.form_pairs(form.action, pairs)
        assert status == 200, words_of(text)[:300]
        return words_of(text)


class Person(Client):
    """A signed-in demo account with hands and eyes; `wait` lets the platform finish
    what is due before a form is opened."""

    wait: Any = staticmethod(lambda: None)

    def page(self, path: str) -> str:
        status, text = self.get(path)
        assert status == 200, (status, path, words_of(str(text))[:400])
        return str(text)

    def reads(self, path: str) -> str:
        return words_of(self.page(path))

    def finds(self, path: str, words: str) -> bool:
        """Turns the pages of a list, `{}` in the path, until the words stand there."""
        for number in range(1, 20):
            page = self.page(path.format(number))
            if words in words_of(page):
                return True
            if "下一页" not in page:
                break
        return False

    def file(self, *, photos: int = 1, at: dict[str, float], **report: Any) -> int:
        """上报 through the API; answers the id of the case."""
        batch = str(uuid.uuid4())
        for seed in range(photos):
            self.photo(batch, "report", picture(seed + 1))
        sent = {
            "id": str(uuid.uuid4()), "photos": batch, "lng": at["longitude"],
            "lat": at["latitude"], "crs": "wgs84", **report,
        }  # fmt: skip
        status, answer = self.json("/api/v1/submissions/", sent)
        assert status == 201, answer
        return int(answer["id"])

    def do(self, case_id: int, action: str, photos: str = "", **given: Any) -> str:
        """Fill the form behind a button of a case and send it; it must go through.

        `photos` names the stage of one picture to send along. Answers what the page
        says to which the person is led then.
        """
        return self.fill_in(f"/cases/{case_id}/{action}/", photos, **given)

    def refused(self, case_id: int, action: str, photos: str = "", **given: Any) -> str:
        """The sentences of the form that did not go through."""
        return self.turned_down(f"/cases/{case_id}/{action}/", photos, **given)

    def send(
        self, case_id: int, action: str, photos: str = "", **given: Any
    ) -> tuple[int, str]:
        return self.send_at(f"/cases/{case_id}/{action}/", photos, **given)

    def fill_in(self, path: str, photos: str = "", **given: Any) -> str:
        """Fill the form of any page and send it, as `do` does."""
        status, text = self.send_at(path, photos, **given)
        assert status == 200, (path, status, _faults(text))
        return words_of(text)

    def turned_down(self, path: str, photos: str = "", **given: Any) -> str:
        """The sentences of a form of any page that did not go through."""
        status, text = self.send_at(path, photos, **given)
        assert status in (403, 404, 409, 422), (path, status, words_of(text)[:300])
        return words_of(text)

    def send_at(self, path: str, photos: str = "", **given: Any) -> tuple[int, str]:
        self.wait()
        status, text = self.get(path)
        if status != 200:
            return status, str(text)
        return self.submit(path, _form_for(str(text), path), photos, **given)

    def press(self, page: str, path: str) -> str:
        """Press the button of a page that sends its own small form to `path`."""
        form = next(
            (one for one in forms_of(self.page(page)) if one.action == path), None
        )
        assert form is not None, f"{page} 没有发往 {path} 的按钮"
        status, text = self.submit(page, form)
        assert status == 200, (path, status, _faults(text))
        return words_of(text)

    def submit(
        self, path: str, form: Form, photos: str = "", **given: Any
    ) -> tuple[int, str]:
        """Send a form of a page to where it goes, with what was given filled in."""
        for name, value in given.items():
            if value is not None:
                form.fill(name, value)
        if photos:
            self.photo(form.values["batch"][0], photos, picture(7, solved=True))
        status, text = self._sent(form, path)
        if status == 422 and "有人先您一步：系统" in text:
            # The platform routed it meanwhile; what was typed goes through again with
            # the version that the page now shows.
            shown = [one for one in forms_of(text) if "version" in one.values]
            form.values["version"] = shown[0].values["version"]
            status, text = self._sent(form, path)
        return status, text

    def _sent(self, form: Form, path: str) -> tuple[int, str]:
        pairs = [(name, one) for name, many in form.values.items() for one in many]
        status, text = self.form_pairs(form.action or path, pairs)
        return status, str(text)

    def whistle(self, case_id: int, **given: Any) -> str:
        """Fill the composer as `compose` does; it must go through."""
        status, text = self.compose(case_id, **given)
        assert status == 200, (status, _faults(text))
        return words_of(text)

    def compose(
        self,
        case_id: int,
        *,
        kind: str,
        lead: Any,
        task: str,
        supports: dict[str, str] | None = None,
        by: str = "whistle",
        **more: Any,
    ) -> tuple[int, str]:
        """Send the composer: units by (a part of) their names, supports with tasks.

        `by` is the page: `whistle`, `ruling/reassign` or `ruling/dispatch`.
        """
        self.wait()
        path = f"/cases/{case_id}/{by}/"
        page = self.page(path)
        form = next(one for one in forms_of(page) if "lead_task" in one.values)
        for name, value in {
            "kind": kind, "lead": lead, "lead_task": task, **more
        }.items():  # fmt: skip
            form.fill(name, value)
        form.fill("supports", list(supports or {}))
        for support, asked in zip(
            form.values["supports"], (supports or {}).values(), strict=True
        ):
            form.fill(f"task_{support}", asked)
        return self.submit(path, form)

    def offered(self, case_id: int) -> set[str]:
        """The names of the actions the API lists for this person now."""
        status, answer = self.get(f"/api/v1/cases/{case_id}/")
        assert status == 200, answer
        return {one["action"] for one in answer["allowed_actions"]}


def _form_for(page: str, path: str) -> Form:
    found = [one for one in forms_of(page) if one.action in ("", path)]
    assert found, f"no form for {path} in: {words_of(page)[:300]}"
    return found[0]


def _faults(page: str) -> str:
    marked = r'(?:role="alert"|class="errorlist[^"]*")[^>]*>(.*?)</(?:div|p|ul|span)>'
    found = re.findall(marked, page, flags=re.S)
    return " | ".join(words_of(one).strip() for one in found) or words_of(page)[:600]
