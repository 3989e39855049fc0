"""What rows add to the sums of the budgets that they are charged to: part of the transaction that inserts them.

A row keeps the names of those balances, so that it can be told at any time whether the sums are right: what a balance
has settled is what its rows come to, and what it carries of rows that are not here.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from trunkline.ledger.bulk import Insert
from trunkline.ledger.sums import Groups, money

_CHARGE = Insert(
    "balances (balance, settled_nano, changed_ms)",
    3,
    then="ON CONFLICT (balance) DO UPDATE SET settled_nano = settled_nano + excluded.settled_nano, "
    "changed_ms = max(changed_ms, excluded.changed_ms)",
)
_CARRY = "UPDATE balances SET carried_nano = carried_nano + ? WHERE balance = ?"

_decode = msgspec.msgpack.Decoder(list[bytes]).decode


def charge(connection: sqlite3.Connection, groups: Groups, ended: int) -> None:
    """Adds up what rows that are new in the ledger cost, by balance. `ended`: when the latest of them did, ms."""
    cost: dict[bytes, int] = defaultdict(int)
    for names, each in groups.items():
        cost[names[-1]] += each
    sums = added((kept, *money(each)) for kept, each in cost.items())
    _CHARGE.run(connection, [value for balance, nano in sums.items() for value in (bytearray(balance), nano, ended)])


def added(rows: Iterable[tuple[bytes, int, int]]) -> dict[bytes, int]:
    """What rows of the ledger come to, by balance. Of each row, or of many that name the same: what it keeps of its
    budgets, what was billed, its value."""
    sums: dict[bytes, int] = defaultdict(int)
    for kept, billed, value in rows:
        for each in _decode(kept) if kept else ():
            sums[each[1:]] += value if each[:1] == b"v" else billed
    return sums


def carry(connection: sqlite3.Connection, rows: Iterable[tuple[bytes, int, int]]) -> None:
    """Rows are about to be deleted: their balances carry what they came to."""
    connection.executemany(_CARRY, [(nano, balance) for balance, nano in added(rows).items()])
