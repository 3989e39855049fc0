"""HTTP/1.1 over asyncio, precise about bytes: what arrived, what is sent, and how a connection ends.

Knows nothing of any provider. A `Connection` parses requests and hands each, with an `Exchange`, to one handler; the
exchange can do what a proper server would not: promise more than it sends, reset, end in mid-chunk, stay silent.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast
from urllib.parse import unquote

import httptools

Headers = list[tuple[str, str]]


class ClientGone(Exception):
    """The client closed its side before the answer was complete."""


@dataclass(slots=True)
class Request:
    method: str
    path: str
    query: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case; None when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(slots=True)
class _Arriving:
    url: bytes = b""
    headers: Headers = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)


class Connection(asyncio.Protocol):
    """One TCP connection: requests in, answered in order by `handler(request, exchange)`."""

    def __init__(self, handler: Callable[[Request, Exchange], Awaitable[None]], open_: set[Connection]) -> None:
        self._handler = handler
        self._open = open_
        self._parser = httptools.HttpRequestParser(self)
        self._arriving = _Arriving()
        self._waiting: deque[Request] = deque()
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self.gone = asyncio.Event()
        self.keep = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._open.add(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return
        except httptools.HttpParserError:
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()

    def on_url(self, url: bytes) -> None:
        self._arriving.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._arriving.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        if any(k.lower() == "expect" and v.lower() == "100-continue" for k, v in self._arriving.headers):
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._arriving.body += body

    def on_message_complete(self) -> None:
        self.keep = self._parser.should_keep_alive()
        path, _, query = self._arriving.url.decode("latin-1").partition("?")
        self._waiting.append(
            Request(
                method=self._parser.get_method().decode(),
                path=unquote(path),
                query=query,
                headers=self._arriving.headers,
                body=bytes(self._arriving.body),
            )
        )
        self._arriving = _Arriving()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._serve())

    async def _serve(self) -> None:
        try:
            while self._waiting and not self.gone.is_set():
                request = self._waiting.popleft()
                await self._handler(request, Exchange(self, head_only=request.method == "HEAD"))
                if not self.keep:
                    self.transport.close()
        finally:
            self._task = None

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def eof_received(self) -> bool:
        self.gone.set()
        self._writable.set()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()
        self._writable.set()
        self._open.discard(self)

    async def write(self, data: bytes) -> None:
        if self.gone.is_set():
            raise ClientGone
        self.transport.write(data)
        await self._writable.wait()

    def reset(self) -> None:
        """End with RST instead of FIN."""
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self.transport.abort()


class Exchange:
    """The answering side of one request."""

    def __init__(self, connection: Connection, *, head_only: bool) -> None:
        self.connection = connection
        self.started = False
        self.finished = False
        self._head_only = head_only
        self._chunked = False

    async def start(self, status: int, headers: Sequence[tuple[str, str]], *, length: int | None = None) -> None:
        """Send the status line and headers; without a length the body is chunked."""
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "Overloaded" if status == 529 else "Status"
        self._chunked = length is None
        size = ("transfer-encoding", "chunked") if length is None else ("content-length", str(length))
        lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in [*headers, size])]
        if not self.connection.keep:
            lines.append("connection: close")
        self.started = True
        await self.connection.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")

    async def send(self, data: bytes, *, split: int = 0) -> None:
        """Send body bytes; `split` cuts them to pieces of that many bytes, each a write of its own."""
        if self._head_only or not data:
            return
        for at in range(0, len(data), split or len(data)):
            piece = data[at : at + (split or len(data))]
            await self.connection.write(b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece)
            if split:
                await asyncio.sleep(0)

    async def finish(self) -> None:
        if self._chunked and not self._head_only:
            await self.connection.write(b"0\r\n\r\n")
        self.finished = True

    async def rest(self, seconds: float) -> None:
        """Be silent; ends early, with ClientGone, when the client leaves."""
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self.connection.gone.wait(), seconds)
        except TimeoutError:
            return
        raise ClientGone

    def cut(self) -> None:
        """Close with FIN, whatever was promised."""
        self.finished = True
        self.connection.transport.close()

    async def reset(self) -> None:
        """Close with RST, after the bytes already sent had time to arrive."""
        self.finished = True
        await asyncio.sleep(0.02)
        if not self.connection.gone.is_set():
            self.connection.reset()
