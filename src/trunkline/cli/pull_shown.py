"""How a pull is shown: a bar for each layer on a terminal, a line now and then in a log."""

from __future__ import annotations

from collections.abc import Iterator

import click

from trunkline.cli.ollama import Report
from trunkline.cli.table import console

_STEP = 10
"""Percent of a layer between two lines where there is no terminal."""


def shown(model: str, reports: Iterator[Report]) -> None:
    """Shows a pull until it ends; what it raises passes."""
    if console().is_terminal:
        _bars(model, reports)
    else:
        _lines(model, reports)
    click.echo(f"{model} is there.")


def _bars(model: str, reports: Iterator[Report]) -> None:
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console()) as progress:
        tasks = {}
        last = ""
        for report in reports:
            if report.layer:
                if report.layer not in tasks:
                    tasks[report.layer] = progress.add_task(escape(f"{model} {_short(report.layer)}"), total=None)
                progress.update(tasks[report.layer], total=report.total or None, completed=report.done)
            elif report.status != last:
                progress.console.print(escape(f"{model}: {report.status}"))
            last = report.status


def _lines(model: str, reports: Iterator[Report]) -> None:
    told: dict[str, int] = {}
    last = ""
    for report in reports:
        if report.layer and report.total:
            step = report.done * 100 // report.total // _STEP
            if told.get(report.layer, -1) < step:
                told[report.layer] = step
                part = f"{step * _STEP} % of {_size(report.total)}"
                click.echo(f"{model}: {_short(report.layer)} {part}")
        elif report.status != last:
            click.echo(f"{model}: {report.status}")
        last = report.status


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]


def _size(total: int) -> str:
    """Bytes as people say them, decimal as on Ollama's own pages."""
    size = float(total)
    for unit in ("B", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
