"""This machine's clock beside those of the providers: certificates and budgets of a day depend on it. Pure."""

from __future__ import annotations

import email.utils
from collections.abc import Iterator, Sequence
from statistics import median

from trunkline.cli.findings import Finding

MOST = 300.0
"""Seconds that it may be off."""


def look(dates: Sequence[tuple[str, float]]) -> Iterator[Finding]:
    """`dates`: `Date` headers, each with the local unix time at which it came. Nothing where none can be read."""
    offs = []
    for value, came in dates:
        try:
            offs.append(came - email.utils.parsedate_to_datetime(value).timestamp())
        except (ValueError, TypeError, OverflowError):
            continue
    if not offs:
        return
    off = median(offs)
    if abs(off) <= MOST:
        yield Finding("clock", "ok", "It agrees with the providers' clocks.")
        return
    which = "ahead of" if off > 0 else "behind"
    yield Finding(
        "clock", "fail", f"This machine's clock is {_said(abs(off))} {which} the providers'.",
        "Set it, best by a time service (`timedatectl set-ntp true`): certificates, budgets and resets depend on it.",
        "clock.off",
    )  # fmt: skip


def _said(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"
