"""Where each session is at home: the deployment whose prompt cache is warm for it.

    homes   session → unix seconds, deployment

An hour without a call, and it is forgotten. A home is written when it changes, else at most once a minute.
"""

from __future__ import annotations

from struct import Struct
from time import monotonic

import lmdb

from trunkline.state.file import HotFile
from trunkline.state.names import key_of
from trunkline.state.sweep import Broom

MOST = 20_000
"""Sessions that are kept."""
KEPT = 3600.0
_AGAIN = 60.0
_SAMPLE = 8
"""Of so many neighbours, the oldest makes room in a full table."""
_BELIEVED = 0.02
_AT = Struct("<d")


class Homes:
    """The table."""

    def __init__(self, file: HotFile) -> None:
        self._file = file
        self._table = file.table(b"homes")
        self._broom = Broom(file, self._table)
        self._empty_until = 0.0

    def of(self, session: str) -> str | None:
        """The deployment that the session is at home at. That nobody has a home is believed for 20 ms."""
        if monotonic() < self._empty_until:
            return None
        key = key_of(session)

        def read(transaction: lmdb.Transaction[bytes]) -> bytes | None:
            packed = transaction.get(key, db=self._table)
            if packed is None and not transaction.stat(self._table)["entries"]:
                self._empty_until = monotonic() + _BELIEVED
            return packed

        packed = self._file.read(read)
        return None if packed is None else packed[_AT.size :].decode()

    def settle(self, session: str, deployment: str, now: float) -> None:
        """From now on it is at home there."""
        key, told = key_of(session), deployment.encode("utf-8", "replace")
        packed = self._file.read(lambda transaction: transaction.get(key, db=self._table))
        if packed is not None and packed[_AT.size :] == told and abs(now - _AT.unpack_from(packed)[0]) < _AGAIN:
            return

        def write(transaction: lmdb.Transaction[bytes]) -> None:
            if packed is None and transaction.stat(self._table)["entries"] >= MOST:
                self._make_room(transaction, key)
            transaction.put(key, _AT.pack(now) + told, db=self._table)

        self._file.write(write)
        self._empty_until = 0.0

    def _make_room(self, transaction: lmdb.Transaction[bytes], key: bytes) -> None:
        with transaction.cursor(db=self._table) as cursor:
            sample: list[tuple[float, bytes]] = []
            more = cursor.set_range(key) or cursor.first()
            while more and len(sample) < _SAMPLE:
                near, value = cursor.item()
                sample.append((_AT.unpack_from(value)[0], near))
                more = cursor.next()
        transaction.delete(min(sample)[1], db=self._table)

    def sweep(self, now: float) -> None:
        """Forgets some that are old, or lie in a future that was taken back."""
        self._broom.sweep(lambda _, value: not now - KEPT < _AT.unpack_from(value)[0] < now + _AGAIN)
