"""Where a plain `claude` goes, and with which key, by everything that has a say in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trunkline.cli import agent_base, agent_files


@pytest.fixture(autouse=True)
def no_managed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_files, "MANAGED", {})


def settings(path: Path, **env: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"env": env}))


@pytest.mark.parametrize(
    ("base", "state", "code"),
    [
        ("", "note", ""),
        ("http://localhost:4000", "ok", ""),
        ("http://127.0.0.1:4000/v1", "ok", ""),
        ("https://localhost:4000", "warn", "claude.base"),
        ("https://api.z.ai/api/anthropic", "note", ""),
        ("localhost:4000", "fail", "claude.base"),
    ],
)
def test_each_kind_of_address(tmp_path: Path, base: str, state: str, code: str) -> None:
    (row,) = agent_base.look({"HOME": str(tmp_path), "ANTHROPIC_BASE_URL": base}, tmp_path / "project")
    assert (row.state, row.code) == (state, code)


def test_the_nearest_file_has_the_last_word(tmp_path: Path) -> None:
    settings(tmp_path / ".claude/settings.json", ANTHROPIC_BASE_URL="http://127.0.0.1:1")
    settings(tmp_path / "project/.claude/settings.json", ANTHROPIC_BASE_URL="http://127.0.0.1:2")
    environ = {"HOME": str(tmp_path), "ANTHROPIC_BASE_URL": "http://127.0.0.1:3"}
    (row,) = agent_base.look(environ, tmp_path / "project")
    assert "127.0.0.1:2" in row.seen
    assert str(tmp_path / "project/.claude/settings.json") in row.seen


def test_a_password_in_the_address_is_not_shown(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "ANTHROPIC_BASE_URL": "http://me:hidden@127.0.0.1:4000"}
    (row,) = agent_base.look(environ, tmp_path)
    assert "hidden" not in row.seen


def test_both_credentials_are_told_with_where_they_are(tmp_path: Path) -> None:
    settings(tmp_path / ".claude/settings.json", ANTHROPIC_API_KEY="k-1")
    _, row = agent_base.look({"HOME": str(tmp_path), "ANTHROPIC_AUTH_TOKEN": "k-2"}, tmp_path / "project")
    assert (row.state, row.code) == ("warn", "claude.both_keys")
    assert "settings.json" in row.seen
    assert "k-1" not in row.seen
    settings(tmp_path / ".claude/settings.json", ANTHROPIC_API_KEY="")
    assert len(list(agent_base.look({"HOME": str(tmp_path), "ANTHROPIC_AUTH_TOKEN": "k-2"}, tmp_path / "p"))) == 1
