"""What rows add to the sums of the budgets that they are charged to: part of the transaction that inserts them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from trunkline.state.types import Row

_MOST = 10**15
"""The most that one row is believed, nano-dollars: SQLite's sums must stay integers."""

_CHARGE = """
    INSERT INTO balances VALUES (?,?,?) ON CONFLICT (balance) DO UPDATE SET
        settled_nano = settled_nano + excluded.settled_nano, changed_ms = max(changed_ms, excluded.changed_ms)
"""


def charge(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Adds up what rows that are new in the ledger cost, by balance. Rows without budgets cost nothing here."""
    sums: dict[bytes, int] = defaultdict(int)
    ended = 0.0
    for row in rows:
        for balance, counts, _, _ in row.funds:
            sums[balance] += min(max(row.value if counts == "v" else row.billed, 0), _MOST)
            ended = max(ended, row.ended)
    if sums:
        connection.executemany(_CHARGE, [(balance, nano, round(ended * 1000)) for balance, nano in sums.items()])
