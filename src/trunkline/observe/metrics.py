"""Counts of one worker: a few additions for each attempt and each request, nothing else on the hot path.

Every two seconds the worker writes them where all workers see them (`state.tallies`); the page adds them up.
"""

from __future__ import annotations

import asyncio
import contextlib
from bisect import bisect_left
from collections.abc import Callable

from trunkline.errors import StoreDown
from trunkline.observe.counters import (
    ATTEMPT_SIZE,
    BOUNDS,
    DURATION_AT,
    FIRST_AT,
    MOST_ATTEMPTS,
    MOST_REPAIRS,
    MOST_REQUESTS,
    REQUEST_AT,
    REQUEST_SIZE,
    Name,
    Numbers,
    Sums,
    Table,
    folded,
    folded_repair,
    folded_request,
    merged,
    packed,
)
from trunkline.state.tallies import Tallies
from trunkline.upstream.books import Record

EVERY = 2.0
"""Seconds between two writings: how old other workers' numbers may be."""
_BURY_EVERY = 5
"""Writings between two looks for dead workers."""


class Metrics:
    """Counts, and writes them now and then. `now` is unix time; without `tallies` nothing is written."""

    def __init__(self, now: Callable[[], float], tallies: Tallies | None = None) -> None:
        self._now, self._tallies = now, tallies
        self._attempts: Table = {}
        self._requests: Table = {}
        self._repairs: Table = {}
        self._cache: Table = {}
        self._events: Table = {}
        self._handle: asyncio.TimerHandle | None = None
        self._written = b""
        self._round = 0
        self.in_flight: Callable[[], int] = int
        """How many requests are under way in this worker."""
        self.tasks: Callable[[], int] = int
        """How many tasks its event loop has. Asked with each writing and each page, never for a call to a model."""

    def attempt(self, record: Record) -> None:
        """An attempt has ended."""
        call, candidate, usage = record.call, record.candidate, record.usage
        deployment = candidate.deployment
        name = (
            deployment.id,
            deployment.provider.name,
            candidate.group,
            candidate.model,
            call.operation,
            candidate.wire,
            record.outcome,
            record.kind,
            record.status,
            call.caller.label,
        )
        row = self._attempts.get(name)
        if row is None:
            row = self._new(name)
        row[0] += 1
        row[1] += usage.input or 0
        if usage.cache_read:
            row[2] += usage.cache_read
        if usage.cache_write or usage.cache_write_1h:
            row[3] += usage.cache_write + usage.cache_write_1h
        row[4] += usage.output or 0
        if usage.reasoning:
            row[5] += usage.reasoning
        row[6] += record.billed
        row[7] += record.value
        if not record.priced:
            row[8] += 1
        if record.estimated:
            row[9] += 1
        if record.number:
            row[12 if record.resumed else 10 if record.after_group == candidate.group else 11] += 1
        first = record.waited
        if first:
            row[13] += first
            row[FIRST_AT + bisect_left(BOUNDS, first)] += 1
        took = self._now() - record.started
        row[14] += took
        row[DURATION_AT + bisect_left(BOUNDS, took)] += 1
        if over := record.overrun:
            row[15] += 1
            row[16] += over
        for repair in record.repairs:
            self._mended((repair, deployment.provider.name, candidate.model))

    def request(self, operation: str, asked: str, status: int, key: str, took: float) -> None:
        """A request for a model has been answered; `took` is in seconds."""
        name = (operation, asked, status, key)
        row = self._requests.get(name)
        if row is None:
            if len(self._requests) >= MOST_REQUESTS:
                name = folded_request(name)
            row = self._requests.setdefault(name, [0] * REQUEST_SIZE)
        row[0] += 1
        row[1] += took
        row[REQUEST_AT + bisect_left(BOUNDS, took)] += 1

    def looked_up(self, operation: str, result: str, saved: int = 0) -> None:
        """An answer was looked for in the cache: `hit`, `joined` or `miss`; it had cost `saved` nano-dollars."""
        row = self._cache.setdefault((operation, result), [0, 0])
        row[0] += 1
        row[1] += saved

    def event(self, event: str, sort: str) -> None:
        """Something happened that happens seldom; of both names there are few."""
        self._events.setdefault((event, sort), [0])[0] += 1

    def _mended(self, name: Name) -> None:
        if name not in self._repairs and len(self._repairs) >= MOST_REPAIRS:
            name = folded_repair(name)
        self._repairs.setdefault(name, [0])[0] += 1

    def _new(self, name: Name) -> Numbers:
        if len(self._attempts) >= MOST_ATTEMPTS:
            name = folded(name)
        return self._attempts.setdefault(name, [0] * ATTEMPT_SIZE)

    def packed(self) -> bytes:
        """All counts until now, as bytes."""
        return packed(
            self._attempts,
            self._requests,
            self._repairs,
            self.in_flight(),
            self._cache,
            self.tasks(),
            self._events,
        )

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begins to write now and then."""
        self._handle = loop.call_later(EVERY, self._tick, loop)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        # The state says in its log when it takes nothing; counts are not worth a second word.
        with contextlib.suppress(StoreDown):
            self.write()
            self._round += 1
            if self._tallies is not None and self._round % _BURY_EVERY == 0:
                self._tallies.bury(merged)
        self._handle = loop.call_later(EVERY, self._tick, loop)

    def write(self) -> None:
        """Writes the counts, if they have changed. Raises `StoreDown`."""
        counters = self.packed()
        if self._tallies is not None and counters != self._written:
            self._tallies.put(counters)
            self._written = counters

    def stop(self) -> None:
        """The last writing: this worker's counts become the past."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if self._tallies is not None:
            self.in_flight = self.tasks = int
            with contextlib.suppress(StoreDown):
                self.write()
                self._tallies.end(merged)


def summed(own: bytes, past: bytes, others: list[bytes]) -> Sums:
    """All workers' counts."""
    sums = Sums()
    for counters in (own, past, *others):
        sums.add(counters)
    return sums
