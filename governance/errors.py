"""The one exception that speaks to people."""

from typing import Any


class Refused(Exception):
    """The person can do something about it; everything else is a bug and rises.

    `message` is a whole Chinese sentence that says what to do; `code` is for
    machines; `field` names the form field it concerns, when there is one.
    """

    def __init__(self, message: str, code: str = "refused", field: str | None = None):
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field

    def __str__(self) -> str:
        return str(self.message)

    def show_in(self, form: Any) -> None:
        """At the field it concerns, or above the form that has no such field."""
        form.add_error(self.field if self.field in form.fields else None, str(self))

    def as_dict(self) -> dict[str, str | None]:
        """The shape in which programs receive it."""
        return {"code": self.code, "message": str(self), "field": self.field}
