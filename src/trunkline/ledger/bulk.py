"""An INSERT of many rows at a time.

A statement of 25 rows costs a fifth less than 25 of one, and the thread that writes lets the event loop go on for as
long as one runs, not for each row: it asks for the interpreter 25 times less often.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeVar

T = TypeVar("T")

_AT_ONCE = 25
"""Rows of one statement: older SQLites take 999 values, and a row of attempts has 32."""


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
        source, left = paced(rows, rest), list[Sequence[object]]()

        def groups() -> Iterator[Sequence[object]]:
            while len(group := list(islice(source, _AT_ONCE))) == _AT_ONCE:
                yield tuple(chain.from_iterable(group))
            left.extend(group)

        connection.executemany(self._many, groups())
        connection.executemany(self.one, left)


def paced(items: Iterable[T], rest: float, every: int = 100) -> Iterator[T]:
    """The items; after so many of them, that many seconds of rest: the event loop waits for no more than those."""
    for number, item in enumerate(items, 1):
        yield item
        if rest and number % every == 0:
            time.sleep(rest)
