"""Tokens and money. Knows no format and no provider; integers only.

Money is counted in nano-dollars: 1 USD = 1_000_000_000. A price is nano-dollars per million tokens, so that a
product of tokens and price divided by a million is exact to the nano-dollar and rounded up once, at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

NANO = 1_000_000_000
"""Nano-dollars in a dollar."""

MILLION = 1_000_000


@dataclass(slots=True)
class Usage:
    """What one answer used, each token counted in exactly one of the first five numbers.

    `input` is what was read uncached; `cache_read` and the two `cache_write`s come beside it, never inside it.
    `reasoning` is a part of `output`, kept for reports. `None` in `input` or `output` means the provider did not say.
    """

    input: int | None = None
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    output: int | None = None
    reasoning: int = 0
    sound_read: int = 0
    """Of `input`, what was sound and not words."""
    sound_said: int = 0
    """Of `output`, the same."""
    searches: int = 0
    """Searches of the web that the provider ran, which are paid beside the tokens."""
    lookups: int = 0
    """Searches of files that it keeps for its client, paid likewise."""
    estimated: bool = False
    """Counted by somebody else than the provider."""
    served: tuple[str, ...] = ()
    """How it was served, where that has a price of its own: `fast`, `flex`, ... (`Price.factors`)."""
    beside: tuple[Usage, ...] = ()
    """Passes that are billed as well and stand in none of the numbers above: a conversation that was summed up."""

    @property
    def known(self) -> bool:
        """True when the provider reported both sides."""
        return self.input is not None and self.output is not None

    @property
    def prompt(self) -> int:
        """All input tokens, cached ones included: the number that tiered prices ask for."""
        return (self.input or 0) + self.cache_read + self.cache_write + self.cache_write_1h

    @property
    def whole(self) -> Usage:
        """The same with all passes in its numbers: what was used in all, which is no size of a prompt."""
        if not self.beside:
            return self
        each = (self, *self.beside)
        return Usage(
            input=sum(one.input or 0 for one in each),
            cache_read=sum(one.cache_read for one in each),
            cache_write=sum(one.cache_write for one in each),
            cache_write_1h=sum(one.cache_write_1h for one in each),
            output=sum(one.output or 0 for one in each),
            reasoning=sum(one.reasoning for one in each),
            sound_read=sum(one.sound_read for one in each),
            sound_said=sum(one.sound_said for one in each),
        )

    def tidy(self) -> None:
        """Forgets counts below zero, which some servers tell: they are no counts."""
        if self.input is not None and self.input < 0:
            self.input = None
        if self.output is not None and self.output < 0:
            self.output = None
        self.cache_read, self.cache_write = max(0, self.cache_read), max(0, self.cache_write)
        self.cache_write_1h, self.reasoning = max(0, self.cache_write_1h), max(0, self.reasoning)
        self.sound_read = max(0, min(self.sound_read, self.input or 0))
        self.sound_said = max(0, min(self.sound_said, self.output or 0))
        self.searches, self.lookups = max(0, self.searches), max(0, self.lookups)


@dataclass(frozen=True, slots=True)
class Rates:
    """Nano-dollars per million tokens of each kind, valid for prompts of more than `above` tokens."""

    input: int
    output: int
    cache_read: int
    cache_write: int
    cache_write_1h: int
    above: int = 0


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs: the base rates first, then dearer tiers by ascending `above`. `source` says where from.

    The tier is chosen by the whole prompt (cached tokens included) and holds for the whole request.
    """

    tiers: tuple[Rates, ...]
    source: str = ""
    search: int = 0
    """Nano-dollars of a search that the provider runs."""
    search_once: bool = False
    """However many searches an answer took, one is paid."""
    lookup: int = 0
    """Nano-dollars of a search of files that it keeps."""
    sound: tuple[int, int] | None = None
    """Nano-dollars per million tokens of sound, read and said; None: they cost what words cost."""
    factors: tuple[tuple[str, int], ...] = ()
    """What `Usage.served` may name → percent of these rates; several multiply."""

    def dearer(self, served: tuple[str, ...]) -> Price:
        """The price of what is asked for to be served so; never the cheaper, since the answer may come otherwise."""
        tiers, sound = self.tiers, self.sound
        for name in served:
            if (percent := dict(self.factors).get(name, 100)) > 100:
                tiers = tuple(_times(rates, percent) for rates in tiers)
                sound = sound and (-(-sound[0] * percent // 100), -(-sound[1] * percent // 100))
        return self if tiers is self.tiers else replace(self, tiers=tiers, sound=sound)

    def rates(self, prompt: int) -> Rates:
        """The rates for a prompt of that many tokens."""
        chosen = self.tiers[0]
        for tier in self.tiers[1:]:
            if prompt > tier.above:
                chosen = tier
        return chosen

    def cost(self, usage: Usage) -> int:
        """Nano-dollars for that usage, rounded up. Unknown numbers count as zero: ask `usage.known` first."""
        rates = self.rates(usage.prompt)
        exact = (
            (usage.input or 0) * rates.input
            + usage.cache_read * rates.cache_read
            + usage.cache_write * rates.cache_write
            + usage.cache_write_1h * rates.cache_write_1h
            + (usage.output or 0) * rates.output
        )
        if self.sound is not None:
            exact += usage.sound_read * (self.sound[0] - rates.input)
            exact += usage.sound_said * (self.sound[1] - rates.output)
        parts = MILLION
        for name in usage.served:
            exact *= dict(self.factors).get(name, 100)
            parts *= 100
        searches = min(1, usage.searches) if self.search_once else usage.searches
        passes = sum(self.cost(replace(each, served=usage.served)) for each in usage.beside)
        return -(-exact // parts) + searches * self.search + usage.lookups * self.lookup + passes


def _times(rates: Rates, percent: int) -> Rates:
    """Rates at so many percent, rounded up."""
    read, said, cached, written, long = (
        -(-rate * percent // 100)
        for rate in (rates.input, rates.output, rates.cache_read, rates.cache_write, rates.cache_write_1h)
    )
    return Rates(read, said, cached, written, long, rates.above)


@lru_cache(maxsize=4096)
def dollars(nano: int) -> str:
    """Nano-dollars as a plain decimal string of dollars, exact, without an exponent: 1500 → '0.0000015'."""
    sign = "-" if nano < 0 else ""
    whole, rest = divmod(abs(nano), NANO)
    fraction = f"{rest:09d}".rstrip("0")
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"
