"""The queue before providers that let only so many calls at once: better a short wait than a refusal.

    async with queue.place(name, limit, session, who):
        ...                     # at most `limit` at once, over all workers of the host

Who waits and who is next is in the shared state (`state.lines`). Here calls sleep until it is their turn: a place that
this process gives back wakes them at once, one that another gives back within 25 ms. Nobody waits: nobody looks.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType

from trunkline.errors import QueueFull, StoreDown
from trunkline.state.lines import LineFull, Lines

MOST = 100
"""Calls that may wait for one name (`trunkline.queue.max`)."""
WAIT = 30.0
"""Seconds that each of them waits at most (`trunkline.queue.wait`)."""
_LOOK = 0.025
_AGAIN = 1.0
_NAMES = 1000
"""Names whose calls' length is remembered; callers may bring keys of their own."""
_SLOWEST = 60
"""Seconds: no client is told to come back later than that."""


@dataclass(slots=True)
class _Waiting:
    """Those of this process who wait for one name."""

    limit: int
    calls: dict[int, asyncio.Future[None]] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None


class Queue:
    """One process's part of it."""

    def __init__(self, lines: Lines, loop: asyncio.AbstractEventLoop) -> None:
        self._lines, self._loop = lines, loop
        self._waiting: dict[str, _Waiting] = {}
        self._pace: dict[str, float] = {}
        self._owed: list[Callable[[], None]] = []
        self.now = loop.time

    def place(
        self, name: str, limit: int, session: str, who: str, *, most: int | None = None, wait: float | None = None
    ) -> Place:
        """A place at `name`, to be entered with `async with`; raises `QueueFull` and `StoreDown` there.

        `limit` 0: none is known, but one may be learned. `session`: whose turn it is; calls of one session wait for
        each other, not for those of others. `who`: the provider and its key, as a person knows them.
        """
        return Place(self, name, limit, session, who, MOST if most is None else most, WAIT if wait is None else wait)

    async def enter(self, place: Place) -> int:
        """Waits for a place; its number."""
        name, limit = place.name, place.limit
        try:
            number, placed = self._lines.enter(name, limit, place.session, place.most, place.wait)
        except LineFull as full:
            raise self._full(place, full.waiting) from None
        if not placed:
            await self._wait(place, number)
        return number

    async def _wait(self, place: Place, number: int) -> None:
        name = place.name
        waiting = self._waiting.setdefault(name, _Waiting(place.limit))
        waiting.limit = place.limit
        call = waiting.calls[number] = self._loop.create_future()
        late = self._loop.call_later(place.wait, self._late, call, place)
        if waiting.timer is None:
            waiting.timer = self._loop.call_later(_LOOK, self._look, name)
        try:
            await call
        except BaseException:
            waiting.calls.pop(number, None)
            if call.done() and not call.cancelled() and call.exception() is None:
                # Its turn came in the moment in which its client left.
                self.give(name, number)
            else:
                self._leave(name, number)
            raise
        finally:
            late.cancel()

    def _leave(self, name: str, number: int) -> None:
        self._surely(partial(self._lines.leave, name, number))
        self._look(name)

    def _surely(self, ending: Callable[[], None]) -> None:
        """Gives back or leaves; where the state takes nothing now, again each second until it does."""
        try:
            ending()
        except StoreDown:
            self._owed.append(ending)
            if len(self._owed) == 1:
                self._loop.call_later(_AGAIN, self._settle)

    def _settle(self) -> None:
        owed, self._owed = self._owed, []
        for ending in owed:
            self._surely(ending)

    def _look(self, name: str) -> None:
        """Gives places to those whose turn it is, and looks again while somebody waits."""
        waiting = self._waiting.get(name)
        if waiting is None:
            return
        if waiting.timer is not None:
            waiting.timer.cancel()
            waiting.timer = None
        try:
            for number in self._lines.ready(name, waiting.limit, list(waiting.calls)) if waiting.calls else ():
                call = waiting.calls[number]
                if not call.done() and self._lines.take(name, waiting.limit, number):
                    del waiting.calls[number]
                    call.set_result(None)
        except StoreDown as down:
            for call in waiting.calls.values():
                if not call.done():
                    call.set_exception(down)
        if waiting.calls:
            waiting.timer = self._loop.call_later(_LOOK, self._look, name)
        else:
            del self._waiting[name]

    def give(self, name: str, number: int, held: float | None = None) -> None:
        """Gives a place back, which was held so many seconds."""
        if held is not None:
            if len(self._pace) > _NAMES:
                self._pace.clear()
            self._pace[name] = held + 0.8 * (self._pace.get(name, held) - held)
        self._surely(partial(self._lines.give, number))
        self._look(name)

    def _late(self, call: asyncio.Future[None], place: Place) -> None:
        if not call.done():
            waiting = self._waiting.get(place.name)
            call.set_exception(
                QueueFull(
                    f"{place.who} lets only {_so_many(place.limit)} at once, and in {place.wait:g} s no place became "
                    f"free in the gateway's own queue.",
                    remedy="Try again, or raise `trunkline.queue.wait`.",
                    code="queue_late",
                    retry_after=self._pause(place, len(waiting.calls) if waiting is not None else 0),
                )
            )

    def _full(self, place: Place, waiting: int) -> QueueFull:
        return QueueFull(
            f"{place.who} lets only {_so_many(place.limit)} at once, and {waiting} wait already in the gateway's own "
            f"queue for it.",
            remedy="Try again later, or raise `trunkline.queue.max`.",
            retry_after=self._pause(place, waiting),
        )

    def _pause(self, place: Place, waiting: int) -> float:
        """Whole seconds until those who wait now may have been served, as long as calls have taken lately."""
        served = (waiting + 1) * self._pace.get(place.name, 1.0) / max(1, place.limit)
        return float(min(_SLOWEST, max(1, math.ceil(served))))


@dataclass(slots=True)
class Place:
    """One call's place, or its wait for it."""

    queue: Queue
    name: str
    limit: int
    session: str
    who: str
    most: int
    wait: float
    number: int = 0
    began: float = 0.0

    async def __aenter__(self) -> None:
        self.number = await self.queue.enter(self)
        self.began = self.queue.now()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.queue.give(self.name, self.number, self.queue.now() - self.began)


def _so_many(limit: int) -> str:
    return f"{limit} call{'' if limit == 1 else 's'}" if limit else "few calls"
