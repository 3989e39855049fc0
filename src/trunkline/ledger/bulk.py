"""An INSERT of many rows at a time.

A statement of 25 rows costs a fifth less than 25 of one, and the thread that writes lets the event loop go on for as
long as one runs, not for each row: it asks for the interpreter 25 times less often.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

_AT_ONCE = 25
"""Rows of one statement: older SQLites take 999 values, and a row of attempts has 33."""


class Insert:
    """`INSERT` into a table with so many columns. `how`: what stands before INTO; `then`: what follows the values."""

    def __init__(self, table: str, columns: int, how: str = "", then: str = "") -> None:
        marks = f"({','.join('?' * columns)})"
        head = f"INSERT {how} INTO {table} VALUES"
        self._columns = columns
        self.one = f"{head} {marks} {then}"
        """The statement for one row."""
        self._many = f"{head} {','.join([marks] * _AT_ONCE)} {then}"

    def run(self, connection: sqlite3.Connection, values: Sequence[object]) -> None:
        """Writes all rows, in their order: `values` are those of the first, then those of the second, and so on."""
        width = self._columns * _AT_ONCE
        whole = len(values) - len(values) % width
        connection.executemany(self._many, _cut(values, 0, whole, width))
        connection.executemany(self.one, _cut(values, whole, len(values), self._columns))


def _cut(values: Sequence[object], start: int, end: int, width: int) -> Iterator[Sequence[object]]:
    return (values[at : at + width] for at in range(start, end, width))
