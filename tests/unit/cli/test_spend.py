"""`trunkline spend`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trunkline.cli import spend
from trunkline.ledger import read

ROW = {
    "model": "glm-5.3", "attempts": 1200, "input": 5, "cache_read": 2, "cache_write": 1, "output": 7,
    "billed_nano": 1_500_000_000, "value_nano": 2_000_000_001,
}  # fmt: skip


def test_a_new_ledger_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRUNKLINE_HOME", str(tmp_path))
    assert spend.verb.main([], standalone_mode=False) == 0
    assert capsys.readouterr().out == "Nothing was called yet.\n"


def test_money_is_shown_exactly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(read, "totals", lambda home, by: [ROW])
    assert spend.verb.main([], standalone_mode=False) == 0
    shown = capsys.readouterr().out
    for part in ("glm-5.3", "1,200", "1.5", "2.000000001"):
        assert part in shown
    assert spend.verb.main(["--json"], standalone_mode=False) == 0
    assert json.loads(capsys.readouterr().out) == [ROW]
