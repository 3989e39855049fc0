"""What attempts add up to, by day: one table a question, brought up to date in the transaction that writes the rows.

A group of rows touches each sum once, however many of its rows belong to it; so it is the number of different names in
a group that costs, not the number of rows.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from trunkline.ledger.bulk import Insert
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


Values = tuple[Any, ...]
"""A row as it is inserted: its values in the order of the columns of `attempts`."""
_Sums = tuple[int, ...]
"""What rows add to each measure."""
_STARTED, _OUTCOME, _NUMBERS, BILLED, VALUE, _PRICED, _ESTIMATED = 3, 14, 21, 26, 27, 28, 29
"""Where in a row's values what stands."""


def believed(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Numbers as they are written down."""
    if min(numbers) >= 0 and max(numbers) <= _MOST:
        return numbers
    return tuple(min(max(number, 0), _MOST) for number in numbers)


def add_up(connection: sqlite3.Connection, rows: Iterable[tuple[Row, Values]]) -> None:
    """Adds rows to all tables. Inside the transaction that inserts them; each row at most once ever.

    Rows that agree in every name, as those of one session do, are added up once for all tables.
    """
    alike: dict[tuple[Any, ...], list[Values]] = defaultdict(list)
    for row, values in rows:
        names = (values[_STARTED] // DAY, row.key, row.group, row.model, row.provider, row.user, row.session, row.tags)
        alike[names].append(values)
    parts: tuple[dict[tuple[Any, ...], list[_Sums]], ...] = tuple(defaultdict(list) for _ in TABLES)
    days, users, sessions, tags = parts
    for (day, key, group, model, provider, user, session, marked), given in alike.items():
        total = _measured(given)
        days[day, key, group, model, provider].append(total)
        users[day, user].append(total)
        sessions[day, session].append(total)
        for tag in set(marked) or ("",):
            tags[day, tag].append(total)
    for upsert, part in zip(_UPSERTS, parts, strict=True):
        upsert.run(connection, ((*names, *_total(added)) for names, added in part.items()))


def _measured(rows: list[Values]) -> _Sums:
    """What rows add to each measure."""
    failed = unpriced = estimated = estimated_nano = 0
    for values in rows:
        if values[_OUTCOME] != "ok":
            failed += 1
        if not values[_PRICED]:
            unpriced += 1
        if values[_ESTIMATED]:
            estimated += 1
            estimated_nano += values[BILLED]
    numbers = _total([values[_NUMBERS:_PRICED] for values in rows])
    return (len(rows), failed, unpriced, *numbers, estimated, estimated_nano)


def _total(added: list[_Sums]) -> _Sums:
    return added[0] if len(added) == 1 else tuple(map(sum, zip(*added, strict=True)))


def _upsert(table: Table) -> Insert:
    more = ", ".join(f"{each} = {each} + excluded.{each}" for each in MEASURES)
    by = ", ".join(("day", *table.columns))
    then = f"ON CONFLICT ({by}) DO UPDATE SET {more}"
    return Insert(table.name, 1 + len(table.columns) + len(MEASURES), then=then)


_UPSERTS = tuple(map(_upsert, TABLES))
