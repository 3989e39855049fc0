"""What each session spent lately, for all workers: twelve buckets of five minutes, of which the oldest counts whole.

    slopes   session → number of the newest bucket, twelve amounts in nano-dollars

Kept only where the configuration sets a slope. An hour without a call, and a session is forgotten.
"""

from __future__ import annotations

from struct import Struct

import lmdb

from trunkline.state.file import HotFile
from trunkline.state.names import key_of
from trunkline.state.sweep import Broom

_SECONDS = 300
_BUCKETS = 12
_FORM = Struct(f"<q{_BUCKETS}q")


class Slopes:
    """The table."""

    def __init__(self, file: HotFile) -> None:
        self._file = file
        self._table = file.table(b"slopes")
        self._broom = Broom(file, self._table)

    def of(self, session: str, now: float) -> int:
        """Nano-dollars of the last hour."""
        key = key_of(session)
        packed = self._file.read(lambda transaction: transaction.get(key, db=self._table))
        return sum(_turned(packed, int(now) // _SECONDS)) if packed is not None else 0

    def add(self, session: str, nano: int, now: float) -> None:
        """That much more was spent. Raises `StoreDown`."""
        key, bucket = key_of(session), int(now) // _SECONDS

        def write(transaction: lmdb.Transaction[bytes]) -> None:
            amounts = _turned(transaction.get(key, db=self._table), bucket)
            amounts[bucket % _BUCKETS] += nano
            transaction.put(key, _FORM.pack(bucket, *amounts), db=self._table)

        self._file.write(write, "end")

    def sweep(self, now: float) -> None:
        """Forgets those of more than an hour ago, and those of a future that was taken back."""
        bucket = int(now) // _SECONDS
        self._broom.sweep(lambda _, value: not bucket - _BUCKETS < _FORM.unpack(value)[0] <= bucket + 1)


def _turned(packed: bytes | None, bucket: int) -> list[int]:
    """The amounts as they stand in `bucket`: older ones gone, each at its number modulo twelve."""
    if packed is None:
        return [0] * _BUCKETS
    newest, *amounts = _FORM.unpack(packed)
    if not bucket - _BUCKETS < newest <= bucket + 1:
        return [0] * _BUCKETS
    for gone in range(newest + 1, bucket + 1):
        amounts[gone % _BUCKETS] = 0
    return list(amounts)
