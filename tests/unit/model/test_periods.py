"""Periods of budgets: calendar resets as LiteLLM has them, and windows that all agree on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.model.periods import is_period, period_at

NOW = datetime(2026, 11, 27, 13, 37, 5, tzinfo=UTC).timestamp()
"""A Friday."""


@pytest.mark.parametrize(
    ("text", "start", "reset"),
    [
        ("24h", "2026-11-27T00:00:00", "2026-11-28T00:00:00"),
        ("1d", "2026-11-27T00:00:00", "2026-11-28T00:00:00"),
        ("7d", "2026-11-23T00:00:00", "2026-11-30T00:00:00"),
        ("1w", "2026-11-23T00:00:00", "2026-11-30T00:00:00"),
        ("30d", "2026-11-01T00:00:00", "2026-12-01T00:00:00"),
        ("1mo", "2026-11-01T00:00:00", "2026-12-01T00:00:00"),
        ("2mo", "2026-11-01T00:00:00", "2027-01-01T00:00:00"),
        ("12h", "2026-11-27T12:00:00", "2026-11-28T00:00:00"),
        ("5m", "2026-11-27T13:35:00", "2026-11-27T13:40:00"),
        ("30s", "2026-11-27T13:37:00", "2026-11-27T13:37:30"),
    ],
)
def test_a_period_begins_and_ends_where_people_expect_it(text: str, start: str, reset: str) -> None:
    found = tuple(datetime.fromtimestamp(each, UTC).isoformat()[:19] for each in period_at(text, NOW))
    assert found == (start, reset)


@pytest.mark.parametrize(
    ("text", "zone", "start", "reset"),
    [
        ("1d", "Asia/Tokyo", "2026-11-26T15:00:00", "2026-11-27T15:00:00"),
        ("1d", "America/New_York", "2026-11-27T05:00:00", "2026-11-28T05:00:00"),
        ("7d", "Asia/Kolkata", "2026-11-22T18:30:00", "2026-11-29T18:30:00"),
        ("1mo", "Europe/Berlin", "2026-10-31T23:00:00", "2026-11-30T23:00:00"),
        ("2mo", "Pacific/Auckland", "2026-10-31T11:00:00", "2026-12-31T11:00:00"),
        ("12h", "Asia/Tokyo", "2026-11-27T03:00:00", "2026-11-27T15:00:00"),
        ("", "Asia/Tokyo", "1970-01-01T00:00:00", "1970-01-01T00:00:00"),
    ],
)
def test_in_a_time_zone_they_begin_at_its_midnights(text: str, zone: str, start: str, reset: str) -> None:
    found = tuple(datetime.fromtimestamp(each, UTC).isoformat()[:19] for each in period_at(text, NOW, zone))
    assert found == (start, reset)


def test_days_are_as_long_as_their_zone_has_them() -> None:
    spring = datetime(2026, 3, 29, 12, tzinfo=UTC).timestamp()
    autumn = datetime(2026, 10, 25, 12, tzinfo=UTC).timestamp()
    days = [period_at("1d", at, "Europe/Berlin") for at in (spring, autumn, NOW)]
    assert [(reset - start) / 3600 for start, reset in days] == [23, 25, 24]


def test_no_period_never_ends() -> None:
    assert period_at("", NOW) == (0, 0)


@pytest.mark.parametrize("text", ["x", "0d", "-1d", "1.5h", "h", "1 d", "99999999d", "1y", "１d"])
def test_what_is_no_period_is_said(text: str) -> None:
    assert not is_period(text)
    with pytest.raises(ValueError, match="no period"):
        period_at(text, NOW)


@given(
    text=st.builds(lambda n, u: f"{n}{u}", st.integers(1, 400), st.sampled_from(["s", "m", "h", "d", "w", "mo"])),
    now=st.floats(0, 4e9),
)
def test_every_moment_is_in_one_period_and_the_next_begins_where_it_ends(text: str, now: float) -> None:
    start, reset = period_at(text, now)
    assert start <= now < reset
    assert period_at(text, max(start, 0)) == (start, reset)
    assert period_at(text, reset)[0] == reset


@given(
    text=st.builds(lambda n, u: f"{n}{u}", st.integers(1, 40), st.sampled_from(["s", "m", "h", "d", "w", "mo"])),
    zone=st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe"]
    ),
    now=st.floats(1e8, 3e9),
)
def test_so_it_is_in_every_zone(text: str, zone: str, now: float) -> None:
    start, reset = period_at(text, now, zone)
    assert start <= now < reset
    assert period_at(text, start, zone) == (start, reset)
    assert period_at(text, reset, zone)[0] == reset
