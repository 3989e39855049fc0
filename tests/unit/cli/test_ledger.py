"""`trunkline ledger`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.unit.ledger.making import DAY_ONE, some
from trunkline.cli import ledger
from trunkline.ledger.read import latest
from trunkline.ledger.sqlite import connect

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_HOME", str(tmp_path))
    monkeypatch.setattr("trunkline.cli.ledger.time.time", lambda: DAY_ONE + 11 * 86400)
    some(tmp_path)


def run(*args: str) -> int:
    code = ledger.verb.main(list(args), standalone_mode=False)
    assert isinstance(code, int)
    return code


def test_a_ledger_that_adds_up(capsys: Said) -> None:
    assert run("verify") == 0
    assert capsys.readouterr().out == "5 attempts on 3 days add up, to the nano-dollar.\n"


def test_a_ledger_that_does_not_is_a_failure_that_names_the_number(tmp_path: Path, capsys: Said) -> None:
    connection = connect(tmp_path)
    connection.execute("UPDATE day_users SET billed_nano = 3 WHERE user = 'bob'")
    connection.close()
    assert run("verify") == 1
    said = capsys.readouterr().out
    assert "2026-11-18: user bob: the rows add up to 500 billed_nano, 3 are kept." in said
    assert "does NOT add up" in said
    assert run("verify", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["differences"][0]["rows"]) == (False, 500)


def test_pruning_takes_whole_days_and_asks_first(tmp_path: Path, capsys: Said) -> None:
    assert CliRunner().invoke(ledger.verb, ["prune", "--older-than", "10d"], input="n\n").exit_code == 1
    assert len(latest(tmp_path)) == 5
    assert run("prune", "--older-than", "10d", "--yes") == 0
    assert "3 rows of before 2026-11-19 are deleted." in capsys.readouterr().out
    assert len(latest(tmp_path)) == 2
    assert run("verify") == 0
    assert "Rows of before 2026-11-19 were pruned" in capsys.readouterr().out
