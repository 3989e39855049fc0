"""What rows add to the sums of the budgets that they are charged to: part of the transaction that inserts them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from trunkline.ledger.bulk import Insert
from trunkline.ledger.sums import BILLED, VALUE, Values
from trunkline.state.types import Row

_CHARGE = Insert(
    "balances",
    3,
    then="ON CONFLICT (balance) DO UPDATE SET settled_nano = settled_nano + excluded.settled_nano, "
    "changed_ms = max(changed_ms, excluded.changed_ms)",
)


def charge(connection: sqlite3.Connection, rows: Iterable[tuple[Row, Values]]) -> None:
    """Adds up what rows that are new in the ledger cost, by balance. Rows without budgets cost nothing here."""
    sums: dict[bytes, int] = defaultdict(int)
    ended = 0.0
    for row, values in rows:
        if not row.funds:
            continue
        if row.ended > ended:
            ended = row.ended
        billed, value = values[BILLED], values[VALUE]
        for balance, counts, _, _ in row.funds:
            sums[balance] += value if counts == "v" else billed
    if sums:
        at = round(ended * 1000)
        _CHARGE.run(connection, [(balance, nano, at) for balance, nano in sums.items()])
