"""What attempts add up to, by day: one table a question, brought up to date in the transaction that writes the rows.

A group of rows touches each sum once, however many of its rows belong to it; so it is the number of different names in
a group that costs, not the number of rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from trunkline.state.types import Row

MEASURES = (
    "attempts",
    "failed",
    "unpriced",
    "input",
    "cache_read",
    "cache_write",
    "output",
    "reasoning",
    "billed_nano",
    "value_nano",
    "estimated",
    "estimated_nano",
)
"""The columns that are added up. `estimated_nano` is the part of `billed_nano` that was estimated."""

OF_A_ROW = (
    "1",
    "outcome <> 'ok'",
    "NOT priced",
    "input",
    "cache_read",
    "cache_write",
    "output",
    "reasoning",
    "billed_nano",
    "value_nano",
    "estimated",
    "billed_nano * estimated",
)
"""What one row adds to each, in SQL."""

DAY = 86_400_000
"""Milliseconds."""

_MOST = 10**15
"""The most that one number of a row is believed: a provider may say anything, and SQLite's sums must stay integers."""


class Table(NamedTuple):
    """A table of sums: its name, and by which columns of a row it adds up (beside the day)."""

    name: str
    columns: tuple[str, ...]


DAYS = Table("days", ("key", '"group"', "model", "provider"))
USERS = Table("day_users", ("user",))
SESSIONS = Table("day_sessions", ("session",))
TAGS = Table("day_tags", ("tag",))
TABLES = (DAYS, USERS, SESSIONS, TAGS)

Sums = dict[tuple[str, ...], list[int]]


def believed(number: int) -> int:
    """A number as it is written down."""
    return number if 0 <= number <= _MOST else min(max(number, 0), _MOST)


def add_up(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Adds rows to all tables. Inside the transaction that inserts them; each row at most once ever."""
    sums: dict[int, tuple[Sums, Sums, Sums, Sums]] = {}
    for row in rows:
        day = round(row.started * 1000) // DAY
        if (of_day := sums.get(day)) is None:
            of_day = sums[day] = ({}, {}, {}, {})
        billed = believed(row.billed)
        added = (
            1,
            row.outcome != "ok",
            not row.priced,
            believed(row.input),
            believed(row.cache_read),
            believed(row.cache_write),
            believed(row.output),
            believed(row.reasoning),
            billed,
            believed(row.value),
            row.estimated,
            billed if row.estimated else 0,
        )
        days, users, sessions, tags = of_day
        _add(days, (row.key, row.group, row.model, row.provider), added)
        _add(users, (row.user,), added)
        _add(sessions, (row.session,), added)
        for tag in set(row.tags) or ("",):
            _add(tags, (tag,), added)
    for at, upsert in enumerate(_UPSERTS):
        connection.executemany(upsert, _values(at, sums))


def _values(at: int, sums: dict[int, tuple[Sums, Sums, Sums, Sums]]) -> Iterator[tuple[int | str, ...]]:
    for day, of_day in sums.items():
        for names, numbers in of_day[at].items():
            yield (day, *names, *numbers)


def _add(sums: Sums, names: tuple[str, ...], added: tuple[int, ...]) -> None:
    if (known := sums.get(names)) is None:
        sums[names] = list(added)
    else:
        for at, number in enumerate(added):
            known[at] += number


def _upsert(table: Table) -> str:
    marks = ",".join("?" * (1 + len(table.columns) + len(MEASURES)))
    more = ", ".join(f"{each} = {each} + excluded.{each}" for each in MEASURES)
    by = ", ".join(("day", *table.columns))
    return f"INSERT INTO {table.name} VALUES ({marks}) ON CONFLICT ({by}) DO UPDATE SET {more}"  # noqa: S608


_UPSERTS = tuple(map(_upsert, TABLES))
