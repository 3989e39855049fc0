"""What must hold of every period, whenever it is asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.model.periods import ALWAYS, period_at, seconds

PERIODS = st.builds(
    lambda many, unit: f"{many}{unit}", st.integers(1, 400), st.sampled_from(["s", "m", "h", "d", "w", "mo"])
)
MOMENTS = st.floats(0, 4_000_000_000, allow_nan=False)


@given(PERIODS, MOMENTS)
def test_a_period_holds_its_moment_and_the_next_begins_where_it_ends(text: str, now: float) -> None:
    began, ends = period_at(text, now)
    assert began <= now < ends
    assert period_at(text, began) == (began, ends), "the same for all that look while it lasts"
    assert period_at(text, ends)[0] == ends
    length = seconds(text)
    assert length is not None
    assert ends - began <= (length if not text.endswith("mo") else length * 31 / 30 + 86_400 * 10)


@given(MOMENTS)
def test_days_weeks_and_months_begin_by_the_calendar(now: float) -> None:
    for text in ("24h", "1d", "7d", "1w", "30d", "1mo"):
        began = datetime.fromtimestamp(period_at(text, now)[0], UTC)
        assert (began.hour, began.minute, began.second) == (0, 0, 0)
        if text in ("7d", "1w"):
            assert began.weekday() == 0
        if text in ("30d", "1mo"):
            assert began.day == 1


@pytest.mark.parametrize("text", ["d", "0d", "-1d", "1y", "1.5h", " 1d", "1D", "99999999999d", "٣d"])
def test_what_is_no_period_is_none(text: str) -> None:
    assert seconds(text) is None
    with pytest.raises(ValueError, match="period"):
        period_at(text, 0.0)


def test_for_ever_is_one_period() -> None:
    assert period_at("", 5.0) == ALWAYS
