"""The record on one machine: a SQLite file. Rows go in once, however often they are handed over."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from trunkline.ledger.batch import COLUMNS, SPREAD, WIDTH, Batch, batch_of
from trunkline.ledger.bulk import Insert
from trunkline.ledger.charges import charge
from trunkline.ledger.migrations import migrate
from trunkline.ledger.sums import TOGETHER, add_up, grouped
from trunkline.state.types import Row

FILE = "ledger.sqlite"

_PATIENCE = 5.0
"""Seconds that are waited for another process's lock."""
_INSERT = Insert(f"attempts ({', '.join(COLUMNS)})", WIDTH, how="OR IGNORE")


def connect(home: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """The ledger in `home`, migrated. Raises `sqlite3.Error`, `OSError`; `StoreDown` for one from a newer version."""
    path = home / FILE
    if readonly:
        return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=_PATIENCE)
    # It says who asked what and when: only this user's business, whatever the umask.
    # Only ever before SQLite has it open: closing a descriptor of its file, whoever opened that, drops the locks that
    # this process has on it (sqlite.org/howtocorrupt.html, 2.2): another process may then delete the log.
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE, check_same_thread=False)
    try:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        # 16 MB of log, ten seconds at a thousand rows a second: a page that ten groups change is written back once, not
        # ten times.
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switches to a log. While another process does the same SQLite may say at once that the file is locked, however
    long it was told to wait. Raises `sqlite3.Error`."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.01)


def insert(connection: sqlite3.Connection, rows: Iterable[Row]) -> int:
    """Writes rows and adds them to the days' sums, in one transaction each `TOGETHER`; the number that was new.

    A crash after the commit hands the same rows over again: only what was really inserted is added up.
    """
    source = iter(rows)
    written = 0
    while given := list(islice(source, TOGETHER)):
        written += _write(connection, batch_of(given))
    return written


def _write(connection: sqlite3.Connection, batch: Batch) -> int:
    connection.execute("BEGIN IMMEDIATE")
    try:
        before = connection.total_changes
        _INSERT.run(connection, batch.values)
        if connection.total_changes - before < len(batch):
            connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            batch = _insert_new(connection, batch)
        if len(batch):
            groups = grouped(batch)
            add_up(connection, groups)
            charge(connection, groups, max(batch["ended_ms"]))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return len(batch)


def _insert_new(connection: sqlite3.Connection, batch: Batch) -> Batch:
    """Inserts those that are not in the ledger already, one by one, and gives them: a row whose id another one has gets
    the next that is free."""
    given = {attempt: place for place, attempt in enumerate(batch["attempt"])}
    marks = ",".join("?" * len(given))
    question = f"SELECT attempt FROM attempts WHERE attempt IN ({marks})"  # noqa: S608
    for (attempt,) in connection.execute(question, list(given)).fetchall():
        del given[attempt]
    fresh = batch.only(given.values())
    for place in range(len(fresh)):
        while connection.execute(_INSERT.one, fresh.row(place)).rowcount == 0:
            fresh.postpone(place)
    return fresh


def id_from(ms: int) -> int:
    """The least id that a row can have which began then, milliseconds since 1970."""
    return ms << SPREAD


def ms_of(row: int) -> int:
    """When the row of that id began."""
    return row >> SPREAD


def sync(connection: sqlite3.Connection) -> None:
    """Makes what was committed survive a power failure, which in WAL mode with `synchronous = NORMAL` a commit does
    not: puts the log on the disk. Waits for nobody. Raises `OSError`.

    The log is no file that SQLite locks, so that closing a descriptor of it drops no locks.
    """
    for _, name, path in connection.execute("PRAGMA database_list").fetchall():
        if name == "main":
            # Without a log somebody has deleted the ledger: the folder will see that itself.
            with contextlib.suppress(FileNotFoundError):
                log = os.open(f"{path}-wal", os.O_RDWR)
                try:
                    _flush(log)
                finally:
                    os.close(log)


_flush = getattr(os, "fdatasync", os.fsync)
