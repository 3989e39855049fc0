"""The provider that HTTP clients are measured against: cheap enough to stay out of the figures. See `bench.clients`.

POST /stream answers with 200 server-sent events, each in a chunk and a write of its own; any other path with a small
JSON body. Prints its two ports (plain, TLS) and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from typing import cast

import uvloop

EVENTS = 200
_EVENT = (
    b"event: content_block_delta\ndata: "
    b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a few words"}}\n\n'
)
_CHUNK = b"%x\r\n%s\r\n" % (len(_EVENT), _EVENT)
_STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_BODY = b'{"choices":[{"message":{"role":"assistant","content":"' + b"a" * 300 + b'"}}]}'
_WHOLE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nserver: bench\r\nx-ratelimit-remaining: 99\r\n"
    b"x-a: 1\r\nx-a: 2\r\nrequest-id: req_1\r\ncontent-length: %d\r\n\r\n" % len(_BODY)
) + _BODY


class Peer(asyncio.Protocol):
    """One connection, requests one after another."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.buffer = bytearray()
        self.needed = 0
        self.tasks: set[asyncio.Task[None]] = set()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            if not self.needed:
                end = self.buffer.find(b"\r\n\r\n")
                if end < 0:
                    return
                head = bytes(self.buffer[:end]).lower()
                length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
                self.streams = b" /stream" in head
                self.needed = end + 4 + length
            if len(self.buffer) < self.needed:
                return
            del self.buffer[: self.needed]
            self.needed = 0
            if self.streams:
                task = asyncio.ensure_future(self.stream())
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
            else:
                self.transport.write(_WHOLE)

    async def stream(self) -> None:
        self.transport.write(_STREAM)
        for _ in range(EVENTS):
            self.transport.write(_CHUNK)
            await asyncio.sleep(0)
        self.transport.write(b"0\r\n\r\n")


async def serve(certificate: str) -> None:
    """Serve on two free ports until standard input ends. `certificate` is a PEM file with key and chain."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    plain = await loop.create_server(Peer, "127.0.0.1", 0, backlog=1024)
    secure = await loop.create_server(Peer, "127.0.0.1", 0, ssl=context, backlog=1024)
    print(*(server.sockets[0].getsockname()[1] for server in (plain, secure)), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1]))
