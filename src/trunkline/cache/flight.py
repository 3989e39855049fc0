"""One call on its way for all who ask the same meanwhile: taken down as it comes, told to each from the beginning.

A flight stands where a client would (`upstream.call.Client`), in a task of its own: it goes on as long as one of its
riders is there, whoever that is. It goes as fast as the quickest of them reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from trunkline.cache.shelf import Head
from trunkline.errors import Draining
from trunkline.upstream.books import Record

_AHEAD = 64 * 1024
"""Bytes that an answer may be ahead of its quickest reader."""
_TRIM = 64
"""Pieces that everybody has, and nobody else will want, before they are let go."""


class Rider:
    """One request that is told what the flight is told. `at` counts pieces, `has` bytes."""

    __slots__ = ("at", "has", "news")

    def __init__(self) -> None:
        self.at = self.has = 0
        self.news = asyncio.Event()


class Flight:
    """`entry`: bytes that are kept to be told from the beginning; `most`: how far the slowest may be behind."""

    def __init__(self, entry: int, most: int) -> None:
        self.started = self.committed = self.gone = self.opaque = False
        self.status = 0
        self.head: Head = []
        self.finished = False
        """The answer has ended as it should."""
        self.over = False
        """Nothing comes any more: it has ended, or `failure` says why not."""
        self.failure: Exception | None = None
        self.record: Record | None = None
        """What became known of the attempt that answered."""
        self.whole = True
        """All that came is still here."""
        self._entry, self._most = entry, most
        self._pieces: list[bytes] = []
        self._base = 0
        """Pieces that were let go."""
        self._size = 0
        self._riders: set[Rider] = set()
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def open(self) -> bool:
        """Whether somebody may still get on: all of it is here, and it is not being given up."""
        return self.whole and not self.gone and not self.over

    @property
    def body(self) -> bytes:
        """All that came, where it is `whole`."""
        return b"".join(self._pieces)

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.started = True
        self.status, self.head = status, headers

    async def send(self, piece: bytes) -> None:
        self._take(piece)
        while self._riders and self._ahead():
            self._room.clear()
            await self._room.wait()

    async def finish(self, piece: bytes = b"") -> None:
        self.finished = True
        self._take(piece)

    def take_off(self, work: Callable[[Flight], Awaitable[Record]], landed: Callable[[Flight], None]) -> Rider:
        """Begins, with a first rider. `landed` is called when it is over, before any rider knows."""
        self._task = asyncio.get_running_loop().create_task(self._run(work, landed))
        return self.board()

    def board(self) -> Rider:
        """One more rider."""
        rider = Rider()
        self._riders.add(rider)
        return rider

    async def leave(self, rider: Rider, *, gone: bool) -> None:
        """A rider needs no more. With the last one the flight ends; `gone`: since its client went away."""
        self._riders.discard(rider)
        self._room.set()
        if not self._riders and not self.over and self._task is not None:
            self.gone = gone
            self.whole = False
            self._task.cancel()
            # What it spent is in the books before its request counts as ended.
            await asyncio.wait((self._task,))

    def rest(self, rider: Rider) -> tuple[bytes, int]:
        """What a rider has not got yet, and the count of pieces after it."""
        return b"".join(self._pieces[rider.at - self._base :]), self._base + len(self._pieces)

    def got(self, rider: Rider, piece: bytes, at: int) -> None:
        """A rider has passed on what `rest` gave."""
        rider.at = at
        rider.has += len(piece)
        self._room.set()
        if not self.whole:
            spent = min(each.at for each in self._riders) - self._base
            if spent >= _TRIM:
                del self._pieces[:spent]
                self._base += spent

    async def _run(self, work: Callable[[Flight], Awaitable[Record]], landed: Callable[[Flight], None]) -> None:
        try:
            self.record = await work(self)
        except asyncio.CancelledError:
            self.failure = Draining("The gateway is shutting down.", remedy="Send the request again.", retry_after=1)
        except Exception as problem:  # noqa: BLE001 - kept for whoever leads, and raised there
            self.failure = problem
        finally:
            landed(self)
            self.over = True
            self._tell()

    def _take(self, piece: bytes) -> None:
        if piece:
            self._pieces.append(piece)
            self._size += len(piece)
            if self._size > self._entry:
                self.whole = False
        self._tell()

    def _tell(self) -> None:
        for rider in self._riders:
            rider.news.set()

    def _ahead(self) -> bool:
        has = [rider.has for rider in self._riders]
        return self._size - max(has) > _AHEAD or self._size - min(has) > self._most
