"""What the books cost a request, from its hold to its row in the ledger: shared state and fold together.

    python -m bench.books            # some twenty seconds
    python -m bench.books --rounds 4 # a quick look

A mix as a team makes it: 50 keys in 10 teams, 20 models, 200 sessions, every other answer a stream that is noted once,
200 requests under way at any time, a thousand a second. What is written is what a gateway writes: hold, note, settlement,
row, sums, balances; the folder is the gateway's own, which writes once a second and syncs every other. The best and the
median of the rounds: whatever else runs on the machine only ever adds.
"""

from __future__ import annotations

import argparse
import platform
import random
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench.state import records
from trunkline.ledger.fold import Folder
from trunkline.serve.asgi import new_id
from trunkline.state.balances import balance_of
from trunkline.state.store import HoldRef, State
from trunkline.state.types import Cap, Count, Hold, Progress, Row

A_SECOND = 1000
UNDER_WAY = 200
KEYS, TEAMS, MODELS, SESSIONS = 50, 10, 20, 200
ROUNDS = 40
BEFORE = 4
"""Rounds that are not counted: the file grows, memory is claimed."""
_FAR = 1 << 60


class Case(NamedTuple):
    """Who asks: how many limits and budgets a request counts on."""

    title: str
    counts: int
    budgets: int


CASES = (
    Case("nothing to count on (the master key)", 0, 0),
    Case("a key with rpm, tpm and calls at once", 3, 0),
    Case("budgets of key, team and gateway", 0, 3),
    Case("both", 3, 3),
)


class Request(NamedTuple):
    """What one request writes down."""

    hold: Hold
    row: Row
    counts: tuple[Count, ...]
    caps: tuple[Cap, ...]


def requests(chance: random.Random, began: float, case: Case) -> list[Request]:
    """A second of the mix."""
    hold, row = records()
    old = {name: getattr(hold, name) for name in Hold.__struct_fields__}
    new = {name: getattr(row, name) for name in Row.__struct_fields__}
    made = []
    for n in range(A_SECOND):
        session = chance.randrange(SESSIONS)
        key = session % KEYS
        name, request, model = f"{key:016x}", new_id(), chance.randrange(MODELS)
        same: dict[str, Any] = {
            "attempt": f"{request}-0",
            "request": request,
            "started": began + n / A_SECOND,
            "asked": f"model-{model}",
            "group": f"model-{model}",
            "deployment": f"{model:016x}",
            "model": f"some-provider-model-{model}",
            "key": name,
            "session": f"{session:08x}-0000-4000-a000-000000000000",
            "user": f"user-{key}",
            "tags": (f"team-{key % TEAMS}",),
            "streamed": n % 2 == 0,
            "why": "the first choice",
        }
        tokens = chance.randrange(100, 2000)
        used = {"output": tokens, "billed": 100_000 * tokens, "value": 100_000 * tokens}
        ended = {**new, **same, **used, "ended": same["started"] + 2.0}
        who = f"key:{name}"
        limits = (Count(who, "flight", _FAR), Count(who, "requests", _FAR), Count(who, "tokens", _FAR, 40_000))
        caps = [Cap(each, "1mo", 1, 2, _FAR, 30_000_000) for each in (who, f"team:{key % TEAMS}", "all")]
        made.append(
            Request(Hold(**{**old, **same}), Row(**ended), limits[: case.counts], tuple(caps[: case.budgets]))
        )
    return made


class Books:
    """One gateway's state, ledger and folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.state = State.open(home)
        self.folder = Folder(self.state, home, lambda hold, _: (hold.worst, hold.worst, True))
        self.under_way: deque[tuple[HoldRef, Row]] = deque()

    def write(self, given: Sequence[Request]) -> float:
        """All that requests write down themselves, µs of CPU each."""
        began = time.thread_time()
        state, under_way = self.state, self.under_way
        for hold, row, counts, caps in given:
            under_way.append((state.hold(hold, counts, caps), row))
            if len(under_way) > UNDER_WAY:
                ref, ended = under_way.popleft()
                if ended.streamed:
                    state.note(ref, Progress(input=900, output=300, cache_read=39_000))
                state.settle(ref, ended, 41_000)
        return (time.thread_time() - began) / len(given) * 1e6

    def fold(self, count: int) -> float:
        """One look of the folder, µs of CPU for each of so many requests."""
        began = time.thread_time()
        self.folder.once()
        return (time.thread_time() - began) / count * 1e6

    def open(self, caps: set[Cap]) -> None:
        """Balances that stand at nothing."""
        self.state.open_balances({balance_of(each.name, each.period, each.start): 0 for each in caps})

    def close(self) -> None:
        """Ends what is under way, and closes."""
        for ref, row in self.under_way:
            self.state.settle(ref, row)
        self.folder.start()
        self.folder.stop()
        self.state.close()


def measure(rounds: int) -> dict[Case, tuple[list[float], list[float]]]:
    """µs of CPU a request of every round, in the state and in the fold; the cases take turns."""
    found: dict[Case, tuple[list[float], list[float]]] = {case: ([], []) for case in CASES}
    chance = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        books = {case: Books(Path(folder, str(at))) for at, case in enumerate(CASES)}
        for turn in range(BEFORE + rounds):
            for case, each in books.items():
                given = requests(chance, 1_795_000_000 + turn, case)
                if not turn:
                    each.open({cap for one in given for cap in one.caps})
                costs = each.write(given), each.fold(len(given))
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
