"""`trunkline spend`: what the calls cost, out of the ledger on this machine."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, cast

import click

from trunkline.config.home import home_of

if TYPE_CHECKING:
    from trunkline.ledger.read import By


@click.command("spend")
@click.option("--by", type=click.Choice(["model", "key", "day", "provider"]), default="model", show_default=True)
@click.option("--json", "as_data", is_flag=True, help="Print it as JSON, money in nano-dollars.")
def verb(by: str, as_data: bool) -> int:
    """Show what was spent. Rows appear in the ledger a moment after their call has ended."""
    from trunkline.ledger.read import totals

    rows = totals(home_of(os.environ), cast("By", by))
    if as_data:
        click.echo(json.dumps(rows, indent=2))
        return 0
    if not rows:
        click.echo("Nothing was called yet.")
        return 0
    from rich.markup import escape

    from trunkline.cli.table import console, table
    from trunkline.model.usage import dollars

    shown = table(by, "calls", "input", "cached", "output", "$ billed", "$ at list price")
    for row in rows:
        counts = (row["attempts"], row["input"], row["cache_read"] + row["cache_write"], row["output"])
        name = str(row[by]) or "(none)"
        money = (dollars(row["billed_nano"]), dollars(row["value_nano"]))
        shown.add_row(escape(name), *(f"{count:,}" for count in counts), *money)
    console().print(shown)
    return 0
