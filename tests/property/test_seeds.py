"""What the fuzzer begins with is itself without a finding, and its changes are the same for the same seed."""

from __future__ import annotations

import random

from fuzz.mutate import mutated
from fuzz.seeds import seeds
from fuzz.targets import NAMES, one


def test_every_seed_runs_through() -> None:
    chosen = set()
    for seed in seeds():
        one(seed)
        chosen.add(NAMES[seed[0]])
    assert chosen >= {name for name in NAMES if name.endswith(("stream", "request"))}


def test_the_same_seed_changes_the_same() -> None:
    payload = b'data: {"a": [1, {"b": "c"}]}\n\ndata: [DONE]\n\n'
    made = [mutated(payload, random.Random(7)) for _ in range(2)]
    assert made[0] == made[1]
    assert any(mutated(payload, random.Random(nth)) != payload for nth in range(5))
