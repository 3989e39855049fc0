"""`trunkline ledger`: does it add up, and away with what is old."""

from __future__ import annotations

import os
import time

import click

from trunkline.config.home import home_of

_SHOWN = 20


@click.group("ledger")
def verb() -> None:
    """Look after the ledger. A gateway may go on meanwhile."""


@verb.command("verify")
@click.option("--json", "as_data", is_flag=True, help="Print it as JSON.")
def verify(as_data: bool) -> int:
    """Add up all rows; compare with the sums of days and what budgets have settled. Exits with 1 where one differs."""
    from trunkline.ledger import verify as ledger
    from trunkline.ledger.period import told
    from trunkline.ledger.sums import DAY

    found = ledger.verify(home_of(os.environ))
    since = told(found.first * DAY) if found.first else ""
    if as_data:
        import msgspec

        whole = {"ok": not found.differences, "days": found.days, "attempts": found.attempts,
                 "balances": found.balances, "from": since or None,
                 "differences": found.differences}  # fmt: skip
        click.echo(msgspec.json.format(msgspec.json.encode(whole), indent=2).decode())
        return 1 if found.differences else 0
    if since:
        click.echo(f"Rows of before {since} were pruned; what their days add up to cannot be checked any more.")
    for each in found.differences[:_SHOWN]:
        click.echo(f"{each.what}: the rows add up to {each.rows:,} {each.measure}, {each.kept:,} are kept.")
    if len(found.differences) > _SHOWN:
        click.echo(f"… and {len(found.differences) - _SHOWN:,} more; --json has all.")
    if found.differences:
        click.echo("The ledger does NOT add up. That is a defect, or the file was changed by somebody else.")
        return 1
    budgets = f", and so do the balances of {found.balances:,} budgets" if found.balances else ""
    click.echo(f"{found.attempts:,} attempts on {found.days:,} days add up, to the nano-dollar{budgets}.")
    return 0


@verb.command("prune")
@click.option("--older-than", "age", required=True, metavar="LENGTH", help="90d, 12w, 6mo, …")
@click.option("--yes", is_flag=True, help="Do not ask.")
def prune(age: str, yes: bool) -> int:
    """Delete rows of attempts that are older, by whole days (UTC). What the days add up to stays for ever."""
    from trunkline.ledger import prune as ledger
    from trunkline.ledger.period import length, told
    from trunkline.ledger.sums import DAY

    day = ledger.first_kept(time.time(), length(age))
    before = told(day * DAY)
    if not yes:
        click.confirm(f"Delete all rows of before {before}? They cannot be had back.", abort=True)
    count = ledger.prune(home_of(os.environ), day)
    click.echo(f"{count:,} rows of before {before} are deleted. The file keeps its size: new rows go into the room.")
    return 0
