"""Counts that all workers share: attempts in flight, and requests and tokens of the last minute.

    counts   name → a tally (`window`)

All inside the transaction of the hold that counts on them. Minutes run on the monotonic clock, which is one for all
processes of a machine: setting the machine's time moves nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

import lmdb

from trunkline.state import window
from trunkline.state.file import HotFile
from trunkline.state.names import key_of
from trunkline.state.sweep import Broom
from trunkline.state.types import Count, Rates, Seen, Taken
from trunkline.state.window import BUCKET, FLIGHTS, HELD, KEPT, MOST, REQUESTS, RING, TOKENS, WIDE

_UNUSED = 120.0
"""Seconds after which a name that nobody used is forgotten: its minute is over, and clients invent names."""


class Full(Exception):
    """A limit is reached. `wait`: seconds until the attempt may fit; 0 when only attempts in flight stand in the way,
    and nobody knows when they end."""

    def __init__(self, count: Count, wait: float) -> None:
        super().__init__(f"{count.name}: {count.limit} {count.kind}")
        self.count, self.wait = count, wait


class Counts:
    """The table. Methods that are given a transaction are part of it."""

    def __init__(self, file: HotFile, clock: Callable[[], float]) -> None:
        self._file, self._clock = file, clock
        self._table = file.table(b"counts")
        self._broom = Broom(file, self._table)

    def take(self, transaction: lmdb.Transaction[bytes], counts: Sequence[Count]) -> tuple[tuple[Taken, ...], Seen]:
        """Counts one attempt everywhere: what it took, and how much that came to. Raises `Full`, and then the
        transaction must be aborted: of several limits that are reached, it names the one that takes longest."""
        now, get, put, table = self._clock(), transaction.get, transaction.put, self._table
        bucket = window.bucket_of(now)
        tallies: dict[str, array[int]] = {}
        taken: list[Taken] = []
        full: Full | None = None
        at, number = 0, len(counts)
        # Limits of one name stand beside one another: its record is read once and written once. What is written is of
        # no account where one is reached: the transaction is given up.
        while at < number:
            name = counts[at].name
            key = key_of(name)
            tallies[name] = tally = window.tally(get(key, None, table), bucket)
            newest = tally[BUCKET]
            while at < number and (count := counts[at]).name == name:
                at += 1
                kind, limit, amount = count.kind, count.limit, count.amount
                if amount > MOST:
                    amount = MOST
                if kind == "flight":
                    used = tally[FLIGHTS]
                    if limit and used + amount > limit:
                        full = full or Full(count, 0.0)
                    else:
                        tally[FLIGHTS] = used + amount
                        taken.append((key, "f", amount, 0))
                    continue
                total = REQUESTS if kind == "requests" else TOKENS
                used = tally[total]
                # One that is larger than the limit of a whole minute passes alone: it could never pass otherwise.
                if limit and used + amount > limit and used:
                    wait = window.wait(tally, total, used + min(amount, limit) - limit, now)
                    if full is None or wait > full.wait:
                        full = Full(count, wait)
                    continue
                tally[total] = used + amount
                tally[RING[total] + newest % KEPT] += amount
                if total == TOKENS:
                    tally[HELD] += amount
                    taken.append((key, "t", amount, newest))
            put(key, tally, True, True, False, table)
        if full is not None:
            raise full
        return tuple(taken), ((bucket + KEPT) * WIDE, tallies)

    def give(self, transaction: lmdb.Transaction[bytes], taken: Sequence[Taken], tokens: int | None) -> None:
        """Ends what `take` began. `tokens`: what was really used; None: what was held stands."""
        get, put, table = transaction.get, transaction.put, self._table
        now = window.bucket_of(self._clock())
        at, number = 0, len(taken)
        while at < number:
            key = taken[at][0]
            tally = window.tally(get(key, None, table), now)
            while at < number and (each := taken[at])[0] == key:
                at += 1
                _, kind, amount, bucket = each
                where = FLIGHTS if kind == "f" else HELD
                before = tally[where]
                tally[where] = before - amount if before > amount else 0
                if where == HELD and tokens is not None:
                    window.correct(tally, bucket, amount, tokens)
            put(key, tally, True, True, False, table)

    def flights(self, transaction: lmdb.Transaction[bytes], key: bytes) -> int:
        """Attempts in flight."""
        packed = transaction.get(key, db=self._table)
        return array("Q", packed)[FLIGHTS] if packed else 0

    def fly(self, transaction: lmdb.Transaction[bytes], key: bytes) -> None:
        """One attempt more in flight."""
        tally = window.tally(transaction.get(key, db=self._table), window.bucket_of(self._clock()))
        tally[FLIGHTS] += 1
        transaction.put(key, tally, db=self._table)

    def land(self, transaction: lmdb.Transaction[bytes], key: bytes) -> None:
        """One less."""
        tally = window.tally(transaction.get(key, db=self._table), window.bucket_of(self._clock()))
        tally[FLIGHTS] -= min(1, tally[FLIGHTS])
        transaction.put(key, tally, db=self._table)

    def used(self, names: Sequence[str]) -> dict[str, tuple[int, int, int]]:
        """For each name: attempts in flight, requests and tokens of the last minute. One moment of all."""

        def read(transaction: lmdb.Transaction[bytes]) -> list[bytes | None]:
            return [transaction.get(key_of(name), db=self._table) for name in names]

        found = self._file.read(read)
        bucket = window.bucket_of(self._clock())
        told: dict[str, tuple[int, int, int]] = {}
        for name, packed in zip(names, found, strict=True):
            if packed is None:
                told[name] = (0, 0, 0)
            else:
                tally = window.tally(packed, bucket)
                told[name] = (tally[FLIGHTS], tally[REQUESTS], tally[TOKENS])
        return told

    def rates(self, names: Sequence[str]) -> dict[str, Rates]:
        """The same, and when the minute will be empty if nothing is added."""

        def read(transaction: lmdb.Transaction[bytes]) -> list[bytes | None]:
            return [transaction.get(key_of(name), db=self._table) for name in names]

        found, now = self._file.read(read), self._clock()
        bucket = window.bucket_of(now)
        told: dict[str, Rates] = {}
        for name, packed in zip(names, found, strict=True):
            tally = window.tally(packed, bucket)
            requests, tokens = tally[REQUESTS], tally[TOKENS]
            resets = [window.wait(tally, at, tally[at], now) if tally[at] else 0.0 for at in (REQUESTS, TOKENS)]
            told[name] = Rates(tally[FLIGHTS], requests, tokens, tally[HELD], *resets)
        return told

    def sweep(self) -> None:
        """Forgets some names that nobody uses any more."""
        now = self._clock()

        def stale(_: bytes, packed: bytes) -> bool:
            # A bucket in the future is from another boot of the machine.
            return not array("Q", packed)[FLIGHTS] and not now - _UNUSED < window.newest(packed) < now + window.SPAN

        self._broom.sweep(stale)
