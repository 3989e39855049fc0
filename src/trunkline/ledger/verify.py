"""Does the ledger add up? The sums of each day are made anew from its rows and compared, one day at a time; then what
the budgets' balances have settled is compared with all rows that were charged to them.

A day is one look at one moment, so that a gateway may go on writing. Days of which rows were pruned cannot be checked:
their sums are all that is left. Balances carry what such rows came to.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trunkline.ledger.charges import added
from trunkline.ledger.period import told
from trunkline.ledger.prune import kept_from
from trunkline.ledger.read import reading
from trunkline.ledger.sqlite import id_from, ms_of
from trunkline.ledger.sums import DAY, MEASURES, TABLES, Table, added_up


@dataclass(frozen=True, slots=True)
class Difference:
    """One number that is not what it must be: `rows` is what the rows of `what` add up to, `kept` what stands there."""

    what: str
    measure: str
    rows: int
    kept: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and what was found."""

    days: int
    attempts: int
    balances: int
    first: int
    """The first day (since 1970) that could be checked; 0: nothing was ever pruned."""
    differences: tuple[Difference, ...] = ()


def verify(home: Path) -> Verified:
    """Compares all that can be. Takes a second or two for each hundred thousand rows of a day."""
    with reading(home) as connection:
        if connection is None:
            return Verified(0, 0, 0, 0)
        first = kept_from(connection)
        days = _days(connection, first)
        attempts = 0
        found: list[Difference] = []
        for day in days:
            with _moment(connection):
                attempts += _count(connection, day)
                for table in TABLES:
                    found += _compare(connection, table, day)
        with _moment(connection):
            balances, wrong = _balances(connection)
    return Verified(len(days), attempts, balances, first, (*found, *wrong))


def _balances(connection: sqlite3.Connection) -> tuple[int, list[Difference]]:
    """How many there are, and which of them are not what their rows come to and they carry."""
    rows = connection.execute(
        "SELECT charged, SUM(billed_nano), SUM(value_nano) FROM attempts WHERE charged <> x'' GROUP BY charged"
    )
    made = added(rows)
    found: list[Difference] = []
    count = 0
    for key, settled, carried in connection.execute("SELECT balance, settled_nano, carried_nano FROM balances"):
        count += 1
        if (nano := made.pop(key, 0)) != settled - carried:
            found.append(Difference(_named(key), "nano-dollars", nano, settled - carried))
    found += [Difference(_named(key), "nano-dollars", nano, 0) for key, nano in made.items() if nano]
    return count, found


def _named(key: bytes) -> str:
    """A balance as it is told: `the budget of key:0123 (24h) from 2026-11-01`."""
    name, period, start = key.decode(errors="replace").rsplit("|", 2)
    since = f" ({period}) from {told(int(start) * 1000)}" if period else ""
    return f"the budget of {name}{since}"


def _days(connection: sqlite3.Connection, first: int) -> list[int]:
    """Every day that has rows or sums."""
    days = {day for (day,) in connection.execute("SELECT DISTINCT day FROM days WHERE day >= ?", (first,))}
    at = first
    while True:
        # From each day's first row to the next day's: one jump a day.
        (found,) = connection.execute("SELECT MIN(id) FROM attempts WHERE id >= ?", (id_from(at * DAY),)).fetchone()
        if found is None:
            break
        days.add(ms_of(found) // DAY)
        at = ms_of(found) // DAY + 1
    return sorted(days)


class _moment:  # noqa: N801 - reads as a word
    """All questions inside see the ledger as it was at the first of them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN")

    def __exit__(self, *_: object) -> None:
        self._connection.execute("ROLLBACK")


def _count(connection: sqlite3.Connection, day: int) -> int:
    question = "SELECT COUNT(*) FROM attempts WHERE id >= ? AND id < ?"
    (count,) = connection.execute(question, (id_from(day * DAY), id_from((day + 1) * DAY))).fetchone()
    return int(count)


def _compare(connection: sqlite3.Connection, table: Table, day: int) -> Iterator[Difference]:
    """Names that stand on one side only count as nothing on the other."""
    bounds = (id_from(day * DAY), id_from((day + 1) * DAY))
    theirs = f"SELECT {', '.join((*table.columns, *MEASURES))} FROM {table.name} WHERE day = ?"  # noqa: S608
    width = len(table.columns)
    made = {tuple(row[:width]): tuple(row[width:]) for row in map(tuple, connection.execute(added_up(table), bounds))}
    kept = {tuple(row[:width]): tuple(row[width:]) for row in map(tuple, connection.execute(theirs, (day,)))}
    nothing = (0,) * len(MEASURES)
    for names in sorted(made.keys() | kept.keys()):
        one, other = made.get(names, nothing), kept.get(names, nothing)
        if one != other:
            yield from _told(table, day, names, one, other)


def _told(
    table: Table, day: int, names: tuple[str, ...], one: tuple[int, ...], other: tuple[int, ...]
) -> Iterator[Difference]:
    shown = ", ".join(
        f"{column.strip(chr(34))} {name or '(none)'}" for column, name in zip(table.columns, names, strict=True)
    )
    for measure, here, there in zip(MEASURES, one, other, strict=True):
        if here != there:
            yield Difference(f"{told(day * DAY)}: {shown}", measure, here, there)
