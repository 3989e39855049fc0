"""What each HTTP client does when things go wrong, seen from the provider's side. See `bench.clients`.

A probe returns one or two words; those of the client that a gateway needs are in `WANTED`.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import sys
import time
from collections.abc import Awaitable, Callable

import uvloop

from bench.clients_worker import CLIENTS, Client, Reply

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
LENGTH = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc"
CHUNKS = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"
BARE = b"HTTP/1.1 200 OK\r\n\r\nabc"

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Provider:
    """Counts what it received and notes when a connection ended."""

    def __init__(self, said: bytes, then: str) -> None:
        self.said, self.then = said, then
        self.heads: list[bytes] = []
        self.connections: list[asyncio.StreamWriter] = []
        self.gone = asyncio.Event()

    async def __aenter__(self) -> Provider:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        for writer in self.connections:
            writer.transport.abort()
        await asyncio.sleep(0.01)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(writer)
        try:
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                await reader.readexactly(2)
                if self.then == "second unanswered" and len(self.heads) == 2:
                    writer.close()
                    return
                writer.write(self.said)
                await writer.drain()
                if self.then in ("close", "reset"):
                    await asyncio.sleep(0.05)
                    if self.then == "reset":
                        linger = struct.pack("ii", 1, 0)
                        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    writer.transport.abort()
                    return
        except (OSError, asyncio.IncompleteReadError):
            self.gone.set()


async def whole(client: Client, url: str) -> str:
    """`whole` for an answer taken as complete, `raises` for one that is not."""
    reply: Reply | None = None
    try:
        reply = await client.send(url, [("x-one", "1")], b"hi")
        while await reply.read():
            pass
    except Exception:  # noqa: BLE001  each client has errors of its own; that there is one is what counts
        return "raises"
    finally:
        if reply is not None:
            reply.close()
    return "whole"


async def broken(client: Client, said: bytes, then: str) -> str:
    async with Provider(said, then) as provider:
        return await whole(client, provider.url)


async def cancelled(client: Client, said: bytes) -> str:
    """Whether the provider sees the end within 100 ms of the cancellation; it is waited for 2 s."""
    async with Provider(said, "stall") as provider:
        task = asyncio.create_task(whole(client, provider.url))
        await asyncio.sleep(0.15)
        began = time.monotonic()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        try:
            await asyncio.wait_for(provider.gone.wait(), 2)
        except TimeoutError:
            return "stays open"
        return "at once" if time.monotonic() - began < 0.1 else "late"


async def stale(client: Client, noticed: bool) -> str:
    """The provider closes an idle connection, long ago or without the client's loop having had a turn since."""
    async with Provider(OK, "keep") as provider:
        await whole(client, provider.url)
        await asyncio.sleep(0.02)
        raw = socket.socket(fileno=os.dup(provider.connections[0].get_extra_info("socket").fileno()))
        raw.shutdown(socket.SHUT_RDWR)
        raw.close()
        if noticed:
            await asyncio.sleep(0.1)
        result = await whole(client, provider.url)
        return f"{'re-sent' if result == 'whole' else 'raises'}, {len(provider.heads)} received"


async def unanswered(client: Client) -> str:
    async with Provider(OK, "second unanswered") as provider:
        await whole(client, provider.url)
        result = await whole(client, provider.url)
        return f"{result}, {len(provider.heads)} received"


async def additions(client: Client) -> str:
    async with Provider(OK, "keep") as provider:
        await whole(client, provider.url)
        names = {line.split(b":")[0].decode().lower() for line in provider.heads[0].split(b"\r\n")[1:] if line}
        return " ".join(sorted(names - {"x-one", "host", "content-length"})) or "none"


PROBES: dict[str, Callable[[Client], Awaitable[str]]] = {
    "cancel before headers": lambda client: cancelled(client, b""),
    "cancel in mid-body": lambda client: cancelled(client, LENGTH),
    "short body": lambda client: broken(client, LENGTH, "close"),
    "no final chunk": lambda client: broken(client, CHUNKS, "close"),
    "reset, known length": lambda client: broken(client, LENGTH, "reset"),
    "reset, chunked": lambda client: broken(client, CHUNKS, "reset"),
    "reset, no length": lambda client: broken(client, BARE, "reset"),
    "idle closed long ago": lambda client: stale(client, True),
    "idle closed just now": lambda client: stale(client, False),
    "received, not answered": unanswered,
    "headers it adds": additions,
}
WANTED = (
    "at once",
    "at once",
    *["raises"] * 5,
    "re-sent, 2 received",
    "re-sent, 2 received",
    "raises, 2 received",
    "none",
)


async def main() -> None:
    names = sys.argv[1:]
    clients: list[Client] = [CLIENTS[name]() for name in names]
    print(f"{'probe':<24}{'wanted':<22}" + "".join(f"{name:<24}" for name in names))
    for (probe, ask), wanted in zip(PROBES.items(), WANTED, strict=True):
        print(f"{probe:<24}{wanted:<22}" + "".join([f"{await ask(client):<24}" for client in clients]), flush=True)
    for client in clients:
        await client.close()


if __name__ == "__main__":
    uvloop.run(main())
