"""Old rows go, by whole days and a few at a time; the sums of their days stay for ever.

Balances carry on what their rows came to; those of periods that have ended go once all of their rows are gone.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from trunkline.ledger.charges import carry
from trunkline.ledger.sqlite import FILE, connect, id_from
from trunkline.ledger.sums import DAY
from trunkline.model.periods import period_at

STEP = 500
"""Rows of one transaction: some five milliseconds, in which nobody else writes."""
_PAUSE = 0.005
_ZONES = 15 * 3600
"""Seconds that no time zone is further from UTC."""


def first_kept(now: float, keep: float) -> int:
    """The first day (since 1970, UTC) that is kept: a day goes when all of it is older than `keep` seconds."""
    return int((now - keep) * 1000) // DAY


def kept_from(connection: sqlite3.Connection) -> int:
    """The first day whose rows are all here; 0 where nothing was ever pruned."""
    found = connection.execute("SELECT value FROM facts WHERE name = 'kept_from'").fetchone()
    return int(found[0]) if found else 0


def step(connection: sqlite3.Connection, day: int) -> int:
    """Deletes the oldest rows of before that day, at most `STEP`; how many there were.

    That the days are no longer whole is written down with the first of them, so that no report adds up half a day.
    """
    before = id_from(day * DAY)
    connection.execute("BEGIN IMMEDIATE")
    try:
        oldest = connection.execute(
            "SELECT id, charged, billed_nano, value_nano FROM attempts WHERE id < ? ORDER BY id LIMIT ?", (before, STEP)
        ).fetchall()
        if oldest:
            connection.execute(
                "INSERT INTO facts VALUES ('kept_from', ?) "
                "ON CONFLICT (name) DO UPDATE SET value = MAX(value, excluded.value)",
                (day,),
            )
            carry(connection, (row[1:] for row in oldest))
            connection.execute("DELETE FROM attempts WHERE id <= ?", oldest[-1][:1])
        else:
            ended = [(key,) for (key,) in connection.execute("SELECT balance FROM balances") if _over(key, day)]
            connection.executemany("DELETE FROM balances WHERE balance = ?", ended)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return len(oldest)


def _over(balance: bytes, day: int) -> bool:
    """Whether the balance's period had ended before that day began: its last row is gone then, and no call will ever
    count on it."""
    _, period, start = balance.rsplit(b"|", 2)
    if not period:
        return False
    began, reset = period_at(period.decode(), int(start))
    if began != int(start):
        # It began at another zone's midnight: by then it is over there, too.
        reset = period_at(period.decode(), int(start) + _ZONES)[1] + _ZONES
    return reset * 1000 <= day * DAY


def prune(home: Path, day: int) -> int:
    """Deletes all rows of before that day, beside a gateway that runs; how many. Raises `sqlite3.Error`."""
    if not (home / FILE).exists():
        return 0
    connection = connect(home)
    try:
        count = 0
        while gone := step(connection, day):
            count += gone
            time.sleep(_PAUSE)
        return count
    finally:
        connection.close()
