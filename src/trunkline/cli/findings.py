"""What a doctor finds: one row a check, with its remedy; and how rows are shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from trunkline.model.usage import NANO, dollars

State = Literal["ok", "warn", "fail", "note"]
MARKS = {"ok": "[green]ok[/]", "warn": "[yellow]warning[/]", "fail": "[red]FAILED[/]", "note": "[dim]note[/]"}


@dataclass(frozen=True, slots=True)
class Mend:
    """Something that can be put right without harm: what will be done, and the doing, which says what was done.

    `do` raises `OSError` or a `Failure` where it cannot be. `asks`: worth a question at a terminal.
    """

    what: str
    do: Callable[[], str]
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, how it stands, what was seen, what to do about it.

    `code` names what is wrong, for `docs/troubleshooting.md` and for programs; `cost` is nano-dollars that were spent
    on finding out.
    """

    check: str
    state: State
    seen: str
    remedy: str = ""
    code: str = ""
    mend: Mend | None = field(default=None, compare=False)
    cost: int = 0


def failed(findings: Sequence[Finding]) -> bool:
    """Whether anything must be mended."""
    return any(finding.state == "fail" for finding in findings)


def as_json(findings: Sequence[Finding]) -> str:
    """`{"ok", "cost_usd", "checks": [{"check", "state", "code", "seen", "remedy", "fixable", "cost_usd"}]}`."""
    rows = [
        {
            "check": row.check,
            "state": row.state,
            "code": row.code,
            "seen": row.seen,
            "remedy": row.remedy,
            "fixable": row.mend is not None,
            "cost_usd": row.cost / NANO,
        }
        for row in findings
    ]
    total = sum(row.cost for row in findings) / NANO
    return json.dumps({"ok": not failed(findings), "cost_usd": total, "checks": rows}, indent=2, ensure_ascii=False)


def show(findings: Sequence[Finding]) -> None:
    """A table on stdout, and under it what there is to mend."""
    from rich.markup import escape

    from trunkline.cli.table import console, table

    rows = table("check", "", "what was seen, and what to do")
    for row in findings:
        text = escape(row.seen) + (f" [dim]({escape(row.code)})[/]" if row.code else "")
        text += f"\n[bold]→[/] {escape(row.remedy)}" if row.remedy else ""
        rows.add_row(escape(row.check), MARKS[row.state], text)
    out = console()
    out.print(rows)
    count = {state: sum(row.state == state for row in findings) for state in ("fail", "warn")}
    tail = "Nothing to mend."
    if any(count.values()):
        tail = f"{count['fail']} failed, {count['warn']} {'warning' if count['warn'] == 1 else 'warnings'}."
    if any(row.mend for row in findings):
        tail += " `trunkline doctor --fix` mends what is safe to mend."
    if cost := sum(row.cost for row in findings):
        tail += f" The calls cost ${dollars(cost)}."
    out.print(f"\n{escape(tail)}")
