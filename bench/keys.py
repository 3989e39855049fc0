"""What a virtual key with three limits costs a request beyond the master key: who it is, the hold, the headers.

    python -m bench.keys             # some ten seconds

CPU of one process, turn by turn beside the same work with the master key; the best and the median of the turns.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any, cast

from bench.state import records
from trunkline.config.schema import Secret, Snapshot
from trunkline.guard.keys import identify
from trunkline.roster import hashes
from trunkline.roster.records import Key
from trunkline.roster.ring import Ring
from trunkline.roster.store import Row
from trunkline.state.store import State
from trunkline.upstream.limits import bind, counts

TURNS, PAIRS = 60, 500
MASTER, VIRTUAL = "sk-master-of-a-bench", "sk-abcdefghijklmnopqrstuvwxyz012345"
_LIMITED = Key(rpm_limit=10**9, tpm_limit=10**12, max_parallel_requests=10**6)


def measure() -> dict[str, float]:
    """Microseconds of CPU a request: with the master key, with the virtual one, and the difference."""
    secret = b"x" * 64
    ring = Ring(secret)
    ring.take(1, [Row("key", hashes.stored(secret, VIRTUAL.encode()), _LIMITED, False)])
    snapshot = Snapshot(groups={}, master_key=Secret(MASTER, "MASTER"))
    heads = [
        {b"host": b"x", b"content-type": b"application/json", b"authorization": f"Bearer {key}".encode()}
        for key in (MASTER, VIRTUAL)
    ]
    hold, row = records()
    candidate = cast(Any, SimpleNamespace(group="m"))
    with tempfile.TemporaryDirectory() as home:
        state = State.open(Path(home))
        call = cast(Any, SimpleNamespace(operation="chat", asked="m"))
        engine = cast(Any, SimpleNamespace(health=state, loop=SimpleNamespace(time=time.monotonic)))

        def by_master() -> None:
            identify(snapshot, heads[0], (), ring.find, 1.0)
            state.settle(state.hold(hold), row)

        def by_key() -> None:
            caller = identify(snapshot, heads[1], (), ring.find, 1.0)
            assert caller.grant is not None
            call.seen, call.counted = None, False
            bind(call, engine, caller.grant.limits)
            ref = state.hold(hold, counts(call, candidate, 41_000))
            call.seen = ref.seen
            call.rates()
            state.settle(ref, row, 40_000)

        spent: dict[str, list[float]] = {"master": [], "virtual": []}
        for _ in range(TURNS):
            for name, once in (("master", by_master), ("virtual", by_key)):
                began = time.process_time()
                for _ in range(PAIRS):
                    once()
                spent[name].append((time.process_time() - began) / PAIRS * 1e6)
            while rows := state.outbox(2000):
                state.forget([key for key, _ in rows])
        state.close()
    best = {name: min(each) for name, each in spent.items()}
    return {
        **{f"{name}, best": round(value, 1) for name, value in best.items()},
        "more, best": round(best["virtual"] - best["master"], 1),
        "more, median": round(median(b - a for a, b in zip(spent["master"], spent["virtual"], strict=True)), 1),
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
