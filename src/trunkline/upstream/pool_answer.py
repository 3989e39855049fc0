"""An answer on its way in: its pieces, its end, and what becomes of its connection. Used by `pool` alone."""

from __future__ import annotations

import asyncio
from weakref import WeakSet

from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage
from aiohttp.streams import StreamReader

from trunkline.errors import ProviderFailure
from trunkline.upstream.pool_failure import ClosedHere, cut


class BodyAnswer:
    """The `Answer` of `pool`."""

    __slots__ = ("__weakref__", "_connection", "_failure", "_host", "_lost", "_open", "_payload", "headers", "status")

    lost: tuple[str, ...] = ()

    def __init__(
        self,
        host: str,
        message: RawResponseMessage,
        payload: StreamReader,
        connection: Connection,
        still_open: WeakSet[BodyAnswer],
    ) -> None:
        self.status: int = message.code
        self.headers: list[tuple[str, str]] = [
            (name.lower().decode("latin-1"), value.decode("latin-1")) for name, value in message.raw_headers
        ]
        self._host = host
        self._payload = payload
        self._connection: Connection | None = connection
        self._failure: ProviderFailure | None = None
        self._lost: asyncio.Future[None] | None = None
        self._open = still_open
        still_open.add(self)
        if not message.chunked and "Content-Length" not in message.headers and connection.protocol is not None:
            self._lost = _watch(connection.protocol)

    async def read(self) -> bytes:
        if self._failure is not None:
            self.close()
            raise self._failure
        try:
            piece = b"" if self._payload.at_eof() else await self._payload.readany()
        except Exception as cause:
            self._failure = failure = cut(self._host, cause, answered=True)
            if rest := _what_had_arrived(self._payload):
                return rest
            self.close()
            raise failure from cause
        except BaseException:
            self.close()
            raise
        if not piece:
            self._end()
        return piece

    def _end(self) -> None:
        """A body without a length ends where its connection does: only an orderly close is an end."""
        if self._lost is not None and self._lost.done() and (cause := self._lost.exception()) is not None:
            self.close()
            self._failure = failure = cut(self._host, cause, answered=True)
            raise failure from cause
        self.close()

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        self._open.discard(self)
        transport = connection.transport
        if self._payload.is_eof() and (transport is None or not transport.get_write_buffer_size()):
            connection.release()
            return
        drop(connection)
        if not self._payload.is_eof() and self._payload.exception() is None:
            self._payload.set_exception(ClosedHere())


def drop(connection: Connection) -> None:
    """End the connection now: no TLS farewell, nothing more written, the peer notices at once."""
    if connection.protocol is not None:
        connection.protocol.abort()
    connection.close()


def idle_seconds(granted: str | None, most: float) -> float:
    """How long this connection may idle: what the server grants (`Keep-Alive: timeout=N`), less one second."""
    for part in (granted or "").split(","):
        key, _, number = part.strip().partition("=")
        if key.lower() == "timeout" and number.isdecimal():
            return min(most, int(number) - 1.0)
    return most


def _watch(protocol: ResponseHandler) -> asyncio.Future[None] | None:
    lost = protocol.closed
    if lost is not None:
        lost.add_done_callback(_seen)
    return lost


def _seen(lost: asyncio.Future[None]) -> None:
    if not lost.cancelled():
        lost.exception()


def _what_had_arrived(payload: StreamReader) -> bytes:
    """What is still unread of a body that broke off; the reader refuses to hand it out while it holds the error."""
    payload.set_exception(None)  # type: ignore[arg-type]
    return payload.read_nowait()
