"""What a request waits for its books, at a thousand a second: hold and settlement, beside whoever writes the ledger.

    python -m bench.waits               # some forty seconds
    python -m bench.waits --seconds 2   # a quick look

A loop comes back a thousand times a second, as an event loop does: it sleeps, is late by what keeps it from going on,
and writes a hold and a settlement that count on six things (`bench.books`). Three ways take turns: nothing is written,
a thread of the process writes the ledger, a process of its own does. Times are of one tick, lateness among them: what
is beyond "nothing" was added by the books. No HTTP, no provider: their noise would hide it.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from bench.books import CASES, Mix
from trunkline.ledger.fold import Folder
from trunkline.serve.server import SWITCH
from trunkline.serve.writer import Writer
from trunkline.state.balances import balance_of
from trunkline.state.store import State
from trunkline.state.types import Row

A_SECOND = 1000
WAYS = ("nothing is written", "a thread writes the ledger", "a process writes the ledger")
TURNS = 4
WARM = 2.5
"""Seconds of a turn that are not counted: by then a process has been started."""
AT = (0.5, 0.9, 0.99, 0.999)


def ticks(way: str, seconds: float, home: Path) -> list[float]:
    """Milliseconds of each tick of one turn."""
    mix, state = Mix(CASES[3]), State.open(home)
    caps = [cap for each in mix.caps for cap in each]
    state.open_balances({balance_of(each.name, each.period, each.start): 0 for each in caps})
    hire = partial(Writer, home) if way == WAYS[2] else None
    folder = Folder(state, home, lambda hold, _: (hold.worst, hold.worst, True), None, hire)
    folder.start()
    found: list[float] = []
    start = due = time.perf_counter()
    while due < start + WARM + seconds:
        hold, ended, meters, budgets = mix.next()
        row = Row(**ended)
        due += 1 / A_SECOND
        # Where the machine took longer than a tick, the next is due at once, and later by that.
        if (wait := due - time.perf_counter()) > 0:
            time.sleep(wait)
        if way != WAYS[0]:
            state.settle(state.hold(hold, meters, budgets), row, 41_000)
        if due > start + WARM:
            found.append((time.perf_counter() - due) * 1e3)
    folder.stop()
    state.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.waits", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="of a turn that are counted")
    seconds = parser.parse_args().seconds
    sys.setswitchinterval(SWITCH)
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        for turn in range(TURNS):
            for way in WAYS:
                found[way] += ticks(way, seconds, Path(folder, f"{turn}-{WAYS.index(way)}"))
    print(
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}: ms of a tick, lateness included"
    )
    print(f"{'':30}" + "".join(f"{f'p{at * 100:g}':>10}" for at in AT))
    for way, each in found.items():
        each.sort()
        print(f"{way:30}" + "".join(f"{each[int(len(each) * at)]:10.3f}" for at in AT))


if __name__ == "__main__":
    main()
