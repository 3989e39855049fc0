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
from trunkline.state.types import Count, Meter, Rates, Seen, Taken
from trunkline.state.window import (
    BUCKET,
    FLIGHTS,
    FRESH,
    HELD,
    KEPT,
    MOST,
    REQUESTS,
    REQUESTS_RING,
    TOKENS,
    TOKENS_RING,
    WIDE,
)

_UNUSED = 120.0
"""Seconds after which a name that nobody used is forgotten: its minute is over, and clients invent names."""

_NOTHING = array("Q")


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

    def take(self, transaction: lmdb.Transaction[bytes], meters: Sequence[Meter]) -> tuple[tuple[Taken, ...], Seen]:
        """Counts one attempt everywhere: what it took, and how much that came to. Raises `Full`, and then the
        transaction must be aborted: of several limits that are reached, it names the one that takes longest."""
        now, get, put, table = self._clock(), transaction.get, transaction.put, self._table
        bucket = int(now // WIDE)
        tallies: dict[str, array[int]] = {}
        taken: list[Taken] = []
        full: Full | None = None
        for meter in meters:
            name = meter.name
            key = key_of(name)
            tally = array("Q", get(key, None, table) or FRESH)
            if tally[BUCKET] != bucket or len(tally) == HELD:
                window.turn(tally, bucket)
            newest = tally[BUCKET]
            limit = meter.flights
            if limit is not None:
                used = tally[FLIGHTS]
                if limit and used >= limit:
                    full = full or Full(Count(name, "flight", limit), 0.0)
                tally[FLIGHTS] = used + 1
                taken.append((key, "f", 1, 0))
            limit = meter.requests
            if limit is not None:
                used = tally[REQUESTS]
                if limit and used >= limit:
                    full = _longer(full, tally, Count(name, "requests", limit), now)
                tally[REQUESTS] = used + 1
                tally[REQUESTS_RING + newest % KEPT] += 1
            limit = meter.tokens
            if limit is not None:
                used, amount = tally[TOKENS], meter.amount
                if amount > MOST:
                    amount = MOST
                # One that is larger than the limit of a whole minute passes alone: it could never pass otherwise.
                if limit and used + amount > limit and used:
                    full = _longer(full, tally, Count(name, "tokens", limit, amount), now)
                tally[TOKENS] = used + amount
                tally[TOKENS_RING + newest % KEPT] += amount
                tally[HELD] += amount
                taken.append((key, "t", amount, newest))
            put(key, tally, True, True, False, table)
            tallies[name] = tally
        if full is not None:
            raise full
        return tuple(taken), ((bucket + KEPT) * WIDE, tallies)

    def give(self, transaction: lmdb.Transaction[bytes], taken: Sequence[Taken], tokens: int | None) -> None:
        """Ends what `take` began. `tokens`: what was really used; None: what was held stands."""
        get, put, table = transaction.get, transaction.put, self._table
        now = int(self._clock() // WIDE)
        last, tally = b"", _NOTHING
        for key, kind, amount, bucket in taken:
            # What was taken under one name stands together: its record is read once and written once.
            if key != last:
                if last:
                    put(last, tally, True, True, False, table)
                last, tally = key, array("Q", get(key, None, table) or FRESH)
                if tally[BUCKET] != now or len(tally) == HELD:
                    window.turn(tally, now)
            if kind == "f":
                before = tally[FLIGHTS]
                tally[FLIGHTS] = before - amount if before > amount else 0
                continue
            before = tally[HELD]
            tally[HELD] = before - amount if before > amount else 0
            if tokens is not None:
                window.correct(tally, bucket, amount, tokens)
        if last:
            put(last, tally, True, True, False, table)

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


def _longer(full: Full | None, tally: array[int], count: Count, now: float) -> Full:
    """The limit of a minute that is reached, or the one before, if that takes longer."""
    at = REQUESTS if count.kind == "requests" else TOKENS
    wait = window.wait(tally, at, tally[at] + min(count.amount, count.limit) - count.limit, now)
    return Full(count, wait) if full is None or wait > full.wait else full
