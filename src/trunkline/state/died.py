"""The row of an attempt whose process died: in doubt, so counted upward, marked, and never above its hold. Pure but
for a log line."""

from __future__ import annotations

import logging
from collections.abc import Callable

from trunkline.state.types import Hold, Progress, Row, row_of

_log = logging.getLogger("trunkline.state")

_UNNOTED = 3000
"""Output tokens that may have come since the last note: there is one each 8 KB of a stream."""

Price = Callable[[Hold, Progress], tuple[int, int, bool]]
"""(hold, progress) → (billed, value, priced): what a dead worker's attempt is settled at."""


def died(hold: Hold, noted: Progress | None, price: Price, now: float) -> Row:
    """The row, from the last note or, without one, from the hold's own estimate.

    Where budgets count on it, more may have come than was noted, and without a note anything up to the hold.
    """
    progress = noted or Progress(input=hold.estimate_input)
    if noted is not None and hold.worst:
        progress.output += noted.output // 2 + _UNNOTED
    billed, value, priced = _cost(hold, progress, price)
    if hold.worst:
        if noted is None and value:
            billed, value = hold.worst if billed else 0, hold.worst
        billed, value = min(billed, hold.worst), min(value, hold.worst)
    return row_of(
        hold,
        ended=now,
        status=0,
        outcome="worker_died",
        used=progress,
        billed=billed,
        value=value,
        priced=priced,
        estimated=True,
        said="The worker that carried this attempt died; what it used is an estimate, counted upward.",
    )


def _cost(hold: Hold, progress: Progress, price: Price) -> tuple[int, int, bool]:
    try:
        return price(hold, progress)
    except Exception:  # noqa: BLE001 - logged with its trace, and settled upward
        # One attempt that cannot be priced must not keep all the others from being settled.
        _log.exception("attempt %s of a dead worker cannot be priced: it is settled at its hold", hold.attempt)
        return hold.worst, hold.worst, False
