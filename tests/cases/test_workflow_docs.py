"""docs/workflow.md says what the table says."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases.management.commands import workflow_docs
from cases.workflow import TRANSITIONS, State


def test_page_in_the_tree_is_current() -> None:
    call_command("workflow_docs", "--check")


def test_page_that_differs_is_refused_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    page = tmp_path / "workflow.md"
    monkeypatch.setattr(workflow_docs, "PAGE", page)
    monkeypatch.setattr(workflow_docs, "PICTURE", tmp_path / "workflow.svg")
    with pytest.raises(CommandError, match="不一致"):
        call_command("workflow_docs", "--check")
    page.write_text("an older table", encoding="utf-8")
    with pytest.raises(CommandError, match="不一致"):
        call_command("workflow_docs", "--check")
    call_command("workflow_docs")
    call_command("workflow_docs", "--check")
    assert str(page) in capsys.readouterr().out
    (tmp_path / "workflow.svg").write_text("<svg/>", encoding="utf-8")
    with pytest.raises(CommandError, match=r"workflow\.svg .*不一致"):
        call_command("workflow_docs", "--check")


def test_every_row_and_state_stands_in_the_page() -> None:
    text = workflow_docs.page()
    lines = text.splitlines()
    for row in TRANSITIONS:
        assert any(line.startswith(f"| {row.id} | `{row.action}`") for line in lines)
        for source in row.sources:
            assert f"    {source} --> {row.target}: " in text
    assert all(f"| `{state}` |" in text for state in State)


def test_page_is_the_same_whatever_language_is_active(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"
    call_command("workflow_docs", "--check")
