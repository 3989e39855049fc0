"""Questions to the ledger, with plain answers. Reads only; a ledger that is not there yet has no rows."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Literal

from trunkline.ledger.sqlite import FILE, connect

By = Literal["model", "key", "day", "provider"]

_COLUMNS: dict[By, str] = {"model": "model", "key": "key", "day": "day", "provider": "provider"}


def totals(home: Path, by: By) -> list[dict[str, Any]]:
    """Sums by model, key, day or provider, dearest first (days: latest first). Money in nano-dollars."""
    column = _COLUMNS[by]
    order = "day DESC" if by == "day" else "billed_nano DESC, attempts DESC"
    return _ask(
        home,
        f"SELECT {column}, SUM(attempts) AS attempts, SUM(input) AS input, SUM(cache_read) AS cache_read, "  # noqa: S608
        "SUM(cache_write) AS cache_write, SUM(output) AS output, SUM(billed_nano) AS billed_nano, "
        f"SUM(value_nano) AS value_nano FROM days GROUP BY {column} ORDER BY {order}",
    )


def latest(home: Path, most: int = 50, request: str = "") -> list[dict[str, Any]]:
    """Rows of attempts, newest first; of one request where its id is given."""
    if request:
        # The primary key begins with the request's id: a range of it, where the column would be a scan.
        question = "SELECT * FROM attempts WHERE attempt >= ? AND attempt < ? ORDER BY attempt LIMIT ?"
        return _ask(home, question, f"{request}-", f"{request}.", most)
    return _ask(home, "SELECT * FROM attempts ORDER BY started_ms DESC LIMIT ?", most)


def _ask(home: Path, question: str, *values: object) -> list[dict[str, Any]]:
    if not (home / FILE).exists():
        return []
    connection = connect(home, readonly=True)
    try:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(question, values)]
    finally:
        connection.close()
