"""Questions to the ledger, with plain answers. Reads only; a ledger that is not there yet has no rows.

Sums come from the tables of days, however many rows there are; only where a period begins or ends within a day are
rows of that day added up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from trunkline.errors import StoreDown
from trunkline.ledger.migrations import STEPS
from trunkline.ledger.period import EVER, Period, told
from trunkline.ledger.prune import kept_from
from trunkline.ledger.sqlite import FILE, connect, id_from
from trunkline.ledger.sums import DAY, DAYS, MEASURES, OF_A_ROW, SESSIONS, TAGS, USERS, WITH_TAGS

By = Literal["model", "key", "user", "group", "provider", "session", "tag", "day"]

_TABLE = {"user": USERS, "session": SESSIONS, "tag": TAGS}


@dataclass(frozen=True, slots=True)
class Report:
    """Sums over a period. Money in nano-dollars. `rows` are dearest first (days: latest first), each with its name
    under `by`; `total` counts each attempt once, also where it has several tags."""

    by: By
    period: Period
    rows: list[dict[str, Any]]
    total: dict[str, int]
    notes: tuple[str, ...] = ()


def report(
    home: Path, by: By, period: Period = EVER, only: Mapping[str, str] | None = None, most: int | None = None
) -> Report:
    """What was spent in a period, by one of the names. `only`: the key, model, group or provider that is meant, for
    reports by one of these or by day. `most`: that many names."""
    with reading(home) as connection:
        if connection is None:
            return Report(by, period, [], dict.fromkeys(MEASURES, 0))
        connection.execute("BEGIN")  # all of it as it was at one moment
        first = kept_from(connection)
        meant = period.kept(first)
        total, rows = _sums(connection, by, meant, only or {}, most)
        if by == "tag":
            total, _ = _sums(connection, "day", meant, {}, 0)
    notes = []
    if meant != period:
        notes.append(f"Rows of before {told(first * DAY)} were pruned: whole days are counted there.")
    return Report(by, meant, rows, total, tuple(notes))


def totals(home: Path, by: By, period: Period = EVER) -> list[dict[str, Any]]:
    """The rows of a report."""
    return report(home, by, period).rows


def latest(home: Path, most: int = 50, request: str = "") -> list[dict[str, Any]]:
    """Rows of attempts, newest first; of one request where its id is given, first attempt first."""
    with reading(home) as connection:
        if connection is None:
            return []
        if request:
            # The index on attempts begins with the request's id: a range of it, where the column would be a scan.
            question = "SELECT * FROM attempts WHERE attempt >= ? AND attempt < ? ORDER BY attempt LIMIT ?"
            return _ask(connection, question, f"{request}-", f"{request}.", most)
        return _ask(connection, "SELECT * FROM attempts ORDER BY id DESC LIMIT ?", most)


@contextmanager
def reading(home: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection that cannot write, for one question or a few; None where there is no ledger yet."""
    if not (home / FILE).exists():
        yield None
        return
    connection = connect(home, readonly=True)
    try:
        connection.row_factory = sqlite3.Row
        _check(connection)
        yield connection
    finally:
        connection.close()


def _check(connection: sqlite3.Connection) -> None:
    """Raises `StoreDown` for a ledger of another version: a reader changes nothing."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != len(STEPS):
        older = version < len(STEPS)
        raise StoreDown(
            f"The ledger was written by {'an older' if older else 'a newer'} Trunkline.",
            remedy="Start this version's gateway once: it brings the ledger up to date."
            if older
            else "Run the newer one.",
        )


def _sums(
    connection: sqlite3.Connection, by: By, period: Period, only: Mapping[str, str], most: int | None
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """The sum of all names, and each name's: rows within a day are looked at once for both."""
    table = _TABLE.get(by, DAYS)
    name = '"group"' if by == "group" else by
    where = "".join(f' AND "{column}" = ?' for column in only)
    first, end = period.days()
    values: list[Any] = []
    parts = []
    if first < end:
        of_days = f"FROM {table.name} WHERE day >= ? AND day < ?{where}"
        parts.append(f"SELECT {name} AS name, {', '.join(MEASURES)} {of_days}")
        values += [first, end, *only.values()]
    for start, stop in _edges(period, first, end):
        parts.append(_of_rows(by, name, where))
        values += [id_from(start), id_from(stop), *only.values()]
    sums = ", ".join(f"SUM({each}) AS {each}" for each in MEASURES)
    shown = "DATE(name * 86400, 'unixepoch')" if by == "day" else "name"
    order = "name DESC" if by == "day" else "billed_nano DESC, value_nano DESC, attempts DESC, name"
    limit = -1 if most is None else most
    whole, *rows = connection.execute(
        f"WITH s AS MATERIALIZED (SELECT name, {sums} FROM ({' UNION ALL '.join(parts)}) GROUP BY name) "  # noqa: S608
        f"SELECT NULL, {sums} FROM s UNION ALL "
        f"SELECT * FROM (SELECT {shown}, {', '.join(MEASURES)} FROM s ORDER BY {order} LIMIT {limit:d})",
        values,
    )
    total = {each: number or 0 for each, number in zip(MEASURES, tuple(whole)[1:], strict=True)}
    return total, [dict(zip((by, *MEASURES), row, strict=True)) for row in rows]


def _edges(period: Period, first: int, end: int) -> Iterator[tuple[int, int]]:
    """What of a period the whole days in it leave over, milliseconds."""
    if first > end:
        yield period.start, period.end
        return
    if period.start < first * DAY:
        yield period.start, first * DAY
    if end * DAY < period.end:
        yield end * DAY, period.end


def _of_rows(by: By, name: str, where: str) -> str:
    """Rows in the shape of sums."""
    added = ", ".join(f"{one} AS {each}" for one, each in zip(OF_A_ROW, MEASURES, strict=True))
    shown = f"started_ms / {DAY}" if by == "day" else name
    rows = WITH_TAGS if by == "tag" else "attempts"
    return f"SELECT {shown} AS name, {added} FROM {rows} WHERE id >= ? AND id < ?{where}"  # noqa: S608


def _ask(connection: sqlite3.Connection, question: str, *values: object) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(question, values)]
