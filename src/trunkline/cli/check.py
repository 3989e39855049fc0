"""`trunkline check`: validates a configuration offline, shows what was understood, and every doubt with its line."""

from __future__ import annotations

import json
import os
import re
import sys
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
@click.option(
    "--migrate", "anew", is_flag=True, help="Print the clean LiteLLM file that says the same; no key is in it."
)
@click.option("--keys", "word", metavar="WORD", help="Show the settings that have to do with a word, and no file.")
def verb(
    config: Path | None, named: Path | None, ignore: tuple[str, ...], as_data: bool, anew: bool, word: str | None
) -> int:
    """Validate a configuration without serving it; without FILE, what the environment gives.

    The exit code is 1 when it cannot be served or when anything in it does not do what its writer hoped.
    """
    if word is not None:
        return show_settings(word)
    file = named or config
    if not anew:
        return report(file, ignore=ignore, as_data=as_data)
    if file is None or as_data:
        raise click.UsageError("--migrate wants a FILE, and prints YAML.")
    return print_migrated(file, ignore=ignore)


def report(config: Path | None, *, ignore: Iterable[str] = (), as_data: bool = False) -> int:
    """Prints what was understood. Returns the exit code. Raises ConfigInvalid for what cannot be served."""
    from trunkline.config.check import doubts

    try:
        snapshot = read(config, os.environ, frozenset(ignore))
    except ConfigInvalid as invalid:
        if not as_data:
            raise
        click.echo(
            json.dumps(
                {
                    "ok": False,
                    "file": str(config) if config else None,
                    "error": invalid.message,
                    "remedy": invalid.remedy,
                },
                indent=2,
            )
        )
        return 1
    if as_data:
        click.echo(json.dumps(as_rows(snapshot), indent=2))
    else:
        from trunkline.cli.check_table import show

        show(snapshot)
    return 1 if doubts(snapshot) else 0


def show_settings(word: str) -> int:
    """The settings whose name, section or meaning has that word. The exit code is 1 when there are none."""
    from rich.markup import escape
    from rich.padding import Padding

    from trunkline.cli.table import console
    from trunkline.config.reference import settings

    found, out = list(settings(word)), console()
    for each in found:
        place = each.name if each.section == "the file" else f"{each.section}.{each.name}"
        default = "" if each.default == "–" else f", default {_plain(each.default)}"
        out.print(f"[bold]{escape(place)}[/]: {escape(_plain(each.type) + default)}")
        out.print(Padding(escape(_plain(each.meaning)), (0, 0, 0, 2)))
    if not found:
        click.echo(f"No setting has to do with {word!r}.", err=True)
    return 0 if found else 1


def _plain(cell: str) -> str:
    """A cell of the reference without its links."""
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", cell)


def print_migrated(config: Path, *, ignore: Iterable[str] = ()) -> int:
    """The new file on standard output; on standard error the variables that its keys are to be put into."""
    from trunkline.config.migrate import migrate

    made = migrate(config, os.environ, ignore=frozenset(ignore))
    sys.stdout.write(made.text)
    for name, secret in made.secrets.items():
        sys.stderr.write(
            f"trunkline: a key stood at {secret.source}. Put it into {name}, in the environment or `.env`.\n"
        )
    return 0


def as_rows(snapshot: Snapshot) -> dict[str, object]:
    """What `docs/check.md` promises; no secret in it."""
    from trunkline.config.check import doubts, in_order, rows

    counted = doubts(snapshot)
    return {
        "ok": not counted,
        "file": str(snapshot.file) if snapshot.file else None,
        "files": [str(path) for path in snapshot.parts],
        "shape": snapshot.dialect,
        "models": [asdict(row) for row in rows(snapshot)],
        "aliases": dict(snapshot.aliases),
        "fallbacks": {name: list(chain) for name, chain in snapshot.fallbacks.items()},
        "default_fallbacks": list(snapshot.default_fallbacks),
        "master_key": snapshot.master_key.source if snapshot.master_key else None,
        "client_key": snapshot.client_key.source if snapshot.client_key else None,
        "warnings": [{**asdict(warning), "counts": warning in counted} for warning in in_order(snapshot)],
    }
