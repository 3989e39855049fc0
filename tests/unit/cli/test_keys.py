"""`trunkline keys`, on a folder of its own."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from trunkline.cli.keys import verb


class Line:
    """The command line in a home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *args: str, given: str = "", ok: bool = True) -> Result:
        env = {"TRUNKLINE_HOME": str(self.home), "TRUNKLINE_URL": "", "LITELLM_SALT_KEY": "", "LITELLM_MASTER_KEY": ""}
        result = CliRunner().invoke(verb, args, input=given, env=env)
        assert not ok or result.exception is None, (result.output, result.exception)
        return result

    def json(self, *args: str) -> Any:
        return json.loads(self(*args, "--json").stdout)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path / "home")


def test_made_listed_shown_changed_and_deleted(line: Line) -> None:
    made = line("create", "--alias", "ci", "--model", "glm-*", "--max-budget", "5", "--rpm", "10", "--tag", "x")
    key = made.stdout.strip()
    assert key.startswith("sk-") and "not shown again" in made.stderr
    assert "ci" in line("list").stdout and key not in line("list").stdout
    row = line.json("show", "ci")
    assert (row["models"], row["max_budget"], row["rpm_limit"], row["tags"]) == (["glm-*"], 5.0, 10, ["x"])
    assert [step["action"] for step in row["history"]] == ["key/generate"]
    assert row["history"][0]["who"].startswith("cli ")
    line("update", "ci", "--rpm", "3", "--clear", "max_budget")
    row = line.json("show", key)
    assert (row["rpm_limit"], row["max_budget"]) == (3, None)
    line("block", "ci")
    assert line.json("list")[0]["blocked"] is True
    assert "blocked" in line("show", "ci").stdout
    line("unblock", row["id"])
    fresh = line("regenerate", "ci").stdout.strip()
    assert fresh != key and line.json("show", fresh)["key_alias"] == "ci"
    line("delete", fresh)
    assert "no keys" in line("list").stdout


def test_a_key_of_ones_own_is_read_not_typed_on_the_line(line: Line) -> None:
    assert line("create", "--own", given="sk-a-key-of-my-own\n").stdout.strip() == "sk-a-key-of-my-own"
    assert line.json("show", "sk-a-key-of-my-own")["key_name"] == "sk-...-own"


def test_what_is_wrong_is_said(line: Line) -> None:
    assert "Nothing is to be changed" in line("update", "x", ok=False).stderr
    assert line("create", "--duration", "soon", ok=False).exception is not None
    assert "No such key is known" in str(line("show", "nothing", ok=False).exception)


ROWS: list[dict[str, str]] = [
    {
        "token": hashlib.sha256(b"sk-from-litellm-1").hexdigest(),
        "key_name": "sk-...lm-1",
        "key_alias": "one",
        "spend": "0.5",
        "expires": "2099-01-02 03:04:05.123",
        "models": '{glm-4.6,"gpt 5"}',
        "aliases": "{}",
        "config": "{}",
        "user_id": "ada",
        "team_id": "",
        "permissions": "{}",
        "max_parallel_requests": "3",
        "metadata": '{"tags": ["x"], "why": "because"}',
        "blocked": "f",
        "tpm_limit": "1000",
        "rpm_limit": "0",
        "max_budget": "2.5",
        "budget_duration": "30d",
        "budget_reset_at": "2026-12-01 00:00:00",
        "allowed_cache_controls": "{}",
        "organization_id": "",
    },
    {"token": hashlib.sha256(b"sk-from-litellm-2").hexdigest(), "organization_id": "red", "key_alias": "two"},
    {"token": "sk-2", "key_alias": "three"},
]


@pytest.mark.parametrize("form", ["csv", "json", "lines"])
def test_keys_of_litellm_are_taken_over_and_stay_valid(line: Line, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"keys.{form}"
    if form == "csv":
        with file.open("w", newline="") as out:
            writer = csv.DictWriter(out, list(ROWS[0]))
            writer.writeheader()
            writer.writerows(ROWS)
    else:
        rows: list[Any] = [{**ROWS[0], "models": ["glm-4.6", "gpt 5"], "rpm_limit": 0, "blocked": None}, *ROWS[1:]]
        file.write_text(json.dumps(rows) if form == "json" else "\n".join(map(json.dumps, rows)))
    dry = line("import", str(file), "--dry-run", "--json", ok=False)
    assert json.loads(dry.stdout)["taken"] == 1
    assert "no keys" in line("list").stdout
    told = json.loads(line("import", str(file), "--json", ok=False).stdout)
    assert (told["taken"], told["known"], told["failed"]) == (1, 0, 2)
    assert any("organization_id" in remark for remark in told["remarks"])
    assert any("one: $0.5 that it has spent there are not counted here" in remark for remark in told["remarks"])
    row = line.json("show", "sk-from-litellm-1")
    assert row["models"] == ["glm-4.6", "gpt 5"] and row["tags"] == ["x"] and row["metadata"] == {"why": "because"}
    assert (row["rpm_limit"], row["tpm_limit"], row["max_budget"], row["budget_duration"]) == (0, 1000, 2.5, "30d")
    assert row["expires"].startswith("2099-01-02T03:04:05") and row["key_alias"] == "one"
    assert json.loads(line("import", str(file), "--json", ok=False).stdout)["known"] == 1


def test_a_file_that_is_no_such_table_is_refused(line: Line, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n")
    assert "no column `token`" in str(line("import", str(file), ok=False).exception)
