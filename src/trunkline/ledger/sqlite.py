"""The record on one machine: a SQLite file. Rows go in once, however often they are handed over."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec

from trunkline.ledger.charges import charge, charged
from trunkline.ledger.migrations import migrate
from trunkline.ledger.sums import Added, add_up, believed
from trunkline.state.types import Row

FILE = "ledger.sqlite"

_INSERT = f"INSERT OR IGNORE INTO attempts VALUES ({','.join('?' * 33)})"  # noqa: S608
_SPREAD = 21
"""Bits of a row's id below its time: rows of one millisecond differ in them."""


def connect(home: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """The ledger in `home`, migrated. Raises `sqlite3.Error`, `OSError`; `StoreDown` for one from a newer version."""
    path = home / FILE
    if readonly:
        return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=5)
    # It says who asked what and when: only this user's business, whatever the umask.
    # Only ever before SQLite has it open: closing a descriptor of its file, whoever opened that, drops the locks that
    # this process has on it (sqlite.org/howtocorrupt.html, 2.2): another process may then delete the log.
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, timeout=5, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        # The folder syncs every two seconds: a page that ten groups change is written back once, not ten times.
        connection.execute("PRAGMA wal_autocheckpoint = 10000")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def insert(connection: sqlite3.Connection, rows: Iterable[Row]) -> int:
    """Writes rows and adds them to the days' sums, in one transaction; the number that was new.

    A crash after the commit hands the same rows over again: only what was really inserted is added up.
    """
    given = {row.attempt: row for row in rows}
    connection.execute("BEGIN IMMEDIATE")
    try:
        for attempt in _known(connection, list(given)):
            del given[attempt]
        before = connection.total_changes
        values = [_values(row) for row in given.values()]
        connection.executemany(_INSERT, values)
        if connection.total_changes - before < len(given):
            _insert_beside(connection, given)
        add_up(connection, zip(given.values(), map(_added, values), strict=True))
        charge(connection, given.values())
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return len(given)


def _known(connection: sqlite3.Connection, attempts: list[str]) -> list[str]:
    """Those that are in the ledger."""
    marks = ",".join("?" * len(attempts))
    question = f"SELECT attempt FROM attempts WHERE attempt IN ({marks})"  # noqa: S608
    return [attempt for (attempt,) in connection.execute(question, attempts)]


def _insert_beside(connection: sqlite3.Connection, given: dict[str, Row]) -> None:
    """Inserts the rows whose id another row had already, under the next id that is free."""
    for attempt in given.keys() - set(_known(connection, list(given))):
        values = _values(given[attempt])
        while connection.execute(_INSERT, values).rowcount == 0:
            values = (int(values[0]) + 1, *values[1:])


def id_from(ms: int) -> int:
    """The least id that a row can have which began then, milliseconds since 1970."""
    return ms << _SPREAD


def ms_of(row: int) -> int:
    """When the row of that id began."""
    return row >> _SPREAD


def sync(connection: sqlite3.Connection) -> None:
    """Makes what was committed survive a power failure: in WAL mode with `synchronous = NORMAL` only a checkpoint does.

    Waits for nobody: where a reader is in the way, the log is synced and the rest follows next time.
    """
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def _values(row: Row) -> tuple[str | int | bytes, ...]:
    started = round(row.started * 1000)
    return (
        id_from(started) | crc32(row.attempt.encode()) & (1 << _SPREAD) - 1,
        row.attempt,
        row.request,
        started,
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
        believed(row.input),
        believed(row.cache_read),
        believed(row.cache_write),
        believed(row.output),
        believed(row.reasoning),
        believed(row.billed),
        believed(row.value),
        row.priced,
        row.estimated,
        row.why,
        row.said,
        charged(row.funds),
    )


def _added(values: tuple[Any, ...]) -> Added:
    """What a row adds to `sums.MEASURES`, out of its values: billed is the 26th, whether it was estimated the 29th."""
    billed, _, priced, estimated = values[26:30]
    return (1, values[14] != "ok", not priced, *values[21:28], estimated, billed if estimated else 0)
