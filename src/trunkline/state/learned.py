"""Limits of calls at once that providers do not publish, learned from their refusals.

    learned   name → limit, monotonic seconds when it was learned

After a refusal with n in flight the limit is n − 1 for a minute, then one more each minute, until it is forgotten after
an hour. A refusal on the way lowers it again.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

import lmdb

from trunkline.state.counts import Counts
from trunkline.state.file import HotFile
from trunkline.state.names import key_of
from trunkline.state.sweep import Broom

MINUTE = 60.0
KEPT = 3600.0
_ROW = Struct("<Qd")


class Learned:
    """The table."""

    def __init__(self, file: HotFile, counts: Counts, clock: Callable[[], float]) -> None:
        self._file, self._counts, self._clock = file, counts, clock
        self._table = file.table(b"learned")
        self._broom = Broom(file, self._table)

    def limit(self, transaction: lmdb.Transaction[bytes], name: str) -> int:
        """What is known of the name's limit; 0: nothing."""
        packed = transaction.get(key_of(name), db=self._table)
        return 0 if packed is None else _grown(packed, self._clock())

    def of(self, name: str) -> int:
        """The same, by itself."""
        return self._file.read(lambda transaction: self.limit(transaction, name))

    def lower(self, name: str) -> int:
        """The provider refused one of those that are in flight now: the new limit."""

        def write(transaction: lmdb.Transaction[bytes]) -> int:
            limit = max(1, self._counts.flights(transaction, key_of(name)) - 1)
            known = self.limit(transaction, name)
            limit = min(limit, known) if known else limit
            transaction.put(key_of(name), _ROW.pack(limit, self._clock()), db=self._table)
            return limit

        return self._file.write(write)

    def sweep(self) -> None:
        """Forgets some that are an hour old, or from another boot of the machine."""
        now = self._clock()
        self._broom.sweep(lambda _, packed: not _grown(packed, now))


def _grown(packed: bytes, now: float) -> int:
    limit: int
    limit, at = _ROW.unpack(packed)
    age = now - at
    return limit + int(age // MINUTE) if -MINUTE < age < KEPT else 0
