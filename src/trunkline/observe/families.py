"""The shapes of a page for Prometheus, out of tables of counts. The library is imported with the first page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from trunkline.model.usage import NANO
from trunkline.observe.counters import ATTEMPT, ATTEMPT_LABELS, BOUNDS, BUCKETS, Table

if TYPE_CHECKING:
    from prometheus_client.core import Metric

AT = {name: place for place, name in enumerate(ATTEMPT)}
"""Where a number stands in an attempt's row."""

Rows = Iterable[tuple[tuple[str, ...], float]]


def counter(name: str, about: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    """Only ever grows; its name ends in `_total` on the page."""
    from prometheus_client.core import CounterMetricFamily

    made = CounterMetricFamily(name, about, labels=labels)
    for values, number in rows:
        made.add_metric(values, number)
    return made


def gauge(name: str, about: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    """What is so now."""
    from prometheus_client.core import GaugeMetricFamily

    made = GaugeMetricFamily(name, about, labels=labels)
    for values, number in rows:
        made.add_metric(values, number)
    return made


def histogram(name: str, about: str, labels: tuple[str, ...], table: Table, at: int, sum_at: int) -> Metric:
    """Times; `at` is where its buckets begin in a row."""
    from prometheus_client.core import HistogramMetricFamily

    made = HistogramMetricFamily(name, about, labels=labels)
    for values, row in table.items():
        counts, running = row[at : at + BUCKETS], 0.0
        if not any(counts):
            continue
        buckets = []
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
            running += count
            buckets.append((bound, running))
        made.add_metric(values, buckets, row[sum_at])
    return made


def grouped(table: Table, names: tuple[str, ...], labels: tuple[str, ...]) -> Table:
    """Rows added up by some of their labels."""
    places = [names.index(label) for label in labels]
    made: Table = {}
    for name, row in table.items():
        key = tuple(str(name[place]) for place in places)
        held = made.get(key)
        if held is None:
            made[key] = list(row)
        else:
            for at, number in enumerate(row):
                held[at] += number
    return made


def counted(attempts: Table, labels: tuple[str, ...], what: str) -> list[tuple[tuple[str, ...], float]]:
    """One number of the attempts, by some of their labels; zeros are left out."""
    at = AT[what]
    return [(name, row[at]) for name, row in grouped(attempts, ATTEMPT_LABELS, labels).items() if row[at]]


def money(rows: Rows) -> list[tuple[tuple[str, ...], float]]:
    return [(name, nano / NANO) for name, nano in rows]


def added(*lists: Rows) -> list[tuple[tuple[str, ...], float]]:
    sums: dict[tuple[str, ...], Any] = {}
    for name, number in (row for rows in lists for row in rows):
        sums[name] = sums.get(name, 0) + number
    return list(sums.items())
