"""Periods of budgets, and how long a key lives: `30s`, `5m`, `12h`, `7d`, `2w`, `1mo`. Pure.

Times are unix seconds, days are UTC's. Budgets begin anew by the calendar, as LiteLLM's do
(docs.litellm.ai/docs/proxy/users, 2026-11): `1d` and `24h` at midnight, `7d` and `1w` on Monday, `30d` and `1mo` on the
first of the month. Every other period of whole days counts from 1970, a shorter one from midnight, so that all
processes see the same beginnings.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_TEXT = re.compile(r"([1-9]\d{0,6})(s|m|h|d|w|mo)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "mo": 2_592_000}
_DAY = 86_400


def seconds(text: str) -> int | None:
    """How long a period is, a month being thirty days; None for what is no period."""
    found = _TEXT.fullmatch(text)
    return int(found[1]) * _SECONDS[found[2]] if found else None


def bounds(text: str, now: float) -> tuple[float, float]:
    """When the period that `now` falls into began, and when the next begins. Raises `ValueError` for no period.

    An empty text is one period without end: (0, infinity).
    """
    if not text:
        return 0.0, float("inf")
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no period")
    length = int(found[1]) * _SECONDS[found[2]]
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if found[2] == "mo" or length == 30 * _DAY:
        return _months(today, int(found[1]) if found[2] == "mo" else 1)
    if length == 7 * _DAY:
        monday = today - timedelta(days=today.weekday())
        return monday.timestamp(), (monday + timedelta(days=7)).timestamp()
    if length % _DAY == 0:
        began = now // length * length
        return began, began + length
    midnight = today.timestamp()
    if length < _DAY:
        began = midnight + (now - midnight) // length * length
        # The last one of a day is cut short, so that each day begins with a new one.
        return began, min(began + length, midnight + _DAY)
    began = now // length * length
    return began, began + length


def _months(today: datetime, many: int) -> tuple[float, float]:
    """So many calendar months, counted from January of the year 1."""
    at = (today.year - 1) * 12 + today.month - 1
    first = at - at % many
    return _month(first), _month(first + many)


def _month(number: int) -> float:
    return datetime(number // 12 + 1, number % 12 + 1, 1, tzinfo=UTC).timestamp()
