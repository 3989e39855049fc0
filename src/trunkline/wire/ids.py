"""Ids of tool calls: the provider's own where clients accept them, else made, and the same ones for the same answer.

Deterministic, since a client replays them in the next turn: an id that changed would break the provider's prompt cache
and the tie between a call and its result. No store is needed.
"""

from __future__ import annotations

import hashlib
import re

_FIT = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
"""What Anthropic takes (`^[a-zA-Z0-9_-]+$`), and no longer than OpenAI's clients keep."""


class Ids:
    """The ids of one answer. `seed` is what tells it from others: the provider's id for it, or the request's."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self._given: set[str] = set()

    def call(self, told: str, name: str) -> str:
        """The id of the next call; `told` is the provider's, possibly empty, unfit, or used before in this answer."""
        fit = told if _FIT.match(told) else ""
        if not fit or fit in self._given:
            text = f"{self.seed}\0{len(self._given)}\0{name}\0{told}"
            fit = "call_" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:24]
        self._given.add(fit)
        return fit
