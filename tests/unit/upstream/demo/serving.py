"""A real HTTP server around the demo, on a loopback port, and plain ways to ask it. For the tests of this folder."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from trunkline.upstream.demo import BASE, Demo
from trunkline.upstream.pool import Outgoing

CLOCK = 1_790_000_000.0


async def fetch(path: str, body: bytes, *, method: str = "POST", delay: float = 0.0) -> tuple[int, list[bytes]]:
    """Status and pieces of the demo's answer, without a socket between."""
    demo = Demo(delay=delay, clock=lambda: CLOCK)
    answer = await demo.send(Outgoing(method, BASE + path, [], body))
    pieces = []
    while piece := await answer.read():
        pieces.append(piece)
    assert await answer.read() == b""
    answer.close()
    return answer.status, pieces


def ask(path: str, body: Any) -> tuple[int, Any]:
    """Status and decoded JSON of a whole answer."""
    status, pieces = asyncio.run(fetch(path, json.dumps(body).encode()))
    return status, json.loads(b"".join(pieces))


def raw(path: str, body: Any) -> bytes:
    """All bytes of an answer."""
    return b"".join(asyncio.run(fetch(path, json.dumps(body).encode()))[1])


def events(stream: bytes) -> list[dict[str, Any]]:
    """The data of server-sent events, `[DONE]` left out; an event's name must be its type."""
    found = []
    for block in stream.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        if lines.get("data", "[DONE]") != "[DONE]":
            found.append(json.loads(lines["data"]))
            assert lines.get("event") in (None, found[-1].get("type"))
    return found


def without_ids(value: Any, *others: str) -> Any:
    """JSON without the ids, which differ between a streamed and a whole request as their bytes do, and `others`."""
    if isinstance(value, list):
        return [without_ids(one, *others) for one in value]
    if isinstance(value, dict):
        return {
            name: without_ids(one, *others) for name, one in value.items() if name not in ("id", "call_id", *others)
        }
    return value


async def _handle(request: web.Request) -> web.StreamResponse:
    demo = Demo(delay=0.0, clock=lambda: CLOCK)
    answer = await demo.send(Outgoing(request.method, BASE + request.path_qs, [], await request.read()))
    response = web.StreamResponse(status=answer.status, headers=dict(answer.headers))
    await response.prepare(request)
    while piece := await answer.read():
        await response.write(piece)
    await response.write_eof()
    answer.close()
    return response


@contextmanager
def served() -> Iterator[str]:
    """Serves the demo from a thread of its own; gives the origin, such as http://127.0.0.1:40123."""
    loop = asyncio.new_event_loop()
    ready: list[str] = []
    started = threading.Event()

    async def main() -> web.AppRunner:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{tail:.*}", _handle)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        started.set()
        return runner

    def run() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(main())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(10)
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
