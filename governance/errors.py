"""The one exception that speaks to people."""


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

    def as_dict(self) -> dict[str, str | None]:
        """The shape in which programs receive it."""
        return {"code": self.code, "message": str(self), "field": self.field}
