"""What the hot state costs a request: one hold and its settlement, from one process and from two at once.

    python -m bench.state            # some ten seconds

CPU and wall time of a pair in each process, and the slowest pair in a thousand; medians of a few turns. The outbox is
emptied between two turns, outside what is measured.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.clients import Child
from trunkline.state.store import State
from trunkline.state.types import Hold, Row

PAIRS = 10_000
TURNS = 5
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


def turn(state: State, pairs: int) -> dict[str, float]:
    """So many pairs, one after another. Times in µs."""
    hold, row = records()
    walls: list[float] = []
    cpu, began = time.process_time(), time.perf_counter()
    at = began
    for _ in range(pairs):
        state.settle(state.hold(hold), row)
        before, at = at, time.perf_counter()
        walls.append(at - before)
    cpu, wall = time.process_time() - cpu, at - began
    walls.sort()
    return {"cpu": cpu / pairs * 1e6, "wall": wall / pairs * 1e6, "slow": walls[-max(1, pairs // 1000)] * 1e6}


def worker(home: Path) -> None:
    """Takes `["turn", pairs]` or `["empty"]` a line."""
    state = State.open(home)
    for line in sys.stdin:
        match json.loads(line):
            case ["turn", int(pairs)]:
                print(json.dumps(turn(state, pairs)), flush=True)
            case _:
                while rows := state.outbox(1000):
                    state.forget([key for key, _ in rows])
                print("{}", flush=True)
    state.close()


def measure(workers: list[Child]) -> dict[str, float]:
    """Medians over turns and workers, who all begin at once."""
    turns: list[dict[str, float]] = []
    for _ in range(TURNS):
        turns += together(workers)
        workers[0].ask("empty")
    return {name: median(each[name] for each in turns) for name in turns[0]}


def together(workers: list[Child]) -> list[dict[str, float]]:
    """One turn of each, at the same time."""
    for each in workers:
        assert each.process.stdin is not None
        each.process.stdin.write(json.dumps(["turn", PAIRS]) + "\n")
    for each in workers:
        assert each.process.stdin is not None
        each.process.stdin.flush()
    return [json.loads(each.line()) for each in workers]


def main() -> None:
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print("hold + settle        CPU a pair   wall a pair   slowest of 1,000   pairs/s in all")
    for count in (1, 2):
        with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as home:
            workers = [Child(dict(os.environ), "bench.state", home) for _ in range(count)]
            for each in workers:
                each.ask("turn", 500)
            found = measure(workers)
            for each in workers:
                each.end()
        title = f"from {count} process{'es' if count > 1 else ''}"
        print(
            f"{title:18}{found['cpu']:10.1f} µs {found['wall']:10.1f} µs {found['slow']:15.0f} µs"
            f"{count / found['wall'] * 1e6:17,.0f}"
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        worker(Path(sys.argv[1]))
    else:
        main()
