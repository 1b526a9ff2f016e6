"""What programs send, as JSON that PostgreSQL can keep."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
UNSTORABLE_CODE = "unstorable"
NOT_STORABLE = gettext_lazy("内容里有不能保存的字符（如 U+0000），请去掉后重新发送。")


class StorableJSONParser(JSONParser):
    """Refuses U+0000 and halves of characters, which no text in the database may have,
    wherever they stand, and what is nested deeper than can be read."""

    def parse(self, *args: Any, **given: Any) -> Any:
        try:
            found = super().parse(*args, **given)
            refused = has_unstorable(found)
        except RecursionError as error:
            raise ParseError from error
        if refused:
            raise ParseError(str(NOT_STORABLE), code=UNSTORABLE_CODE)
        return found


def has_unstorable(value: Any) -> bool:
    """Whether a text, a key or anything within has such a character."""
    if isinstance(value, str):
        return UNSTORABLE.search(value) is not None
    if isinstance(value, Mapping):
        return any(has_unstorable(one) for pair in value.items() for one in pair)
    return isinstance(value, list | tuple) and any(map(has_unstorable, value))
