"""What traffic would have taken of a plan's credits at its busiest. Pure.

A plan counts any five hours and any seven days; here whole hours are counted, so a window may hold up to an hour more
than the plan's own would.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from trunkline.catalog.plans import Meter, off_peak
from trunkline.ledger.traffic import Hour

_FIVE_HOURS, _WEEK = 5, 7 * 24


@dataclass(frozen=True, slots=True)
class Peak:
    """The most credits of any window."""

    five_hours: int
    week: int


def metered(hours: Iterable[Hour], meter: Meter, half: Callable[[int], bool] = off_peak) -> Peak:
    """The busiest windows. `half`: whether an hour is metered at half."""
    credits = []
    for each in hours:
        whole = (each.input * meter.input + each.cache_read * meter.cache_read + each.output * meter.output) / 10_000
        credits.append((each.hour, whole / 2 if half(each.hour) else whole))
    return Peak(_most(credits, _FIVE_HOURS), _most(credits, _WEEK))


def _most(credits: Iterable[tuple[int, float]], width: int) -> int:
    window: deque[tuple[int, float]] = deque()
    inside = most = 0.0
    for hour, amount in credits:
        window.append((hour, amount))
        inside += amount
        while window[0][0] <= hour - width:
            inside -= window.popleft()[1]
        most = max(most, inside)
    return math.ceil(most)
