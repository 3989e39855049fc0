"""`trunkline users` and `trunkline teams`, on a folder of their own."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from trunkline.cli import keys, teams, users


class Line:
    """The command line in a home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, verb: click.Group, *args: str, ok: bool = True) -> Result:
        env = {"TRUNKLINE_HOME": str(self.home), "TRUNKLINE_URL": "", "LITELLM_SALT_KEY": "", "LITELLM_MASTER_KEY": ""}
        result = CliRunner().invoke(verb, args, env=env)
        assert not ok or result.exception is None, (result.output, result.exception)
        return result

    def json(self, verb: click.Group, *args: str, ok: bool = True) -> Any:
        return json.loads(self(verb, *args, "--json", ok=ok).stdout)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path / "home")


def test_a_user_made_shown_changed_and_deleted(line: Line) -> None:
    assert "no users" in line(users.verb, "list").stdout
    line(users.verb, "create", "ada", "--email", "ada@example.org", "--max-budget", "5", "--model", "glm-*")
    line(keys.verb, "create", "--user", "ada", "--alias", "hers")
    assert "ada@example.org" in line(users.verb, "list").stdout
    told = line.json(users.verb, "show", "ada")
    assert (told["user_info"]["max_budget"], told["user_info"]["models"]) == (5.0, ["glm-*"])
    assert [each["key_alias"] for each in told["keys"]] == ["hers"]
    assert [each["action"] for each in told["history"]] == ["user/new"]
    assert "hers" in line(users.verb, "show", "ada").stdout
    line(users.verb, "update", "ada", "--rpm", "3", "--clear", "max_budget", "--block")
    info = line.json(users.verb, "show", "ada")["user_info"]
    assert (info["rpm_limit"], info["max_budget"], info["blocked"]) == (3, None, True)
    line(users.verb, "update", "ada", "--unblock")
    assert line.json(users.verb, "list")[0]["blocked"] is False
    assert "ada" in str(line(users.verb, "create", "ada", ok=False).exception)
    line(users.verb, "delete", "ada")
    assert "no keys" in line(keys.verb, "list").stdout


def test_a_team_and_who_is_in_it(line: Line) -> None:
    line(teams.verb, "create", "red", "--alias", "The red ones", "--max-budget", "10", "--budget-duration", "1mo")
    assert "2 members" in line(teams.verb, "add", "red", "ada", "bob", "--max-budget", "3").stdout
    assert {each["user_id"] for each in line.json(users.verb, "list")} == {"ada", "bob"}
    line(teams.verb, "remove", "red", "bob")
    assert line.json(teams.verb, "show", "red")["team_info"]["members"] == ["ada"]
    assert "The red ones" in line(teams.verb, "list").stdout
    line(teams.verb, "update", "red", "--block")
    assert "blocked" in line(teams.verb, "list").stdout
    line(teams.verb, "delete", "red")
    assert "no teams" in line(teams.verb, "list").stdout


USER = {
    "user_id": "ada", "user_alias": "", "team_id": "", "organization_id": "", "password": "hashed", "teams": "{red}",
    "user_role": "internal_user", "max_budget": "7.5", "spend": "1.2", "user_email": "ada@example.org",
    "models": '{glm-4.6,"gpt 5"}', "metadata": "{}", "tpm_limit": "1000", "budget_duration": "30d",
    "budget_reset_at": "2026-12-01 00:00:00", "allowed_cache_controls": "{}", "model_spend": "{}",
}  # fmt: skip
TEAM = {
    "team_id": "red", "team_alias": "The red ones", "organization_id": "", "admins": "{}", "members": "{}",
    "members_with_roles": '[{"user_id": "ada", "role": "admin"}, {"user_id": "bob", "role": "user"}]',
    "metadata": '{"why": "because"}', "max_budget": "20", "models": "{}", "blocked": "f", "model_id": "",
    "rpm_limit": "", "created_at": "2026-01-01",
}  # fmt: skip


def _csv(file: Path, *rows: dict[str, str]) -> str:
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(file)


def test_users_and_teams_of_litellm_are_taken_over(line: Line, tmp_path: Path) -> None:
    their = _csv(tmp_path / "users.csv", USER, {**USER, "user_id": "eve", "organization_id": "other"})
    red = _csv(tmp_path / "teams.csv", TEAM)
    assert line.json(teams.verb, "import", red, "--dry-run")["taken"] == 1
    assert "no teams" in line(teams.verb, "list").stdout
    assert line.json(teams.verb, "import", red)["taken"] == 1
    info = line.json(teams.verb, "show", "red")["team_info"]
    assert (info["members"], info["admins"], info["max_budget"]) == (["ada", "bob"], ["ada"], 20.0)
    # Ada was made for her team, and bounds nothing yet: her row still counts. Eve is bound by what is not here.
    told = line.json(users.verb, "import", their, ok=False)
    assert (told["taken"], told["known"], told["failed"]) == (1, 0, 1)
    assert any("organization_id" in each for each in told["remarks"])
    info = line.json(users.verb, "show", "ada")["user_info"]
    assert (info["max_budget"], info["tpm_limit"], info["models"]) == (7.5, 1000, ["glm-4.6", "gpt 5"])
    assert line.json(users.verb, "import", their, ok=False)["known"] == 1
    wrong = line(teams.verb, "import", _csv(tmp_path / "other.csv", {"a": "1"}), ok=False)
    assert "no column `team_id`" in str(wrong.exception)
