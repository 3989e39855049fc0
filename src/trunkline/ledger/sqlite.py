"""The record on one machine: a SQLite file. Rows go in once, however often they are handed over."""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from trunkline.ledger.charges import charge
from trunkline.ledger.migrations import migrate
from trunkline.state.types import Row

FILE = "ledger.sqlite"

_MOST = 10**15
"""The most that one number of a row is believed: a provider may say anything, and SQLite's sums must stay integers."""

_INSERT = f"INSERT INTO attempts VALUES ({','.join('?' * 31)}) ON CONFLICT (attempt) DO NOTHING"  # noqa: S608
_ROLL_UP = """
    INSERT INTO days VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (day, key, model, provider) DO UPDATE SET
        attempts = attempts + excluded.attempts, input = input + excluded.input,
        cache_read = cache_read + excluded.cache_read, cache_write = cache_write + excluded.cache_write,
        output = output + excluded.output, billed_nano = billed_nano + excluded.billed_nano,
        value_nano = value_nano + excluded.value_nano
"""


def connect(home: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """The ledger in `home`, migrated. Raises `sqlite3.Error`, `OSError`; `StoreDown` for one from a newer version."""
    path = home / FILE
    if readonly:
        return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=5)
    # It says who asked what and when: only this user's business, whatever the umask.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, timeout=5, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def insert(connection: sqlite3.Connection, rows: Iterable[Row]) -> int:
    """Writes rows and adds them to the day's sums, in one transaction; the number that was new.

    A crash after the commit hands the same rows over again: only what was really inserted is added up.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        sums: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0] * 7)
        fresh: list[Row] = []
        for row in rows:
            if connection.execute(_INSERT, _values(row)).rowcount == 1:
                sums_of = sums[_day(row.started), row.key, row.model, row.provider]
                tokens = (row.input, row.cache_read, row.cache_write, row.output)
                added = (1, *map(_sane, tokens), _sane(row.billed), _sane(row.value))
                for at, number in enumerate(added):
                    sums_of[at] += number
                fresh.append(row)
        connection.executemany(_ROLL_UP, [(*key, *numbers) for key, numbers in sums.items()])
        charge(connection, fresh)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return len(fresh)


def sync(connection: sqlite3.Connection) -> None:
    """Makes what was committed survive a power failure: in WAL mode with `synchronous = NORMAL` only a checkpoint does.

    Waits for nobody: where a reader is in the way, the log is synced and the rest follows next time.
    """
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def _sane(number: int) -> int:
    return number if 0 <= number <= _MOST else min(max(number, 0), _MOST)


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _values(row: Row) -> tuple[str | int, ...]:
    return (
        row.attempt,
        row.request,
        round(row.started * 1000),
        round(row.ended * 1000),
        round(row.first_token * 1000),
        row.asked,
        row.group,
        row.deployment,
        row.provider,
        row.model,
        row.wire,
        row.operation,
        row.status,
        row.outcome,
        row.stop,
        row.key,
        row.session,
        row.user,
        msgspec.json.encode(row.tags).decode(),
        row.streamed,
        _sane(row.input),
        _sane(row.cache_read),
        _sane(row.cache_write),
        _sane(row.output),
        _sane(row.reasoning),
        _sane(row.billed),
        _sane(row.value),
        row.priced,
        row.estimated,
        row.why,
        row.said,
    )
