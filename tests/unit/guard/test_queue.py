"""The queue: a place for each in turn, and none is lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import pytest

from tests.unit.state.making import Worker, free
from trunkline.errors import QueueFull, StoreDown
from trunkline.guard import queue
from trunkline.guard.queue import Queue
from trunkline.state.file import HotFile
from trunkline.state.store import State

NAME = "k:1"
P = ParamSpec("P")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State.open(tmp_path)
    yield state
    assert state.lines.waiting() == {}, "nobody is left in the line"
    assert state.used([NAME])[NAME] == (0, 0, 0), "every place was given back"
    state.close()


def in_a_loop(test: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """Runs a test in an event loop of its own."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


class Hall:
    """Calls of sessions, who come, wait, work and go."""

    def __init__(self, state: State, limit: int) -> None:
        self.state, self.limit = state, limit
        self.queue = Queue(state.lines, asyncio.get_running_loop())
        self.served: list[str] = []
        self.inside = self.most = 0

    @asynccontextmanager
    async def place(self, session: str, **more: float) -> AsyncIterator[None]:
        async with self.queue.place(NAME, self.limit, session, "Z.AI with ZAI_API_KEY", **more):  # type: ignore[arg-type]
            self.served.append(session)
            self.inside += 1
            self.most = max(self.most, self.inside)
            try:
                yield
            finally:
                self.inside -= 1

    async def call(self, session: str, seconds: float = 0.002, **more: float) -> None:
        async with self.place(session, **more):
            await asyncio.sleep(seconds)


@in_a_loop
async def test_never_more_than_the_limit_at_once_and_everybody_is_served(state: State) -> None:
    hall = Hall(state, 3)
    await asyncio.gather(*(hall.call(f"s{number % 7}") for number in range(60)))
    assert (hall.most, len(hall.served)) == (3, 60)


@in_a_loop
async def test_one_session_with_fifty_calls_does_not_hold_up_another(state: State) -> None:
    hall = Hall(state, 1)
    many = [asyncio.create_task(hall.call("busy")) for _ in range(50)]
    await asyncio.sleep(0)
    await hall.call("one")
    assert hall.served.index("one") <= 2
    await hall.call("one")
    assert len(hall.served) <= 6
    await asyncio.gather(*many)


