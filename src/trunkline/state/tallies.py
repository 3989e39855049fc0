"""Each worker's counters, where all workers see them. What they count is the business of whoever packs them.

Table `tallies`: life → bytes, and `past` → what dead lives had counted. A life's counters are only ever written whole
by their owner; whoever finds a dead life adds its counters to the past, once, and so they are neither lost nor many.
"""

from __future__ import annotations

from collections.abc import Callable

import lmdb

from trunkline.state.file import HotFile
from trunkline.state.lives import SIZE, Lives

_PAST = b"past"

Merge = Callable[[bytes, bytes], bytes]
"""(past, one life's) → the past with it. Must be able to take empty bytes as the past."""


class Tallies:
    """One process's access. All methods raise `StoreDown`."""

    def __init__(self, file: HotFile, lives: Lives, life: bytes) -> None:
        self._file, self._lives, self._life = file, lives, life
        self._table = file.table(b"tallies")

    def put(self, counters: bytes) -> None:
        """Writes this life's counters, in place of those before."""
        self._file.write(lambda transaction: transaction.put(self._life, counters, db=self._table))

    def others(self) -> tuple[bytes, list[bytes]]:
        """(the past, what each other life has written, dead ones too): one moment."""

        def all_of(transaction: lmdb.Transaction[bytes]) -> tuple[bytes, list[bytes]]:
            past, found = b"", []
            with transaction.cursor(db=self._table) as cursor:
                for key, value in cursor:
                    if key == _PAST:
                        past = value
                    elif key != self._life:
                        found.append(value)
            return past, found

        return self._file.read(all_of)

    def bury(self, merge: Merge) -> int:
        """Adds the counters of dead lives to the past; of how many."""
        count = 0
        for life in self._file.read(self._listed):
            if life != self._life and not self._lives.is_alive(life):
                count += self._end(life, merge)
        return count

    def end(self, merge: Merge) -> None:
        """Adds this life's own counters to the past: it ends."""
        self._end(self._life, merge)

    def _listed(self, transaction: lmdb.Transaction[bytes]) -> list[bytes]:
        with transaction.cursor(db=self._table) as cursor:
            return [key for key in cursor.iternext(values=False) if len(key) == SIZE]

    def _end(self, life: bytes, merge: Merge) -> int:
        def move(transaction: lmdb.Transaction[bytes]) -> int:
            counters = transaction.get(life, db=self._table)
            if counters is None:
                # Somebody else was quicker.
                return 0
            past = transaction.get(_PAST, b"", db=self._table)
            transaction.put(_PAST, merge(past, counters), db=self._table)
            transaction.delete(life, db=self._table)
            return 1

        return self._file.write(move)
