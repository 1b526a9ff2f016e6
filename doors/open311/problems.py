"""What is answered in place of what was asked for.

GeoReport v2: 404 for what does not exist, 403 for a missing or wrong api_key, 400 for
every other error; the body is a list of code and description, meant for the user.
"""

from collections.abc import Iterable
from dataclasses import replace

from doors.open311.encoding import Answer

Fault = tuple[str | int, str]


class Problem(Exception):
    """The request cannot be fulfilled; `faults` are (code, sentence), one or more."""

    def __init__(
        self, status: int, faults: Iterable[Fault], *, retry_after: int = 0
    ) -> None:
        self.status = status
        self.retry_after = retry_after
        self.faults = list(faults)
        super().__init__("; ".join(str(sentence) for _code, sentence in self.faults))

    def answer(self) -> Answer:
        return replace(errors(self.status, self.faults), retry_after=self.retry_after)


def errors(status: int, faults: Iterable[Fault]) -> Answer:
    body = [{"code": code, "description": str(text)} for code, text in faults]
    return Answer("errors", body, status)


def invalid(*sentences: str) -> Problem:
    return Problem(400, [(400, sentence) for sentence in sentences])


def unknown(sentence: str) -> Problem:
    return Problem(404, [(404, sentence)])
