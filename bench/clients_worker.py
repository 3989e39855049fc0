"""One HTTP client in a process of its own, told on standard input what to send. See `bench.clients`.

The three clients offer the same two calls (`send`, then `read` until `b""`), so that what is measured and probed is the
same for each. pyreqwest is no dependency of Trunkline: install it to have its rows.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, Protocol

import uvloop

HEADERS = [
    ("authorization", "Bearer sk-test-1"),
    ("content-type", "application/json"),
    ("anthropic-version", "2023-06-01"),
    ("accept", "text/event-stream"),
    ("user-agent", "bench/1"),
    ("anthropic-beta", "a"),
    ("anthropic-beta", "b"),
]


class Reply(Protocol):
    headers: list[tuple[str, str]]

    async def read(self) -> bytes: ...

    def close(self) -> None: ...


class Client(Protocol):
    async def send(self, url: str, headers: list[tuple[str, str]], body: bytes) -> Reply: ...

    async def close(self) -> None: ...


class OwnPool:
    """Trunkline's pool: aiohttp's connector and parser."""

    def __init__(self) -> None:
        from trunkline.upstream.pool import Outgoing, Pool

        self.outgoing = Outgoing
        self.pool = Pool(variables={})

    async def send(self, url: str, headers: list[tuple[str, str]], body: bytes) -> Reply:
        return await self.pool.send(self.outgoing("POST", url, headers, body))

    async def close(self) -> None:
        await self.pool.close()


class SessionReply:
    def __init__(self, response: Any) -> None:
        self.response = response
        self.headers = [(name.lower(), value) for name, value in response.headers.items()]
        self.read = response.content.readany
        self.close = response.close


class Session:
    """aiohttp's documented session, with everything switched off that can be."""

    def __init__(self) -> None:
        import aiohttp
        from yarl import URL

        self.url = URL
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(),
            skip_auto_headers=["user-agent", "accept", "accept-encoding", "content-type"],
        )

    async def send(self, url: str, headers: list[tuple[str, str]], body: bytes) -> Reply:
        address = self.url(url, encoded=True)
        return SessionReply(await self.session.post(address, data=body, headers=headers, allow_redirects=False))

    async def close(self) -> None:
        await self.session.close()


class RustReply:
    def __init__(self, request: Any, response: Any) -> None:
        self.request, self.reader = request, response.body_reader
        self.headers = list(response.headers.items())
        self.ended = False

    async def read(self) -> bytes:
        piece = await self.reader.read_chunk()
        if piece is None:
            self.ended = True
            await self.request.__aexit__(None, None, None)
            return b""
        return bytes(piece)

    def close(self) -> None:
        if not self.ended:
            self.ended = True
            self.closing = asyncio.ensure_future(self.request.__aexit__(None, None, None))


class Rust:
    """pyreqwest: reqwest and rustls in a Tokio thread. `streamed_read_buffer_limit(0)`, else it holds pieces back."""

    def __init__(self) -> None:
        builder = importlib.import_module("pyreqwest.client").ClientBuilder()
        for coding in ("gzip", "brotli", "zstd", "deflate", "follow_redirects", "referer"):
            builder = getattr(builder, coding)(False)
        self.client = builder.http1_lower_case_headers().build()

    async def send(self, url: str, headers: list[tuple[str, str]], body: bytes) -> Reply:
        builder = self.client.post(url).headers(headers).body_bytes(body)
        request = builder.streamed_read_buffer_limit(0).build_streamed()
        return RustReply(request, await request.__aenter__())

    async def close(self) -> None:
        await self.client.close()


CLIENTS: dict[str, type[OwnPool] | type[Session] | type[Rust]] = {
    "pool": OwnPool,
    "aiohttp session": Session,
    "pyreqwest": Rust,
}


def resident() -> float:
    """MB of memory this process holds (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def load(client: Client, url: str, size: int, count: int, at_once: int) -> dict[str, float]:
    """Send `count` requests, `at_once` of them together. CPU and wall time in µs per request, memory in MB."""
    body, left, pieces = b"x" * size, count, 0

    async def ask() -> None:
        nonlocal left, pieces
        while left > 0:
            left -= 1
            reply = await client.send(url, HEADERS, body)
            while await reply.read():
                pieces += 1
            reply.close()

    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    await asyncio.gather(*[ask() for _ in range(at_once)])
    after, ended = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    wall = (ended - began) / count
    return {"cpu": cpu / count * 1e6, "wall": wall * 1e6, "pieces": pieces / count, "rss": resident()}


async def main(name: str) -> None:
    client: Client = CLIENTS[name]()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await load(client, *json.loads(line))), flush=True)
    await client.close()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
