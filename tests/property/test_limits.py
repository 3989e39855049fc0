"""What must hold of a caller's limits, whatever attempts come and go: never passed, and nothing is kept back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.state.making import hold, row
from trunkline.guard.grant import Grant, allows
from trunkline.state.store import Full, HoldRef, State
from trunkline.state.types import Meter

RPM, TPM, PARALLEL = 8, 100, 3
NAME = "key:0123456789abcdef"
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), st.integers(1, 120)),
        st.tuples(st.just("end"), st.integers(0, 120)),
        st.tuples(st.just("wait"), st.integers(1, 70)),
    ),
    max_size=60,
)


def counts(tokens: int) -> Sequence[Meter]:
    return (Meter(NAME, PARALLEL, RPM, TPM, tokens),)


@settings(deadline=None)
@given(STEPS)
def test_no_limit_is_passed_and_what_is_set_aside_comes_back(steps: list[tuple[str, int]]) -> None:
    now = 1000.0
    with TemporaryDirectory() as home:
        state = State.open(Path(home), lambda: now)
        live: list[tuple[HoldRef, int]] = []
        begun: list[float] = []
        try:
            for nth, (what, number) in enumerate(steps):
                if what == "wait":
                    now += number
                elif what == "end" and live:
                    ref, held = live.pop(0)
                    state.settle(ref, row(f"r-{nth}"), min(number, held))
                elif what == "begin":
                    before = state.rates((NAME,))[NAME]
                    try:
                        ref = state.hold(hold(f"r-{nth}"), counts(number))
                    except Full:
                        assert state.rates((NAME,))[NAME] == before, "a refusal takes nothing"
                        continue
                    live.append((ref, number))
                    begun.append(now)
                    assert ref.seen is not None
                    assert before.tokens + number <= TPM or before.tokens == 0, "the larger one passes alone"
                rates = state.rates((NAME,))[NAME]
                assert rates.flights == len(live) <= PARALLEL
                assert len([at for at in begun if at > now - 60]) <= rates.requests <= RPM
                assert rates.held <= sum(held for _, held in live)
                assert 0 <= rates.requests_reset <= 65 and 0 <= rates.tokens_reset <= 65
            for nth, (ref, _) in enumerate(live):
                state.settle(ref, row(f"end-{nth}"), 0)
            rates = state.rates((NAME,))[NAME]
            assert rates.flights == rates.held == 0
        finally:
            state.close()


NAMES = st.text("ab*/-", max_size=6)


@given(st.lists(NAMES, max_size=4), st.lists(NAMES, max_size=4), NAMES)
def test_a_fence_only_ever_takes_away(models: list[str], fence: list[str], name: str) -> None:
    free = Grant("k", models=tuple(models))
    held = Grant("k", models=tuple(models), fences=(tuple(fence),))
    assert allows(free, (name,)) or not allows(held, (name,))
    if name in models and (not fence or name in fence):
        assert allows(held, (name,))
