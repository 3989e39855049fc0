"""What the books add to the slowest requests at 1,000 a second: state and ledger against books that write nothing.

    python -m bench.tail                        # 24 turns of two seconds, some two minutes
    python -m bench.tail --rate 500 --turns 6   # a quick look

Two gateways with the same configuration take turns before the same provider, asked with a virtual key that has a
budget, a team's and the gateway's budget, and limits of requests, tokens and calls at once. One writes its books; the
other's hold, note and settle return at once. A request's time is counted from when it was due. The figure is the median
of the differences of neighbouring turns; the middle half of these says what it is worth.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import urllib.request
from pathlib import Path
from statistics import median, quantiles

from bench.clients import Child
from bench.gateway import facts
from bench.gateway_load import CASES, KEY
from bench.gateway_subject import Subject, pinned, trunkline
from bench.tail_load import PERCENTILES

_BUDGET = "litellm_settings: {max_budget: 1000000, budget_duration: 30d}\n"
_LIMITS = {"max_budget": 1e6, "budget_duration": "30d", "rpm_limit": 10**9, "tpm_limit": 10**12}
_MODULES = {"books": "trunkline", "no books": "bench.tail_idle"}


def ask(port: int, path: str, body: dict[str, object]) -> dict[str, str]:
    """An administrator's request."""
    head = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), head)
    with urllib.request.urlopen(request, timeout=10) as answer:
        told: dict[str, str] = json.load(answer)
    return told


def key_of(subject: Subject) -> str:
    """A key with limits and a budget, in a team with a budget."""
    ask(subject.port, "/team/new", {"team_id": "bench", "max_budget": 1e6, "budget_duration": "30d"})
    return ask(subject.port, "/key/generate", {"team_id": "bench", "max_parallel_requests": 10**6, **_LIMITS})["key"]


def measure(provider: int, clients: Child, rate: int, turns: int, seconds: float, own: set[int]) -> list[list[Turn]]:
    """Pairs of turns, with books and without; which of the two is first changes from pair to pair."""
    subjects: dict[str, Subject] = {}
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        try:
            for name, module in _MODULES.items():
                place = Path(folder, name)
                place.mkdir()
                with pinned(own):
                    subjects[name] = trunkline(place, provider, CASES["small"], module=module, more=_BUDGET)
            keys = {name: key_of(subject) for name, subject in subjects.items()}

            def turn(name: str) -> Turn:
                subject = subjects[name]
                before = subject.cpu()
                told = clients.ask(subject.port, keys[name], rate, seconds)
                return {**told, "cpu": (subject.cpu() - before) / told["count"] * 1e6}

            for name in subjects:
                turn(name)
            pairs = []
            for number in range(turns):
                order = list(_MODULES) if number % 2 else list(_MODULES)[::-1]
                told = {name: turn(name) for name in order}
                pairs.append([told[name] for name in _MODULES])
            return pairs
        finally:
            for subject in subjects.values():
                subject.end()


Turn = dict[str, float]


def show(pairs: list[list[Turn]]) -> None:
    """A line a measure: medians with and without, and the median and the middle half of the differences."""
    print(f"{'':10}{'books':>10}{'no books':>10}{'added':>10}   middle half of the pairs")
    for name in (*PERCENTILES, "late p99", "cpu"):
        unit = "µs" if name == "cpu" else "ms"
        with_, without = ([pair[at][name] for pair in pairs] for at in (0, 1))
        added = [one - other for one, other in zip(with_, without, strict=True)]
        low, middle, high = quantiles(added, n=4) if len(added) > 1 else (added[0],) * 3
        print(
            f"{name:10}{median(with_):8.2f}{unit}{median(without):8.2f}{unit}{middle:8.2f}{unit}"
            f"   {low:.2f} to {high:.2f} {unit}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.tail", description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=int, default=1000, help="requests a second")
    parser.add_argument("--turns", type=int, default=24, help="pairs of turns")
    parser.add_argument("--seconds", type=float, default=2.0, help="of a turn")
    given = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    own, others = (set(cores[:1]), set(cores[1:])) if len(cores) > 1 else (set[int](), set[int]())
    with pinned(others):
        environment = dict(os.environ)
        peer, clients = Child(environment, "bench.gateway_peer"), Child(environment, "bench.tail_load")
    try:
        pairs = measure(int(peer.line()), clients, given.rate, given.turns, given.seconds, own)
    finally:
        clients.end()
        peer.end()
    print(facts(None))
    print(f"{given.rate} requests a second, {given.turns} pairs of turns of {given.seconds:g} s, small chat")
    show(pairs)


if __name__ == "__main__":
    main()
