"""Settings files that would send Claude Code elsewhere are named by the doctor."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from trunkline.cli import agent_files


@pytest.fixture(autouse=True)
def no_managed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_files, "MANAGED", {})


def test_nothing_steers(tmp_path: Path) -> None:
    (found,) = agent_files.look({"HOME": str(tmp_path)}, tmp_path / "project")
    assert found.state == "ok"


def test_a_person_s_file_is_named_with_its_variables(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    env = {"ANTHROPIC_BASE_URL": "https://api.z.ai/api/anthropic", "EDITOR": "vi"}
    (tmp_path / ".claude/settings.json").write_text(json.dumps({"env": env, "apiKeyHelper": "x"}))
    (found,) = agent_files.look({"HOME": str(tmp_path)}, tmp_path / "project")
    assert found.state == "warn"
    assert str(tmp_path / ".claude/settings.json") in found.seen
    assert "ANTHROPIC_BASE_URL" in found.seen
    assert "apiKeyHelper" in found.seen
    assert "EDITOR" not in found.seen
    assert "api.z.ai" not in found.seen


def test_managed_settings_are_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_files, "MANAGED", {sys.platform: (str(tmp_path / "managed"),)})
    (tmp_path / "managed").mkdir()
    (tmp_path / "managed/managed-settings.json").write_text('{"env": {"ANTHROPIC_BASE_URL": "https://corp"}}')
    (found,) = agent_files.look({"HOME": str(tmp_path)}, tmp_path)
    assert found.state == "fail"


def test_a_broken_file_is_said_to_be_broken(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/settings.json").write_text("{")
    (found,) = agent_files.look({"HOME": str(tmp_path)}, tmp_path / "project")
    assert found.state == "warn"
    assert "cannot be read" in found.seen
