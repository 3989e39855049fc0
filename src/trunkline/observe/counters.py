"""What is counted, and how counts of several workers are added. Plain numbers in plain lists; no I/O.

A name is a tuple of labels, a row a list of numbers in the order of `ATTEMPT` or `REQUEST`, then histograms. The number
of names is bounded: models are clients' inventions where a configuration has wildcards, and codes are providers'.
"""

from __future__ import annotations

import logging
from typing import Any

import msgspec

_log = logging.getLogger("trunkline.observe")

VERSION = 2
"""Of this layout: counts that another version left behind are not added."""

ATTEMPT = (
    "count",
    "input",
    "cache_read",
    "cache_write",
    "output",
    "reasoning",
    "billed",
    "value",
    "unpriced",
    "estimated",
    "retries",
    "fallbacks",
    "resumes",
    "first_sum",
    "duration_sum",
    "overruns",
    "overrun",
)
"""Money in nano-dollars, sums of time in seconds. Two histograms follow: first token and duration."""
REQUEST = ("count", "duration_sum")
"""One histogram follows: duration."""

BOUNDS = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds of the histograms' buckets, seconds; one more has none."""
BUCKETS = len(BOUNDS) + 1
FIRST_AT = len(ATTEMPT)
DURATION_AT = FIRST_AT + BUCKETS
ATTEMPT_SIZE = DURATION_AT + BUCKETS
REQUEST_AT = len(REQUEST)
REQUEST_SIZE = REQUEST_AT + BUCKETS

ATTEMPT_LABELS = (
    "deployment",
    "provider",
    "group",
    "model",
    "operation",
    "wire",
    "outcome",
    "kind",
    "status",
    "key",
)
REQUEST_LABELS = ("operation", "asked", "status", "key")
REPAIR_LABELS = ("repair", "provider", "model")
CACHE_LABELS = ("operation", "result")
"""Of these there are few: counts, and nano-dollars that were saved."""

MOST_ATTEMPTS, MOST_REQUESTS, MOST_REPAIRS = 1000, 500, 500
"""Names that a worker keeps. What is new beyond them is counted under `other`."""
MOST_PAST = 4000
"""Names that are kept of dead workers, of each kind."""
OTHER = "other"

Name = tuple[Any, ...]
Numbers = list[float]
Table = dict[Name, Numbers]


class Counters(msgspec.Struct, array_like=True):
    """All counts of one worker, or of several."""

    version: int = VERSION
    attempts: list[tuple[list[Any], Numbers]] = []
    requests: list[tuple[list[Any], Numbers]] = []
    repairs: list[tuple[list[Any], Numbers]] = []
    in_flight: int = 0
    """Requests under way; not added to the past."""
    workers: int = 0
    cache: list[tuple[list[Any], Numbers]] = []
    tasks: int = 0
    """Of the event loop; not added to the past."""
    events: list[tuple[list[Any], Numbers]] = []
    """What happens seldom, and of which sort: `soft_budget` (whose budget it is), `loop` (what was done)."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Counters).decode


def packed(
    attempts: Table, requests: Table, repairs: Table, in_flight: int, cache: Table, tasks: int, events: Table
) -> bytes:
    """One worker's counts as bytes."""
    return _encode(
        Counters(
            VERSION,
            [(list(name), row) for name, row in attempts.items()],
            [(list(name), row) for name, row in requests.items()],
            [(list(name), row) for name, row in repairs.items()],
            in_flight,
            1,
            [(list(name), row) for name, row in cache.items()],
            tasks,
            [(list(name), row) for name, row in events.items()],
        )
    )


class Sums:
    """Counts of several workers, added up."""

    def __init__(self, most: int | None = None) -> None:
        self.attempts: Table = {}
        self.requests: Table = {}
        self.repairs: Table = {}
        self.cache: Table = {}
        self.events: Table = {}
        self.in_flight = self.workers = self.tasks = 0
        self._most = most

    def add(self, counters: bytes) -> None:
        """Adds one worker's counts. What another version wrote is left out, with a word about it."""
        if not counters:
            return
        try:
            found = _decode(counters)
        except msgspec.MsgspecError as error:
            _log.warning("counters that cannot be read are left out: %s", error)
            return
        if found.version != VERSION:
            _log.warning("counters of layout %d are left out: this version has %d", found.version, VERSION)
            return
        for name, row in found.attempts:
            _add(self.attempts, tuple(name), row, self._most, folded)
        for name, row in found.requests:
            _add(self.requests, tuple(name), row, self._most, folded_request)
        for name, row in found.repairs:
            _add(self.repairs, tuple(name), row, self._most, folded_repair)
        for name, row in found.cache:
            _add(self.cache, tuple(name), row, None, folded_repair)
        for name, row in found.events:
            _add(self.events, tuple(name), row, None, folded_repair)
        self.in_flight += found.in_flight
        self.workers += found.workers
        self.tasks += found.tasks


def merged(past: bytes, counters: bytes) -> bytes:
    """The past with a dead worker's counts in it. Bounded."""
    sums = Sums(MOST_PAST)
    sums.add(past)
    sums.add(counters)
    return _encode(
        Counters(
            VERSION,
            [(list(name), row) for name, row in sums.attempts.items()],
            [(list(name), row) for name, row in sums.requests.items()],
            [(list(name), row) for name, row in sums.repairs.items()],
            cache=[(list(name), row) for name, row in sums.cache.items()],
            events=[(list(name), row) for name, row in sums.events.items()],
        )
    )


def folded(name: Name, *, past: bool = False) -> Name:
    """The name under which an attempt is counted where there is no room for its own."""
    deployment, provider, group, _, operation, wire, outcome, kind, status, _ = name
    if past:
        deployment = group = OTHER
    return (
        deployment,
        provider,
        group,
        OTHER,
        operation,
        wire,
        outcome if outcome == "ok" else OTHER,
        kind,
        status // 100 * 100,
        OTHER,
    )


def folded_request(name: Name, *, past: bool = False) -> Name:
    """The same for a request."""
    operation, _, status, _ = name
    return operation, OTHER, status // 100 * 100 if past else status, OTHER


def folded_repair(name: Name, *, past: bool = False) -> Name:
    """The same for a repair."""
    repair, provider, _ = name
    return repair, provider, OTHER


def _add(table: Table, name: Name, row: Numbers, most: int | None, fold: Any) -> None:
    held = table.get(name)
    if held is None:
        if most is not None and len(table) >= most:
            name = fold(name, past=True)
        held = table.get(name)
    if held is None:
        table[name] = list(row)
        return
    for at, number in enumerate(row):
        held[at] += number
