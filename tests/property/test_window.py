"""The sliding minute against a naive one that remembers every call."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from trunkline.state import window
from trunkline.state.types import Count
from trunkline.state.window import TOKENS

LIMIT = 100
Calls = list[tuple[float, int]]

CALLS = st.lists(
    st.tuples(st.floats(0, 40) | st.sampled_from([0.0, 4.999, 5.0, 59.999, 60.0, 65.0, 3000.0]), st.integers(0, 130)),
    max_size=60,
)
STARTS = st.floats(0, 1e7)


def since(calls: Calls, now: float, seconds: float) -> int:
    return sum(amount for at, amount in calls if at > now - seconds)


def fits(tally: array[int], amount: int) -> bool:
    return not tally[TOKENS] or tally[TOKENS] + amount <= LIMIT


@given(CALLS, STARTS)
def test_no_minute_holds_more_than_the_limit_and_nothing_is_refused_without_need(calls: Calls, now: float) -> None:
    kept: bytes | None = None
    passed: Calls = []
    for pause, amount in calls:
        now += pause
        tally = window.tally(kept, window.bucket_of(now))
        assert since(passed, now, 60) <= tally[TOKENS] <= since(passed, now, 65)
        if fits(tally, amount):
            window.add(tally, TOKENS, amount)
            passed.append((now, amount))
            alone = sum(each > 0 for at, each in passed if at > now - 60) <= 1
            assert since(passed, now, 60) <= LIMIT or alone
        else:
            assert since(passed, now, 65) + amount > LIMIT
        kept = tally.tobytes()


@given(CALLS, STARTS, st.integers(1, 130))
def test_who_waits_as_long_as_told_gets_in_and_nobody_gets_in_earlier(calls: Calls, now: float, amount: int) -> None:
    tally = window.tally(None, window.bucket_of(now))
    for pause, each in calls:
        now += pause
        tally = window.tally(tally.tobytes(), window.bucket_of(now))
        if fits(tally, each):
            window.add(tally, TOKENS, each)
    if fits(tally, amount):
        return
    need = tally[TOKENS] + min(amount, LIMIT) - LIMIT
    wait = window.wait(tally, TOKENS, need, now)
    assert 0 < wait <= 65
    # A bucket later than told, however floats round; the bucket before it is still full.
    ends = window.bucket_of(now + wait + 1e-3)
    assert fits(window.tally(tally.tobytes(), ends), amount)
    assert not fits(window.tally(tally.tobytes(), ends - 1), amount)


@given(
    st.lists(st.tuples(st.floats(0, 30), st.integers(0, 100), st.floats(0, 150), st.integers(0, 150)), max_size=30),
    st.floats(1000, 1e7),
)
def test_corrections_leave_what_was_used_and_never_less(
    calls: list[tuple[float, int, float, int]], start: float
) -> None:
    """Each holds tokens, and corrects them to what it used some seconds later."""
    events: list[tuple[float, int, int]] = []
    now = start
    for number, (pause, _, later, _) in enumerate(calls):
        now += pause
        events += [(now, 0, number), (now + later, 1, number)]
    tally = window.tally(None, window.bucket_of(start))
    held: dict[int, tuple[int, float]] = {}
    used: Calls = []
    for at, end, number in sorted(events):
        _, reserved, _, real = calls[number]
        tally = window.tally(tally.tobytes(), window.bucket_of(at))
        if not end:
            window.add(tally, TOKENS, reserved)
            held[number] = (tally[window.BUCKET], at)
            used.append((at, min(reserved, real)))
        else:
            window.correct(tally, held[number][0], reserved, real)
            used.append((at, max(0, real - reserved)))
        assert tally[TOKENS] >= since(used, at, 60)
        assert sum(tally[4 + window.KEPT :]) == tally[TOKENS]
    after = window.tally(tally.tobytes(), window.bucket_of(now + 1000))
    assert after[TOKENS] == 0


@given(st.integers(0, 10**7), st.integers(-(10**7), 10**7))
def test_a_clock_of_another_boot_never_blocks(bucket: int, jump: int) -> None:
    tally = window.tally(None, bucket)
    window.add(tally, TOKENS, LIMIT)
    later = window.tally(tally.tobytes(), max(0, bucket + jump))
    if abs(min(bucket, -jump) if jump < 0 else jump) >= window.KEPT:
        assert later[TOKENS] == 0
    else:
        assert later[TOKENS] == LIMIT


def test_amounts_beyond_belief_do_not_overflow() -> None:
    tally = window.tally(None, 1)
    for _ in range(1000):
        window.add(tally, TOKENS, 10**30)
    window.correct(tally, 1, 10**30, 0)
    assert 0 < tally[TOKENS] < 2**63
    assert Count("x", "tokens", 1).amount == 1
