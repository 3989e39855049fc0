"""Periods of budgets: when the one that holds now began, and when the next begins. Pure; times are unix seconds.

`24h`, `1d`: a day, from midnight UTC. `7d`, `1w`: a week, from Monday. `30d`, `1mo`: a calendar month. So LiteLLM has
it (docs.litellm.ai/docs/proxy/users, 2026-11). Every other period of whole days counts from 1970, a shorter one from
midnight, whose last one of a day is cut short; several months count from January of the year 1. So all workers and
every start agree without remembering anything. Empty: never. Where a time zone is named (`Europe/Berlin`), midnights,
Mondays and months are that zone's.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_WRITTEN = re.compile(r"([1-9]\d{0,6})(s|m|h|d|w|mo)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "mo": 2_592_000}
DAY = 86_400
_MONTH = 30 * DAY
_WEEK = 7 * DAY
_MONDAY = 4 * DAY
"""The first Monday after 1970-01-01, a Thursday."""

Period = tuple[int, int]
"""(start, reset): a period holds from its start on and ends before its reset. (0, 0): always."""

ALWAYS: Period = (0, 0)


def is_period(text: str) -> bool:
    """Whether that is a period as people write them: a number and a unit of s, m, h, d, w, mo; or nothing."""
    return not text or _WRITTEN.fullmatch(text) is not None


def seconds(text: str) -> int | None:
    """How long a period is, a month being thirty days; None for what is none."""
    found = _WRITTEN.fullmatch(text)
    return int(found[1]) * _SECONDS[found[2]] if found else None


def period_at(text: str, now: float, zone: str = "") -> Period:
    """The period that holds at a moment. Raises ValueError for what `is_period` denies, and for a zone that nobody
    knows."""
    if not text:
        return ALWAYS
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no period")
    number, unit = int(found[1]), found[2]
    length = number * _SECONDS[unit]
    if zone:
        return _zoned(number, unit, length, now, ZoneInfo(zone))
    if unit == "mo" or length == _MONTH:
        return _months(number if unit == "mo" else 1, now)
    if length >= DAY:
        base = _MONDAY if length == _WEEK else 0
        start = int((now - base) // length) * length + base
        return start, start + length
    midnight = int(now // DAY) * DAY
    start = midnight + int((now - midnight) // length) * length
    return start, min(start + length, midnight + DAY)


def _zoned(number: int, unit: str, length: int, now: float, zone: ZoneInfo) -> Period:
    """The same by a clock on the wall there, whose hours may come twice or not at all: midnights do not."""
    here = datetime.fromtimestamp(now, zone)
    today = int(here.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC).timestamp())
    if unit == "mo" or length == _MONTH:
        start, reset = _months(number if unit == "mo" else 1, today)
    elif not length % DAY:
        base = _MONDAY if length == _WEEK else 0
        start = (today - base) // length * length + base
        reset = start + length
    else:
        # Less than a day, or no whole days: counted in real seconds, the latter from 1970 on.
        began = _there(today, zone) if length < DAY else 0
        start = began + int((now - began) // length) * length
        return start, min(start + length, _there(today + DAY, zone)) if length < DAY else start + length
    return _there(start, zone), _there(reset, zone)


def _there(wall: int, zone: ZoneInfo) -> int:
    """Unix time at which a clock there shows what UTC's shows at `wall`."""
    return int(datetime.fromtimestamp(wall, UTC).replace(tzinfo=zone).timestamp())


def _months(number: int, now: float) -> Period:
    moment = datetime.fromtimestamp(now, UTC)
    month = (moment.year - 1) * 12 + moment.month - 1
    first = month - month % number
    return _begin(first), _begin(first + number)


def _begin(month: int) -> int:
    """Unix time of the first moment of a month, counted from January of the year 1."""
    year = min(1 + month // 12, 9999)
    return int(datetime(year, month % 12 + 1, 1, tzinfo=UTC).timestamp())
