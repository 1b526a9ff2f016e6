"""Reads the environment once, and refuses what is unclear.

Every setting may come as ``NAME`` or as ``NAME_FILE``, the path of a file that holds
it (as container secrets do). Both at once is an error, and so is a value that cannot
be read as the type asked for: a deployment must never run on a guess.
"""

import ipaddress
import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    """The value of `name`; without a default a missing value stops the start."""
    value = os.environ.get(name)
    file = os.environ.get(f"{name}_FILE")
    if value is not None and file:
        raise ImproperlyConfigured(f"{name} 与 {name}_FILE 不能同时设置。")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE 指向的文件无法读取：{error}"
            ) from error
    if value is not None:
        return value
    if default is None:
        raise ImproperlyConfigured(f"缺少环境变量 {name}。")
    return default


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} 只能是 1 或 0，现在是“{value}”。")


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} 应为整数，现在是“{value}”。") from error


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas; blanks are dropped."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def networks(name: str) -> list[str]:
    """Networks as `10.1.0.0/16`, separated by commas; one that is none is refused."""
    found = words(name)
    for one in found:
        try:
            ipaddress.ip_network(one)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} 应为 10.1.0.0/16 这样的网段，现在有“{one}”。"
            ) from error
    return found
