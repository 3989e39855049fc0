"""Four workers, two hundred callers, and `kill -9` of workers at any instant: no limit of a key is ever passed, what the
dead had in flight comes back, and nobody is refused while there is room.

What counts is what a provider saw: it notes each call that arrived, when, and how many were there at once.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import psutil
import pytest

from tests.harness import MASTER_KEY, Gateway

pytestmark = [pytest.mark.load, pytest.mark.skipif(os.name == "nt", reason="there is one worker on Windows")]

CALLERS, SECONDS, KILLS = 200, 14.0, 12
LIMITS = {"rpm": {"rpm_limit": 60}, "tpm": {"tpm_limit": 6_000}, "at-once": {"max_parallel_requests": 5}}
OUTPUT = 50


class Provider:
    """A provider in a thread. `seen`: user → when each of its calls arrived; `peak`: the most there at once."""

    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = {}
        self.tokens: Counter[str] = Counter()
        self.live: dict[str, set[asyncio.StreamReader]] = {}
        self.peak: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self.port = 0

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._talk, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0.1))
        self._loop.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = next(
                    int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line
                )
                await self._answer(json.loads(await reader.readexactly(size)), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, body: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        user = body["user"]
        self.seen.setdefault(user, []).append(time.monotonic())
        live = self.live.setdefault(user, set())
        live.add(reader)
        output = random.randrange(1, OUTPUT)
        self.tokens[user] += 20 + output
        try:
            gone = asyncio.ensure_future(reader.read(1))
            # Connections of a worker that was killed are closed by now, but this loop may not have looked at them yet.
            await asyncio.wait((gone,), timeout=0.015)
            self.peak[user] = max(self.peak[user], sum(not each.at_eof() for each in live))
            done, _ = await asyncio.wait((gone,), timeout=random.uniform(0.02, 0.2))
            if done:
                raise ConnectionResetError
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
        finally:
            live.discard(reader)
        said = {"role": "assistant", "content": "ok"}
        told = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "message": said, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 20, "completion_tokens": output, "total_tokens": 20 + output},
        }
        raw = json.dumps(told).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(raw) + raw
        )
        await writer.drain()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


def body(name: str) -> dict[str, Any]:
    said = [{"role": "user", "content": "a few words that are some twenty tokens long, or so, when they are counted"}]
    return {"model": "m", "user": name, "max_tokens": OUTPUT, "messages": said}


async def ask(session: aiohttp.ClientSession, url: str, key: str, name: str) -> int:
    headers = {"authorization": f"Bearer {key}"}
    async with session.post(f"{url}/v1/chat/completions", json=body(name), headers=headers) as answer:
        await answer.read()
        if answer.status == 429:
            assert int(answer.headers["retry-after"]) >= 1
        return answer.status


async def storm(url: str, keys: dict[str, str], pid: int) -> dict[str, Counter[int]]:
    """Everybody asks at once, again and again, while workers are killed."""
    said: dict[str, Counter[int]] = {name: Counter() for name in keys}
    until = time.monotonic() + SECONDS

    async def caller(session: aiohttp.ClientSession, name: str) -> None:
        while time.monotonic() < until:
            try:
                said[name][await ask(session, url, keys[name], name)] += 1
            except (aiohttp.ClientError, OSError):
                said[name][0] += 1
            await asyncio.sleep(random.uniform(0.05, 0.3))

    async def killer() -> None:
        for _ in range(KILLS):
            await asyncio.sleep(SECONDS / KILLS * random.uniform(0.5, 1.2))
            workers = psutil.Process(pid).children(recursive=True)
            if workers:
                random.choice(workers).send_signal(signal.SIGKILL)

    names = list(keys)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(killer(), *(caller(session, names[nth % len(names)]) for nth in range(CALLERS)))
    return said


async def some(url: str, key: str, name: str, many: int) -> list[int]:
    async with aiohttp.ClientSession() as session:
        return await asyncio.gather(*(ask(session, url, key, name) for _ in range(many)))


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as made:
        yield made


def test_no_limit_is_ever_passed(tmp_path: Path, provider: Provider) -> None:
    config = f"""
model_list:
  - model_name: m
    litellm_params: {{model: openai/m, api_base: "http://127.0.0.1:{provider.port}/v1", api_key: sk-fake-good}}
general_settings: {{master_key: {MASTER_KEY}}}
router_settings: {{num_retries: 0}}
"""
    with Gateway(config, args=["--workers", "4"], home=tmp_path) as gateway:

        async def make() -> dict[str, str]:
            keys = {}
            async with aiohttp.ClientSession(headers={"authorization": f"Bearer {MASTER_KEY}"}) as session:
                for name, limit in LIMITS.items():
                    async with session.post(f"{gateway.url}/key/generate", json=limit) as answer:
                        keys[name] = (await answer.json())["key"]
            return keys

        keys = asyncio.run(make())
        began = time.monotonic()
        said = asyncio.run(storm(gateway.url, keys, gateway.pid))
        assert time.monotonic() - began < 55, "all of it must lie in one minute"
        told = f"{ {name: dict(each) for name, each in said.items()} }, peak {provider.peak}, tokens {provider.tokens}"
        assert len(provider.seen["rpm"]) <= 60, told
        assert provider.tokens["tpm"] <= 6_000, told
        assert provider.peak["at-once"] <= 5, told
        assert set().union(*said.values()) <= {0, 200, 429, 502, 503}, told
        # Calls of killed workers count as they were set aside; beside them, all that there was room for was let in.
        assert len(provider.seen["rpm"]) >= 40, told
        assert provider.tokens["tpm"] >= 3_000, told
        assert provider.peak["at-once"] == 5 and said["at-once"][200] > 50, told
        until = time.monotonic() + 10
        while (back := asyncio.run(some(gateway.url, keys["at-once"], "after", 5))) != [200] * 5:
            assert time.monotonic() < until, f"places of dead workers did not come back: {back}"
