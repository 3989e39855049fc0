"""`trunkline spend`."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import click
import pytest

from tests.unit.ledger.making import at, ledger, some
from trunkline.cli import spend

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_HOME", str(tmp_path))


def run(*args: str) -> int:
    code = spend.verb.main(list(args), standalone_mode=False)
    assert isinstance(code, int)
    return code


def test_a_new_ledger_says_so(capsys: Said) -> None:
    assert run() == 0
    assert capsys.readouterr().out == "Nothing was called yet.\n"


def test_a_table_shows_exact_money_a_total_and_what_of_it_is_estimated(tmp_path: Path, capsys: Said) -> None:
    some(tmp_path)
    assert run() == 0
    shown = capsys.readouterr().out
    for part in ("glm-5.3", "3.000000008", "gpt-6-sol", "0.0000005", "of it estimated", "total", "3.000000508"):
        assert part in shown
    assert "1 calls went to models without a known price and are counted as 0." in shown


def test_data_has_exact_numbers(tmp_path: Path, capsys: Said) -> None:
    ledger(tmp_path, [at(1, "a-0", billed=10**15 - 1, key="k")])
    assert run("--by", "key", "--json") == 0
    told = json.loads(capsys.readouterr().out, parse_float=Decimal)
    assert told["rows"][0]["spend"] == Decimal("999999.999999999")
    assert (told["by"], told["from"], told["total"]["attempts"]) == ("key", None, 1)


def test_csv_is_for_other_programs(tmp_path: Path, capsys: Said) -> None:
    ledger(tmp_path, [at(1, "a-0", billed=1, session="=HYPERLINK(1)"), at(2, "b-0", billed=2, session='a,"b"')])
    assert run("--by", "session", "--csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["session"], row["spend"]) for row in rows] == [
        ('a,"b"', "0.000000002"),
        ("'=HYPERLINK(1)", "0.000000001"),
    ]
    assert run("--by", "session", "--from", "2027-01", "--csv") == 0
    assert capsys.readouterr().out.startswith("session,spend,"), "its columns have names, however few rows there are"


def test_a_period_is_named_as_people_do(tmp_path: Path, capsys: Said) -> None:
    some(tmp_path)
    assert run("--by", "day", "--from", "2026-11-19", "--to", "2026-11-19", "--csv") == 0
    assert [line.partition(",")[0] for line in capsys.readouterr().out.splitlines()] == ["day", "2026-11-19"]
    assert run("--from", "2027-01") == 0
    assert capsys.readouterr().out == "Nothing was called then.\n"


def test_one_keys_days(tmp_path: Path, capsys: Said) -> None:
    some(tmp_path)
    assert run("--by", "day", "--key", "k2", "--json") == 0
    assert [row["attempts"] for row in json.loads(capsys.readouterr().out)["rows"]] == [1, 1]
    with pytest.raises(click.UsageError, match="not kept for one key"):
        run("--by", "tag", "--key", "k2")


def test_more_names_than_a_table_shows_are_said_to_be(tmp_path: Path, capsys: Said) -> None:
    ledger(tmp_path, [at(1, f"r{n}-0", session=f"s{n:03d}", tags=()) for n in range(60)])
    assert run("--by", "session") == 0
    shown = capsys.readouterr().out
    assert "s049" in shown
    assert "s050" not in shown
    assert "The dearest 50 are shown" in shown
    assert run("--by", "session", "--csv") == 0
    assert len(capsys.readouterr().out.splitlines()) == 61
