"""The record on one machine: a SQLite file. Rows go in once, however often they are handed over."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import msgspec
from msgspec.structs import astuple

from trunkline.ledger.bulk import Insert
from trunkline.ledger.charges import charge, charged
from trunkline.ledger.migrations import migrate
from trunkline.ledger.sums import Values, add_up, believed
from trunkline.state.types import Row

FILE = "ledger.sqlite"

_INSERT = Insert("attempts", 33, how="OR IGNORE")
_ASKED, _TAGS, _INPUT, _PRICED, _FUNDS = map(Row.__struct_fields__.index, ("asked", "tags", "input", "priced", "funds"))
"""Where in a row its columns begin and end that are written down as they are."""
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
    values: list[Values] = []

    def made() -> Iterator[Values]:
        for row in given.values():
            values.append(_values(row))
            yield values[-1]

    connection.execute("BEGIN IMMEDIATE")
    try:
        before = connection.total_changes
        _INSERT.run(connection, made())
        if connection.total_changes - before < len(given):
            connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            values = _insert_new(connection, given)
        written = list(zip(given.values(), values, strict=True))
        add_up(connection, written)
        charge(connection, written)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return len(given)


def _insert_new(connection: sqlite3.Connection, given: dict[str, Row]) -> list[Values]:
    """Takes out of `given` what is in the ledger already, and inserts the rest one by one: a row whose id another one
    has gets the next that is free."""
    marks = ",".join("?" * len(given))
    question = f"SELECT attempt FROM attempts WHERE attempt IN ({marks})"  # noqa: S608
    for (attempt,) in connection.execute(question, list(given)).fetchall():
        del given[attempt]
    made = []
    for row in given.values():
        values = _values(row)
        while connection.execute(_INSERT.one, values).rowcount == 0:
            values = (int(values[0]) + 1, *values[1:])
        made.append(values)
    return made


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


def _values(row: Row) -> Values:
    """The row's columns: an id, and its fields in their order."""
    told = astuple(row)
    started = round(row.started * 1000)
    return (
        id_from(started) | crc32(row.attempt.encode()) & (1 << _SPREAD) - 1,
        row.attempt,
        row.request,
        started,
        round(row.ended * 1000),
        round(row.first_token * 1000),
        *told[_ASKED:_TAGS],
        _json(row.tags),
        row.streamed,
        *believed(told[_INPUT:_PRICED]),
        *told[_PRICED:_FUNDS],
        charged(row.funds),
    )


@lru_cache(maxsize=1024)
def _json(tags: tuple[str, ...]) -> str:
    return msgspec.json.encode(tags).decode()
