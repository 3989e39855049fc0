"""Tables stay bounded: what is stale goes, a few entries at a time, so that nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable

import lmdb

from trunkline.state.file import HotFile

_STEP = 256
"""Entries that are looked at in one step: a millisecond at most."""
_STEPS = 8


class Broom:
    """Goes through one table, step after step, and begins anew at its end."""

    def __init__(self, file: HotFile, table: lmdb._Database) -> None:
        self._file, self._table = file, table
        self._at = b""

    def sweep(self, stale: Callable[[bytes, bytes], bool]) -> None:
        """A step, and some more while they find much. Writes nothing when nothing is stale. Raises `StoreDown`."""
        for _ in range(_STEPS):
            if self._step(stale) < _STEP // 2:
                return

    def _step(self, stale: Callable[[bytes, bytes], bool]) -> int:
        def look(transaction: lmdb.Transaction[bytes]) -> tuple[list[bytes], bytes]:
            found: list[bytes] = []
            with transaction.cursor(db=self._table) as cursor:
                more = cursor.set_range(self._at) if self._at else cursor.first()
                for _ in range(_STEP):
                    if not more:
                        return found, b""
                    key, value = cursor.item()
                    if stale(key, value):
                        found.append(key)
                    more = cursor.next()
                return found, cursor.key() if more else b""

        def drop(transaction: lmdb.Transaction[bytes]) -> None:
            for key in found:
                value = transaction.get(key, db=self._table)
                if value is not None and stale(key, value):
                    transaction.delete(key, db=self._table)

        found, self._at = self._file.read(look)
        if found:
            self._file.write(drop, "empty")
        return len(found)
