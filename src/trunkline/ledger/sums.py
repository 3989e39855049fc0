"""What attempts add up to, by day: one table a question, brought up to date in the transaction that writes the rows.

A group of rows touches each sum once, however many of its rows belong to it; so it is the number of different names in
a group that costs, not the number of rows.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
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

WITH_TAGS = """(
    SELECT a.*, COALESCE(t.value, '') AS tag FROM attempts a LEFT JOIN json_each(a.tags) t
    WHERE NOT EXISTS (SELECT 1 FROM json_each(a.tags) b WHERE b.value = t.value AND b.key < t.key)
)"""
"""Rows, once for each of their tags; one without a tag has an empty one. Each tag of a row counts once."""


def added_up(table: Table) -> str:
    """The question what rows add up to in a table's columns: from an id on, up to another."""
    by, rows = ", ".join(table.columns), WITH_TAGS if table is TAGS else "attempts"
    added = ", ".join(f"SUM({each})" for each in OF_A_ROW)
    return f"SELECT {by}, {added} FROM {rows} WHERE id >= ? AND id < ? GROUP BY {by}"  # noqa: S608


Added = tuple[int, ...]
"""What one row adds to each measure."""
_Parts = dict[tuple[str, ...], list[Added]]


def believed(number: int) -> int:
    """A number as it is written down."""
    return number if 0 <= number <= _MOST else min(max(number, 0), _MOST)


def add_up(connection: sqlite3.Connection, rows: Iterable[tuple[Row, Added]]) -> None:
    """Adds rows to all tables. Inside the transaction that inserts them; each row at most once ever."""
    parts: dict[int, tuple[_Parts, _Parts, _Parts, _Parts]] = {}
    for row, added in rows:
        day = round(row.started * 1000) // DAY
        if (of_day := parts.get(day)) is None:
            of_day = parts[day] = (defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list))
        days, users, sessions, tags = of_day
        days[row.key, row.group, row.model, row.provider].append(added)
        users[(row.user,)].append(added)
        sessions[(row.session,)].append(added)
        for tag in set(row.tags) or ("",):
            tags[(tag,)].append(added)
    for at, upsert in enumerate(_UPSERTS):
        values = (
            (day, *names, *map(sum, zip(*added, strict=True)))
            for day, of_day in parts.items()
            for names, added in of_day[at].items()
        )
        connection.executemany(upsert, values)


def _upsert(table: Table) -> str:
    marks = ",".join("?" * (1 + len(table.columns) + len(MEASURES)))
    more = ", ".join(f"{each} = {each} + excluded.{each}" for each in MEASURES)
    by = ", ".join(("day", *table.columns))
    return f"INSERT INTO {table.name} VALUES ({marks}) ON CONFLICT ({by}) DO UPDATE SET {more}"  # noqa: S608


_UPSERTS = tuple(map(_upsert, TABLES))
