"""What a session spent within an hour: summed up, and what is older is gone."""

from __future__ import annotations

from pathlib import Path

from trunkline.state.store import State

HOUR = 3600.0
NOW = 1_800_000_000.0


def test_an_hour_is_summed_and_no_more(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    try:
        for minute in (0, 20, 40):
            state.spend("s", 7, NOW + 60 * minute)
        told = [state.spent_lately("s", NOW + 60 * minute) for minute in (40, 65, 81, 101)]
        assert told == [21, 14, 7, 0]
        assert state.spent_lately("t", NOW) == 0
        state.spend("s", 5, NOW + 60 * 70)
        assert state.spent_lately("s", NOW + 60 * 70) == 19
    finally:
        state.close()


def test_a_future_that_was_taken_back_counts_nothing(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    try:
        state.spend("s", 7, NOW + 10 * HOUR)
        assert state.spent_lately("s", NOW) == 0
        state.spend("s", 2, NOW)
        assert state.spent_lately("s", NOW) == 2
    finally:
        state.close()
