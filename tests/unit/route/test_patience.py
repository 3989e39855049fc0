"""How long an attempt is waited for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.config.schema import Limits, Snapshot
from trunkline.route.patience import first_token, idle
from trunkline.route.wishes import NO_WISHES, Wishes

ONE = deployment("g", model="m")


def first(shot: Snapshot, own: Wishes = NO_WISHES, *, streamed: bool = True, others: bool = True, **more: Any) -> float:
    made = deployment("g", model="m", **{key: value for key, value in more.items() if "timeout" in key})
    rest = {key: value for key, value in more.items() if "timeout" not in key}
    return first_token(shot, made, own, streamed=streamed, others=others, **rest)


def test_where_somebody_else_can_answer_a_first_token_is_awaited_less_than_15_seconds() -> None:
    assert first(snapshot(ONE)) + 0.5 < 15
    assert first(snapshot(ONE), others=False) == 600


def test_a_whole_answer_is_given_the_time_to_be_written() -> None:
    assert first(snapshot(ONE), streamed=False, most=100) == 16.5
    assert first(snapshot(ONE), streamed=False) == 39
    assert first(snapshot(ONE), streamed=False, thinks=True) == 114
    assert first(snapshot(ONE), streamed=False, most=10**6) == 600
    assert first(snapshot(ONE), streamed=False, others=False) == 600


@pytest.mark.parametrize(
    ("own", "here", "shot", "streamed", "seconds"),
    [
        (Wishes(timeout=1), {"timeout": 2}, {"timeout": 3}, True, 1),
        (Wishes(stream_timeout=1, timeout=9), {}, {}, True, 1),
        (Wishes(stream_timeout=1), {"timeout": 2}, {}, False, 2),
        (NO_WISHES, {"timeout": 2}, {"timeout": 3}, True, 2),
        (NO_WISHES, {"timeout": 2, "stream_timeout": 4}, {}, True, 4),
        (NO_WISHES, {"timeout": 2}, {"stream_timeout": 5}, True, 5),
        (NO_WISHES, {"timeout": 2}, {"stream_timeout": 5}, False, 2),
        (NO_WISHES, {}, {"timeout": 3, "limits": Limits(first_byte=7)}, True, 3),
        (NO_WISHES, {}, {"limits": Limits(first_byte=7)}, True, 7),
    ],
)
def test_what_is_written_counts_the_nearest_first(
    own: Wishes, here: dict[str, Any], shot: dict[str, object], streamed: bool, seconds: float
) -> None:
    assert first(snapshot(ONE, **shot), own, streamed=streamed, **here) == seconds


@pytest.mark.parametrize(
    ("timeout", "limit", "seconds"), [(None, None, 30), (8, None, 16), (2, None, 10), (600, None, 30), (8, 3, 3)]
)
def test_silence_in_mid_stream(timeout: float | None, limit: float | None, seconds: float) -> None:
    shot = snapshot(ONE, timeout=timeout, limits=Limits(idle=limit))
    assert idle(shot, ONE, NO_WISHES) == seconds
