"""What the hot state costs a request: one hold and its settlement, from one process and from two at once.

    python -m bench.state            # some twenty seconds

CPU and wall time of a pair in each process, and the slowest pair in a thousand; medians of a few turns. The outbox is
emptied between two turns, outside what is measured. Counts are limits that the hold counts on, taken and given back in
the same transactions: one is a limit of calls at once, three are that, requests and tokens a minute. Budgets are held
and charged in them, too. Then what is asked before a request leaves: circuits, a session's home, how much is used, a
place in the queue.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.clients import Child
from trunkline.state.balances import balance_of
from trunkline.state.store import State
from trunkline.state.types import Cap, Circuit, Hold, Meter, Row

PAIRS = 1_000
TURNS = 40
LIMITS = ((0, 0), (1, 0), (3, 0), (0, 1), (0, 3), (3, 3))
"""Counts and budgets of a hold."""
_MODEL = "claude-sonnet-5-5"
_SHARED = [name for name in Hold.__struct_fields__ if name in Row.__struct_fields__]
_ATTEMPT = "00000000-0000-4000-a000-000000000000-0"


def records() -> tuple[Hold, Row]:
    """What one streamed request of a coding agent writes down."""
    hold = Hold(
        attempt=_ATTEMPT,
        request=_ATTEMPT[:-2],
        started=1.0,
        asked=_MODEL,
        group=_MODEL,
        deployment="0123456789abcdef",
        provider="anthropic",
        model=_MODEL,
        wire="anthropic",
        operation="messages",
        key="master",
        session=_ATTEMPT[:-2],
        streamed=True,
        estimate_input=40_000,
    )
    told: dict[str, Any] = {name: getattr(hold, name) for name in _SHARED}
    told |= {"input": 900, "cache_read": 39_000, "cache_write": 100, "output": 600, "reasoning": 0}
    told |= {"ended": 3.0, "first_token": 0.8, "status": 200, "outcome": "ok", "stop": "end_turn"}
    told |= {"billed": 23_775_000, "value": 23_775_000, "priced": True, "estimated": False}
    return hold, Row(**told)


def counts_of(number: int) -> tuple[Meter, ...]:
    """So many limits, all far away."""
    key, deployment, far = "k:0123456789abcdef", "d:0123456789abcdef|" + _MODEL, 1 << 60
    return ((), (Meter(key, far),), (), (Meter(key, far), Meter(deployment, None, far, far, 40_000)))[number]


def budgets_of(number: int) -> tuple[Cap, ...]:
    """So many budgets that are never spent."""
    names = ("all", "key:0123456789abcdef", "session:" + _ATTEMPT)
    return tuple(Cap(name, "1mo", 1, 2, 1 << 60, 30_000_000) for name in names[:number])


def turn(state: State, pairs: int, number: int, money: int) -> dict[str, float]:
    """So many pairs with so many counts and budgets, one after another. Times in µs."""
    hold, row = records()
    counts, budgets = counts_of(number), budgets_of(money)
    state.open_balances({balance_of(each.name, each.period, each.start): 0 for each in budgets})
    walls: list[float] = []
    cpu, began = time.process_time(), time.perf_counter()
    at = began
    for _ in range(pairs):
        state.settle(state.hold(hold, counts, budgets), row, 41_000)
        before, at = at, time.perf_counter()
        walls.append(at - before)
    cpu, wall = time.process_time() - cpu, at - began
    walls.sort()
    return {"cpu": cpu / pairs * 1e6, "wall": wall / pairs * 1e6, "slow": walls[-max(1, pairs // 1000)] * 1e6}


def looks(state: State, times: int) -> dict[str, float]:
    """What each question before a request costs, µs of CPU."""
    names = ["d:0123456789abcdef|" + _MODEL, "k:0123456789abcdef"]
    place = "k:fedcba9876543210"
    asked: dict[str, Callable[[], object]] = {
        "circuits of two names, none open": lambda: state.circuits(names),
        "home of a session, none known": lambda: state.home_of(_ATTEMPT),
        "used, of two names": lambda: state.used(names),
        "a place in the queue, nobody waits": lambda: state.lines.give(state.lines.enter(place, 9, "s", 9, 9.0)[0]),
    }
    later: dict[str, Callable[[], object]] = {
        "circuits of two names, one open": lambda: state.circuits(names),
        "home of a session, known": lambda: state.home_of(_ATTEMPT),
    }
    told = {name: _cost(each, times) for name, each in asked.items()}
    state.mend(names[0], lambda _: Circuit(fails=1, since=1.0, until=2.0, kind="server", said="503"))
    state.settle_in(_ATTEMPT, "0123456789abcdef", 1.0)
    return told | {name: _cost(each, times) for name, each in later.items()}


def _cost(work: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e6


def worker(home: Path) -> None:
    """Takes `["turn", pairs, counts, budgets]`, `["looks", times]` or `["empty"]` a line."""
    state = State.open(home)
    for line in sys.stdin:
        match json.loads(line):
            case ["turn", int(pairs), int(number), int(money)]:
                print(json.dumps(turn(state, pairs, number, money)), flush=True)
            case ["looks", int(times)]:
                print(json.dumps(looks(state, times)), flush=True)
            case _:
                while rows := state.outbox(1000):
                    state.forget([key for key, _ in rows])
                print("{}", flush=True)
    state.close()


def measure(workers: list[Child], number: int, money: int) -> dict[str, float]:
    """Medians over turns and workers, who all begin at once."""
    turns: list[dict[str, float]] = []
    for _ in range(TURNS):
        turns += together(workers, number, money)
        workers[0].ask("empty")
    return {name: median(each[name] for each in turns) for name in turns[0]}


def together(workers: list[Child], number: int, money: int) -> list[dict[str, float]]:
    """One turn of each, at the same time."""
    for each in workers:
        assert each.process.stdin is not None
        each.process.stdin.write(json.dumps(["turn", PAIRS, number, money]) + "\n")
    for each in workers:
        assert each.process.stdin is not None
        each.process.stdin.flush()
    return [json.loads(each.line()) for each in workers]


def main() -> None:
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print("hold + settle                        CPU a pair   wall a pair   slowest of 1,000   pairs/s in all")
    for count in (1, 2):
        with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as home:
            workers = [Child(dict(os.environ), "bench.state", home) for _ in range(count)]
            for each in workers:
                each.ask("turn", 500, 0, 0)
            for number, money in LIMITS:
                found = measure(workers, number, money)
                title = f"{count} process{'es' if count > 1 else ''}, {number} counts, {money} budgets"
                print(
                    f"{title:34}{found['cpu']:10.1f} µs {found['wall']:10.1f} µs {found['slow']:15.0f} µs"
                    f"{count / found['wall'] * 1e6:17,.0f}"
                )
            if count == 1:
                costs = workers[0].ask("looks", 20 * PAIRS)
            for each in workers:
                each.end()
    for name, cost in costs.items():
        print(f"{name:36}{cost:6.2f} µs")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        worker(Path(sys.argv[1]))
    else:
        main()
