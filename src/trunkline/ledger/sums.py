"""What attempts add up to, by day: one table a question, brought up to date in the transaction that writes the rows.

A group of rows touches each sum once, however many of its rows belong to it; so it is the number of different names in
a group that costs, not the number of rows.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import repeat
from struct import Struct, pack
from typing import Any, NamedTuple

import msgspec

from trunkline.ledger.batch import NUMBERS, SPREAD, Batch
from trunkline.ledger.bulk import Insert

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


Groups = dict[tuple[Any, ...], int]
"""Rows that agree in every name (the day, and `_NAMES`), and what they add to the measures: twelve numbers in one."""
_NAMES = ("key", '"group"', "model", "provider", "user", "session", "tags")
TOGETHER = 10_000
"""Rows that are added up at once, at most: as each number of a row is at most 10^15, none of their sums runs over the
64 bits that it has."""
_BITS = 64
_BILLED, _VALUE = map(MEASURES.index, ("billed_nano", "value_nano"))
_row, _lanes = Struct(f"<{len(NUMBERS)}Q"), Struct(f"<{len(MEASURES)}Q")
_FAILED, _UNPRICED, _NUMBERS, _ESTIMATED, _ESTIMATED_NANO = (
    _BITS * MEASURES.index(each) for each in ("failed", "unpriced", "input", "estimated", "estimated_nano")
)


def grouped(batch: Batch) -> Groups:
    """What a batch adds to each measure, by all names at once: those of one session mostly agree."""
    lanes = [0] * (len(NUMBERS) * len(batch))
    for at, each in enumerate(NUMBERS):
        lanes[at :: len(NUMBERS)] = batch[each]
    packed = Struct(f"{_row.size}s" * len(batch)).unpack(pack(f"<{len(lanes)}Q", *lanes))
    amounts = [int.from_bytes(each, "little") for each in packed]
    names = zip(_days(batch["id"]), *(batch[each] for each in _NAMES), batch.charged, strict=False)
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    marks = zip(names, batch["outcome"], batch["priced"], batch["estimated"], strict=True)
    for mark, amount in zip(marks, amounts, strict=True):
        alike[mark].append(amount)
    groups: Groups = defaultdict(int)
    for (name, outcome, priced, estimated), numbers in alike.items():
        count, added = len(numbers), sum(numbers)
        total = count | added << _NUMBERS
        if outcome != "ok":
            total |= count << _FAILED
        if not priced:
            total |= count << _UNPRICED
        if estimated:
            total |= count << _ESTIMATED
            total |= measures(total)[_BILLED] << _ESTIMATED_NANO
        groups[name] += total
    return groups


def _days(ids: list[int]) -> Iterable[int]:
    """The day of each."""
    first, last = (each // (DAY << SPREAD) for each in (min(ids), max(ids)))
    return repeat(first) if first == last else (each // (DAY << SPREAD) for each in ids)


def measures(added: int) -> tuple[int, ...]:
    """The measures that one number holds, in their order."""
    return _lanes.unpack(added.to_bytes(_lanes.size, "little"))


def money(added: int) -> tuple[int, int]:
    """What was billed, and its value at list price."""
    told = measures(added)
    return told[_BILLED], told[_VALUE]


def add_up(connection: sqlite3.Connection, groups: Groups) -> None:
    """Adds rows to all tables. Inside the transaction that inserts them; each row at most once ever."""
    parts: tuple[dict[tuple[Any, ...], int], ...] = tuple(defaultdict(int) for _ in TABLES)
    days, users, sessions, tags = parts
    for (day, key, group, model, provider, user, session, marked, _), added in groups.items():
        days[day, key, group, model, provider] += added
        users[day, user] += added
        sessions[day, session] += added
        for tag in _each(marked):
            tags[day, tag] += added
    for upsert, part in zip(_UPSERTS, parts, strict=True):
        values: list[object] = []
        for names, added in part.items():
            values += names
            values += measures(added)
        upsert.run(connection, values)


@lru_cache(maxsize=1024)
def _each(tags: str) -> frozenset[str]:
    """Each tag once; a row without one has an empty one."""
    return frozenset(msgspec.json.decode(tags)) or frozenset([""])


def _upsert(table: Table) -> Insert:
    more = ", ".join(f"{each} = {each} + excluded.{each}" for each in MEASURES)
    by = ", ".join(("day", *table.columns))
    then = f"ON CONFLICT ({by}) DO UPDATE SET {more}"
    return Insert(table.name, 1 + len(table.columns) + len(MEASURES), then=then)


_UPSERTS = tuple(map(_upsert, TABLES))
