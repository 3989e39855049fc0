"""Takes away what a continuation says again of what the client has: the tail of it, or all of it. Pure.

A model that is asked to go on may begin a sentence anew, or the whole answer. Its first characters wait while they
could be such a repetition, which mostly is for a word or two; what turns out to be none goes on whole.
"""

from __future__ import annotations

CERTAIN = 16
"""Characters that a repetition must have, unless it is all that was said: shorter ones are chance."""


class Overlap:
    """The seam between what was said and what follows. `exact`: the model was given every blank, so none is doubled."""

    __slots__ = ("_held", "_said", "exact", "open")

    def __init__(self, said: str, *, exact: bool = False) -> None:
        self._said = said
        self.exact = exact
        self._held = ""
        self.open = bool(said)
        """While it is, what comes is still compared."""

    def feed(self, text: str) -> str:
        """What of the words so far is certain to be new; possibly nothing yet."""
        if not self.open:
            return text
        self._held += text
        return "" if self._may_repeat() else self._decide()

    def end(self) -> str:
        """What waited, since nothing more comes."""
        return self._decide() if self.open else ""

    def _may_repeat(self) -> bool:
        """Whether more is needed to know."""
        held = self._held
        bare = held if self.exact else held.lstrip()
        if not bare:
            # Blanks may be doubled ones, and a repetition may stand behind them.
            return len(held) < CERTAIN
        return self._goes_on(held) or (bare != held and self._goes_on(bare))

    def _goes_on(self, text: str) -> bool:
        """Whether it stands in what was said and does not yet reach its end."""
        at = self._said.find(text)
        size = len(self._said) - at
        return at >= 0 and size > len(text) and (size >= CERTAIN or at == 0)

    def _decide(self) -> str:
        held, said = self._held, self._said
        self.open, self._held = False, ""
        size = _repeated(said, held)
        if size or self.exact:
            return held[size:]
        bare = held.lstrip()
        if size := _repeated(said, bare):
            return bare[size:]
        return held[_doubled(said, held) :]


def _repeated(said: str, held: str) -> int:
    """How many characters at the beginning of `held` end what was said; 0 where it is too few to be certain."""
    if said and held.startswith(said):
        return len(said)
    if len(held) < CERTAIN:
        return 0
    at = max(0, len(said) - len(held))
    while (at := said.find(held[:CERTAIN], at)) >= 0:
        if held.startswith(said[at:]):
            return len(said) - at
        at += 1
    return 0


def _doubled(said: str, held: str) -> int:
    """How many blanks at the beginning of `held` are the last ones of what was said; all, where a space ends that."""
    if said.endswith(" "):
        return len(held) - len(held.lstrip(" "))
    blanks = len(held) - len(held.lstrip())
    return next((size for size in range(blanks, 0, -1) if said.endswith(held[:size])), 0)
