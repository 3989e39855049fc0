"""Places and the line for them, as the tables keep it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.state.making import Worker, free
from trunkline.state.store import LineFull, State


class Clock:
    """Monotonic seconds that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path, clock: Clock) -> Iterator[State]:
    state = State.open(tmp_path, clock)
    yield state
    state.close()


def enter(state: State, session: str = "s", limit: int = 1, most: int = 9) -> tuple[int, bool]:
    return state.lines.enter("k", limit, session, most, 30.0)


def test_a_place_is_a_flight_of_the_name(state: State) -> None:
    number, placed = enter(state)
    assert (placed, state.used(["k"])["k"]) == (True, (1, 0, 0))
    state.lines.give(number)
    state.lines.give(number)
    assert state.used(["k"])["k"] == (0, 0, 0)


def test_a_ticket_is_taken_in_its_turn_and_once(state: State) -> None:
    first, _ = enter(state)
    (second, placed), (third, _) = enter(state, "a"), enter(state, "b")
    assert not placed
    assert state.lines.ready("k", 1, [second, third]) == []
    assert not state.lines.take("k", 1, second)
    state.lines.give(first)
    assert state.lines.ready("k", 1, [second, third]) == [second]
    assert not state.lines.take("k", 1, third)
    assert state.lines.take("k", 1, second)
    assert not state.lines.take("k", 1, second)
    assert state.lines.waiting() == {"k": 1}
    state.lines.leave("k", third)
    assert state.lines.waiting() == {}


def test_nobody_steps_past_those_who_wait(state: State) -> None:
    first, _ = enter(state)
    waiting, _ = enter(state)
    state.lines.give(first)
    assert enter(state)[1] is False, "the free place is another's"
    assert state.lines.ready("k", 1, [waiting]) == [waiting]
    assert enter(state, limit=4)[1] is True, "there is one for each who waits, and one more"


def test_a_raised_limit_lets_several_in(state: State) -> None:
    enter(state)
    waiting = [enter(state, session)[0] for session in ("a", "b", "c")]
    assert state.lines.ready("k", 3, waiting) == waiting[:2]
    assert state.lines.take("k", 3, waiting[1]), "a slow one before it holds up nobody whose place is free"


def test_the_line_is_bounded(state: State) -> None:
    enter(state)
    for _ in range(3):
        enter(state, most=3)
    with pytest.raises(LineFull) as full:
        enter(state, most=3)
    assert full.value.waiting == 3
    assert state.used(["k"])["k"][0] == 1


def test_a_ticket_past_its_deadline_does_not_stand_in_the_way(state: State, clock: Clock) -> None:
    first, _ = enter(state)
    enter(state, "gone")
    clock.now += 20
    later, _ = enter(state, "later")
    state.lines.give(first)
    assert state.lines.ready("k", 1, [later]) == []
    clock.now += 16
    assert state.lines.ready("k", 1, [later]) == [later]
    assert state.lines.take("k", 1, later)
    assert state.lines.waiting() == {}


def test_places_of_a_worker_that_closed_without_giving_them_back_return(state: State, tmp_path: Path) -> None:
    other = Worker(tmp_path)
    other.ask("[s.lines.enter('k', 0, 'x', 9, 9.0) for _ in range(300)]")
    other.ask("s.close()")
    assert state.used(["k"])["k"][0] == 300
    state.reap(free, 0.0)
    assert state.used(["k"])["k"][0] == 0
    other.kill()


def test_tickets_of_a_worker_that_closed_without_leaving_vanish(state: State, tmp_path: Path) -> None:
    enter(state)
    other = Worker(tmp_path)
    other.ask("s.lines.enter('k', 1, 'x', 9, 1e9)")
    other.ask("s.close()")
    other.kill()
    assert state.lines.waiting() == {"k": 1}
    state.reap(free, 0.0)
    assert state.lines.waiting() == {}


def test_a_dead_worker_leaves_every_line(state: State, tmp_path: Path) -> None:
    enter(state)
    other = Worker(tmp_path)
    for name in ("k", "\\ud800", "x" * 900):
        other.ask(f"[s.lines.enter('{name}', 1, 'x', 9, 9.0) for _ in range(3)]")
    own, _ = enter(state)
    other.kill()
    state.reap(free, 0.0)
    assert state.lines.waiting() == {"k": 1}
    state.lines.leave("k", own)
    assert state.used(["k", "\ud800", "x" * 900]) == {"k": (1, 0, 0), "\ud800": (0, 0, 0), "x" * 900: (0, 0, 0)}
