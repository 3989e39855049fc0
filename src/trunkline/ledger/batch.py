"""Rows on their way into the ledger: all values of all of them in one list, a column of which is a slice of it.

What is done to a column at a time costs a fraction of what it costs row by row, and a list of numbers and texts is
nothing that the collector of garbage has to look through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import pos
from random import randrange
from typing import Any

import msgspec
from msgspec.structs import astuple

from trunkline.state.pack import charged
from trunkline.state.types import Row

_NAMED = {
    "started": "started_ms",
    "ended": "ended_ms",
    "first_token": "first_token_ms",
    "group": '"group"',
    "billed": "billed_nano",
    "value": "value_nano",
    "funds": "id",
}
"""Fields of a row that the ledger calls otherwise. Where its funds stand its id is put: what a row keeps of them is
`charged`."""
COLUMNS = tuple(_NAMED.get(name, name) for name in Row.__struct_fields__)
"""The columns of `attempts` in the order in which a batch has them: that of a row's fields."""
WIDTH = len(COLUMNS)
NUMBERS = ("input", "cache_read", "cache_write", "output", "reasoning", "billed_nano", "value_nano")

_AT = {name: at for at, name in enumerate(COLUMNS)}
_ID, _CHARGED = _AT["id"], _AT["charged"]
_TIMES = ("started_ms", "ended_ms", "first_token_ms")
_TRUTHS = ("streamed", "priced", "estimated")
SPREAD = 21
"""Bits of a row's id below its time: rows of one millisecond differ in them."""
_MOST = 10**15
"""The most that one number of a row is believed: a provider may say anything, and SQLite's sums must stay integers."""


class Batch:
    """Some rows. `batch[column]` is what they have there, in their order."""

    __slots__ = ("charged", "values")

    def __init__(self, values: list[Any], charged: list[bytes]) -> None:
        self.values = values
        """Row after row, each `WIDTH` long, as SQLite takes them."""
        self.charged = charged
        """The column of that name, as bytes: SQLite's module takes a bytearray as it is, and asks of all bytes whether
        they would rather be something else."""

    def __len__(self) -> int:
        return len(self.charged)

    def __getitem__(self, column: str) -> list[Any]:
        return self.values[_AT[column] :: WIDTH]

    def __setitem__(self, column: str, values: Sequence[Any]) -> None:
        self.values[_AT[column] :: WIDTH] = values

    def row(self, place: int) -> list[Any]:
        """All values of one row."""
        return self.values[place * WIDTH : (place + 1) * WIDTH]

    def only(self, places: Iterable[int]) -> Batch:
        """Some of its rows."""
        rows = [(self.row(place), self.charged[place]) for place in places]
        return Batch([value for row, _ in rows for value in row], [charged for _, charged in rows])

    def postpone(self, place: int) -> None:
        """Gives a row the next id."""
        self.values[place * WIDTH + _ID] += 1


def batch_of(rows: Sequence[Row]) -> Batch:
    """Rows as they are written down: with an id, times in milliseconds, truths as 0 and 1, tags as JSON."""
    values: list[Any] = []
    for row in rows:
        values += astuple(row)
    batch = Batch(values, values[_CHARGED::WIDTH])
    if any(batch["id"]):
        # Rows of an earlier version, whose funds stand there.
        batch.charged = [row.charged or charged(row.funds) for row in rows]
    batch["charged"] = list(map(bytearray, batch.charged))
    for each in _TIMES:
        batch[each] = [round(seconds * 1000) for seconds in batch[each]]
    for each in _TRUTHS:
        batch[each] = list(map(pos, batch[each]))
    for each in NUMBERS:
        numbers = batch[each]
        if sum(numbers) > _MOST or min(numbers) < 0:
            batch[each] = [min(max(number, 0), _MOST) for number in numbers]
    batch["tags"] = list(map(_json, batch["tags"]))
    first = randrange((1 << SPREAD) - len(rows))  # noqa: S311 - no secret
    batch["id"] = [ms << SPREAD | bits for bits, ms in enumerate(batch["started_ms"], first)]
    return batch


@lru_cache(maxsize=1024)
def _json(tags: tuple[str, ...]) -> str:
    return msgspec.json.encode(tags).decode()
