"""The environment is read without guessing."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from governance import env


def test_missing_value_without_default_stops_the_start(monkeypatch):
    monkeypatch.delenv("WANGGE_X", raising=False)
    with pytest.raises(ImproperlyConfigured, match="缺少环境变量 WANGGE_X"):
        env.text("WANGGE_X")
    assert env.text("WANGGE_X", "default") == "default"


def test_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("from a file\n", encoding="utf-8")
    monkeypatch.setenv("WANGGE_X_FILE", str(tmp_path / "secret"))
    assert env.text("WANGGE_X") == "from a file"
    monkeypatch.setenv("WANGGE_X", "from the environment")
    with pytest.raises(ImproperlyConfigured, match="不能同时设置"):
        env.text("WANGGE_X")


def test_unreadable_secret_file_stops_the_start(monkeypatch, tmp_path):
    monkeypatch.setenv("WANGGE_X_FILE", str(tmp_path / "none"))
    with pytest.raises(ImproperlyConfigured, match="无法读取"):
        env.text("WANGGE_X")


@pytest.mark.parametrize(
    ("value", "meaning"),
    [("1", True), ("yes", True), ("ON", True), ("0", False), ("", False)],
)
def test_flags(monkeypatch, value, meaning):
    monkeypatch.setenv("WANGGE_X", value)
    assert env.flag("WANGGE_X") is meaning


def test_unclear_flag_and_number_stop_the_start(monkeypatch):
    monkeypatch.setenv("WANGGE_X", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="只能是 1 或 0"):
        env.flag("WANGGE_X")
    with pytest.raises(ImproperlyConfigured, match="应为整数"):
        env.number("WANGGE_X", 1)


def test_defaults(monkeypatch):
    monkeypatch.delenv("WANGGE_X", raising=False)
    assert env.flag("WANGGE_X", default=True) is True
    assert env.number("WANGGE_X", 7) == 7
    assert env.words("WANGGE_X") == []
    monkeypatch.setenv("WANGGE_X", "a, b,,c ")
    assert env.words("WANGGE_X") == ["a", "b", "c"]


PRODUCTION = {
    "WANGGE_SECRET_KEY": "s" * 60,
    "WANGGE_FIELD_KEY": "f" * 40,
    "WANGGE_HOSTS": "grid.example.cn",
    "WANGGE_STATE": "/nowhere",
    "WANGGE_DB_PASSWORD": "p",
    "WANGGE_DB_HOST": "db",
    "WANGGE_REDIS_URL": "redis://redis:6379/0",
}


def start(**environment):
    """Read the settings in a process of its own, as production would."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("WANGGE_")
    }
    return subprocess.run(
        [sys.executable, "-c", "import governance.settings"],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_its_secrets():
    assert start(**PRODUCTION).returncode == 0


@pytest.mark.parametrize("name", PRODUCTION)
def test_production_refuses_to_start_without(name):
    kept = {key: value for key, value in PRODUCTION.items() if key != name}
    answer = start(**kept)
    assert answer.returncode != 0
    assert name in answer.stderr


@pytest.mark.parametrize(
    "change",
    [
        {"WANGGE_SECRET_KEY": "short"},
        {"WANGGE_FIELD_KEY": "short"},
        {"WANGGE_CLOCK_FILE": "/tmp/clock"},  # noqa: S108
        {"WANGGE_ENV": "prod"},
    ],
)
def test_production_refuses_what_is_unsafe(change):
    answer = start(**{**PRODUCTION, **change})
    assert answer.returncode != 0
    assert next(iter(change)) in answer.stderr
