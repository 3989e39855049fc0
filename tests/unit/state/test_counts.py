"""Counts: taken with a hold, given back with its end, never over a limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.state.making import elsewhere, free, hold, metered, row
from trunkline.state.store import Full, HoldRef, State
from trunkline.state.types import Count


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 10_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path, clock: Clock) -> State:
    return State.open(tmp_path, clock)


def take(state: State, *counts: Count, number: list[int] = [0]) -> HoldRef:  # noqa: B006 - a counter
    number[0] += 1
    return state.hold(hold(f"r{number[0]}-0"), metered(*counts))


def test_flights_go_up_with_a_hold_and_down_with_its_end(state: State) -> None:
    flight = Count("k:1", "flight", 2)
    one, _ = take(state, flight), take(state, flight)
    with pytest.raises(Full) as full:
        take(state, flight)
    assert (full.value.count, full.value.wait) == (flight, 0.0)
    assert (state.used(["k:1"])["k:1"], state.live()) == ((2, 0, 0), 2)
    state.settle(one, row("r1-0"))
    assert state.used(["k:1"])["k:1"] == (1, 0, 0)
    take(state, flight)


def test_requests_count_for_a_minute_whatever_becomes_of_them(state: State, clock: Clock) -> None:
    minute = Count("d:1", "requests", 3)
    for _ in range(3):
        state.settle(take(state, minute), row("r-0"))
        clock.now += 10
    with pytest.raises(Full) as full:
        take(state, minute)
    assert 30 <= full.value.wait <= 35
    clock.now += full.value.wait - 0.01
    with pytest.raises(Full):
        take(state, minute)
    clock.now += 0.02
    take(state, minute)
    assert state.used(["d:1"])["d:1"] == (0, 3, 0)


def test_tokens_are_reserved_and_then_corrected_to_what_was_used(state: State) -> None:
    minute = Count("d:1", "tokens", 1000, 600)
    ref = take(state, minute)
    with pytest.raises(Full):
        take(state, minute)
    state.settle(ref, row("r1-0"), tokens=250)
    assert state.used(["d:1"])["d:1"] == (0, 0, 250)
    state.settle(take(state, minute), row("r2-0"), tokens=900)
    assert state.used(["d:1"])["d:1"] == (0, 0, 1150)
    state.settle(take(state, Count("d:2", "tokens", 0, 7)), row("r3-0"))
    assert state.used(["d:2"])["d:2"] == (0, 0, 7)


def test_tokens_that_slid_out_are_not_given_back_twice(state: State, clock: Clock) -> None:
    ref = take(state, Count("d:1", "tokens", 0, 600))
    clock.now += 66
    take(state, Count("d:1", "tokens", 0, 50))
    state.settle(ref, row("r1-0"), tokens=0)
    assert state.used(["d:1"])["d:1"] == (0, 0, 50)


def test_a_call_larger_than_the_limit_passes_alone(state: State, clock: Clock) -> None:
    giant = Count("d:1", "tokens", 1000, 5000)
    take(state, giant)
    with pytest.raises(Full) as full:
        take(state, Count("d:1", "tokens", 1000, 1))
    clock.now += full.value.wait
    take(state, giant)


def test_several_limits_are_taken_together_or_not_at_all(state: State) -> None:
    counts = [Count("a", "flight", 5), Count("b", "requests", 1), Count("c", "tokens", 10, 4)]
    take(state, *counts)
    with pytest.raises(Full) as full:
        take(state, *counts)
    assert full.value.count.name == "b"
    assert state.used(["a", "b", "c"]) == {"a": (1, 0, 0), "b": (0, 1, 0), "c": (0, 0, 4)}
    assert state.live() == 1


def test_a_window_that_stands_in_the_way_counts_for_more_than_calls_in_flight(state: State) -> None:
    counts = [Count("a", "flight", 1), Count("b", "requests", 1)]
    take(state, *counts)
    with pytest.raises(Full) as full:
        take(state, *counts)
    assert full.value.count.kind == "requests"
    assert full.value.wait > 0


@pytest.mark.parametrize("name", ["", "x" * 5000, "\ud800", "d:1|模型", "a\0b"])
def test_any_name_can_be_counted(state: State, name: str) -> None:
    take(state, Count(name, "flight", 1))
    with pytest.raises(Full):
        take(state, Count(name, "flight", 1))
    assert state.used([name, "other"]) == {name: (1, 0, 0), "other": (0, 0, 0)}


def test_what_a_dead_worker_counted_goes_back(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    code = (
        "from trunkline.state.types import Meter, Progress\n"
        "s = State.open(home)\n"
        "c = [Meter('k', 9, 9, 0, 500)]\n"
        "for n in range(3): ref = s.hold(hold(f'r{n}-0', streamed=True), c)\n"
        "s.note(ref, Progress(input=900, output=100)); os._exit(1)"
    )
    elsewhere(tmp_path, code)
    assert state.used(["k"])["k"] == (3, 3, 1500)
    assert state.reap(free, 1_795_000_000.0) == 3
    # Two stand as they were held; the third had used more by its last note.
    assert state.used(["k"])["k"] == (0, 3, 2000)
    state.close()


def test_a_machine_that_started_again_begins_its_minutes_afresh(tmp_path: Path, clock: Clock) -> None:
    state = State.open(tmp_path, clock)
    take(state, Count("d", "requests", 1))
    state.close()
    clock.now = 50.0
    again = State.open(tmp_path, clock)
    assert again.used(["d"])["d"][1] == 0
    take(again, Count("d", "requests", 1))
    again.close()


def test_names_that_nobody_uses_are_forgotten(state: State, clock: Clock, tmp_path: Path) -> None:
    for number in range(3000):
        state.settle(take(state, Count(f"n{number}", "requests", 0), Count("f", "flight", 0)), row("r-0"))
    flying = take(state, Count("f", "flight", 0))
    clock.now += 130
    take(state, Count("n5", "requests", 0))
    entries: list[int] = []
    for _ in range(4):
        state.reap(free, 1_795_000_000.0)
        table = state._file.table(b"counts")
        entries.append(state._file.read(lambda transaction, table=table: transaction.stat(table)["entries"]))  # type: ignore[misc]
    assert 1000 - 100 < entries[0] < 1000, "in small steps"
    assert entries[-1] == 2
    state.settle(flying, row("r-0"))
    assert state.used(["n5", "f"]) == {"n5": (0, 1, 0), "f": (0, 0, 0)}
