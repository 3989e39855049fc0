"""What Trunkline costs beside nginx as a plain proxy, in the same run, before the same provider.

    python -m bench              # the same as `make bench`; about a minute
    python -m bench --rounds 1   # a quick look

Provider, clients, nginx and Trunkline are processes of their own on loopback; with two cores or more, what is measured
has one for itself. They take turns round by round, and each figure is the median of the rounds. `docs/performance.md`
says what the columns mean.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.clients import Child
from bench.gateway_load import CASES
from bench.gateway_peer import EVENTS
from bench.gateway_subject import Subject, find_nginx, nginx, pinned, trunkline

_KB = {case: len(request.partition(b"\r\n\r\n")[2]) / 1000 for case, request in CASES.items()}
TITLES = {
    "small": f"small chat, {_KB['small']:.1f} KB: a request",
    "big": f"agent's messages, {_KB['big']:.0f} KB: a request",
    "stream": f"stream of {EVENTS} events: an event",
    "big crossed": f"the same {_KB['big crossed']:.0f} KB, Anthropic to OpenAI: a request",
    "stream crossed": "the same stream, OpenAI to Anthropic: an event",
}
STREAMS = ("stream", "stream crossed")
AT_ONCE = dict.fromkeys(TITLES, 8) | dict.fromkeys(STREAMS, 32)
SECONDS = dict.fromkeys(TITLES, 0.8) | dict.fromkeys(STREAMS, 0.9)
"""How long a round lasts; streams that have begun are heard to their end."""
MOST = 20_000
"""Requests a round, at most."""
STARTS = 3

Start = Callable[[], Subject]


class Figures:
    """What was measured of one subject. CPU in µs, latency in ms, of each case and round; starts in s, memory in MB."""

    def __init__(self) -> None:
        self.cpu: dict[str, list[float]] = {case: [] for case in CASES}
        self.latency: dict[str, list[float]] = {case: [] for case in CASES}
        self.starts: list[float] = []
        self.idle = self.after = 0.0


def measure(starts: dict[str, Start], direct: int, clients: Child, rounds: int) -> tuple[dict[str, Figures], Figures]:
    """The figures of each subject, and those of the provider asked without anything between."""
    figures = {name: Figures() for name in starts}
    straight = Figures()
    for _ in range(STARTS - 1):
        for name, start in starts.items():
            subject = start()
            figures[name].starts.append(subject.started)
            subject.end()
    subjects: dict[str, Subject] = {}
    try:
        for name, start in starts.items():
            subjects[name] = start()
            figures[name].starts.append(subjects[name].started)
        time.sleep(0.5)
        for name, subject in subjects.items():
            figures[name].idle = subject.resident()
            for case in CASES:
                clients.ask(subject.port, case, 4, 0.2, MOST)
        for _ in range(rounds):
            for case in CASES:
                straight.latency[case].append(_latency(clients, direct, case))
                for name, subject in subjects.items():
                    figures[name].latency[case].append(_latency(clients, subject.port, case))
                    figures[name].cpu[case].append(_cpu(clients, subject, case))
        for name, subject in subjects.items():
            figures[name].after = subject.resident()
    finally:
        for subject in subjects.values():
            subject.end()
    return figures, straight


def _latency(clients: Child, port: int, case: str) -> float:
    """Milliseconds, one request after another: to the first byte of a stream, to the end of a whole answer."""
    streamed = case in STREAMS
    answer = clients.ask(port, case, 1, 0.6 if streamed else 0.2, 400)
    return answer["first" if streamed else "whole"]


def _cpu(clients: Child, subject: Subject, case: str) -> float:
    before = subject.cpu()
    count = clients.ask(subject.port, case, AT_ONCE[case], SECONDS[case], MOST)["count"]
    return (subject.cpu() - before) / (count * (EVENTS if case in STREAMS else 1)) * 1e6


def rows(names: list[str], figures: dict[str, Figures], straight: Figures) -> list[list[str]]:
    """The table: a title, then a cell for each name; those without figures say so once, in the heading."""
    base = figures.get("nginx")
    absent = " (not installed: apt install nginx-light)"
    table = [["CPU of", *(name if name in figures else name + absent for name in names)]]
    for case, title in TITLES.items():
        line = [title]
        for name in names:
            cost = median(figures[name].cpu[case]) if name in figures else None
            times = f" ({cost / median(base.cpu[case]):.1f} ×)" if cost and base and name != "nginx" else ""
            line.append("–" if cost is None else f"{cost:.1f} µs{times}")
        table.append(line)
    table.append(["Added latency, median, one at a time", *[""] * len(names)])
    for case, title in TITLES.items():
        line = [title.replace("an event", "first byte")]
        for name in names:
            added = median(figures[name].latency[case]) - median(straight.latency[case]) if name in figures else None
            line.append("–" if added is None else f"{added:.2f} ms")
        table.append(line)
    memory = {name: f"{each.idle:.0f} → {each.after:.0f} MB" for name, each in figures.items()}
    starts = {name: f"{median(each.starts):.2f} s" for name, each in figures.items()}
    for title, cells in (("Memory, idle → after the load", memory), ("Exec to first answer", starts)):
        table.append([title, *(cells.get(name, "–") for name in names)])
    return table


def show(table: list[list[str]]) -> None:
    widths = [max(len(row[column]) for row in table) + 2 for column in range(len(table[0]))]
    for row in table:
        print("".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def facts(program: str | None) -> str:
    """The machine, as far as the figures depend on it."""
    told = subprocess.run([program, "-v"], capture_output=True, text=True).stderr.strip() if program else ""
    version = told.removeprefix("nginx version: ") if program else "no nginx"
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return f"{system}, {cores} cores, Python {platform.python_version()}, {version}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=4, help="turns that each one takes; the figures are medians")
    rounds = max(1, parser.parse_args().rounds)
    program = find_nginx()
    cores = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    own, others = (set(cores[:1]), set(cores[1:])) if len(cores) > 1 else (set[int](), set[int]())
    print(facts(program), f"\npython -m bench --rounds {rounds}", flush=True)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as name:
        with pinned(others):
            environment = dict(os.environ)
            peer, clients = Child(environment, "bench.gateway_peer"), Child(environment, "bench.gateway_load")
        provider, first = int(peer.line()), CASES["small"]

        def start(make: Callable[[Path], Subject], folder: str) -> Start:
            def run() -> Subject:
                Path(name, folder).mkdir(exist_ok=True)
                with pinned(own):
                    return make(Path(name, folder))

            return run

        starts: dict[str, Start] = {}
        if program is not None:
            starts["nginx"] = start(lambda folder: nginx(program, folder, provider, first), "nginx")
        starts["Trunkline"] = start(lambda folder: trunkline(folder, provider, first), "trunkline")
        try:
            figures, straight = measure(starts, provider, clients, rounds)
        finally:
            clients.end()
            peer.end()
    show(rows(["nginx", "Trunkline"], figures, straight))
    pins = "one core for it, the others for clients and provider" if own else "not pinned: too few cores"
    print(f"medians of {rounds} turns, {pins}; {time.perf_counter() - began:.0f} s")
