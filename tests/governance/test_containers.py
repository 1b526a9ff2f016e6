"""docker-compose.yml and the Procfile fit each other and the settings."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
PROCESSES = dict(
    line.split(": ", 1)
    for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
)


def test_procfile_names_the_four_processes():
    assert list(PROCESSES) == ["web", "worker", "relay", "beat"]


@pytest.mark.parametrize("name", ["db", "redis", "web", "worker", "relay", "beat"])
def test_every_service_is_there_and_comes_back(name):
    service = COMPOSE["services"][name]
    assert service["restart"] == "unless-stopped"
    assert "image" in service or "build" in service


@pytest.mark.parametrize("name", PROCESSES)
def test_process_runs_its_line_of_the_procfile_once_tables_are_there(name):
    service = COMPOSE["services"][name]
    assert service["command"][-1] == name
    assert service["depends_on"]["migrate"] == {
        "condition": "service_completed_successfully"
    }


@pytest.mark.parametrize("name", ["db", "redis", "web"])
def test_healthchecks(name):
    assert COMPOSE["services"][name]["healthcheck"]["test"]


def test_what_is_used_is_declared():
    services = COMPOSE["services"].values()
    for service in services:
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in COMPOSE["volumes"]
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])


def test_everything_production_insists_on_is_given():
    settings = (ROOT / "governance" / "settings.py").read_text(encoding="utf-8")
    needed = set(re.findall(r'"(WANGGE_\w+)",\s*None if PRODUCTION', settings))
    assert len(needed) >= 5
    given = COMPOSE["services"]["web"]["environment"]
    for name in needed:
        assert name in given or f"{name}_FILE" in given, name


def test_no_secret_stands_in_the_file():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert not re.search(r"(PASSWORD|SECRET_KEY|FIELD_KEY): ", text)


def test_ci_runs_exactly_the_tests():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "exec bin/test"
