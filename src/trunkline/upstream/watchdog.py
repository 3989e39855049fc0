"""Ends a wait that takes too long: one deadline for one task, moved as the request goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from trunkline.errors import ProviderTimeout
from trunkline.upstream.timer import Entry, Wheel


class Watchdog:
    """Cancels the current task when a deadline passes; `expired` then holds the failure to raise instead.

    Whoever catches the cancellation asks `expired`, calls `asyncio.Task.uncancel` and raises it.
    """

    __slots__ = ("_entry", "_loop", "_make", "_task", "_wheel", "expired", "seconds")

    def __init__(self, wheel: Wheel, loop: asyncio.AbstractEventLoop) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._wheel, self._loop, self._task = wheel, loop, task
        self._entry: Entry | None = None
        self._make: Callable[[float], ProviderTimeout] | None = None
        self.expired: ProviderTimeout | None = None
        self.seconds = 0.0

    def watch(self, seconds: float, make: Callable[[float], ProviderTimeout]) -> None:
        """From now on, `seconds` may pass until the next `touch`, or `make(seconds)` is the failure."""
        self.seconds, self._make = seconds, make
        if self._entry is not None:
            self._entry.cancel()
        self._entry = self._wheel.after(seconds, self._expire)

    def touch(self) -> None:
        """Something arrived: the wait begins anew."""
        if self._entry is not None:
            self._entry.due = self._loop.time() + self.seconds

    def forgive(self) -> bool:
        """Takes an expiry back, and the task goes on. False when the cancellation was somebody else's."""
        if self.expired is None:
            return False
        self.expired = None
        self._task.uncancel()
        return True

    def stop(self) -> None:
        """Nothing is waited for any more."""
        if self._entry is not None:
            self._entry.cancel()
            self._entry = None

    def _expire(self) -> None:
        assert self._make is not None
        self.expired = self._make(self.seconds)
        self._task.cancel()


def first_byte(seconds: float) -> ProviderTimeout:
    """The provider has said nothing yet."""
    return ProviderTimeout(
        f"The provider said nothing for {seconds:g} s (first-token time-out).",
        remedy="Raise `stream_timeout` or `timeout`, or add a fallback.",
    )


def idle(seconds: float) -> ProviderTimeout:
    """The provider has begun and then fallen silent."""
    return ProviderTimeout(
        f"The provider fell silent for {seconds:g} s in mid-answer (idle time-out).",
        remedy="Send the request again.",
        code="provider_stalled",
    )
