"""Lengths of time as people write them: `30m`, `12h`, `7d`, `2w`, `1mo`. Pure."""

from __future__ import annotations

import re

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "mo": 2_592_000, "y": 31_536_000}
_WRITTEN = re.compile(r"(\d{1,9})\s*(s|mo|m|h|d|w|y)", re.ASCII)


def seconds_of(text: str) -> int | None:
    """Seconds (a month is 30 days, a year 365); None for what is no length, or none at all."""
    found = _WRITTEN.fullmatch(text.strip().lower())
    return (int(found[1]) * _UNITS[found[2]] or None) if found else None
