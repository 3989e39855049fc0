"""Four workers at one limit, and `kill -9` of them at any instant: never over it, and what the dead had comes back."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from tests.unit.state.making import free
from trunkline.state.store import State
from trunkline.state.window import KEPT

pytestmark = [pytest.mark.load, pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")]

ROOT = Path(__file__).parents[2]
WORKERS, SECONDS, KILLS = 4, 9.0, 14
FLIGHTS, REQUESTS, TOKENS, PLACES = 6, 400, 3000, 3
FAST = 20
"""How much faster than time the minutes of these tests go by."""

# Writes down what it did as it does it: a word more only after it was counted, a word less before it is given back.
WORKER = f"""
import asyncio, itertools, os, random, sys, time
from collections import deque
from pathlib import Path
from tests.unit.state.making import hold, row
from trunkline.errors import QueueFull
from trunkline.guard.queue import Queue
from trunkline.state.store import Full, State
from trunkline.state.types import Meter
state = State.open(Path(sys.argv[1]), lambda: time.monotonic() * {FAST})
log = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def say(*words):
    os.write(log, (" ".join(map(str, words)) + "\\n").encode())

def limits():
    flying = deque()
    for number in itertools.count():
        tokens = random.randint(1, 30)
        held = hold(f"{{os.getpid()}}x{{number}}-0")
        counts = (Meter("k", {FLIGHTS}, {REQUESTS}, {TOKENS}, tokens),)
        try:
            ref = state.hold(held, counts)
        except Full:
            time.sleep(0.002)
        else:
            say("+", time.monotonic(), tokens, held.taken[1][3])
            flying.append((ref, held, tokens))
            time.sleep(0.001)
        if len(flying) > 2 or flying and random.random() < 0.3:
            ref, held, tokens = flying.popleft()
            say("-", time.monotonic())
            state.settle(ref, row(held.attempt), tokens)

async def queue():
    line = Queue(state.lines, asyncio.get_running_loop())
    async def session(name):
        while True:
            try:
                async with asyncio.timeout(random.choice((0.02, 9.0))), line.place("k", {PLACES}, name, "Z.AI"):
                    say("+", time.monotonic(), name)
                    try:
                        await asyncio.sleep(random.uniform(0.0, 0.01))
                    finally:
                        say("-", time.monotonic(), name)
            except TimeoutError:
                pass
    await asyncio.gather(*(session(f"{{os.getpid()}}s{{n // 3}}") for n in range(9)))

limits() if sys.argv[3] == "limits" else asyncio.run(queue())
"""


class Crew:
    """The workers, their logs, and when which of them was killed."""

    def __init__(self, home: Path, folder: Path, task: str) -> None:
        self.home, self.folder, self.task = home, folder, task
        self.logs: list[Path] = []
        self.killed: dict[int, float] = {}
        self.running: list[tuple[int, subprocess.Popen[bytes]]] = [self.start() for _ in range(WORKERS)]

    def start(self) -> tuple[int, subprocess.Popen[bytes]]:
        log = self.folder / f"log{len(self.logs)}"
        self.logs.append(log)
        path = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        command = [sys.executable, "-c", WORKER, str(self.home), str(log), self.task]
        return len(self.logs) - 1, subprocess.Popen(command, env=path)

    def at_work(self) -> list[int]:
        """Those who have begun."""
        return [at for at, (number, _) in enumerate(self.running) if self.logs[number].exists()]

    def kill(self, at: int) -> None:
        number, worker = self.running[at]
        assert worker.poll() is None, "a worker ended by itself"
        worker.send_signal(signal.SIGKILL)
        worker.wait(5)
        self.killed[number] = time.monotonic()

    def events(self) -> list[tuple[float, int, list[str], int]]:
        """What all said, in order of time: when, +1 or -1, the rest, whose. A dead worker's open ones end with it."""
        told: list[tuple[float, int, list[str], int]] = []
        for number, log in enumerate(self.logs):
            left = 0
            for line in log.read_text().splitlines() if log.exists() else ():
                sign, at, *rest = line.split()
                step = 1 if sign == "+" else -1
                left += step
                told.append((float(at), step, rest, number))
            told += [(self.killed[number], -1, [], number)] * left
        return sorted(told, key=lambda each: each[:2])


@contextmanager
def crew(state: State, home: Path, folder: Path, task: str) -> Iterator[Crew]:
    """Works for a while, while workers are killed and replaced and the dead are buried, as the folder does it."""
    workers, chance = Crew(home, folder, task), random.Random()
    starting = time.monotonic() + 60
    try:
        while len(workers.at_work()) < WORKERS:
            assert time.monotonic() < starting, "the workers do not begin"
            time.sleep(0.05)
        began = time.monotonic()
        kills = sorted(chance.uniform(0.5, SECONDS - 1) for _ in range(KILLS))
        while time.monotonic() < began + SECONDS:
            time.sleep(0.1)
            state.reap(free, time.time())
            # Only who has begun is killed: on a busy machine a start takes seconds, and a death there shows nothing.
            if kills and time.monotonic() > began + kills[0] and len(able := workers.at_work()) > 1:
                del kills[0]
                at = chance.choice(able)
                workers.kill(at)
                workers.running[at] = workers.start()
        assert len(kills) < KILLS, "somebody was killed"
        for at in range(WORKERS):
            workers.kill(at)
        yield workers
    finally:
        for _, worker in workers.running:
            worker.kill()
            worker.wait(5)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def state(home: Path) -> State:
    return State.open(home, lambda: time.monotonic() * FAST)


def test_no_limit_is_ever_passed_and_the_dead_give_back_what_they_had(state: State, home: Path, tmp_path: Path) -> None:
    with crew(state, home, tmp_path, "limits") as workers:
        events = workers.events()
        state.reap(free, time.time())
        assert (state.used(["k"])["k"][0], state.live()) == (0, 0)
    inside = most = 0
    requests: Counter[int] = Counter()
    tokens: Counter[int] = Counter()
    for _, step, rest, _ in events:
        inside += step
        most = max(most, inside)
        if step > 0:
            requests[int(rest[1])] += 1
            tokens[int(rest[1])] += int(rest[0])
    assert FLIGHTS - 1 <= most <= FLIGHTS
    minutes = [range(first, first + KEPT) for first in requests]
    in_a_minute = [sum(requests[bucket] for bucket in minute) for minute in minutes]
    tokens_in_a_minute = [sum(tokens[bucket] for bucket in minute) for minute in minutes]
    assert max(in_a_minute) <= REQUESTS
    assert max(tokens_in_a_minute) <= TOKENS
    assert max(tokens_in_a_minute) > TOKENS - 60, "what is free is used"
    state.close()


def test_the_queue_keeps_moving_whoever_dies(state: State, home: Path, tmp_path: Path) -> None:
    with crew(state, home, tmp_path, "queue") as workers:
        events = workers.events()
        state.reap(free, time.time())
        assert (state.lines.waiting(), state.used(["k"])["k"][0]) == ({}, 0)
    inside = most = 0
    for _, step, _, _ in events:
        inside += step
        most = max(most, inside)
    assert PLACES - 1 <= most <= PLACES
    entered = [at for at, step, _, _ in events if step > 0]
    gaps = [later - earlier for earlier, later in pairwise(entered)]
    # Ten times what a burial takes here, for busy machines; a ticket that nobody took out would block for fourteen.
    assert max(gaps) < 3.0, "nobody dead stands in the way"
    assert len(entered) > 200
    state.close()
