"""Counts that all workers share: attempts in flight, and requests and tokens of the last minute.

    counts   f + name → attempts in flight, eight bytes; no entry: none
             r + name → requests of the last minute, a `window`
             t + name → tokens of the last minute, a `window`

All inside the transaction of the hold that counts on them. Windows run on the monotonic clock, which is one for all
processes of a machine: setting the machine's time moves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import lmdb

from trunkline.state import window
from trunkline.state.file import HotFile
from trunkline.state.names import key_of
from trunkline.state.sweep import Broom
from trunkline.state.types import Count, Taken, Tally

FLIGHT, REQUESTS, TOKENS = b"f", b"r", b"t"
_LETTER: dict[Tally, bytes] = {"flight": FLIGHT, "requests": REQUESTS, "tokens": TOKENS}
_UNUSED = 3600.0
"""Seconds after which a window that nobody used is forgotten."""


class Full(Exception):
    """A limit is reached. `wait`: seconds until the attempt may fit; 0 when only attempts in flight stand in the way,
    and nobody knows when they end."""

    def __init__(self, count: Count, wait: float) -> None:
        super().__init__(f"{count.name}: {count.limit} {count.kind}")
        self.count, self.wait = count, wait


@lru_cache(maxsize=16384)
def _key(kind: Tally, name: str) -> bytes:
    return _LETTER[kind] + key_of(name)


class Counts:
    """The table. Methods that are given a transaction are part of it."""

    def __init__(self, file: HotFile, clock: Callable[[], float]) -> None:
        self._file, self._clock = file, clock
        self._table = file.table(b"counts")
        self._broom = Broom(file, self._table)

    def take(self, transaction: lmdb.Transaction[bytes], counts: Sequence[Count]) -> tuple[Taken, ...]:
        """Counts one attempt everywhere. Raises `Full`, and then nothing must be written: of several limits that are
        reached, it names the one that takes longest."""
        now, table = self._clock(), self._table
        taken: list[Taken] = []
        full: Full | None = None
        for count in counts:
            kind, limit, amount = count.kind, count.limit, max(0, count.amount)
            key = _key(kind, count.name)
            packed = transaction.get(key, db=table)
            if kind == "flight":
                flights = int.from_bytes(packed, "big") if packed else 0
                if limit and flights + amount > limit:
                    full = full or Full(count, 0.0)
                    continue
                transaction.put(key, (flights + amount).to_bytes(8, "big"), db=table)
                taken.append((key, amount, 0))
                continue
            rolled = window.rolled(packed, now)
            if limit:
                used = window.used(rolled)
                # One that is larger than the whole limit passes alone: it could never pass otherwise.
                if used and used + amount > limit:
                    wait = window.wait(rolled, used + min(amount, limit) - limit, now)
                    if full is None or wait > full.wait:
                        full = Full(count, wait)
                    continue
            window.add(rolled, amount)
            transaction.put(key, window.packed(rolled), db=table)
            if kind == "tokens":
                taken.append((key, amount, rolled[0]))
        if full is not None:
            raise full
        return tuple(taken)

    def give(self, transaction: lmdb.Transaction[bytes], taken: Iterable[Taken], tokens: int | None) -> None:
        """Ends what `take` began. `tokens`: what was really used; None: what was held stands."""
        for key, amount, bucket in taken:
            if key[:1] == FLIGHT:
                self.land(transaction, key, amount)
            elif tokens is not None and tokens != amount:
                rolled = window.rolled(transaction.get(key, db=self._table), self._clock())
                window.correct(rolled, bucket, amount, max(0, tokens))
                transaction.put(key, window.packed(rolled), db=self._table)

    def flights(self, transaction: lmdb.Transaction[bytes], key: bytes) -> int:
        """Attempts in flight."""
        return int.from_bytes(transaction.get(key, b"", db=self._table), "big")

    def fly(self, transaction: lmdb.Transaction[bytes], key: bytes) -> None:
        """One attempt more in flight."""
        transaction.put(key, (self.flights(transaction, key) + 1).to_bytes(8, "big"), db=self._table)

    def land(self, transaction: lmdb.Transaction[bytes], key: bytes, amount: int = 1) -> None:
        """So many less in flight. Zeros are not kept."""
        left = self.flights(transaction, key) - amount
        if left > 0:
            transaction.put(key, left.to_bytes(8, "big"), db=self._table)
        else:
            transaction.delete(key, db=self._table)

    def used(self, names: Sequence[str]) -> dict[str, tuple[int, int, int]]:
        """For each name: attempts in flight, requests and tokens of the last minute. One moment of all."""

        def read(transaction: lmdb.Transaction[bytes]) -> dict[str, tuple[int, int, int]]:
            now, get, table = self._clock(), transaction.get, self._table
            found: dict[str, tuple[int, int, int]] = {}
            for name in names:
                flights = get(_key("flight", name), b"", db=table)
                requests, tokens = get(_key("requests", name), db=table), get(_key("tokens", name), db=table)
                found[name] = (
                    int.from_bytes(flights, "big"),
                    window.used(window.rolled(requests, now)) if requests else 0,
                    window.used(window.rolled(tokens, now)) if tokens else 0,
                )
            return found

        return self._file.read(read)

    def sweep(self) -> None:
        """Forgets some windows that nobody used for an hour."""
        now = self._clock()

        def stale(key: bytes, value: bytes) -> bool:
            # One that ends in the future is from another boot of the machine.
            return key[:1] != FLIGHT and not now - _UNUSED < window.newest(value) < now + window.SPAN

        self._broom.sweep(stale)


def flight_key(name: str) -> bytes:
    """Where the attempts in flight of a name are counted."""
    return _key("flight", name)
