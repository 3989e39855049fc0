"""A provider on a real socket that says what a test tells it to, and notes what it received."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from trunkline.upstream.pool import Answer, Outgoing

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"

Talk = Callable[["Line"], Awaitable[None]]


class Line:
    """The peer's end of one connection."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: Peer) -> None:
        self.number, self.reader, self.writer, self.peer = number, reader, writer, peer

    async def request(self) -> tuple[str, bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next((int(v) for k, v in headers_of(head) if k.lower() == "content-length"), 0)
        body = await self.reader.readexactly(length)
        self.peer.requests.append((head, body))
        return head, body

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def gone(self) -> None:
        """Wait until the client's end is closed, and note when."""
        try:
            while await self.reader.read(65536):
                pass
        except OSError:
            pass
        self.peer.gone_at = time.monotonic()
        self.peer.gone.set()

    def reset(self) -> None:
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Peer:
    """A provider that says what `talk` says, on each connection."""

    def __init__(self, talk: Talk, trust: ssl.SSLContext | None = None) -> None:
        self.talk, self.trust = talk, trust
        self.requests: list[tuple[str, bytes]] = []
        self.lines: list[Line] = []
        self.gone, self.gone_at = asyncio.Event(), 0.0

    async def __aenter__(self) -> Peer:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.trust, backlog=512)
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self.trust else 'http'}://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        for line in self.lines:
            line.writer.transport.abort()
        await asyncio.sleep(0.01)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(len(self.lines), reader, writer, self)
        self.lines.append(line)
        try:
            await self.talk(line)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()


def headers_of(head: str) -> list[tuple[str, str]]:
    return [(k, v) for k, _, v in (line.partition(": ") for line in head.split("\r\n")[1:] if line)]


def always(data: bytes) -> Talk:
    async def talk(line: Line) -> None:
        while True:
            await line.request()
            await line.say(data)

    return talk


def once(data: bytes, end: str) -> Talk:
    """Answer one request with `data`, let it arrive, then `close` or `reset`."""

    async def talk(line: Line) -> None:
        await line.request()
        await line.say(data)
        await asyncio.sleep(0.02)
        if end == "reset":
            line.reset()
        else:
            line.writer.close()

    return talk


def stalling(data: bytes) -> Talk:
    async def talk(line: Line) -> None:
        await line.request()
        await line.say(data)
        await line.gone()

    return talk


def post(url: str, body: bytes = b"hi", *headers: tuple[str, str], seconds: float = 5.0) -> Outgoing:
    return Outgoing("POST", url, list(headers), body, seconds)


async def whole(answer: Answer) -> bytes:
    pieces = []
    while piece := await answer.read():
        pieces.append(piece)
    return b"".join(pieces)


Run = Callable[[Coroutine[Any, Any, None]], None]
"""Runs a coroutine to its end on the event loop under test, for ten seconds at most."""
