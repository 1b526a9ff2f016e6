"""A program with the key of a post."""

import pytest
from django.urls import reverse

from governance import clock
from tests.cases.conftest import MONDAY_9


@pytest.fixture
def program(client, key_of, monkeypatch):
    """`program("acceptor")`: get, post, put and delete with a key of that post, on
    Monday at nine."""
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)

    class Program:
        def __init__(self, name, **given):
            self.headers = {"X-Api-Key": key_of(name, **given)[1]}

        def get(self, name, *args, **query):
            return client.get(reverse(name, args=args), query, headers=self.headers)

        def post(self, name, *args, body=None, **headers):
            return self._send(client.post, name, args, body, headers)

        def put(self, name, *args, body=None, **headers):
            return self._send(client.put, name, args, body, headers)

        def delete(self, name, *args):
            return self._send(client.delete, name, args, None, {})

        def any_method(self, method, url):
            return client.generic(method.upper(), url, headers=self.headers)

        def _send(self, send, name, args, body, headers):
            return send(
                reverse(name, args=args), body or {}, "application/json",
                headers={**self.headers, **headers},
            )  # fmt: skip

    return Program
