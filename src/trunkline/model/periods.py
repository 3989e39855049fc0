"""Periods of budgets: when the one that holds now began, and when the next begins. Pure; times are unix seconds.

`24h`, `1d`: a day, from midnight UTC. `7d`, `1w`: a week, from Monday. `30d`, `1mo`: a calendar month. So LiteLLM has
it (docs.litellm.ai/docs/proxy/users, 2026-11). Of any other length (`30s`, `5m`, `12h`, `14d`) periods follow one
another
without a gap from 1970-01-01 UTC on, so that all workers and every start agree without remembering anything: `12h`
begins at midnight and at noon. `2mo` and its kin are counted from January 1970 in whole months. Empty: never.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_WRITTEN = re.compile(r"([1-9]\d{0,5})(s|m|h|d|w|mo)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
DAY = 86400
WEEK = 7 * DAY
_MONDAY = 4 * DAY
"""The first Monday after 1970-01-01, a Thursday."""

Period = tuple[int, int]
"""(start, reset): a period holds from its start on and ends before its reset. (0, 0): always."""

ALWAYS: Period = (0, 0)


def is_period(text: str) -> bool:
    """Whether that is a period as people write them: a number and a unit of s, m, h, d, w, mo; or nothing."""
    return not text or _WRITTEN.fullmatch(text) is not None


def period_at(text: str, now: float) -> Period:
    """The period that holds at a moment. Raises ValueError for what `is_period` denies."""
    if not text:
        return ALWAYS
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no period")
    number, unit = int(found[1]), found[2]
    if unit == "mo":
        return _months(number, now)
    length = number * _SECONDS[unit]
    if unit == "d" and number == 30:
        return _months(1, now)
    base = _MONDAY if length == WEEK else 0
    start = int(now - base) // length * length + base
    return start, start + length


def _months(number: int, now: float) -> Period:
    moment = datetime.fromtimestamp(now, UTC)
    first = ((moment.year - 1970) * 12 + moment.month - 1) // number * number
    return _begin(first), _begin(first + number)


def _begin(month: int) -> int:
    """Unix time of the first moment of a month, counted from January 1970."""
    year = min(1970 + month // 12, 9999)
    return int(datetime(year, month % 12 + 1, 1, tzinfo=UTC).timestamp())
