"""Every error of the interface has one shape, in Chinese and in English."""

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.urls import reverse
from django.utils import translation

from doors.models import Scope
from governance import clock
from governance.bilingual import CHINESE, english
from tests.cases.conftest import MONDAY_9

SHAPE = {"code", "message", "message_en", "field", "errors"}


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)


@pytest.fixture
def ask(client, key_of):
    _key, text = key_of(scopes=[Scope.CASES_READ, Scope.CASES_WRITE], per_minute=50)

    def send(method, url, body="", kind="application/json", **headers):
        send_it = getattr(client, method)
        headers = {"X-Api-Key": text, **headers}
        if method == "get":
            return send_it(url, headers=headers)
        return send_it(url, body, kind, headers=headers)

    return send


@pytest.mark.parametrize(
    ("method", "url", "more", "status", "code"),
    [
        ("get", "/api/v1/cases/", {"X-Api-Key": "x"}, 401, "key_unknown"),
        ("get", "/api/v1/cases/999/", {}, 404, "not_found"),
        ("get", "/api/v1/nothing/at/all", {}, 404, "not_found"),
        ("get", "/api/v1/cases/?limit=x", {}, 400, "invalid"),
        ("get", "/api/v1/cases/?q=%00", {}, 400, "parse_error"),
        ("get", "/api/v1/cases/", {"Accept": "text/html"}, 406, "not_acceptable"),
        ("get", "/api/v1/cases/?format=xml", {}, 406, "not_acceptable"),
        ("get", "/api/v1/openapi.json?format=xml", {}, 406, "not_acceptable"),
        ("get", "/api/v1/nothing/?format=xml", {}, 404, "not_found"),
        ("get", "/api/v1/openapi.json", {}, 403, "scope"),
        ("delete", "/api/v1/cases/", {}, 405, "method_not_allowed"),
        ("post", "/api/v1/submissions/", {"body": "{"}, 400, "parse_error"),
        ("post", "/api/v1/submissions/", {"body": "[]"}, 400, "invalid"),
        ("post", "/api/v1/submissions/", {"body": "null"}, 400, "null"),
        (
            "post", "/api/v1/submissions/", {"body": '{"answers": {"a\\u0000": [1]}}'},
            400, "unstorable",
        ),
        (
            "post", "/api/v1/cases/999/actions/accept/",
            {"body": '{"opinion": "\\ud800"}', "Idempotency-Key": "a"},
            400, "unstorable",
        ),
        ("post", "/api/v1/submissions/", {"body": "[" * 10**5}, 400, "parse_error"),
        (
            "post", "/api/v1/submissions/",
            {"body": '{"answers": ' + "[" * 900 + "]" * 900 + "}"}, 400, "parse_error",
        ),
        (
            "post", "/api/v1/submissions/", {"kind": "text/csv", "body": "a"}, 415,
            "unsupported_media_type",
        ),
        (
            "post", "/api/v1/submissions/", {"body": " " * (6 * 1024 * 1024)}, 413,
            "too_large",
        ),
    ],
)  # fmt: skip
def test_each_error_has_the_shape(ask, method, url, more, status, code):
    answer = ask(method, url, **more)
    assert answer.status_code == status
    told = answer.json()
    assert set(told) == SHAPE
    assert told["code"] == code
    assert told["errors"][0]["message"] == told["message"]
    assert CHINESE.search(told["message"])
    assert not told["message_en"].startswith("The request was refused")
    assert "json" in answer["Content-Type"]


def test_who_is_not_there_is_told_so(client, db):
    told = client.get(reverse("api_cases"), headers={"Accept-Language": "en"}).json()
    assert told["message"] == "请先登录，或在请求头中提供密钥。"
    assert told["message_en"].startswith("Please sign in")


def test_a_person_is_answered_in_the_own_language(client, world):
    client.force_login(world.postings["acceptor"].user)
    answer = client.get("/api/v1/cases/999/", headers={"Accept-Language": "en"})
    assert answer.json()["message"] == answer.json()["message_en"]


def test_sentences_are_found_again_in_english():
    assert english("请填写处置说明。").startswith("Please")
    assert english("Already English.") == "Already English."
    assert english("没有这样的句子，谁也没说过。").startswith("The request was refused")


def test_what_somebody_sent_is_quoted_in_english_too_if_it_is_short():
    """Of a long one every way to read it would be tried, for hours."""
    for quoted in ("x", "： ”，" * 300, " " * 1000):
        said = english(f"“{quoted}” 不是合法选项。")
        assert said == f'"{quoted}" is not a valid choice.'
    for quoted in (" " * 100_000, "请填写处置说明。" * 100_000):
        said = english(f"“{quoted}” 不是合法选项。")
        assert said.startswith("The request was refused")


def test_a_sentence_of_the_framework_with_a_plural_has_its_english():
    with translation.override("zh-hans"):
        with pytest.raises(ValidationError) as raised:
            MaxLengthValidator(30)("x" * 31)
        [said] = raised.value.messages
    assert CHINESE.search(said)
    assert english(said) == "Ensure this value has at most 30 character (it has 31)."
