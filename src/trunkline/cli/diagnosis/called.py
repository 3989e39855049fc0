"""The doctor's look at the providers: one small real call for each deployment, and what each came to."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import click

from trunkline.cli.diagnosis import clock
from trunkline.cli.diagnosis.asked import asked
from trunkline.cli.diagnosis.calls import ask_all
from trunkline.cli.diagnosis.means import finding
from trunkline.cli.diagnosis.mending import mended, offered, pull
from trunkline.cli.findings import Finding
from trunkline.config.schema import Snapshot


def look(snapshot: Snapshot, environ: Mapping[str, str], *, fix: bool, at_terminal: bool) -> list[Finding]:
    """A row a call, and one on the clock. With `fix`, and when it is wanted `at_terminal`, a model of Ollama's that is
    missing is pulled and asked then. Raises `ConfigInvalid`."""
    calls = asked(snapshot)
    if not calls:
        return []
    paid = sum(each.how != "list" for each in calls)
    if paid:
        what = "one deployment one small thing" if paid == 1 else f"{paid} deployments one small thing each"
        click.echo(f"Asking {what}, which costs a fraction of a cent. --no-calls leaves it out.", err=True)
    told, dates = asyncio.run(ask_all(snapshot, calls))
    rows = [finding(each, environ, pull) for each in told]
    pulled = mended(rows) if fix else offered(rows) if at_terminal else []
    if pulled:
        told, _ = asyncio.run(ask_all(snapshot, [calls[at] for at in pulled]))
        for at, each in zip(pulled, told, strict=True):
            rows[at] = finding(each, environ, pull)
    return [*rows, *clock.look(dates)]
