"""What a request waits for its books, at a thousand a second: hold and settlement, beside whoever writes the ledger.

    python -m bench.waits            # some three minutes
    python -m bench.waits --turns 6  # a quick look

A loop comes back a thousand times a second, as an event loop does: it sleeps, is late by what keeps it from going on,
and writes a hold and a settlement that count on six things (`bench.books`), or nothing, turn by turn. A tick's time has
its lateness in it. What the books add is the median of the differences of neighbouring turns; the middle half of these
says what it is worth. Twice: while a thread of the process writes the ledger, and while a process of its own does. No
HTTP, no provider: their noise would hide it.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from bench.books import CASES, Mix
from trunkline.ledger.fold import Folder
from trunkline.serve.server import SWITCH
from trunkline.serve.writer import Writer
from trunkline.state.balances import balance_of
from trunkline.state.store import State
from trunkline.state.types import Row

A_SECOND = 1000
TURNS = 20
SECONDS = 2.0
WARM = 2.5
"""Seconds of writing before the first turn: by then a process has been started."""
AT = (0.5, 0.9, 0.99, 0.999)


class Loop:
    """Comes back a thousand times a second."""

    def __init__(self, home: Path, *, apart: bool) -> None:
        """`apart`: a process of its own writes the ledger."""
        self._mix, self._state = Mix(CASES[3]), State.open(home)
        caps = [cap for each in self._mix.caps for cap in each]
        self._state.open_balances({balance_of(each.name, each.period, each.start): 0 for each in caps})
        hire = partial(Writer, home) if apart else None
        self._folder = Folder(self._state, home, lambda hold, _: (hold.worst, hold.worst, True), None, hire)
        self._folder.start()

    def turn(self, seconds: float, *, writes: bool) -> list[float]:
        """Milliseconds at each share of `AT`, of the ticks of so long."""
        found: list[float] = []
        start = due = time.perf_counter()
        while due < start + seconds:
            hold, ended, meters, budgets = self._mix.next()
            row = Row(**ended)
            due += 1 / A_SECOND
            # Where the machine took longer than a tick, the next is due at once, and later by that.
            if (wait := due - time.perf_counter()) > 0:
                time.sleep(wait)
            if writes:
                self._state.settle(self._state.hold(hold, meters, budgets), row, 41_000)
            found.append((time.perf_counter() - due) * 1e3)
        found.sort()
        return [found[int(len(found) * at)] for at in AT]

    def close(self) -> None:
        self._folder.stop()
        self._state.close()


def measure(loop: Loop, turns: int) -> list[tuple[list[float], list[float]]]:
    """Pairs of turns, with books and without; which is first changes from pair to pair."""
    loop.turn(WARM, writes=True)
    pairs = []
    for number in range(turns):
        told = {writes: loop.turn(SECONDS, writes=writes) for writes in (number % 2 == 0, number % 2 == 1)}
        pairs.append((told[True], told[False]))
    return pairs


def show(title: str, pairs: list[tuple[list[float], list[float]]]) -> None:
    """A line a share: medians with and without, and the median and the middle half of the differences."""
    print(f"\n{title:30}{'books':>9}{'nothing':>9}{'added':>9}   middle half of the pairs")
    for place, at in enumerate(AT):
        with_, without = ([pair[side][place] for pair in pairs] for side in (0, 1))
        added = [one - other for one, other in zip(with_, without, strict=True)]
        low, middle, high = quantiles(added, n=4) if len(added) > 1 else (added[0],) * 3
        print(f"p{at * 100:<29g}{median(with_):9.3f}{median(without):9.3f}{middle:9.3f}   {low:.3f} to {high:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.waits", description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=TURNS, help="pairs of turns")
    turns = parser.parse_args().turns
    sys.setswitchinterval(SWITCH)
    print(f"{platform.system()} {platform.machine()}, Python {platform.python_version()}: ms of a tick")
    for title, apart in (("a thread writes the ledger", False), ("a process writes the ledger", True)):
        with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
            loop = Loop(Path(folder), apart=apart)
            try:
                show(title, measure(loop, turns))
            finally:
                loop.close()


if __name__ == "__main__":
    main()
