"""What a doctor finds: one row a check, with its remedy; and how rows are shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "warn", "fail", "note"]
MARKS = {"ok": "[green]ok[/]", "warn": "[yellow]warning[/]", "fail": "[red]FAILED[/]", "note": "[dim]note[/]"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, how it stands, what was seen, what to do about it."""

    check: str
    state: State
    seen: str
    remedy: str = ""


def failed(findings: Sequence[Finding]) -> bool:
    """Whether anything must be mended."""
    return any(finding.state == "fail" for finding in findings)


def as_json(findings: Sequence[Finding]) -> str:
    """`{"ok": …, "checks": [{"check", "state", "seen", "remedy"}]}`."""
    return json.dumps({"ok": not failed(findings), "checks": [asdict(finding) for finding in findings]}, indent=2)


def show(findings: Sequence[Finding]) -> None:
    """A table on stdout."""
    from rich.markup import escape

    from trunkline.cli.table import console, table

    rows = table("check", "", "what was seen, and what to do")
    for row in findings:
        text = escape(row.seen) + (f"\n[bold]→[/] {escape(row.remedy)}" if row.remedy else "")
        rows.add_row(escape(row.check), MARKS[row.state], text)
    console().print(rows)
