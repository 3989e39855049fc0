"""HTTP clients side by side: what a request costs, and what happens when it breaks.

    python -m bench.clients              # about a minute; add pyreqwest to the environment to have its rows
    python -m bench.clients --probes     # only what happens when things break

CPU is user + system time of the client's process (all its threads) per request: the lowest of many short rounds in
which the clients take turns, since whatever else runs on the machine only ever adds. Ratios are of those lowest. The
provider is another process on the same machine, plain and with TLS. Ratios carry over to other machines, microseconds
do not. Memory is resident size after the rounds, and with 200 streams open at once.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import trustme

CASES = {
    "small POST (0.5 KB)": ("/v1/x", 500, 200, 8),
    "150 KB POST": ("/v1/x", 150_000, 60, 8),
    "200-event stream": ("/stream", 500, 20, 4),
}
"""Path, bytes of body, requests a round, how many at once."""

ROUNDS = 15
IMPORTS = {
    "pool": "trunkline.upstream.pool",
    "aiohttp session": "aiohttp",
    "pyreqwest": "pyreqwest.client",
}


class Child:
    """A process that is asked one JSON line and answers one."""

    def __init__(self, environment: dict[str, str], module: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def ask(self, *question: object) -> dict[str, float]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer: dict[str, float] = json.loads(self.line())
        return answer

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def measure(names: list[str], scheme: str, port: str, environment: dict[str, str]) -> list[list[Any]]:
    """Rows of a table: case, then CPU µs and ratio to the first client for each."""
    workers = {name: Child(environment, "bench.clients_worker", name) for name in names}
    rows: list[list[Any]] = []
    for case, (path, size, count, at_once) in CASES.items():
        question = (f"{scheme}://127.0.0.1:{port}{path}", size, count, at_once)
        for worker in workers.values():
            worker.ask(*question[:2], max(20, count // 5), at_once)
        rounds = [{name: worker.ask(*question)["cpu"] for name, worker in workers.items()} for _ in range(ROUNDS)]
        costs = {name: min(each[name] for each in rounds) for name in names}
        rows.append(
            [f"{scheme} {case}", *(f"{costs[name]:.0f} µs ({costs[name] / costs[names[0]]:.2f})" for name in names)]
        )
    more = {
        name: worker.ask(f"{scheme}://127.0.0.1:{port}/v1/x", 500, 2000, 8)["rss"] for name, worker in workers.items()
    }
    many = {
        name: worker.ask(f"{scheme}://127.0.0.1:{port}/stream", 500, 200, 200)["rss"]
        for name, worker in workers.items()
    }
    rows.append([f"{scheme} memory after 2000 more", *(f"{more[name]:.0f} MB" for name in names)])
    rows.append([f"{scheme} memory, 200 streams", *(f"{many[name]:.0f} MB" for name in names)])
    for worker in workers.values():
        worker.end()
    return rows


def import_time(module: str, folder: str) -> float:
    """Seconds to import `module` in a fresh process whose byte code is cached, asyncio and ssl loaded before."""
    script = (
        f"import asyncio, ssl, time\nbegan = time.perf_counter()\nimport {module}\nprint(time.perf_counter() - began)\n"
    )
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    runs = [subprocess.check_output([sys.executable, "-c", script], env=environment, text=True) for _ in range(6)]
    return median(float(each) for each in runs[1:])


def show(rows: list[list[Any]]) -> None:
    widths = [max(len(str(row[column])) for row in rows) + 2 for column in range(len(rows[0]))]
    for row in rows:
        print("".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)), flush=True)


def main() -> None:
    names = ["pool", "aiohttp session"]
    if importlib.util.find_spec("pyreqwest") is not None:
        names.append("pyreqwest")
    if "--probes" not in sys.argv:
        with tempfile.TemporaryDirectory() as folder:
            certificate, trusted = Path(folder, "provider.pem"), Path(folder, "authority.pem")
            authority = trustme.CA()
            authority.cert_pem.write_to_path(str(trusted))
            authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
            environment = {**os.environ, "SSL_CERT_FILE": str(trusted)}
            peer = Child(environment, "bench.clients_peer", str(certificate))
            plain, secure = peer.line().split()
            rows: list[list[Any]] = [["CPU per request (ratio)", *names]]
            rows += measure(names, "http", plain, environment) + measure(names, "https", secure, environment)
            rows.append(["import", *(f"{import_time(IMPORTS[name], folder) * 1000:.0f} ms" for name in names)])
            peer.end()
        show(rows)
        print()
    subprocess.run([sys.executable, "-m", "bench.clients_probes", *names], check=True)


if __name__ == "__main__":
    main()
