"""An INSERT of many rows at a time.

A statement of 25 rows costs a fifth less than 25 of one, and the thread that writes lets the event loop go on for as
long as one runs, not for each row: it asks for the interpreter 25 times less often.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, islice

_AT_ONCE = 25
"""Rows of one statement: older SQLites take 999 values, and a row of attempts has 32."""
_REST_AFTER = 4
"""Statements."""


class Insert:
    """`INSERT` into a table with so many columns. `how`: what stands before INTO; `then`: what follows the values."""

    def __init__(self, table: str, columns: int, how: str = "", then: str = "") -> None:
        marks = f"({','.join('?' * columns)})"
        head = f"INSERT {how} INTO {table} VALUES"
        self.one = f"{head} {marks} {then}"
        """The statement for one row."""
        self._many = f"{head} {','.join([marks] * _AT_ONCE)} {then}"

    def run(self, connection: sqlite3.Connection, rows: Iterable[Sequence[object]], rest: float = 0.0) -> None:
        """Writes all rows, in their order. `rest`: seconds that are waited after every hundred."""
        source, left = iter(rows), list[Sequence[object]]()

        def groups() -> Iterator[Sequence[object]]:
            for number in count(1):
                group = list(islice(source, _AT_ONCE))
                if len(group) < _AT_ONCE:
                    left.extend(group)
                    return
                yield tuple(chain.from_iterable(group))
                if rest and number % _REST_AFTER == 0:
                    time.sleep(rest)

        connection.executemany(self._many, groups())
        connection.executemany(self.one, left)
