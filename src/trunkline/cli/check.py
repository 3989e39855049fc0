"""`trunkline check`: validates a configuration offline, shows what was understood, and every doubt with its line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click

from trunkline.cli.config_path import CONFIG
from trunkline.cli.read_config import read
from trunkline.config.schema import Snapshot
from trunkline.errors import ConfigInvalid


@click.command("check")
@click.argument("config", required=False, metavar="[FILE]", **CONFIG)
@click.option("--config", "-c", "named", type=click.Path(path_type=Path), help="The same as FILE.")
@click.option("--ignore", multiple=True, metavar="SETTING", help="A protecting setting to be done without.")
@click.option("--json", "as_data", is_flag=True, help="Print it as JSON.")
def verb(config: Path | None, named: Path | None, ignore: tuple[str, ...], as_data: bool) -> int:
    """Validate a configuration without serving it; without FILE, what the environment gives.

    The exit code is 1 when it cannot be served or when anything in it does not do what its writer hoped.
    """
    return report(named or config, ignore=ignore, as_data=as_data)


def report(config: Path | None, *, ignore: Iterable[str] = (), as_data: bool = False) -> int:
    """Prints what was understood. Returns the exit code. Raises ConfigInvalid for what cannot be served."""
    from trunkline.config.check import doubts

    try:
        snapshot = read(config, os.environ, frozenset(ignore))
    except ConfigInvalid as invalid:
        if not as_data:
            raise
        click.echo(json.dumps({"ok": False, "error": invalid.message, "remedy": invalid.remedy}, indent=2))
        return 1
    if as_data:
        click.echo(json.dumps(as_rows(snapshot), indent=2))
    else:
        _show(snapshot)
    return 1 if doubts(snapshot) else 0


def as_rows(snapshot: Snapshot) -> dict[str, object]:
    """`{"ok", "file", "models": [...], "aliases", "fallbacks", "warnings": [...]}`; no secret in it."""
    from trunkline.config.check import doubts, rows

    return {
        "ok": not doubts(snapshot),
        "file": str(snapshot.file) if snapshot.file else None,
        "models": [asdict(row) for row in rows(snapshot)],
        "aliases": dict(snapshot.aliases),
        "fallbacks": {name: list(chain) for name, chain in snapshot.fallbacks.items()},
        "default_fallbacks": list(snapshot.default_fallbacks),
        "master_key": snapshot.master_key.source if snapshot.master_key else None,
        "warnings": [asdict(warning) for warning in snapshot.warnings],
    }


def _show(snapshot: Snapshot) -> None:
    from rich.markup import escape

    from trunkline.cli.table import console, table
    from trunkline.config.check import doubts, rows

    out = console()
    shown = table("model", "goes to", "key", "$ per million tokens", "from")
    for row in rows(snapshot):
        goes = f"{row.provider}/{row.model}" + (f"\n{row.doors[0][1]}" if row.doors else "")
        key = row.key + (f"\n{row.limits}" if row.limits else "")
        shown.add_row(*(escape(cell) for cell in (row.name, goes, key, row.price, row.where)))
    out.print(shown)
    for alias, name in snapshot.aliases.items():
        out.print(escape(f"alias {alias} → {name}"))
    for name, chain in snapshot.fallbacks.items():
        out.print(escape(f"fallback {name} → {' → '.join(chain)}"))
    guard = (
        f"Clients need the key from {snapshot.master_key.source}." if snapshot.master_key else "No key is asked for."
    )
    out.print(escape(guard))
    for warning in snapshot.warnings:
        mark = "[dim]note[/]" if warning.kind == "note" else "[yellow]warning[/]"
        out.print(f"{mark} {escape(str(warning))}", soft_wrap=True)
    count = len(doubts(snapshot))
    out.print("[green]Nothing to mend.[/]" if not count else f"[yellow]{count} to mend.[/]")
