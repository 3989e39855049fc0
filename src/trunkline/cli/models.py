"""`trunkline models`: what can be asked for, by a running gateway or by a configuration alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from trunkline.cli.config_path import CONFIG
from trunkline.cli.read_config import read


@click.command("models")
@click.option("--config", "-c", **CONFIG, help="The configuration.")
@click.option("--url", help="Ask this running gateway instead.")
@click.option("--key", help="The gateway's key. Else TRUNKLINE_API_KEY, else LITELLM_MASTER_KEY.")
@click.option("--all", "everything", is_flag=True, help="Also models whose provider has no key, and aliases.")
@click.option("--json", "as_data", is_flag=True, help="Print it as JSON.")
def verb(config: Path | None, url: str | None, key: str | None, everything: bool, as_data: bool) -> int:
    """List the models that are offered."""
    rows = _asked(url, key) if url else _configured(config, everything=everything)
    if as_data:
        click.echo(json.dumps(rows, indent=2))
        return 0
    from rich.markup import escape

    from trunkline.cli.table import console, table

    shown = table(*(("model",) if url else ("model", "goes to", "key", "$ per million tokens")))
    for row in rows:
        shown.add_row(*(escape(cell) for cell in row.values()))
    console().print(shown)
    return 0


def _asked(url: str, key: str | None) -> list[dict[str, str]]:
    from trunkline.cli.gateway import models, named

    gateway = named(url, key, os.environ)
    assert gateway is not None
    return [{"model": name} for name in models(gateway)]


def _configured(config: Path | None, *, everything: bool) -> list[dict[str, str]]:
    from trunkline.config.check import rows

    snapshot = read(config, os.environ)
    listed = [
        {"model": row.name, "goes_to": f"{row.provider}/{row.model}", "key": row.key, "price": row.price}
        for row in rows(snapshot)
        if everything or row.key != "no key"
    ]
    if everything:
        aliases = snapshot.aliases.items()
        listed += [{"model": alias, "goes_to": name, "key": "alias", "price": ""} for alias, name in aliases]
    return listed
