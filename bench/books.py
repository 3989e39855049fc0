"""What the books cost a request, from its hold to its row in the ledger: shared state and fold together.

    python -m bench.books            # some twenty seconds
    python -m bench.books --rounds 4 # a quick look

A mix as a team makes it: 50 keys in 10 teams, 20 models, 200 sessions, every other answer a stream that is noted once,
200 requests under way at any time, a thousand a second. What is written is what a gateway writes: hold, note,
settlement, row, sums, balances; the folder is the gateway's own, which writes once a second and syncs every other. The
best and the median of the rounds: whatever else runs on the machine only ever adds.
"""

from __future__ import annotations

import argparse
import platform
import random
import tempfile
import time
from collections import deque
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench.state import records
from trunkline.guard.budget import caps
from trunkline.guard.grant import Budget
from trunkline.ledger.fold import Folder
from trunkline.serve.asgi import new_id
from trunkline.state.balances import balance_of
from trunkline.state.store import HoldRef, State
from trunkline.state.types import Cap, Hold, Meter, Progress, Row

A_SECOND = 1000
UNDER_WAY = 200
KEYS, TEAMS, MODELS, SESSIONS = 50, 10, 20, 200
ROUNDS = 40
_AT_ONCE = 10
"""Requests that begin, and end, one after another between two looks at the clock."""
BEFORE = 4
"""Rounds that are not counted: the file grows, memory is claimed."""
_FAR = 1 << 60


class Case(NamedTuple):
    """Who asks: how many limits and budgets a request counts on."""

    title: str
    counts: int
    """1: rpm, tpm and calls at once of the key."""
    budgets: int


CASES = (
    Case("nothing to count on (the master key)", 0, 0),
    Case("a key with rpm, tpm and calls at once", 1, 0),
    Case("budgets of key, team and gateway", 0, 3),
    Case("both", 1, 3),
)


class Request(NamedTuple):
    """What one request writes down; `ended` are the fields of its row."""

    hold: Hold
    ended: dict[str, Any]
    counts: list[Meter]
    caps: list[Cap]


class Mix:
    """Requests as they come, by turns of chance."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._chance = random.Random(1)
        self._number = count(1_795_000_000 * A_SECOND)
        hold, row = records()
        self._begun = {name: getattr(hold, name) for name in Hold.__struct_fields__}
        self._ended = {name: getattr(row, name) for name in Row.__struct_fields__}
        names = [(f"key:{key:016x}", f"team:{key % TEAMS}", "all") for key in range(KEYS)]
        budgets = [[Budget(name, _FAR, "1mo") for name in each[: case.budgets]] for each in names]
        self.caps = [caps(each, 30_000_000, time.time(), value=False) for each in budgets]
        self._limits = [[Meter(name, _FAR, _FAR, _FAR, 40_000)] for name, *_ in names]

    def next(self) -> Request:
        """One of a session, whose key has a team, and which asks one model in four calls of five."""
        chance, number = self._chance, next(self._number)
        session = chance.randrange(SESSIONS)
        key, request = session % KEYS, new_id()
        model = session % MODELS if chance.random() < 0.8 else chance.randrange(MODELS)
        same: dict[str, Any] = {
            "attempt": f"{request}-0",
            "request": request,
            "started": number / A_SECOND,
            "asked": f"model-{model}",
            "group": f"model-{model}",
            "deployment": f"{model:016x}",
            "model": f"some-provider-model-{model}",
            "key": f"{key:016x}",
            "session": f"{session:08x}-0000-4000-a000-000000000000",
            "user": f"user-{key}",
            "tags": (f"team-{key % TEAMS}",),
            "streamed": number % 2 == 0,
            "why": "the first choice",
        }
        tokens = chance.randrange(100, 2000)
        used = {"output": tokens, "billed": 100_000 * tokens, "value": 100_000 * tokens, "ended": number / A_SECOND + 2}
        hold = Hold(**{**self._begun, **same})
        return Request(hold, {**self._ended, **same, **used}, self._limits[key][: self.case.counts], self.caps[key])


class Books:
    """One gateway's state, ledger and folder."""

    def __init__(self, home: Path, case: Case) -> None:
        self.state = State.open(home)
        self.folder = Folder(self.state, home, lambda hold, _: (hold.worst, hold.worst, True))
        self._mix = Mix(case)
        self._under_way: deque[tuple[HoldRef, dict[str, Any]]] = deque()
        caps = [cap for each in self._mix.caps for cap in each]
        self.state.open_balances({balance_of(each.name, each.period, each.start): 0 for each in caps})

    def write(self, number: int) -> float:
        """All that so many requests write down themselves, µs of CPU each. Records are made as they are needed, but
        outside of what is measured."""
        state, under_way, spent = self.state, self._under_way, 0.0
        for _ in range(0, number, _AT_ONCE):
            begun = [self._mix.next() for _ in range(_AT_ONCE)]
            over = len(under_way) >= UNDER_WAY
            ended = [(ref, Row(**told)) for ref, told in (under_way.popleft() for _ in range(over and _AT_ONCE))]
            began = time.thread_time()
            refs = [state.hold(hold, counts, caps) for hold, _, counts, caps in begun]
            for ref, row in ended:
                if row.streamed:
                    state.note(ref, Progress(input=900, output=300, cache_read=39_000))
                state.settle(ref, row, 41_000)
            spent += time.thread_time() - began
            under_way.extend(zip(refs, (each.ended for each in begun), strict=True))
        return spent / number * 1e6

    def fold(self, number: int) -> float:
        """One look of the folder, µs of CPU for each of so many requests."""
        began = time.thread_time()
        self.folder.once()
        return (time.thread_time() - began) / number * 1e6

    def close(self) -> None:
        """Ends what is under way, and closes."""
        for ref, told in self._under_way:
            self.state.settle(ref, Row(**told))
        self.folder.start()
        self.folder.stop()
        self.state.close()


def measure(rounds: int) -> dict[Case, tuple[list[float], list[float]]]:
    """µs of CPU a request of every round, in the state and in the fold; the cases take turns."""
    found: dict[Case, tuple[list[float], list[float]]] = {case: ([], []) for case in CASES}
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        books = {case: Books(Path(folder, str(at)), case) for at, case in enumerate(CASES)}
        for turn in range(BEFORE + rounds):
            for case, each in books.items():
                costs = each.write(A_SECOND), each.fold(A_SECOND)
                if turn >= BEFORE:
                    for known, cost in zip(found[case], costs, strict=True):
                        known.append(cost)
        for each in books.values():
            each.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.books", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="seconds of traffic in each case")
    found = measure(parser.parse_args().rounds)
    print(f"{platform.system()} {platform.machine()}, Python {platform.python_version()}: µs of CPU a request")
    print(f"{'best (median)':40}{'state':>16}{'fold':>16}{'together':>16}")
    for case, (state, fold) in found.items():
        both = [sum(each) for each in zip(state, fold, strict=True)]
        cells = (f"{min(each):.1f} ({median(each):.1f})" for each in (state, fold, both))
        print(f"{case.title:40}" + "".join(f"{cell:>16}" for cell in cells))


if __name__ == "__main__":
    main()
