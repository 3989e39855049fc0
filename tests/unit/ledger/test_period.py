"""Dates and lengths as people write them."""

from __future__ import annotations

import pytest

from trunkline.errors import InvalidRequest
from trunkline.ledger.period import EVER, Period, length, moment, period, told

DAY = 86_400_000
NOV_27 = 20_784 * DAY


def test_a_day_and_a_month_are_meant_whole() -> None:
    assert moment("2026-11-27") == NOV_27
    assert moment("2026-11-27", end=True) == NOV_27 + DAY
    assert told(moment("2026-11")) == "2026-11-01"
    assert told(moment("2026-12", end=True)) == "2027-01-01"


def test_a_time_is_of_utc_unless_it_says_otherwise() -> None:
    assert moment("2026-11-27T10:30") == NOV_27 + 37_800_000
    assert moment("2026-11-27T10:30+02:00") == NOV_27 + 30_600_000
    assert told(NOV_27 + 37_800_000) == "2026-11-27T10:30:00Z"


def test_lengths() -> None:
    assert [length(text) for text in ("90d", "12h", "30m", "2w", "1mo", "45 s")] == [
        7_776_000, 43_200, 1800, 1_209_600, 2_592_000, 45,
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "d", "0d", "-3d", "1 fortnight", "2026-13-01", "٣d"])
def test_what_is_neither_is_said_to_be(text: str) -> None:
    with pytest.raises(InvalidRequest):
        length(text)
    with pytest.raises(InvalidRequest):
        moment(text)


def test_periods() -> None:
    assert period(None, None, None, 0) == EVER
    assert period(None, None, "1d", NOV_27 / 1000) == Period(NOV_27 - DAY)
    assert period("2026-11-27", "2026-11-27", None, 0) == Period(NOV_27, NOV_27 + DAY)
    with pytest.raises(InvalidRequest, match="does not come before"):
        period("2026-11-28", "2026-11-27", None, 0)
    with pytest.raises(InvalidRequest, match="--last"):
        period("2026-11-28", None, "7d", 0)