@in_a_loop
async def test_a_place_that_is_given_back_wakes_the_next_at_once(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_LOOK", 3600)
    hall = Hall(state, 1)
    async with asyncio.timeout(20):
        await asyncio.gather(*(hall.call(f"s{n}", 0.0) for n in range(40)))


@in_a_loop
async def test_a_client_that_goes_away_leaves_the_line(state: State) -> None:
    hall = Hall(state, 1)
    async with hall.place("a"):
        waiting = [asyncio.create_task(hall.call(name)) for name in ("b", "c", "d")]
        await asyncio.sleep(0.01)
        assert state.lines.waiting() == {NAME: 3}
        waiting[0].cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert state.lines.waiting() == {NAME: 2}
    await asyncio.gather(*waiting[1:])
    assert hall.served == ["a", "c", "d"]


@in_a_loop
async def test_a_client_that_leaves_in_the_moment_of_its_turn_gives_the_place_back(state: State) -> None:
    hall = Hall(state, 1)
    async with hall.place("a"):
        waiting = [asyncio.create_task(hall.call(name)) for name in ("b", "c")]
        await asyncio.sleep(0.01)
    # The place is b's by now, and b does not know it yet.
    waiting[0].cancel()
    await asyncio.wait(waiting, timeout=2)
    assert hall.served == ["a", "c"]


@in_a_loop
async def test_whenever_clients_leave_nothing_is_lost(state: State) -> None:
    hall, chance = Hall(state, 3), random.Random(7)
    calls = [asyncio.create_task(hall.call(f"s{n % 9}", chance.uniform(0, 0.004))) for n in range(90)]
    for call in chance.sample(calls, 60):
        await asyncio.sleep(chance.choice((0, 0, 0.001)))
        call.cancel()
    told = await asyncio.gather(*calls, return_exceptions=True)
    assert hall.most == 3
    assert {type(each) for each in told} == {type(None), asyncio.CancelledError}


@in_a_loop
async def test_too_late_is_said_to_be_the_gateways_queue(state: State) -> None:
    hall = Hall(state, 1)
    async with hall.place("a"):
        with pytest.raises(QueueFull, match=r"Z\.AI with ZAI_API_KEY lets only 1 call at once.*own queue") as late:
            await hall.call("b", wait=0.05)
    assert (late.value.status, late.value.code, late.value.retry_after) == (429, "queue_late", 2.0)


@in_a_loop
async def test_a_full_line_refuses_at_once(state: State) -> None:
    hall = Hall(state, 1)
    async with hall.place("a"):
        waiting = [asyncio.create_task(hall.call("b")) for _ in range(4)]
        await asyncio.sleep(0.01)
        with pytest.raises(QueueFull, match="4 wait already in the gateway's own queue") as full:
            await hall.call("c", most=4)
        assert full.value.code == "queue_full"
        assert full.value.retry_after
        assert full.value.retry_after >= 1
    await asyncio.gather(*waiting)


@in_a_loop
async def test_a_limit_is_learned_from_refusals_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    state = State.open(tmp_path, lambda: now[0])
    hall = Hall(state, 0)
    await asyncio.gather(*(hall.call("s") for _ in range(5)))
    assert hall.most == 5, "nothing is known of a limit"
    async with hall.place("a"), hall.place("b"), hall.place("c"):
        assert state.crowded(NAME) == 2
    hall.most = 0
    await asyncio.gather(*(hall.call("s") for _ in range(5)))
    assert hall.most == 2
    now[0] += 59
    assert state.learned(NAME) == 2
    now[0] += 2
    assert state.learned(NAME) == 3
    now[0] += 60
    assert state.learned(NAME) == 4
    async with hall.place("a"):
        assert state.crowded(NAME) == 1
    now[0] += 3600
    assert state.learned(NAME) == 0
    state.reap(free, 0.0)
    state.close()


@in_a_loop
async def test_the_lower_of_two_limits_counts(state: State) -> None:
    hall = Hall(state, 4)
    async with hall.place("a"), hall.place("b"), hall.place("c"):
        state.crowded(NAME)
    hall.most = 0
    await asyncio.gather(*(hall.call("s") for _ in range(8)))
    assert hall.most == 2


@in_a_loop
async def test_places_of_other_workers_count_and_come_back(state: State, tmp_path: Path) -> None:
    other = Worker(tmp_path)
    number = other.ask(f"s.lines.enter({NAME!r}, 1, 'x', 9, 9.0)").split(",")[0].strip("(")
    hall = Hall(state, 1)
    waiting = asyncio.create_task(hall.call("a"))
    await asyncio.sleep(0.05)
    assert not hall.served
    other.ask(f"s.lines.give({number})")
    await asyncio.wait_for(waiting, 1)
    other.kill()


@in_a_loop
async def test_a_dead_workers_places_and_tickets_vanish(state: State, tmp_path: Path) -> None:
    other = Worker(tmp_path)
    other.ask(f"[s.lines.enter({NAME!r}, 1, 'x', 9, 9.0) for _ in range(3)]")
    hall = Hall(state, 1)
    waiting = asyncio.create_task(hall.call("a"))
    await asyncio.sleep(0.05)
    assert state.lines.waiting() == {NAME: 3}
    other.kill()
    state.reap(free, 0.0)
    await asyncio.wait_for(waiting, 1)
    assert hall.served == ["a"]


@in_a_loop
async def test_nobody_waiting_costs_no_look_and_no_write(state: State) -> None:
    hall = Hall(state, 1)
    async with hall.place("a"):
        last = state._file._env.info()["last_txnid"]
        await asyncio.sleep(0.08)
        assert state._file._env.info()["last_txnid"] == last
        waiting = asyncio.create_task(hall.call("b"))
        await asyncio.sleep(0.08)
        assert state._file._env.info()["last_txnid"] == last + 1, "only the ticket"
    await waiting
    assert hall.queue._waiting == {}


@in_a_loop
async def test_who_waits_hears_when_the_state_cannot_be_used(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall(state, 1)
    async with hall.place("a"):
        waiting = asyncio.create_task(hall.call("b"))
        await asyncio.sleep(0.01)
        with monkeypatch.context() as broken:
            broken.setattr(HotFile, "read", _refuse)
            with pytest.raises(StoreDown):
                await waiting


@in_a_loop
async def test_what_could_not_be_given_back_is_given_back_later(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_AGAIN", 0.01)
    hall = Hall(state, 1)
    with monkeypatch.context() as broken:
        async with hall.place("a"):
            waiting = asyncio.create_task(hall.call("b"))
            await asyncio.sleep(0.01)
            broken.setattr(HotFile, "write", _refuse)
            waiting.cancel()
            await asyncio.sleep(0.03)
        assert state.used([NAME])[NAME] == (1, 0, 0)
    await asyncio.sleep(0.05)
    assert (state.used([NAME])[NAME], state.lines.waiting()) == ((0, 0, 0), {})


def _refuse(*_: object) -> None:
    raise StoreDown("full")
