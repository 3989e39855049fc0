"""Answers that are kept: bounded in bytes, the least used goes first. Touches memory only, and reads no clock."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

_AROUND = 1024
"""Bytes that an entry takes beside its body and headers, generously."""

Head = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer as its client got it. Times on one monotonic clock, seconds."""

    head: Head
    body: bytes
    """A stream's whole events, one after another, or the whole answer."""
    streamed: bool
    group: str
    """The model group that gave it."""
    billed: int
    """What it cost, nano-dollars."""
    model: str
    """The model that gave it."""
    stop: str
    """Why it ended, in its wire's word."""
    since: float
    until: float

    @property
    def size(self) -> int:
        """Bytes that it takes, rather too many."""
        return _AROUND + len(self.body) + sum(len(name) + len(value) + 128 for name, value in self.head)


class Shelf:
    """Kept answers by their keys."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self.size = 0
        """Bytes of all that is kept."""

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str, now: float, age: float = math.inf) -> Kept | None:
        """A kept answer that is still good and no older than `age`; it is then the most recently used."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if now >= kept.until:
            self._remove(key)
            return None
        if now - kept.since > age:
            return None
        self._kept.move_to_end(key)
        return kept

    def put(self, key: str, kept: Kept, most: int) -> None:
        """Keeps an answer in place of an older one; whatever is over `most` bytes then goes, least used first."""
        if key in self._kept:
            self._remove(key)
        self._kept[key] = kept
        self.size += kept.size
        while self.size > most:
            self._remove(next(iter(self._kept)))

    def clear(self) -> None:
        """Keeps nothing."""
        self._kept.clear()
        self.size = 0

    def _remove(self, key: str) -> None:
        self.size -= self._kept.pop(key).size
