"""How many tokens a request really has, learned: each answer that tells its input corrects the guess for its model.

The guess is bytes divided by four (`model.estimate`). What it is off by is steady for one model and one kind of client,
so a slow average of (true ÷ guessed) mends it. Kept over restarts in the shared state; workers learn apart and the last
to write is believed, which is good enough for a number that all of them approach.

Beside the average stands an upper ratio, for what a call may cost at most: the highest seen, which sinks by half a
hundredth with each lower pair. It is learned from calls of some size, and believed after a few.
"""

from __future__ import annotations

import contextlib
import struct
from typing import Protocol

from trunkline.errors import StoreDown
from trunkline.model.estimate import BYTES_PER_TOKEN

_WEIGHT = 0.2
"""How much the newest pair counts."""
_LEAST, _MOST = 0.02, 8.0
"""Ratios beyond these are accidents: a picture in base64 has a hundred times the bytes of its tokens."""
_KEEP_EVERY = 16
_PREFIX = "ratio:"
_UPPER = "ratio-upper:"
_SINKS = 0.005
_LARGE = 256
"""Guessed tokens from which a pair teaches the upper ratio: what providers add to every call weighs little then."""
_ENOUGH = 8
"""Pairs after which it is believed."""
_BESIDE = 1.1
"""What is reckoned above the highest ratio that was seen."""
_ADDED = 512
"""Tokens that a provider may add to any call: its template, its own words about tools."""
UNLEARNED = 2
"""Bytes a token has at least, where nothing was learned. English has 4, JSON at Z.AI 2.9, Chinese 3."""


class Notes(Protocol):
    """Where small facts are kept: the shared state."""

    def remember(self, name: str, value: bytes) -> None: ...
    def recall(self, prefix: str) -> dict[str, bytes]: ...


class Ratios:
    """The learned ratios of one process."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._ratios: dict[str, float] = {}
        self._learned: dict[str, int] = {}
        self._uppers: dict[str, tuple[float, int]] = {}
        for name, value in notes.recall(_PREFIX).items():
            if len(value) == 8:
                self._ratios[name.removeprefix(_PREFIX)] = struct.unpack("<d", value)[0]
        for name, value in notes.recall(_UPPER).items():
            if len(value) == 8:
                self._uppers[name.removeprefix(_UPPER)] = struct.unpack("<d", value)[0], _ENOUGH

    def mended(self, model: str, guess: int) -> int:
        """The guess, corrected by what is known of the model; at least one."""
        ratio = self._ratios.get(model)
        return guess if ratio is None else max(1, round(guess * ratio))

    def most(self, model: str, size: int, *, strict: bool = False) -> int:
        """The most tokens that so many bytes may be. `strict`: for certain, none being less than a byte."""
        if strict:
            return size + _ADDED
        upper, count = self._uppers.get(model, (0.0, 0))
        if count < _ENOUGH:
            return size // UNLEARNED + _ADDED
        return min(size, int(-(-size // BYTES_PER_TOKEN) * upper * _BESIDE)) + _ADDED

    def learn(self, model: str, guess: int, told: int) -> None:
        """A pair: what was guessed, and what the provider counted."""
        if guess < 16 or told < 1:
            return
        ratio = min(_MOST, max(_LEAST, told / guess))
        known = self._ratios.get(model)
        self._ratios[model] = ratio if known is None else known + _WEIGHT * (ratio - known)
        if guess >= _LARGE:
            upper, seen = self._uppers.get(model, (0.0, 0))
            self._uppers[model] = max(ratio, upper - _SINKS * (upper - ratio)), seen + 1
        count = self._learned[model] = self._learned.get(model, 0) + 1
        if count % _KEEP_EVERY == 1:
            self._keep(model)

    def keep(self) -> None:
        """Writes all that was learned: at the end."""
        for model in self._learned:
            self._keep(model)

    def _keep(self, model: str) -> None:
        # The state says in its log when it takes nothing; a guess is not worth a request.
        with contextlib.suppress(StoreDown):
            self._notes.remember(_PREFIX + model, struct.pack("<d", self._ratios[model]))
            upper, count = self._uppers.get(model, (0.0, 0))
            if count >= _ENOUGH:
                self._notes.remember(_UPPER + model, struct.pack("<d", upper))
