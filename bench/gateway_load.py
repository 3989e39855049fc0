"""The clients of a gateway that is measured: raw HTTP/1.1 over kept connections. See `bench.gateway`.

Reads one JSON line a round from standard input (port, case, how many at once, seconds, most requests) and answers one:
how many were answered, and the medians of the milliseconds to the first byte and to the end of an answer. Any answer
that is not a whole 200 ends it with what came instead.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import cast

KEY = "sk-test-bench-1"
"""The gateway's own key, which is no secret of anybody's."""


def _request(path: str, document: dict[str, object]) -> bytes:
    body = json.dumps(document, separators=(",", ":")).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {KEY}\r\naccept: application/json\r\n"
        "content-type: application/json\r\nuser-agent: bench/1\r\nanthropic-version: 2023-06-01\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _agent(stream: bool) -> dict[str, object]:
    """About 150 KB as a coding agent sends: a system prompt, 24 tools, a long conversation with tool results."""
    text = "Reads a file of the work tree and gives its lines with their numbers. \n"
    fields = {f"field_{n}": {"type": "string", "description": text} for n in range(6)}
    tools = [
        {"name": f"Tool{n}", "description": text * 12, "input_schema": {"type": "object", "properties": fields}}
        for n in range(24)
    ]
    turns: list[dict[str, object]] = []
    for n in range(22):
        use = {"type": "tool_use", "id": f"toolu_{n}", "name": "Tool1", "input": {"field_0": f"src/part_{n}.py"}}
        result = {"type": "tool_result", "tool_use_id": f"toolu_{n}", "content": f'{n}: "{text}"\n' * 50}
        turns += [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    return {
        "model": "claude-sonnet-5-5",
        "stream": stream,
        "max_tokens": 32000,
        "system": [{"type": "text", "text": text * 160}],
        "tools": tools,
        "messages": [{"role": "user", "content": "Mend the failing test."}, *turns],
    }


_SMALL_MESSAGE = {
    "model": "claude-sonnet-5-5",
    "stream": True,
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "x" * 350}],
}
CASES = {
    "small": _request(
        "/v1/chat/completions",
        {"model": "gpt-5.6-sol", "messages": [{"role": "user", "content": "x" * 350}], "temperature": 0.5},
    ),
    "big": _request("/v1/messages", _agent(False)),
    "stream": _request("/v1/messages", _SMALL_MESSAGE),
    "big crossed": _request("/v1/messages", {**_agent(False), "model": "gpt-5.6-sol"}),
    "stream crossed": _request("/v1/messages", {**_SMALL_MESSAGE, "model": "gpt-5.6-sol"}),
}


class Client(asyncio.Protocol):
    """One kept connection: `ask` sends a request and gives (seconds to the first byte, seconds to the end)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.done: asyncio.Future[tuple[float, float]] | None = None

    def ask(self, request: bytes) -> asyncio.Future[tuple[float, float]]:
        self.done = asyncio.get_running_loop().create_future()
        self.head, self.tail, self.missing, self.first = b"", b"", -1, 0.0
        self.began = time.perf_counter()
        self.transport.write(request)
        return self.done

    def data_received(self, data: bytes) -> None:
        if not self.first:
            self.first = time.perf_counter()
        if self.missing < 0:
            self.head += data
            head, found, data = self.head.partition(b"\r\n\r\n")
            if not found:
                return
            self.head = head.lower()
            length = self.head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
            self.missing = int(length) if length else 0
            self.chunked = not length
        if self.chunked:
            self.tail = (self.tail + data)[-200:]
            ended = self.tail.endswith(b"\r\n0\r\n\r\n")
        else:
            self.missing -= len(data)
            ended = self.missing == 0
        if ended and self.done is not None:
            if not self.head.startswith(b"http/1.1 200") or (self.chunked and b"message_stop" not in self.tail):
                self.done.set_exception(RuntimeError(f"not a whole 200: {self.head[:200]!r} … {self.tail!r}"))
            else:
                self.done.set_result((self.first - self.began, time.perf_counter() - self.began))
            self.done = None

    def connection_lost(self, exc: Exception | None) -> None:
        if self.done is not None:
            self.done.set_exception(exc or RuntimeError("the connection was closed in mid-answer"))


async def load(port: int, case: str, at_once: int, seconds: float, most: int) -> dict[str, float]:
    """Sends requests until the seconds are over or there were `most`, `at_once` of them together."""
    loop = asyncio.get_running_loop()
    request, times, sent = CASES[case], list[tuple[float, float]](), 0

    async def one_after_another() -> None:
        nonlocal sent
        _, client = await loop.create_connection(Client, "127.0.0.1", port)
        while sent < most and time.perf_counter() < until:
            sent += 1
            times.append(await asyncio.wait_for(client.ask(request), 20))
        client.transport.close()

    until = time.perf_counter() + seconds
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_after_another())
    first, whole = zip(*times, strict=True)
    return {"count": len(times), "first": median(first) * 1e3, "whole": median(whole) * 1e3}


async def _answers(load: Callable[..., Awaitable[object]]) -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await load(*json.loads(line))), flush=True)


def serve(load: Callable[..., Awaitable[object]]) -> None:
    """Answers each line of arguments with a line of what the load came to."""
    if sys.platform == "win32":
        asyncio.run(_answers(load))
    else:
        import uvloop

        uvloop.run(_answers(load))


if __name__ == "__main__":
    serve(load)
