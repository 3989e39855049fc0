"""One answer on its way from the engine's loop to whoever asked, in another thread or another event loop."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

_MOST = 256 * 1024
"""Bytes that wait for a slow reader; then the provider waits."""


class Channel:
    """Status, headers and body of one answer. The engine's side is `take`, which a `Pump` sends to; `end` and `fail`.

    The reader's side is `started`, `piece` and their likes for event loops.
    """

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._begun = self._over = False
        self._failure: BaseException | None = None
        self._news = threading.Condition()
        self._wake: Callable[[], None] | None = None
        self._room: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def take(self, message: dict[str, Any]) -> None:
        """A message of the ASGI kind."""
        if message["type"] == "http.response.start":
            with self._news:
                self.status, self.headers, self._begun = message["status"], message["headers"], True
                self._tell()
            return
        with self._news:
            if message["body"]:
                self._pieces.append(message["body"])
                self._size += len(message["body"])
            full = self._size > _MOST and message["more_body"]
            if full:
                self._loop = asyncio.get_running_loop()
                self._room = asyncio.Event()
            self._tell()
        if full:
            assert self._room is not None
            await self._room.wait()

    def end(self) -> None:
        """It ended well, and all that is to be known of it is known."""
        with self._news:
            self._over = True
            self._tell()

    def fail(self, failure: BaseException) -> None:
        """It ended otherwise."""
        with self._news:
            self._failure, self._over = failure, True
            self._tell()

    def _tell(self) -> None:
        self._news.notify_all()
        if self._wake is not None:
            self._wake()

    def _taken(self) -> bytes | None:
        """All that has come; None: nothing yet. Raises what it failed with once all that came before was taken."""
        if self._pieces:
            pieces = b"".join(self._pieces)
            self._pieces.clear()
            self._size = 0
            if self._room is not None and self._loop is not None:
                self._loop.call_soon_threadsafe(self._room.set)
                self._room = None
            return pieces
        if self._failure is not None:
            raise self._failure
        return b"" if self._over else None

    def started(self) -> None:
        """Waits for the status. Raises what it failed with before."""
        with self._news:
            while not self._begun and self._failure is None:
                self._news.wait()
            if not self._begun and self._failure is not None:
                raise self._failure

    def piece(self) -> bytes:
        """What has come since the last one; empty at the end."""
        with self._news:
            while (taken := self._taken()) is None:
                self._news.wait()
            return taken

    def whole(self) -> bytes:
        """The whole body."""
        pieces = []
        while piece := self.piece():
            pieces.append(piece)
        return b"".join(pieces)

    async def _until(self, there: Callable[[], Any]) -> Any:
        """Waits in the running loop until `there` gives something else than None."""
        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(news.set)

        while True:
            with self._news:
                found = there()
                self._wake = wake if found is None else None
            if found is not None:
                return found
            await news.wait()
            news.clear()

    async def astarted(self) -> None:
        """`started`, for an event loop."""

        def there() -> bool | None:
            if not self._begun and self._failure is not None:
                raise self._failure
            return self._begun or None

        await self._until(there)

    async def apiece(self) -> bytes:
        """`piece`, for an event loop."""
        taken: bytes = await self._until(self._taken)
        return taken

    async def awhole(self) -> bytes:
        """`whole`, for an event loop."""
        pieces = []
        while piece := await self.apiece():
            pieces.append(piece)
        return b"".join(pieces)
