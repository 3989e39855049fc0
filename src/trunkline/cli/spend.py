"""`trunkline spend`: what the calls cost, out of the ledger on this machine."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, cast

import click

from trunkline.config.home import home_of

if TYPE_CHECKING:
    from trunkline.ledger.read import By, Report

_SHOWN = 50
"""Names in a table, unless `--top` says otherwise; CSV and JSON have all."""
_ONLY = ("key", "model", "group", "provider")
_TOKENS = ("input", "cache_read", "cache_write", "output", "reasoning")
_MONEY = {"spend": "billed_nano", "value": "value_nano", "estimated_spend": "estimated_nano"}


@click.command("spend")
@click.option(
    "--by",
    type=click.Choice(["model", "key", "user", "group", "provider", "session", "tag", "day"]),
    default="model",
    show_default=True,
)
@click.option("--from", "since", metavar="DATE", help="2026-11-01, 2026-11 or 2026-11-01T10:30, in UTC.")
@click.option("--to", "until", metavar="DATE", help="A day or a month belongs to the period as a whole.")
@click.option("--last", metavar="LENGTH", help="The last 12h, 7d, 4w or 1mo.")
@click.option("--key", help="Of this key alone (its id). By day, model, group or provider; as are the next three.")
@click.option("--model", help="Of this model alone.")
@click.option("--group", help="Of this model group alone.")
@click.option("--provider", help="Of this provider alone.")
@click.option("--top", type=click.IntRange(min=1), help=f"That many names; a table shows {_SHOWN}.")
@click.option("--csv", "as_csv", is_flag=True, help="Print it as CSV, money in dollars, to the last digit.")
@click.option("--json", "as_data", is_flag=True, help="Print it as JSON, money in dollars, to the last digit.")
def verb(
    by: str, since: str | None, until: str | None, last: str | None, top: int | None, as_csv: bool, as_data: bool,
    **only: str | None,
) -> int:  # fmt: skip
    """Show what was spent. Rows appear in the ledger a moment after their call has ended; days are of UTC."""
    from trunkline.ledger.period import period
    from trunkline.ledger.read import report

    meant = {name: value for name, value in only.items() if value is not None}
    if meant and by in ("session", "tag", "user"):
        raise click.UsageError(f"Spend by {by} is not kept for one {next(iter(meant))} alone.")
    most = top or (None if as_csv or as_data else _SHOWN)
    found = report(home_of(os.environ), cast("By", by), period(since, until, last, time.time()), meant, most)
    if as_data:
        click.echo(_json(found))
    elif as_csv:
        click.echo(_csv(found), nl=False)
    elif not found.rows:
        click.echo("Nothing was called yet." if not (since or until or last or meant) else "Nothing was called then.")
    else:
        _table(found)
    for note in found.notes:
        click.echo(note, err=True)
    return 0


def _plain(sums: dict[str, Any]) -> dict[str, Any]:
    """Sums as data: counts as they are, money as exact decimals."""
    from trunkline.ledger.logs import exact

    return {
        **{name: exact(sums[column]) for name, column in _MONEY.items()},
        "attempts": sums["attempts"],
        "failed": sums["failed"],
        "estimated": sums["estimated"],
        "unpriced": sums["unpriced"],
        **{name: sums[name] for name in _TOKENS},
    }


def _json(found: Report) -> str:
    import msgspec

    whole = {
        "by": found.by,
        "from": found.period.since or None,
        "to": found.period.until or None,
        "rows": [{found.by: row[found.by], **_plain(row)} for row in found.rows],
        "total": _plain(found.total),
        "notes": found.notes,
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()


def _csv(found: Report) -> str:
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([found.by, *_plain(found.total)])
    for row in found.rows:
        plain = _plain(row)
        cells = (bytes(each).decode() if name in _MONEY else each for name, each in plain.items())
        writer.writerow([_harmless(str(row[found.by])), *cells])
    return out.getvalue()


def _harmless(name: str) -> str:
    """Clients make up the names of users, sessions and tags: none may be a formula to the program that opens this."""
    return f"'{name}" if name[:1] in ("=", "+", "-", "@", "\t", "\r") else name


def _table(found: Report) -> None:
    from rich.markup import escape

    from trunkline.cli.table import console, table
    from trunkline.model.usage import dollars

    guessed = bool(found.total["estimated"])
    money_columns = ("$ billed", "of it estimated", "$ at list price") if guessed else ("$ billed", "$ at list price")
    shown = table(found.by, "calls", "input", "cached", "output", *money_columns)
    for at, row in enumerate([*found.rows, {**found.total, found.by: "total"}]):
        if at == len(found.rows):
            shown.add_section()
        counts = (row["attempts"], row["input"], row["cache_read"] + row["cache_write"], row["output"])
        money = [dollars(row["billed_nano"]), dollars(row["value_nano"])]
        if guessed:
            money.insert(1, dollars(row["estimated_nano"]) if row["estimated"] else "")
        shown.add_row(escape(str(row[found.by]) or "(none)"), *(f"{count:,}" for count in counts), *money)
    console().print(shown)
    total = found.total
    if total["unpriced"]:
        click.echo(f"{total['unpriced']:,} calls went to models without a known price and are counted as 0.")
    if found.by == "tag":
        click.echo("A call with several tags stands under each of them, and once in the total.")
    if len(found.rows) == _SHOWN:
        click.echo(f"The dearest {_SHOWN} are shown; --top, --csv and --json have more.")
