"""Which part of the ledger is meant: from when until when, as people write it. Pure; all times are UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from trunkline.errors import InvalidRequest
from trunkline.ledger.sums import DAY
from trunkline.model.lengths import seconds_of

_FIRST, _LAST = 0, 25_567 * DAY
"""Milliseconds that stand for the beginning and the end of all time (1970 and 2040)."""


@dataclass(frozen=True, slots=True)
class Period:
    """Milliseconds since 1970: `start` belongs to it, `end` does not."""

    start: int = _FIRST
    end: int = _LAST

    @property
    def since(self) -> str:
        """Its beginning, for people; empty when it has none."""
        return "" if self.start == _FIRST else told(self.start)

    @property
    def until(self) -> str:
        """Its end, for people; empty when it has none."""
        return "" if self.end == _LAST else told(self.end)

    def days(self) -> tuple[int, int]:
        """The whole days in it: the first, and the one after the last."""
        return -(-self.start // DAY), self.end // DAY

    def kept(self, first: int) -> Period:
        """The same, widened to whole days where it would cut through a day of which rows are gone."""
        start, end = self.start, self.end
        if start < first * DAY:
            start -= start % DAY
        if end < first * DAY:
            end += -end % DAY
        return Period(start, end)


EVER = Period()


def told(ms: int) -> str:
    """A moment for people: `2026-11-27`, or with the time where it is not midnight."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.date().isoformat() if ms % DAY == 0 else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def length(text: str) -> int:
    """Seconds of `90d`, `12h`, `30m`, `2w`, `1mo` (30 days). Raises `InvalidRequest`."""
    found = seconds_of(text)
    if found is None:
        raise InvalidRequest(f"{text[:40]!r} is no length of time.", remedy="Write 30m, 12h, 7d, 4w or 1mo.")
    return found


def moment(text: str, *, end: bool = False) -> int:
    """Milliseconds of `2026-11-27`, `2026-11` or `2026-11-27T10:30` (UTC where no zone is named).

    `end`: a day or a month means its end, so that `--to` a day includes it. Raises `InvalidRequest`.
    """
    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}-\d{2}", text):
            first = date.fromisoformat(f"{text}-01")
            return _midnight((first + timedelta(days=31)).replace(day=1) if end else first)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = date.fromisoformat(text)
            return _midnight(day + timedelta(days=1) if end else day)
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return max(_FIRST, min(_LAST, round(at.timestamp() * 1000)))
    except (ValueError, OverflowError):
        raise InvalidRequest(
            f"{text[:40]!r} is no date.", remedy="Write 2026-11-27, 2026-11 or 2026-11-27T10:30."
        ) from None


def period(since: str | None, until: str | None, last: str | None, now: float) -> Period:
    """The period of `--from`, `--to` and `--last`. Raises `InvalidRequest` where they contradict each other."""
    if last and (since or until):
        raise InvalidRequest("--last says it all.", remedy="Leave out --from and --to, or --last.")
    if last:
        return Period(max(_FIRST, round((now - length(last)) * 1000)))
    made = Period(moment(since) if since else _FIRST, moment(until, end=True) if until else _LAST)
    if made.start >= made.end:
        raise InvalidRequest(f"{since} does not come before {until}.", remedy="Change the two.")
    return made


def _midnight(day: date) -> int:
    return max(_FIRST, min(_LAST, round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)))
