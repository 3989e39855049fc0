"""Keys, users and teams at a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from rich.markup import escape

from trunkline.cli.table import console, table


def keys_table(keys: Sequence[dict[str, Any]]) -> None:
    """A row for each."""
    shown = table("id", "alias", "models", "user, team", "$ spent", "limits", "expires", "")
    for each in keys:
        owner = ", ".join(filter(None, (each["user_id"], each["team_id"])))
        cells = (each["id"], each["key_alias"] or "", ", ".join(each["models"]) or "all", owner, _money(each))
        state = "[red]blocked[/]" if each["blocked"] else ""
        shown.add_row(*map(escape, cells), escape(_limits(each)), (each["expires"] or "never")[:16], state)
    console().print(shown)


def people_table(kind: str, people: Sequence[dict[str, Any]]) -> None:
    """A row for each user or team."""
    shown = table(kind, "alias", "models", "members" if kind == "team" else "email", "$ spent", "limits", "")
    for each in people:
        more = ", ".join(each["members"]) if kind == "team" else each["user_email"] or ""
        cells = (each[f"{kind}_id"], each[f"{kind}_alias"] or "", ", ".join(each["models"]) or "all", more)
        state = "[red]blocked[/]" if each["blocked"] else ""
        shown.add_row(*map(escape, cells), escape(_money(each)), escape(_limits(each)), state)
    console().print(shown)


def key_page(key: dict[str, Any], history: Sequence[dict[str, Any]] | None) -> None:
    """Everything that is known of one, and who changed it."""
    shown = table("", "")
    shown.show_header = False
    for name, value in key.items():
        if value not in (None, [], {}, ""):
            shown.add_row(name, escape(str(value)))
    out = console()
    out.print(shown)
    for line in history or ():
        when = datetime.fromtimestamp(line["at_ms"] / 1000, UTC).isoformat(sep=" ", timespec="seconds")
        out.print(escape(f"{when[:19]}  {line['who']}  {line['action']}  {line['changes'] or ''}"), soft_wrap=True)


def _money(key: dict[str, Any]) -> str:
    spent = f"{key['spend']:.4f}"
    if key["max_budget"] is None:
        return spent
    lasts = f" a {key['budget_duration']}" if key["budget_duration"] else ""
    return f"{spent} of {key['max_budget']:g}{lasts}"


def _limits(key: dict[str, Any]) -> str:
    said = (("rpm", key["rpm_limit"]), ("tpm", key["tpm_limit"]), ("at once", key["max_parallel_requests"]))
    return ", ".join(f"{value:,} {name}" for name, value in said if value is not None)
