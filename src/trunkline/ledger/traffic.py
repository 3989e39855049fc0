"""What passed, in tokens: by model and size of prompt, and hour by hour. Enough to price it as something else.

Only rows tell how large a prompt was, and prices have tiers by that: days whose rows were pruned are left out, and said
to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trunkline.ledger.period import Period, told
from trunkline.ledger.prune import kept_from
from trunkline.ledger.read import reading
from trunkline.ledger.sqlite import id_from
from trunkline.ledger.sums import DAY
from trunkline.model.usage import MILLION, Price

HOUR = 3_600_000

_OTHERWISE = "operation NOT IN ('embeddings', 'ollama_embed', 'gemini_embed')"
"""Embeddings are not what another chat model would have answered."""


@dataclass(frozen=True, slots=True)
class Used:
    """Calls of one model whose prompts were larger than `above` and no larger than the next threshold. Nano-dollars."""

    provider: str
    model: str
    above: int
    calls: int
    input: int
    cache_read: int
    cache_write: int
    output: int
    billed: int
    value: int
    estimated: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class Hour:
    """Tokens of one hour since 1970. A written cache is metered as input."""

    hour: int
    input: int
    cache_read: int
    output: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """A period's traffic. `first` and `last`: the days of its first and last call, since 1970; 0: there was none."""

    used: tuple[Used, ...]
    hours: tuple[Hour, ...]
    first: int = 0
    last: int = 0
    notes: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """Days from the first call to the last, both counted."""
        return self.last - self.first + 1 if self.used else 0


def traffic(home: Path, period: Period, thresholds: Sequence[int]) -> Traffic:
    """One look at all rows of a period. `thresholds`: the sizes of prompts at which some price changes."""
    with reading(home) as connection:
        if connection is None:
            return Traffic((), ())
        kept = kept_from(connection) * DAY
        notes: tuple[str, ...] = ()
        if period.start < kept:
            notes = (f"Rows of before {told(kept)} were pruned; their tokens are not in this.",)
        bounds = (id_from(max(period.start, kept)), id_from(period.end))
        larger = sorted(thresholds, reverse=True)
        size = " ".join(f"WHEN input + cache_read + cache_write > {each:d} THEN {each:d}" for each in larger)
        above = f"CASE {size} ELSE 0 END" if size else "0"
        where = f"id >= ? AND id < ? AND {_OTHERWISE} AND input + cache_read + cache_write + output > 0"
        used = connection.execute(
            f"SELECT provider, model, {above} AS above, COUNT(*), SUM(input), SUM(cache_read), SUM(cache_write), "  # noqa: S608
            "SUM(output), SUM(billed_nano), SUM(value_nano), SUM(estimated), SUM(NOT priced) "
            f"FROM attempts WHERE {where} GROUP BY 1, 2, 3",
            bounds,
        ).fetchall()
        hours = connection.execute(
            f"SELECT started_ms / {HOUR}, SUM(input + cache_write), SUM(cache_read), SUM(output) "  # noqa: S608
            f"FROM attempts WHERE {where} GROUP BY 1 ORDER BY 1",
            bounds,
        ).fetchall()
    made = tuple(Hour(*hour) for hour in hours)
    ends = (made[0].hour // 24, made[-1].hour // 24) if made else (0, 0)
    return Traffic(tuple(Used(*row) for row in used), made, *ends, notes)


def at_price(used: Iterable[Used], price: Price) -> int:
    """Nano-dollars for the same tokens at another price, each prompt in the tier of its size; rounded up once a size.

    The ledger does not tell long-kept cache writes apart: all are reckoned at the common rate.
    """
    total = 0
    for each in used:
        rates = price.rates(each.above + 1)
        exact = (
            each.input * rates.input
            + each.cache_read * rates.cache_read
            + each.cache_write * rates.cache_write
            + each.output * rates.output
        )
        total += -(-exact // MILLION)
    return total
