"""What programs send, as JSON that PostgreSQL can keep."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

NUL = "\x00"
NUL_CODE = "nul"
NO_NUL = gettext_lazy("内容里有空字符（U+0000），请去掉后重新发送。")


class StorableJSONParser(JSONParser):
    """Refuses U+0000, which no text in the database may have, wherever it stands."""

    def parse(self, *args: Any, **given: Any) -> Any:
        found = super().parse(*args, **given)
        if has_nul(found):
            raise ParseError(str(NO_NUL), code=NUL_CODE)
        return found


def has_nul(value: Any) -> bool:
    """Whether a text, a key or anything within has U+0000."""
    if isinstance(value, str):
        return NUL in value
    if isinstance(value, Mapping):
        return any(has_nul(one) for pair in value.items() for one in pair)
    return isinstance(value, list | tuple) and any(map(has_nul, value))
