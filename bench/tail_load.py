"""The clients of `bench.tail`: so many requests a second, whether the gateway keeps up or not.

Reads one JSON line a turn from standard input (port, key, requests a second, seconds) and answers one: percentiles of
the milliseconds from the moment at which a request was due to the end of its answer, and how late the clients
themselves were. Any answer that is not a 200 ends it with what came instead.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

from bench.gateway_load import CASES, KEY, Client, serve

PERCENTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
_LINES = 32
"""Connections at first; more are opened while all are busy."""


async def load(port: int, key: str, rate: int, seconds: float) -> dict[str, float]:
    """One turn."""
    loop = asyncio.get_running_loop()
    request = CASES["small"].replace(KEY.encode(), key.encode())
    free: deque[Client] = deque()
    took: list[float] = []
    late: list[float] = []

    async def opened() -> Client:
        return (await loop.create_connection(Client, "127.0.0.1", port))[1]

    async def one(due: float) -> None:
        client = free.pop() if free else await opened()
        await asyncio.wait_for(client.ask(request), 20)
        took.append(time.perf_counter() - due)
        free.append(client)

    free.extend([await opened() for _ in range(_LINES)])
    began = time.perf_counter() + 0.05
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = began + number / rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            late.append(time.perf_counter() - due)
            group.create_task(one(due))
    for client in free:
        client.transport.close()
    told = {name: _at(took, share) for name, share in PERCENTILES.items()}
    return {**told, "late p99": _at(late, 0.99), "count": len(took)}


def _at(seconds: list[float], share: float) -> float:
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * share))] * 1e3


if __name__ == "__main__":
    serve(load)
