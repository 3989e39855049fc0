"""What passed, in tokens: by model and size of prompt, and hour by hour. Enough to price it as something else.

Only rows tell how large a prompt was, and prices have tiers by that: days whose rows were pruned are left out, and said
to be.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import add
from pathlib import Path

from trunkline.ledger.period import Period, told
from trunkline.ledger.prune import kept_from
from trunkline.ledger.read import reading
from trunkline.ledger.sqlite import id_from, ms_of
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
    """All rows of a period, an hour at a time: some seconds for a million. `thresholds`: the sizes of prompts at which
    some price changes."""
    used: dict[tuple[str, str, int], list[int]] = {}
    hours: list[Hour] = []
    notes: tuple[str, ...] = ()
    with reading(home) as connection:
        if connection is None:
            return Traffic((), ())
        kept = kept_from(connection) * DAY
        if period.start < kept:
            notes = (f"Rows of before {told(kept)} were pruned; their tokens are not in this.",)
        question = _question(thresholds)
        for start, end in _hours(connection, max(period.start, kept), period.end):
            read = cached = written = 0
            for provider, model, above, *sums in connection.execute(question, (id_from(start), id_from(end))):
                known = used.setdefault((provider, model, above), [0] * len(sums))
                known[:] = map(add, known, sums)
                read, cached, written = read + sums[1] + sums[3], cached + sums[2], written + sums[4]
            if read or cached or written:
                hours.append(Hour(start // HOUR, read, cached, written))
    ends = (hours[0].hour // 24, hours[-1].hour // 24) if hours else (0, 0)
    return Traffic(tuple(Used(*names, *sums) for names, sums in sorted(used.items())), tuple(hours), *ends, notes)


def _question(thresholds: Sequence[int]) -> str:
    """An hour's sums by provider, model and size of prompt, in the order of `Used`."""
    larger = sorted(thresholds, reverse=True)
    size = " ".join(f"WHEN input + cache_read + cache_write > {each:d} THEN {each:d}" for each in larger)
    above = f"CASE {size} ELSE 0 END" if size else "0"
    return (
        f"SELECT provider, model, {above} AS above, COUNT(*), SUM(input), SUM(cache_read), SUM(cache_write), "  # noqa: S608
        "SUM(output), SUM(billed_nano), SUM(value_nano), SUM(estimated), SUM(NOT priced) FROM attempts "
        f"WHERE id >= ? AND id < ? AND {_OTHERWISE} AND input + cache_read + cache_write + output > 0 GROUP BY 1, 2, 3"
    )


def _hours(connection: sqlite3.Connection, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Every hour of a period that has rows, cut to the period: milliseconds."""
    while start < end:
        (found,) = connection.execute("SELECT MIN(id) FROM attempts WHERE id >= ?", (id_from(start),)).fetchone()
        if found is None or found >= id_from(end):
            return
        start = max(start, ms_of(found) // HOUR * HOUR)
        stop = min(end, (start // HOUR + 1) * HOUR)
        yield start, stop
        start = stop


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
